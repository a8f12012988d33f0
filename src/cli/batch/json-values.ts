/**
 * Finds the values at given paths of a JSON text, and reads them without creating the other values.
 *
 * One pass over the bytes checks the whole grammar of RFC 8259. It finds nothing in a text that is not JSON, and in an
 * unusual one; `JSON.parse` then decides.
 *
 * @module
 */

import { Buffer, isUtf8 } from "node:buffer";

/** A place in a JSON text: the root, a path, or an object on the way to one. */
interface Place {
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
function placesOf(paths: readonly string[]): Place {
  const placeOf = (prefix: string, name: string, bit: number): Place => {
    const below = paths.filter((path) => path.startsWith(prefix)).map((path) =>
      path.slice(prefix.length).split(".")[0]!
    );
    const children = new Array<Place | undefined>(SLOTS).fill(undefined);
    [...new Set(below)].forEach((child, index) => {
      const place = placeOf(`${prefix}${child}.`, child, 1 << index);
      let slot = slotOf(place.name, 0, place.name.length);
      while (children[slot] !== undefined) slot = slot + 1 & SLOTS - 1;
      children[slot] = place;
    });
    return {
      name: bytesOf(name),
      index: paths.indexOf(prefix.slice(0, -1)),
      bit,
      isObject: below.length > 0,
      children,
    };
  };
  return placeOf("", "", 0);
}

/** The first slot for the name between two indexes. */
function slotOf(bytes: Uint8Array, from: number, to: number): number {
  return bytes[from]! + bytes[to - 1]! * 4 + (to - from) * 3 & SLOTS - 1;
}

const [QUOTE, BACKSLASH, COMMA, COLON, LOWER_U] = [0x22, 0x5c, 0x2c, 0x3a, 0x75];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const [PLUS, MINUS, DOT, ZERO, LOWER_E] = [0x2b, 0x2d, 0x2e, 0x30, 0x65];
const [TRUE, FALSE, NULL] = [bytesOf("true"), bytesOf("false"), bytesOf("null")];
const ENDS_RUN = tableOf(/[^ -\u00ff]|["\\]/);
const IS_SPACE = tableOf(/[ \t\n\r]/);
const IS_DIGIT = tableOf(/[0-9]/);
const IS_HEX = tableOf(/[0-9a-fA-F]/);
const IS_ESCAPE = tableOf(/["\\/bfnrt]/);

/** A table of the bytes whose characters match: 1 for each. */
function tableOf(matching: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => matching.test(String.fromCharCode(byte)) ? 1 : 0);
}

/** The values at paths of a JSON text, by the indexes of the paths. The index after the last one is never found. */
export interface JsonValues {
  /**
   * Finds the values in `json`, which must stay unchanged while they are read.
   *
   * @returns `false` when the text is not JSON in UTF-8, when its root is not an object, when it is deeply nested, when an
   * object with places repeats a name or escapes one, when a place has an array, or an object and scalar mixed up.
   */
  find(json: Uint8Array): boolean;
  /** Where each value begins, and where it ends. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  has(index: number): boolean;
  isText(index: number): boolean;
  isNumber(index: number): boolean;
  /** A value as text, a finite number (`1e400` is none) or `true` or `false`; `undefined` if it is of another type. */
  text(index: number): string | undefined;
  number(index: number): number | undefined;
  flag(index: number): boolean | undefined;
  /** Whether a text has a character of ASCII. */
  includes(index: number, character: string): boolean;
  /** Makes a value missing. */
  remove(index: number): void;
}

/** Integers below 10^15, and powers of ten up to 10^15, are exact, so that their quotient is rounded only once. */
const EXACT_DIGITS = 15;

export function createJsonValues(paths: readonly string[]): JsonValues {
  const root = placesOf(paths);
  const starts = new Int32Array(paths.length + 1);
  const ends = new Int32Array(paths.length + 1); // 0 for a value that is missing
  let bytes: Uint8Array = new Uint8Array(0);
  const textBetween = (start: number, end: number) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  const has = (index: number) => ends[index] !== 0;
  /** The first byte of a value. */
  const first = (index: number) => has(index) ? bytes[starts[index]!]! : 0;
  const isText = (index: number) => first(index) === QUOTE;
  const text = (index: number): string | undefined => {
    if (!isText(index)) return undefined;
    const between = textBetween(starts[index]! + 1, ends[index]! - 1);
    return between.includes("\\") ? JSON.parse(`"${between}"`) : between;
  };
  const isNumber = (index: number) => first(index) === MINUS || IS_DIGIT[first(index)] === 1;
  return {
    find(json) {
      bytes = json;
      return findValues(json, root, starts, ends);
    },
    starts,
    ends,
    has,
    isText,
    isNumber,
    text,
    number(index) {
      if (!isNumber(index)) return undefined;
      const [start, end] = [starts[index]!, ends[index]!];
      if (end - start <= EXACT_DIGITS) {
        let digits = 0;
        let scale = 0;
        let at = start;
        for (; at < end; at++) {
          const byte = bytes[at]!;
          if (IS_DIGIT[byte] === 1) {
            digits = digits * 10 + byte - ZERO;
            scale *= 10;
          } else if (byte === DOT) scale = 1;
          else break;
        }
        if (at === end) return scale === 0 ? digits : digits / scale;
      }
      const value = Number(textBetween(start, end));
      return Number.isFinite(value) ? value : undefined;
    },
    flag(index) {
      const byte = first(index);
      return byte === TRUE[0] ? true : byte === FALSE[0] ? false : undefined;
    },
    includes(index, character) {
      const wanted = character.charCodeAt(0);
      for (let at = starts[index]!; at < ends[index]!; at++) {
        if (bytes[at] === wanted) return true;
        if (bytes[at] === BACKSLASH) return text(index)!.includes(character); // it is text
      }
      return false;
    },
    remove(index) {
      ends[index] = 0;
    },
  };
}

/** The containers that are places, from the root, and the bits of the names that were found in each. */
const places: Place[] = [];
const found = new Int32Array(MAX_DEPTH);
/** All bits that occur in strings. */
let bits = 0;
let isEscaped = false;

function findValues(bytes: Uint8Array, root: Place, starts: Int32Array, ends: Int32Array): boolean {
  ends.fill(0);
  bits = 0;
  let level = 0;
  /** How many containers `at` is in, and their kinds: the lowest bit is 1 in an array. */
  let depth = 0;
  let kinds = 0;
  let at = 0;
  /** The place of the next value. */
  let place: Place | undefined = root;
  let isName = false;
  for (;;) {
    while (IS_SPACE[bytes[at]!] === 1) at++;
    if (isName) {
      if (bytes[at] !== QUOTE) return false;
      const from = at + 1;
      isEscaped = false;
      at = stringEnd(bytes, from);
      if (at === 0) return false;
      if (level === depth) {
        if (isEscaped) return false;
        const { children } = places[level - 1]!;
        const length = at - 1 - from;
        for (
          let slot = slotOf(bytes, from, at - 1);
          (place = children[slot]) !== undefined;
          slot = slot + 1 & SLOTS - 1
        ) {
          if (length === place.name.length && hasAt(bytes, from, place.name)) break;
        }
        if (place !== undefined) {
          if ((found[level - 1]! & place.bit) !== 0) return false;
          found[level - 1]! |= place.bit;
        }
      }
      while (IS_SPACE[bytes[at]!] === 1) at++;
      if (bytes[at++] !== COLON) return false;
      while (IS_SPACE[bytes[at]!] === 1) at++;
    }
    const start = at;
    let byte = bytes[at++]!;
    if (byte === QUOTE) {
      at = stringEnd(bytes, at);
      if (at === 0) return false;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return false;
      kinds = kinds << 1 | (byte === OPEN_BRACKET ? 1 : 0);
      if (place !== undefined) {
        if (byte === OPEN_BRACKET || !place.isObject) return false;
        places[level] = place;
        found[level++] = 0;
        if (place.index >= 0) {
          starts[place.index] = start;
          ends[place.index] = at;
        }
        place = undefined;
      }
      while (IS_SPACE[bytes[at]!] === 1) at++;
      if (bytes[at] !== byte + 2) {
        isName = byte === OPEN_BRACE;
        continue;
      }
      // It is empty, and closed below.
    } else if (byte === TRUE[0]) {
      if (!hasAt(bytes, start, TRUE)) return false;
      at = start + TRUE.length;
    } else if (byte === FALSE[0]) {
      if (!hasAt(bytes, start, FALSE)) return false;
      at = start + FALSE.length;
    } else if (byte === NULL[0]) {
      if (!hasAt(bytes, start, NULL)) return false;
      at = start + NULL.length;
    } else {
      if (byte === MINUS) byte = bytes[at++]!;
      if (IS_DIGIT[byte] !== 1) return false;
      if (byte !== ZERO) { while (IS_DIGIT[bytes[at]!] === 1) at++; }
      if (bytes[at] === DOT) {
        if (IS_DIGIT[bytes[++at]!] !== 1) return false;
        while (IS_DIGIT[bytes[at]!] === 1) at++;
      }
      if ((bytes[at]! | 0x20) === LOWER_E) {
        at++;
        if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
        if (IS_DIGIT[bytes[at]!] !== 1) return false;
        while (IS_DIGIT[bytes[at]!] === 1) at++;
      }
    }
    if (place !== undefined) {
      if (place.isObject) return false;
      starts[place.index] = start;
      ends[place.index] = at;
    }
    // A value has ended, and with it perhaps its containers.
    for (;;) {
      if (depth === 0) return isBlank(bytes, at) && (bits < 0x80 || isUtf8(bytes));
      while (IS_SPACE[bytes[at]!] === 1) at++;
      byte = bytes[at++]!;
      if (byte === COMMA) break;
      if (byte !== ((kinds & 1) === 1 ? CLOSE_BRACKET : CLOSE_BRACE)) return false;
      if (level === depth) level--;
      depth--;
      kinds >>= 1;
    }
    isName = (kinds & 1) === 0;
    place = undefined;
  }
}

/** The index after the string that begins at `at`; 0 when it is malformed. */
function stringEnd(bytes: Uint8Array, at: number): number {
  let seen = 0;
  for (;;) {
    let byte = bytes[at++]!;
    while (ENDS_RUN[byte] === 0) {
      seen |= byte;
      byte = bytes[at++]!;
    }
    bits |= seen;
    if (byte === QUOTE) return at;
    if (byte !== BACKSLASH) return 0;
    isEscaped = true;
    at = afterEscape(bytes, at);
  }
}

/** The bytes of a text: a `Uint8Array` like a JSON text, because code that also meets a `Buffer` is slower. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Whether `bytes` have the wanted ones at an index. */
export function hasAt(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
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
