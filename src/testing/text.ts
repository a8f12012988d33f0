/**
 * Encodes and decodes text where the runtime may lack the platform's functions: jsdom has no `TextEncoder`.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Encodes text as UTF-8. */
export function encodeUtf8(text: string): Bytes {
  const { TextEncoder } = globalThis as { TextEncoder?: new () => { encode(text: string): Uint8Array } };
  // Copied, so that the bytes are of this realm: jsdom takes its TextEncoder from another one, where it has one.
  if (TextEncoder !== undefined) return Uint8Array.from(new TextEncoder().encode(text));
  const escaped = encodeURIComponent(text).replace(
    /%(..)/g,
    (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  );
  return Uint8Array.from(escaped, (character) => character.charCodeAt(0));
}

/** A random text of letters and digits. */
export function randomText(length: number): string {
  const random = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(random, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
