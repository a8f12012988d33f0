/**
 * Decodes base64 text (RFC 4648), with the same result on every runtime.
 *
 * Accepted are the standard and the url alphabet, with or without padding, ASCII whitespace anywhere, and pad bits that
 * are not zero (the key in Fingerprint's own documentation has such bits). Everything else is refused. The portable
 * decoder defines this. A runtime's own decoder is used only where it gives the same result faster.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";

const WHITESPACE = 64;
const PADDING = 65;
const OTHER = 66;

/** Maps a character code under 128 to a value from 0 to 63, or to one of the three constants above. */
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
 * @returns The bytes, in a fresh array; `undefined` when `text` is refused.
 */
export function decodeBase64Portable(text: string): Bytes | undefined {
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
  readonly Uint8Array: { fromBase64?(text: string): Bytes };
  readonly Buffer?: { from(text: string, encoding: "base64"): Bytes & { toString(encoding: "base64"): string } };
}

const natives = globalThis as unknown as NativeDecoders;

/**
 * Decodes base64 with the runtime's decoder where possible, with the same result as {@linkcode decodeBase64Portable}.
 *
 * For ciphertext only, never for keys: `Buffer` puts small results into memory that it shares with other buffers.
 */
export function decodeBase64(text: string): Bytes | undefined {
  if (natives.Uint8Array.fromBase64 !== undefined) {
    try {
      // By its specification, this accepts a subset of the texts that the portable decoder accepts.
      return natives.Uint8Array.fromBase64(text);
    } catch {
      // The portable decoder decides.
    }
  } else if (natives.Buffer !== undefined) {
    // Buffer skips unknown characters. Its result is used only if encoding it gives the same text again.
    const bytes = natives.Buffer.from(text, "base64");
    if (bytes.toString("base64") === text) return bytes;
  }
  return decodeBase64Portable(text);
}
