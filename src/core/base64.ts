/**
 * Decodes base64 text (RFC 4648) with the same verdict on every runtime.
 *
 * Accepted: the standard and the url alphabet, padding or none, ASCII whitespace anywhere, pad bits that are not zero
 * (the key in Fingerprint's own documentation has them). Everything else is refused. The portable decoder defines this; a
 * runtime's own decoder only gives the same result faster.
 *
 * @module
 */

const WHITESPACE = 64;
const PADDING = 65;
const OTHER = 66;

/** The meaning of each character code under 128: a value from 0 to 63, or one of the three above. */
const CHARACTERS: Uint8Array = /* @__PURE__ */ (() => {
  const characters = new Uint8Array(128).fill(OTHER);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let value = 0; value < 64; value++) characters[alphabet.charCodeAt(value)] = value;
  characters["-".charCodeAt(0)] = 62;
  characters["_".charCodeAt(0)] = 63;
  for (const blank of "\t\n\f\r ") characters[blank.charCodeAt(0)] = WHITESPACE;
  characters["=".charCodeAt(0)] = PADDING;
  return characters;
})();

/**
 * Decodes base64 in one pass.
 *
 * @param text Untrusted; see the top of this file for what is accepted.
 * @returns The bytes, in a fresh array; `undefined` when `text` is anything else.
 */
export function decodeBase64Portable(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length / 4) * 3));
  let length = 0;
  let quantum = 0;
  let characters = 0;
  let padding = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? CHARACTERS[code]! : OTHER;
    if (value < 64 && padding === 0) {
      quantum = (quantum << 6) | value;
      if ((++characters & 3) === 0) {
        bytes[length++] = quantum >>> 16;
        bytes[length++] = quantum >>> 8;
        bytes[length++] = quantum;
        quantum = 0;
      }
    } else if (value === PADDING) {
      padding++;
    } else if (value !== WHITESPACE) {
      return undefined;
    }
  }
  const rest = characters & 3;
  // Two remaining characters encode one byte and need two pads; three encode two bytes and need one.
  if (rest === 1 || (padding !== 0 && padding !== ((4 - rest) & 3))) return undefined;
  if (rest === 2) bytes[length++] = quantum >>> 4;
  if (rest === 3) {
    bytes[length++] = quantum >>> 10;
    bytes[length++] = quantum >>> 2;
  }
  return bytes.slice(0, length);
}

/** The parts of a runtime's own decoders that are used here. */
interface NativeDecoders {
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array };
  readonly Buffer?: { from(text: string, encoding: "base64"): Uint8Array & { toString(encoding: "base64"): string } };
}

const natives = globalThis as unknown as NativeDecoders;

/**
 * Decodes base64 with the runtime's own decoder, with the verdicts of {@linkcode decodeBase64Portable}.
 *
 * For ciphertext only: `Buffer` puts small results into memory that other buffers share.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (natives.Uint8Array.fromBase64 !== undefined) {
    try {
      // By its specification it accepts a subset of what the portable decoder accepts.
      return natives.Uint8Array.fromBase64(text);
    } catch {
      // The portable decoder decides.
    }
  } else if (natives.Buffer !== undefined) {
    // Buffer skips characters that it does not know, so its result counts only if it encodes to the same text.
    const bytes = natives.Buffer.from(text, "base64");
    if (bytes.toString("base64") === text) return bytes;
  }
  return decodeBase64Portable(text);
}
