/**
 * Reads the values at given paths of a JSON text, without creating the other values.
 *
 * One pass over the bytes checks the whole grammar of RFC 8259, and creates a value only at a path. It returns nothing
 * for a text that is not JSON, and for an unusual one; `JSON.parse` then decides.
 *
 * @module
 */

import { Buffer, isUtf8 } from "node:buffer";

/** A place in a JSON text: the root, a path, or an object on the way to one. */
export interface Place {
  readonly name: Uint8Array;
  /** The index of its path; -1 for an object on the way. */
  readonly index: number;
  /** A bit that no sibling has. */
  readonly bit: number;
  /** Whether there are paths below it. */
  readonly isObject: boolean;
  /** Hash table of the places in this object, by their names; a slot that is taken pushes a place to the next one. */
  readonly children: (Place | undefined)[];
}

/** The slots of a hash table: a power of two. An object has at most half as many places, so that bits suffice. */
const SLOTS = 64;
/** A text with more containers in each other is unusual. Their kinds are the bits of a small integer. */
const MAX_DEPTH = 30;

/**
 * Creates the root of the places with the given paths.
 *
 * @param paths Names of nested objects' fields in ASCII, joined by dots. Their order is the order of the values.
 */
export function placesOf(paths: readonly string[]): Place {
  const placeOf = (prefix: string, name: string, bit: number): Place => {
    const below = paths.filter((path) => path.startsWith(prefix)).map((path) =>
      path.slice(prefix.length).split(".")[0]!
    );
    const children = new Array<Place | undefined>(SLOTS).fill(undefined);
    [...new Set(below)].forEach((child, index) => {
      const place = placeOf(`${prefix}${child}.`, child, 1 << index);
      let slot = place.name.reduce(hashed, 0) & SLOTS - 1;
      while (children[slot] !== undefined) slot = slot + 1 & SLOTS - 1;
      children[slot] = place;
    });
    return {
      name: new TextEncoder().encode(name),
      index: paths.indexOf(prefix.slice(0, -1)),
      bit,
      isObject: below.length > 0,
      children,
    };
  };
  return placeOf("", "", 0);
}

function hashed(hash: number, byte: number): number {
  return Math.imul(hash, 5) + byte | 0;
}

