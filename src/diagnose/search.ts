/**
 * Searches any value for sealed results.
 *
 * The base64 text of each sealed result begins with `noXc7`. Known encodings are undone one after another, in every
 * order, until that run or the bytes of the header appear.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { bytesOf } from "../encoding/bytes.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { HEADER_TEXT, MIN_ENVELOPE_BYTES } from "../unseal/envelope.ts";
import type { DiagnosisCode } from "./causes.ts";
import { toLatin1 } from "../encoding/latin1.ts";
import { jsonOf } from "./values.ts";

/** A sealed result that was found in a value. It was not opened. */
export interface FoundSealed {
  /** The sealed result, as base64 text or as bytes. */
  readonly sealed: string | Uint8Array;
  /** What was undone to find it, in this order. Empty if the value itself is a sealed result. */
  readonly undone: readonly DiagnosisCode[];
  /** Where it began, in characters or bytes from 0: in the value, or in the text that undoing led to. */
  readonly start: number;
  /** Whether it looks truncated: by its length, or by dots after it. */
  readonly isCut: boolean;
}

/** Of longer text, only the surroundings of `noXc7` are searched. Fingerprint's sealed results have under 40,000. */
export const MAX_CHARACTERS: number = 64 * 1024;
const MAX_READ = 512 * 1024;
/** The work in characters; each text costs `TEXT_WORK` more. This bounds the time to under 100 ms. */
const [MAX_WORK, TEXT_WORK] = [256 * 1024, 256];
const [MAX_DEPTH, MAX_PER_TEXT, MAX_FOUND] = [5, 8, 16];

/** The usual limits of columns, headers, URLs and logs: a text of exactly this length was probably longer. */
const USUAL_LIMITS = /^(?:25[56]|500|51[12]|[124]000|102[34]|204[78]|2083|409[56]|8000|819[0-2]|1638[34]|3276[78])$/;

const HEADER = toLatin1(decodeBase64Portable(`${HEADER_TEXT}Q`)!); // valid base64
const BLANKS = /[\t\n\f\r ]+/g;
const RUN = /^[\w+/-]+/;
const SPACED = /^[\w+/-]+(?:[\t\n\f\r ]+[\w+/-]+)*/;
/** Base64 as an encoder wraps it: the following lines have nothing else, and are no boundary of a form's part. */
const LINES = "(?:[\\t ]*\\r?\\n[\\t\\n\\r ]*(?!--)[\\w+/-]+(?=[\\t ]*(?:[\\n\\r]|$|[=\"'`<\\\\,;)}\\]])))*";
const WRAPPED = new RegExp(RUN.source + LINES);
const ENCODED = new RegExp(`[\\w+/-]{40,}${LINES}`, "g");

/**
 * Each undoes one encoding, wherever it occurs, because the text around a sealed result may be of any kind. Bytes are
 * text here, with one character for each byte. `undefined` is returned where nothing is undone.
 */
