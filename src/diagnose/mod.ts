/**
 * Finds out why a sealed result cannot be opened, for tests, logs and support.
 *
 * The errors of the core say which check failed. This module examines the arguments and names likely mistakes: base64
 * text given as bytes, `+` turned into spaces, a quoted key, and the like. It decrypts nothing.
 *
 * @module
 */

import { CAUSES, type DiagnosisCode } from "./causes.ts";
import { findCipherCause } from "./cipher.ts";
import { findKeyCauses } from "./keys.ts";
import { findSealedCause } from "./sealed.ts";

export type { DiagnosisCode };

/** A likely cause of a refusal. It contains no part of the diagnosed values, and can be logged. */
export interface Diagnosis {
  /** The cause. */
  readonly code: DiagnosisCode;
  /** The argument at fault: `sealed`, `keys`, `keys[0]` and so on, or `cipher`. */
  readonly subject: string;
  /** The cause and its remedy, in a sentence or two. The text depends on the code alone. */
  readonly message: string;
}

/**
 * Lists likely causes why a sealed result cannot be opened.
 *
 * @param sealed The argument of `unseal`: any value.
 * @param keys The option `keys`: any value. Leave it out to diagnose the sealed result alone; `undefined` is diagnosed
 * as a key that is not set.
 * @param cipher The option `cipher`, if any.
 * @returns The causes: those of the sealed result, of the keys, of the cipher. When all arguments have the right form,
 * the only cause is `LOOKS_RIGHT`, or without keys, the list is empty. It never throws.
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
 *   const [cause] = diagnose(body, key);
 *   assert.equal(cause?.code, "SEALED_BASE64_AS_BYTES");
 * }
 * ```
 */
export function diagnose(sealed: unknown, keys?: unknown, cipher?: unknown): Diagnosis[] {
  const sealedCause = findSealedCause(sealed);
  const found: Diagnosis[] = sealedCause === undefined ? [] : [diagnosis("sealed", sealedCause)];
  if (arguments.length > 1) {
    for (const { subject, code } of findKeyCauses(keys)) found.push(diagnosis(subject, code));
  }
  const cipherCause = findCipherCause(cipher);
  if (cipherCause !== undefined) found.push(diagnosis("cipher", cipherCause));
  return found.length === 0 && arguments.length > 1 ? [diagnosis("sealed", "LOOKS_RIGHT")] : found;
}

function diagnosis(subject: string, code: DiagnosisCode): Diagnosis {
  return { code, subject, message: CAUSES[code] };
}