const [QUOTE, BACKSLASH, COMMA, COLON, LOWER_U] = [0x22, 0x5c, 0x2c, 0x3a, 0x75];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const [PLUS, MINUS, DOT, ZERO, LOWER_E] = [0x2b, 0x2d, 0x2e, 0x30, 0x65];
const [TRUE, FALSE, NULL] = ["true", "false", "null"].map((word) => new TextEncoder().encode(word)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const ENDS_RUN = tableOf(/[^ -\u00ff]|["\\]/);
const IS_SPACE = tableOf(/[ \t\n\r]/);
const IS_DIGIT = tableOf(/[0-9]/);
const IS_HEX = tableOf(/[0-9a-fA-F]/);
const IS_ESCAPE = tableOf(/["\\/bfnrt]/);

/** A table of the bytes whose characters match: 1 for each. */
function tableOf(matching: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => matching.test(String.fromCharCode(byte)) ? 1 : 0);
}

/**
 * Reads the values at the paths of `root`.
 *
 * @returns A value for each path: `undefined` if the text lacks it, and `true` for an object with places. Nothing
 * when the text is not JSON in UTF-8, when its root is not an object, when it is deeply nested, when an object with
 * places repeats a name or escapes one, when a place has an array, or an object and scalar mixed up.
 */
export function readValues(json: Uint8Array, root: Place, count: number): unknown[] | undefined {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.length);
  const latin1 = bytes.toString("latin1");
  const values = new Array<unknown>(count).fill(undefined);
  /** The containers of `at` that are places, from the root, and the bits of the names that were found in each. */
  const places: Place[] = [];
  const found: number[] = [];
  let level = 0;
  /** How many containers `at` is in, and their kinds: the lowest bit is 1 in an array. */
  let depth = 0;
  let kinds = 0;
  /** All bits that occur in strings. */
  let bits = 0;
  let at = 0;
  /** The place of the next value. */
  let place: Place | undefined = root;
  let isName = false;
  for (;;) {
    while (IS_SPACE[bytes[at]!] === 1) at++;
    if (isName) {
      if (bytes[at++] !== QUOTE) return undefined;
      const from = at;
      let hash = 0;
      let byte = bytes[at++]!;
      for (;;) {
        while (ENDS_RUN[byte] === 0) {
          bits |= byte;
          hash = Math.imul(hash, 5) + byte | 0;
          byte = bytes[at++]!;
        }
        if (byte === QUOTE) break;
        if (byte !== BACKSLASH || level === depth) return undefined;
        at = afterEscape(bytes, at);
        byte = bytes[at++]!;
      }
      if (level === depth) {
        const { children } = places[level - 1]!;
        for (let slot = hash & SLOTS - 1; (place = children[slot]) !== undefined; slot = slot + 1 & SLOTS - 1) {
          if (at - 1 - from === place.name.length && hasAt(bytes, from, place.name)) break;
        }
        if (place !== undefined) {
          if ((found[level - 1]! & place.bit) !== 0) return undefined;
          found[level - 1]! |= place.bit;
        }
      }
      while (IS_SPACE[bytes[at]!] === 1) at++;
      if (bytes[at++] !== COLON) return undefined;
      while (IS_SPACE[bytes[at]!] === 1) at++;
    }
    const from = at;
    let byte = bytes[at++]!;
    let value: unknown;
    if (byte === QUOTE) {
      const before = bits;
      let isEscaped = false;
      bits = 0;
      byte = bytes[at++]!;
      for (;;) {
        while (ENDS_RUN[byte] === 0) {
          bits |= byte;
          byte = bytes[at++]!;
        }
        if (byte === QUOTE) break;
        if (byte !== BACKSLASH) return undefined;
        isEscaped = true;
        at = afterEscape(bytes, at);
        byte = bytes[at++]!;
      }
      if (place !== undefined) {
        if (isEscaped) value = JSON.parse(bytes.toString("utf8", from, at));
        else value = bits < 0x80 ? latin1.slice(from + 1, at - 1) : bytes.toString("utf8", from + 1, at - 1);
      }
      bits |= before;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return undefined;
      kinds = kinds << 1 | (byte === OPEN_BRACKET ? 1 : 0);
      if (place !== undefined) {
        if (byte === OPEN_BRACKET || !place.isObject) return undefined;
        places[level] = place;
        found[level++] = 0;
        if (place.index >= 0) values[place.index] = true;
        place = undefined;
      }
      while (IS_SPACE[bytes[at]!] === 1) at++;
      if (bytes[at] !== byte + 2) {
        isName = byte === OPEN_BRACE;
        continue;
      }
      // It is empty, and closed below.
    } else if (byte === TRUE[0]) {
      if (!hasAt(bytes, from, TRUE)) return undefined;
      at = from + TRUE.length;
      value = true;
    } else if (byte === FALSE[0]) {
      if (!hasAt(bytes, from, FALSE)) return undefined;
      at = from + FALSE.length;
      value = false;
    } else if (byte === NULL[0]) {
      if (!hasAt(bytes, from, NULL)) return undefined;
      at = from + NULL.length;
      value = null;
    } else {
      if (byte === MINUS) byte = bytes[at++]!;
      if (IS_DIGIT[byte] !== 1) return undefined;
      if (byte !== ZERO) { while (IS_DIGIT[bytes[at]!] === 1) at++; }
      if (bytes[at] === DOT) {
        if (IS_DIGIT[bytes[++at]!] !== 1) return undefined;
        while (IS_DIGIT[bytes[at]!] === 1) at++;
      }
      if ((bytes[at]! | 0x20) === LOWER_E) {
        at++;
        if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
        if (IS_DIGIT[bytes[at]!] !== 1) return undefined;
        while (IS_DIGIT[bytes[at]!] === 1) at++;
      }
      if (place !== undefined) value = Number(latin1.slice(from, at));
    }
    if (place !== undefined) {
      if (place.isObject) return undefined;
      values[place.index] = value;
    }
    // A value has ended, and with it perhaps its containers.
    for (;;) {
      if (depth === 0) return isBlank(bytes, at) && (bits < 0x80 || isUtf8(bytes)) ? values : undefined;
      while (IS_SPACE[bytes[at]!] === 1) at++;
      byte = bytes[at++]!;
      if (byte === COMMA) break;
      if (byte !== ((kinds & 1) === 1 ? CLOSE_BRACKET : CLOSE_BRACE)) return undefined;
      if (level === depth) level--;
      depth--;
      kinds >>= 1;
    }
    isName = (kinds & 1) === 0;
    place = undefined;
  }
}

function hasAt(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[from + index] !== wanted[index]) return false;
  return true;
}

function isBlank(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at++) if (IS_SPACE[bytes[at]!] !== 1) return false;
  return true;
}

/** The index after an escape whose backslash is before `at`; beyond the end when it is malformed. */
function afterEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]!;
  if (byte !== LOWER_U) return IS_ESCAPE[byte] === 1 ? at + 1 : bytes.length;
  for (let digit = at + 1; digit <= at + 4; digit++) if (IS_HEX[bytes[digit]!] !== 1) return bytes.length;
  return at + 5;
}
