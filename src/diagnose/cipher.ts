/**
 * Finds faults in the form of a cipher.
 *
 * @module
 */

import type { DiagnosisCode } from "./causes.ts";
import { hasMethods, peek } from "./values.ts";

/** Returns why `cipher` is probably refused or decrypts nothing; `undefined` when it has the form of a cipher. */
export function findCipherCause(cipher: unknown): DiagnosisCode | undefined {
  if (cipher === undefined) return undefined;
  if (typeof cipher === "function") return "CIPHER_FUNCTION";
  // A SubtleCrypto has a cipher's methods, but with other parameters. Fastly's has no decrypt().
  if (hasMethods(cipher, "importKey", "digest")) return "CIPHER_SUBTLE";
  if (peek(cipher, "subtle") !== undefined) return "CIPHER_CRYPTO";
  return hasMethods(cipher, "importKey", "decrypt") ? undefined : "CIPHER_METHODS";
}