const UNDO: readonly (readonly [DiagnosisCode, (text: string) => string | undefined])[] = [
  ["SEALED_INVISIBLE", (text) => text.replace(/\p{Cc}\[[0-9;]*m|(?![\t\n\f\r])[\p{Cc}\p{Cf}]/gu, "")], // and colours
  ["SEALED_QUOTED_PRINTABLE", (text) => text.replace(/=[ \t]*\r?\n/g, "").replace(/=([0-9A-F]{2})/g, byHex)],
  ["SEALED_HTML", (text) => text.replace(/&(?:#x([0-9a-f]{2})|#(\d\d)|amp);/gi, byEntity)],
  [
    "SEALED_ESCAPES",
    (text) => text.replace(/\\(?:u00|x)(..)/g, byHex).replace(/\\[nrt]/g, "\n").replace(/\\([^])/g, "$1"),
  ],
  ["SEALED_PERCENT", (text) => text.replace(/%(?:u00)?([0-9a-f]{2})/gi, byHex)],
  ["SEALED_LINE_MARKS", (text) => text.replace(/^[\t ]*(?:[>|#*/][>|#*/\t ]*|\d+[:.)\t][\t ]*)/gm, "")],
  ["SEALED_HEX", (text) => /(?:[0-9a-f]{2}){32,}/i.exec(text)?.[0].replace(/(..)/g, byHex)],
  ["SEALED_NUMBERS", decodedNumbers],
  ["SEALED_BASE64_AGAIN", decodedBase64],
];

/**
 * Finds sealed results in any value: text or bytes in which they are encoded, quoted, wrapped or surrounded.
 *
 * @param value Any value, untrusted. Of text over 64 Ki characters, only the surroundings of `noXc7` are searched.
 * @returns At most 16, the longest first: try each with `unseal`. It never throws.
 *
 * @example Open what a log line contains
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { findSealed } from "@unseal/sealed-results/diagnose";
 * import { generateKey, sampleEventV4, seal } from "@unseal/sealed-results/testing";
 * import assert from "node:assert/strict";
 *
 * const key = generateKey();
 * const line = `12:00:01 POST /visit sealedResult=${encodeURIComponent(await seal(sampleEventV4(), key))} 200`;
 *
 * const [found] = findSealed(line);
 * assert.deepEqual(found?.undone, ["SEALED_PERCENT", "SEALED_SURROUNDED"]);
 * assert.ok(await createUnsealer({ keys: key }).unseal(found.sealed));
 * ```
 */
export function findSealed(value: unknown): FoundSealed[] {
  const found = new Map<string, FoundSealed>(); // The shortest way to each comes first.
  const seen = new Set<string>();
  const queue = textsOf(value);
  let work = MAX_WORK;
  for (const [text, undone, offset] of queue) { // It grows.
    if (seen.has(text) || work < text.length) continue;
    seen.add(text);
    work -= text.length + TEXT_WORK;
    const isBinaryText = undone.length === 0 ? typeof value === "string" : undone[0] === "SEALED_TEXT_AS_BYTES";
    for (const one of [...base64In(text), ...binaryIn(text)]) {
      const isBinary = typeof one.sealed !== "string";
      const content = isBinary ? toLatin1(one.sealed) : one.sealed;
      const steps: readonly DiagnosisCode[] = isBinary && isBinaryText ? ["SEALED_BINARY_TEXT"] : undone;
      const all = new Set([...steps, ...one.undone]);
      if (all.has("SEALED_IN_OBJECT")) all.delete("SEALED_SURROUNDED"); // by the JSON of the object
      if (!found.has(content)) found.set(content, { ...one, undone: [...all], start: one.start + offset });
    }
    for (const [code, undo] of undone.length < MAX_DEPTH ? UNDO : []) {
      const next = undo(text);
      if (next !== undefined && !seen.has(next)) queue.push([next, [...undone, code], 0]);
    }
  }
  return [...found.values()].sort((one, other) => other.sealed.length - one.sealed.length).slice(0, MAX_FOUND);
}

/** A text in which is searched, what was undone to it, and its place in the value. */
type Text = readonly [text: string, undone: readonly DiagnosisCode[], offset: number];

/** The text of a value; of a long text, the parts that begin with a sealed result. */
function textsOf(value: unknown): Text[] {
  const bytes = bytesOf(value)?.subarray(0, MAX_READ);
  const decoded = bytes && decodeUtf8(bytes);
  const [text, ...undone]: [string, ...DiagnosisCode[]] = typeof value === "string"
    ? [value]
    : bytes === undefined
    ? [jsonOf(value, MAX_READ), "SEALED_IN_OBJECT"]
    : decoded === undefined
    ? [toLatin1(bytes)]
    : [decoded, "SEALED_TEXT_AS_BYTES"];
  if (text.length <= MAX_CHARACTERS) return [[text, undone, 0]];
  undone.push("SEALED_SURROUNDED");
  return placesIn(text).map((place) => [text.slice(place, place + MAX_CHARACTERS), undone, place]);
}

function placesIn(text: string): number[] {
  const places: number[] = [];
  let place = -1;
  while (places.length < MAX_PER_TEXT && (place = text.indexOf(HEADER_TEXT, place + 1)) >= 0) places.push(place);
  return places;
}

/** The sealed results in base64, with each extent that they may have. */
function base64In(text: string): FoundSealed[] {
  return placesIn(text).flatMap((start, place, starts) => {
    const rest = text.slice(start, starts[place + 1]); // The next one, such as a copy, begins where this one ends.
    const [run, lines, spaced] = [RUN, WRAPPED, SPACED].map((form) => form.exec(rest)![0]) as [string, string, string];
    const extents: [string, string, ...DiagnosisCode[]][] = [[run, run], [lines, lines.replace(BLANKS, "")]];
    const plus = spaced.replace(/[\t ]*[\n\f\r][\t\n\f\r ]*/g, "").replace(/[\t ]/g, "+");
    if (spaced !== lines && !/[+-]/.test(spaced)) extents.push([spaced, plus, "SEALED_PLUS"]);
    return extents.map(([source, sealed, ...undone]) => {
      const after = text.slice(start + source.length).replace(BLANKS, "");
      const isEnd = after === "" || after === "=".repeat((4 - sealed.length % 4) % 4);
      if (!isEnd || text.slice(0, start).replace(BLANKS, "") !== "") undone.push("SEALED_SURROUNDED");
      const isHalf = sealed.length % 4 === 1;
      const isLimit = [sealed, text].some(({ length }) => USUAL_LIMITS.test(String(length))) && !after.startsWith("=");
      const isCut = isHalf || isLimit || sealed.length * 3 / 4 < MIN_ENVELOPE_BYTES || /^=*(?:\.\.|…)/.test(after);
      return { sealed: isHalf ? sealed.slice(0, -1) : sealed, undone, start, isCut };
    });
  });
}

/** A sealed result in bytes. Where it ends is unknown: it is taken to be the end of the bytes. */
function binaryIn(text: string): FoundSealed[] {
  const start = text.indexOf(HEADER);
  if (start < 0 || /[^\0-\xff]/.test(text.slice(start))) return [];
  const sealed = Uint8Array.from(text.slice(start), (character) => character.charCodeAt(0));
  return [{ sealed, undone: start > 0 ? ["SEALED_SURROUNDED"] : [], start, isCut: sealed.length < MIN_ENVELOPE_BYTES }];
}

function byHex(_match: string, hex: string): string {
  return String.fromCharCode(parseInt(hex, 16));
}

function byEntity(match: string, hex?: string, decimal?: string): string {
  return hex ? byHex(match, hex) : decimal ? String.fromCharCode(Number(decimal)) : "&";
}

/** Decodes `158,133,…`, also in the JSON of a `Buffer` or `Uint8Array`. */
function decodedNumbers(text: string): string | undefined {
  const numbers = /(?:-?\d{1,3}, ?){31,}-?\d{1,3}/.exec(text.replace(/"\d+":/g, ""))?.[0];
  return numbers?.split(",").map((number) => String.fromCharCode(Number(number) & 0xff)).join("");
}

/** Decodes the longest run of base64. */
function decodedBase64(text: string): string | undefined {
  const longest = text.match(ENCODED)?.reduce((one, other) => other.length > one.length ? other : one) ?? HEADER_TEXT;
  const bytes = longest.startsWith(HEADER_TEXT) ? undefined : decodeBase64Portable(longest);
  return bytes && toLatin1(bytes);
}
