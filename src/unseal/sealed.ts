/**
 * The input of an unsealer: text or bytes.
 *
 * @module
 */

import { decodeBase64 } from "../encoding/base64.ts";
import { type Bytes, bytesOf, copyOf } from "../encoding/bytes.ts";
import { typeNameOf } from "../options.ts";
import { UnsealError } from "./errors.ts";

/** A sealed result: base64 text (standard or url alphabet, padded or not), or the bytes that the text encodes. */
export type SealedResult = string | Uint8Array | ArrayBuffer;

/**
 * Copies a sealed result into an array of our own, which no other code can change between the checks.
 *
 * @param sealed Untrusted.
 * @param maxSealedBytes Most bytes to accept.
 * @throws {UnsealError} `ERR_SEALED_TYPE`, `ERR_SEALED_ENCODING` or `ERR_SEALED_TOO_LARGE`.
 */
export function toBytes(sealed: SealedResult, maxSealedBytes: number): Bytes {
  const isText = typeof sealed === "string";
  // Checked before decoding. Text of the longest accepted length may still decode to two bytes too many.
  if (isText && sealed.length > Math.ceil(maxSealedBytes / 3) * 4) throw tooLarge();
  const bytes = isText ? decodeBase64(sealed) : bytesOf(sealed);
  if (bytes === undefined) {
    if (isText) throw new UnsealError("ERR_SEALED_ENCODING", "Cannot open sealed result: not base64");
    const got = typeNameOf(sealed);
    throw new UnsealError("ERR_SEALED_TYPE", `Cannot open sealed result: must be base64 text or bytes, got ${got}`);
  }
  if (bytes.length > maxSealedBytes) throw tooLarge();
  return isText ? bytes : copyOf(bytes); // Decoded text is already a copy.
}

function tooLarge(): UnsealError {
  return new UnsealError("ERR_SEALED_TOO_LARGE", "Cannot open sealed result: over maxSealedBytes");
}
