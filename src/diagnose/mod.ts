/**
 * Says why a sealed result cannot be opened, for tests, logs and support.
 *
 * The errors of the core say what was refused. This module looks at what was given and names the mistakes that lead
 * there: base64 text given as bytes, `+` turned into spaces, a quoted key, and the like. It decrypts nothing.
 *
 * @module
 */

import { CAUSES, type DiagnosisCode } from "./causes.ts";
import { findCipherCause } from "./cipher.ts";
import { findKeyCauses } from "./keys.ts";
import { findSealedCause } from "./sealed.ts";

export type { DiagnosisCode };

/** A likely cause of a refusal. It holds nothing of what was diagnosed, and can be logged. */
export interface Diagnosis {
  /** The cause. */
  readonly code: DiagnosisCode;
  /** Where it is: `sealed`, `keys`, `keys[0]` and so on, or `cipher`. */
  readonly subject: string;
  /** The cause and what to do, in a sentence or two: the same text whenever the code is the same. */
  readonly message: string;
}

/**
 * Lists likely causes why a sealed result cannot be opened.
 *
 * @param sealed What was, or would be, given to `unseal`: any value.
 * @param keys What was, or would be, given as `keys`: any value. Leave it out to have the sealed result alone diagnosed;
 * `undefined` is diagnosed as a key that is not set.
 * @param cipher What was, or would be, given as `cipher`, if anything.
 * @returns The causes: of the sealed result, the keys, the cipher. When nothing is wrong with the form of any, and keys were
 * given, `LOOKS_RIGHT`; without keys, an empty list. It never throws.
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
