/**
 * The binary envelope of a sealed result.
 *
 * | bytes | content                                     |
 * | ----- | ------------------------------------------- |
 * | 4     | version header `9E 85 DC ED`, not encrypted |
 * | 12    | AES-GCM nonce                               |
 * | n     | ciphertext                                  |
 * | 16    | AES-GCM tag                                 |
 *
 * The header is neither encrypted nor authenticated. Another header means another format.
 *
 * @see Sealed Client Results, "Appendix: Payload format"
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { UnsealError } from "./errors.ts";

/** The version header, read as a big-endian number. */
const HEADER = 0x9e85dced;
/** The beginning of the base64 text of every sealed result: 30 bits of the header. */
export const HEADER_TEXT = "noXc7";
export const HEADER_BYTES = 4;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** The smallest envelope, that of an empty ciphertext. */
export const MIN_ENVELOPE_BYTES: number = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** Whether bytes begin with the version header. */
export function hasHeader(bytes: Uint8Array): boolean {
  // A missing byte counts as 0, which the header does not contain.
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0 === HEADER;
}

/** The parts of an envelope, as views of it. */
export interface Envelope {
  readonly nonce: Bytes;
  /** Ciphertext and tag, in the form that WebCrypto decrypts. */
  readonly sealed: Bytes;
}

/**
 * Splits an envelope into its parts.
 *
 * @param bytes Untrusted.
 * @throws {UnsealError} `ERR_SEALED_TOO_SHORT` or `ERR_SEALED_HEADER`.
 */
export function openEnvelope(bytes: Bytes): Envelope {
  if (bytes.length < MIN_ENVELOPE_BYTES) {
    throw new UnsealError("ERR_SEALED_TOO_SHORT", `Cannot open sealed result: under ${MIN_ENVELOPE_BYTES} bytes`);
  }
  if (!hasHeader(bytes)) {
    throw new UnsealError(
      "ERR_SEALED_HEADER",
      "Cannot open sealed result: another version header (base64 text must be a string)",
    );
  }
  return {
    nonce: bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
    sealed: bytes.subarray(HEADER_BYTES + NONCE_BYTES),
  };
}

/** Creates an envelope: the reverse of {@linkcode openEnvelope}. */
export function createEnvelope({ nonce, sealed }: Envelope): Bytes {
  const bytes = new Uint8Array(HEADER_BYTES + NONCE_BYTES + sealed.length);
  new DataView(bytes.buffer).setUint32(0, HEADER);
  bytes.set(nonce, HEADER_BYTES);
  bytes.set(sealed, HEADER_BYTES + NONCE_BYTES);
  return bytes;
}
