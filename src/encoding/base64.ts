/**
 * Decodes and encodes base64 text (RFC 4648), with the same result on every runtime.
 *
 * The decoders accept the standard and the url alphabet, with or without padding, ASCII whitespace anywhere, and pad
 * bits that are not zero (the key in Fingerprint's own documentation has such bits). They refuse everything else. The
 * portable decoder defines this. A runtime's own decoder is used only where it gives the same result faster.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import { toLatin1 } from "./latin1.ts";

/**
 * Decodes base64 in one pass.
 *
 * @param text Untrusted; see the top of this file for what is accepted.
 * @returns The bytes, in a fresh array; `undefined` when `text` is refused.
 */
export function decodeBase64Portable(text: string): Bytes | undefined {
  const bytes = new Uint8Array(Math.floor((text.length / 4) * 3));
  let length = 0;
  let bits = 0;
  let characters = 0;
  let padding = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = valueOf(code);
    if (value >= 0 && padding === 0) {
      // Each character but the first of four completes a byte, with 4, 2 or 0 bits left over.
      bits = (bits << 6) | value;
      if ((++characters & 3) !== 1) bytes[length++] = bits >>> ((-characters & 3) << 1);
    } else if (code === 61) { // =
      padding++;
    } else if (!(code === 32 || (code > 8 && code < 14 && code !== 11))) { // blank, \t, \n, \f, \r
      return undefined;
    }
  }
  const missing = -characters & 3;
  // Two remaining characters encode one byte and need two pads; three encode two bytes and need one.
  return missing === 3 || (padding !== 0 && padding !== missing) ? undefined : bytes.slice(0, length);
}

/** The value of a character of one of the two alphabets; -1 for any other. */
function valueOf(code: number): number {
  if (code > 96) return code < 123 ? code - 71 : -1; // a-z
  if (code > 64) return code < 91 ? code - 65 : code === 95 ? 63 : -1; // A-Z _
  if (code > 47) return code < 58 ? code + 4 : -1; // 0-9
  return code === 47 ? 63 : code === 43 || code === 45 ? 62 : -1; // / + -
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
  if (natives.Uint8Array.fromBase64) {
    try {
      // By its specification, this accepts a subset of the texts that the portable decoder accepts.
      return natives.Uint8Array.fromBase64(text);
    } catch {
      // The portable decoder decides.
    }
  } else if (natives.Buffer) {
    // Buffer skips unknown characters. Its result is used only if encoding it gives the same text again.
    const bytes = natives.Buffer.from(text, "base64");
    if (bytes.toString("base64") === text) return bytes;
  }
  return decodeBase64Portable(text);
}

/** Encodes bytes in the standard alphabet, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  // The core's types lack it.
  return (globalThis as unknown as { btoa(binary: string): string }).btoa(toLatin1(bytes));
}
