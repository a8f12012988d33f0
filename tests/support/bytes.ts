/**
 * Converts bytes and text without the library under test and without features that a runtime may lack.
 *
 * @module
 */

import type { Bytes } from "../../mod.ts";

/** Joins arrays of bytes. */
export function concat(...parts: readonly ArrayLike<number>[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/** The bytes of an ASCII text. */
export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Text as UTF-8, without `TextEncoder`. */
export function utf8(text: string): Bytes {
  return ascii(unescape(encodeURIComponent(text)));
}

export function fromHex(hex: string): Bytes {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Base64 in the standard alphabet with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(i, i + 3);
    text += alphabet[first >> 2]! + alphabet[((first & 3) << 4) | (second >> 4)]!; // six bits each: below 64
    text += i + 1 < bytes.length ? alphabet[((second & 15) << 2) | (third >> 6)]! : "=";
    text += i + 2 < bytes.length ? alphabet[third & 63]! : "=";
  }
  return text;
}

/** The bytes of base64 text in the standard alphabet; padding may be missing. */
export function fromBase64(text: string): Bytes {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const bits = Array.from(
    text.replace(/=+$/, ""),
    (character) => alphabet.indexOf(character).toString(2).padStart(6, "0"),
  );
  return Uint8Array.from(bits.join("").match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}
