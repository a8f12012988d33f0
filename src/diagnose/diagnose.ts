/**
 * Lists the likely causes of a refusal.
 *
 * @module
 */

import type { UnsealerOptions } from "../unseal/options.ts";
import { createUnsealer } from "../unseal/unseal.ts";
import { UnsealError } from "../unseal/errors.ts";
import { CAUSES, type DiagnosisCode } from "./causes.ts";
import { findCipherCause } from "./cipher.ts";
import { findKeyCauses } from "./keys.ts";
import { findOtherCause, findUnreadCause } from "./sealed.ts";
import { findSealed, type FoundSealed } from "./search.ts";
import { UNDONE } from "./undo.ts";

/** A likely cause of a refusal. It contains no part of the diagnosed values, and can be logged. */
export interface Diagnosis {
  /** The cause. */
  readonly code: DiagnosisCode;
  /** The argument at fault: `sealed`, `keys`, `keys[0]` and so on, or `cipher`. */
  readonly subject: string;
  /** The cause and its remedy, in a few constant sentences; for `SEALED_FOUND`, with the place and what was undone. */
  readonly message: string;
}

/**
 * Lists likely causes why a sealed result cannot be opened.
 *
 * @param sealed The argument of `unseal`: any value.
 * @param keys The option `keys`: any value. Leave it out to diagnose the sealed result alone; `undefined` is diagnosed
 * as a key that is not set.
 * @param cipher The option `cipher`, if any.
 * @returns The causes: those of the sealed result, of the keys, of the cipher. Empty if the sealed result can be opened
 * as it is, or without keys, has the right form. The promise never rejects.
 *
 * @example Log why a result was refused
 * ```ts
 * import { createUnsealer, UnsealError } from "@unseal/sealed-results";
 * import { diagnose } from "@unseal/sealed-results/diagnose";
 * import assert from "node:assert/strict";
 *
 * const key = "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=";
 * const body = new TextEncoder().encode("noXc7SXO+mqeAGrvBMgObi/S0fXTpP3zupk8qFqsO/1zdtWCD169");
 *
 * try {
 *   await createUnsealer({ keys: key }).unseal(body);
 * } catch (error) {
 *   assert.ok(error instanceof UnsealError);
 *   const [cause] = await diagnose(body, key);
 *   assert.equal(cause?.code, "SEALED_FOUND");
 *   assert.match(cause.message, /text is given as bytes: pass a string/);
 * }
 * ```
 */
export async function diagnose(sealed: unknown, keys?: unknown, cipher?: unknown): Promise<Diagnosis[]> {
  const withKeys = arguments.length > 1;
  const keyCauses = withKeys ? findKeyCauses(keys) : [];
  const cipherCause = findCipherCause(cipher);
  const found = findUnreadCause(sealed) === undefined ? findSealed(sealed) : [];
  const canOpen = withKeys && keyCauses.length === 0 && cipherCause === undefined;
  const proof = canOpen ? await prove(found, keys, cipher) : undefined;
  const causes = causesOf(sealed, proof?.found ?? found[0], canOpen ? proof?.outcome ?? "REFUSED" : undefined);
  for (const { subject, code } of keyCauses) causes.push(diagnosisOf(subject, code));
  if (cipherCause !== undefined) causes.push(diagnosisOf("cipher", cipherCause));
  return causes;
}

/** What the keys made of a sealed result: an event, other content, or nothing. */
export type Outcome = "OPENED" | "CONTENT" | "REFUSED";

/** Tries each; returns the first that a key fits. */
async function prove(
  found: readonly FoundSealed[],
  keys: unknown,
  cipher: unknown,
): Promise<{ readonly found: FoundSealed; readonly outcome: Outcome } | undefined> {
  try {
    // Both have the right form. If the runtime cannot decrypt or the cipher fails, the diagnosis is unproven.
    const options = { keys, ...cipher !== undefined && { cipher } } as UnsealerOptions;
    const unsealer = createUnsealer(options);
    for (const one of found) {
      const outcome = outcomeOf(await unsealer.unseal(one.sealed).then(() => undefined, (error: unknown) => error));
      if (outcome !== "REFUSED") return { found: one, outcome };
    }
  } catch {
    // See above.
  }
  return undefined;
}

/** What the error of `unseal()`, if any, says about the keys. */
export function outcomeOf(error: unknown): Outcome {
  if (error === undefined) return "OPENED";
  if (!(error instanceof UnsealError)) throw error;
  return /^ERR_(?:DEFLATE|EVENT_)/.test(error.code) ? "CONTENT" : "REFUSED";
}

/**
 * The causes for a sealed result.
 *
 * @param value The value that was refused.
 * @param found What was found in it, if anything.
 * @param outcome What the keys made of it, if it was tried.
 */
export function causesOf(value: unknown, found: FoundSealed | undefined, outcome?: Outcome): Diagnosis[] {
  if (found === undefined) return [diagnosisOf("sealed", findUnreadCause(value) ?? findOtherCause(value))];
  const { undone, start, isCut } = found;
  const fits = outcome === "OPENED" || outcome === "CONTENT";
  const causes = isCut && !fits ? [diagnosisOf("sealed", "SEALED_CUT")] : [];
  if (undone.length > 0) {
    const isElsewhere = undone.some((step) => step !== "surroundings");
    const place = `It begins at ${start}${isElsewhere ? " of what undoing led to" : ""}.`;
    const steps = `Undone: ${undone.map((step) => UNDONE[step]).join("; ")}.`;
    const message = `${CAUSES.SEALED_FOUND} ${place} ${steps}${fits ? " A key fits it." : ""}`;
    causes.push({ code: "SEALED_FOUND", subject: "sealed", message });
  }
  if (outcome === "CONTENT") causes.push(diagnosisOf("sealed", "CONTENT"));
  if (outcome === "REFUSED" && !isCut) causes.push(diagnosisOf("sealed", "LOOKS_RIGHT"));
  return causes;
}

function diagnosisOf(subject: string, code: DiagnosisCode): Diagnosis {
  return { code, subject, message: CAUSES[code] };
}
