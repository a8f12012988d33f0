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

import { UnsealError } from "./errors.ts";

/** The version header, read as a big-endian number. */
export const HEADER = 0x9e85dced;
/** The first characters of the header's base64 text, `noXc`, as bytes. */
const HEADER_AS_BASE64 = 0x6e6f5863;
export const HEADER_BYTES = 4;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** The smallest envelope, that of an empty ciphertext. */
export const MIN_ENVELOPE_BYTES: number = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** The parts of an envelope, as views of it. */
export interface Envelope {
  readonly nonce: Uint8Array;
  /** Ciphertext and tag, in the form that WebCrypto decrypts. */
  readonly sealed: Uint8Array;
}

/**
 * Splits an envelope into its parts.
 *
 * @param bytes Untrusted.
 * @throws {UnsealError} `ERR_SEALED_TOO_SHORT` or `ERR_SEALED_HEADER`.
 */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < MIN_ENVELOPE_BYTES) {
    throw new UnsealError("ERR_SEALED_TOO_SHORT", `Cannot open sealed result: under ${MIN_ENVELOPE_BYTES} bytes`);
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0); // bytes.length >= MIN_ENVELOPE_BYTES
  if (header !== HEADER) {
    const mistake = header === HEADER_AS_BASE64
      ? "base64 text given as bytes (give it as a string)"
      : "another version header";
    throw new UnsealError("ERR_SEALED_HEADER", `Cannot open sealed result: ${mistake}`);
  }
  return {
    nonce: bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
    sealed: bytes.subarray(HEADER_BYTES + NONCE_BYTES),
  };
}
