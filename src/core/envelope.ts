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
 * The header is neither encrypted nor authenticated: another one means another format.
 *
 * @see Sealed Client Results, "Appendix: Payload format"
 * @module
 */

import { UnsealError } from "./errors.ts";

/** The version header, as the big-endian number that it reads as. */
export const HEADER = 0x9e85dced;
export const HEADER_BYTES = 4;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** The smallest envelope, that of an empty ciphertext. */
export const MIN_ENVELOPE_BYTES: number = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** The parts of an envelope, as views of it. */
export interface Envelope {
  readonly nonce: Uint8Array;
  /** Ciphertext and tag, which is how WebCrypto takes them. */
  readonly sealed: Uint8Array;
}

/**
 * Takes an envelope apart.
 *
 * @param bytes Untrusted.
 * @throws {UnsealError} `ERR_SEALED_TOO_SHORT` or `ERR_SEALED_HEADER`.
 */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < MIN_ENVELOPE_BYTES) {
    throw new UnsealError("ERR_SEALED_TOO_SHORT", `Sealed result is under ${MIN_ENVELOPE_BYTES} bytes`);
  }
  // The length is checked, so the header is there.
  if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== HEADER) {
    throw new UnsealError("ERR_SEALED_HEADER", "Sealed result has another version header");
  }
  return {
    nonce: bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
    sealed: bytes.subarray(HEADER_BYTES + NONCE_BYTES),
  };
}
