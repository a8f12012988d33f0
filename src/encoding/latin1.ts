/**
 * Text with one character for each byte.
 *
 * @module
 */

/** Bytes for one call of `String.fromCharCode`: well under every engine's limit on arguments. */
const CHUNK_BYTES = 4096;

/** A text of one character for each byte, as ISO 8859-1 defines them. */
export function toLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES));
  }
  return text;
}
