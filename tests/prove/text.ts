/**
 * Every short base64 text and every short UTF-8 sequence, compared with references that are written from the standards.
 *
 * @module
 */

import { decodeBase64, decodeBase64Portable } from "../../src/encoding/base64.ts";
import type { Part } from "./parts.ts";
import { decodeUtf8, decodeUtf8Portable } from "../../src/encoding/utf8.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Both alphabets, digits, padding, whitespace, the neighbours of each range in ASCII, and characters that look alike. */
const COVERING = [..."AZazQg05+/-_=", ..."\t\n\f\r ", ..."@[`{.:,", "\v", "\0", "\u00a0", "\u0141"];

/**
 * RFC 4648 §4 and §5 as a regular expression and bits: each character from either alphabet, whitespace ignored, padding
 * complete or absent.
 */
export function referenceBase64(text: string): string | undefined {
  const characters = text.replace(/[\t\n\f\r ]/g, "").replaceAll("-", "+").replaceAll("_", "/");
  const match = /^((?:[A-Za-z0-9+/]{4})*)(?:([A-Za-z0-9+/]{2})(?:==)?|([A-Za-z0-9+/]{3})=?)?$/.exec(characters);
  if (match === null) return undefined;
  const bits = [match[1], match[2], match[3]].map((part) => part ?? "").join("").split("")
    .map((character) => ALPHABET.indexOf(character).toString(2).padStart(6, "0")).join("");
  return (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)).join();
}

/** All texts of up to `most` characters of the covering alphabet; returns their number. */
export function proveBase64(most: number): number {
  let count = 0;
  const visit = (text: string) => {
    count++;
    const expected = referenceBase64(text);
    for (const decode of [decodeBase64, decodeBase64Portable]) {
      if (decode(text)?.join() !== expected) throw new Error(`${JSON.stringify(text)} is decoded by ${decode.name}()`);
    }
    if (text.length < most) { for (const character of COVERING) visit(text + character); }
  };
  visit("");
  return count;
}

/** The scalar value at the start of `bytes`, and its length, by the table of RFC 3629 §4; `undefined` if ill-formed. */
function referenceScalar(bytes: readonly number[]): readonly [value: number, length: number] | undefined {
  const [first = 0, second = 0] = bytes;
  if (first < 0x80) return [first, 1];
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const tail = bytes.slice(1, length);
  if (length === 0 || tail.length < length - 1 || tail.some((byte) => byte < 0x80 || byte > 0xbf)) return undefined;
  const [least, most] = { 0xe0: [0xa0, 0xbf], 0xed: [0x80, 0x9f], 0xf0: [0x90, 0xbf], 0xf4: [0x80, 0x8f] }[first] ??
    [0x80, 0xbf];
  if (second < least! || second > most!) return undefined; // both rows have two numbers
  return [tail.reduce((value, byte) => value << 6 | byte & 0x3f, first & (0x7f >> length)), length];
}

function referenceUtf8(bytes: readonly number[]): string | undefined {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const scalar = referenceScalar(bytes.slice(at));
    if (scalar === undefined) return undefined;
    text += String.fromCodePoint(scalar[0]);
    at += scalar[1];
  }
  return text;
}

/** The bytes on both sides of each boundary in RFC 3629's table. */
const BOUNDARIES = [
  0x00,
  0x41,
  0x7f,
  0x80,
  0x8f,
  0x90,
  0x9f,
  0xa0,
  0xbf,
  0xc0,
  0xc1,
  0xc2,
  0xdf,
  0xe0,
  0xe1,
  0xec,
  0xed,
  0xee,
  0xef,
  0xf0,
  0xf1,
  0xf3,
  0xf4,
  0xf5,
  0xff,
];

/** Compares the sequences of a part, or of one longer than three bytes only those at the boundaries; their number. */
export function compareUtf8({ length, prefix }: Part): number {
  const values = length <= 3 ? Array.from({ length: 256 }, (_, byte) => byte) : BOUNDARIES;
  const total = values.length ** (length - prefix.length);
  for (let number = 0; number < total; number++) {
    const bytes = Array.from(
      { length },
      (_, place) =>
        prefix[place] ?? values[Math.floor(number / values.length ** (place - prefix.length)) % values.length]!,
    );
    const expected = referenceUtf8(bytes);
    for (const decode of [decodeUtf8, decodeUtf8Portable]) {
      if (decode(Uint8Array.from(bytes)) !== expected) {
        throw new Error(`the bytes ${bytes} are decoded by ${decode.name}()`);
      }
    }
  }
  return total;
}
