/**
 * Searches any value for sealed results.
 *
 * The base64 text of each sealed result begins with `noXc7`: its header `9E 85 DC ED` and two bits. Known encodings are
 * undone one after another, in every order, until that run appears.
 *
 * @module
 */

import { bytesOf } from "../encoding/bytes.ts";
import { HEADER_TEXT, MIN_ENVELOPE_BYTES } from "../unseal/envelope.ts";
import { fromLatin1, MAX_CHARACTERS, toLatin1, type Undone, undosFor } from "./undo.ts";
import { textsIn } from "./values.ts";

/** A sealed result that was found in a value. It was not opened. */
export interface FoundSealed {
  /** The sealed result, as base64 text or as bytes. */
  readonly sealed: string | Uint8Array;
  /** What was undone to find it, in this order. Empty if the value itself is a sealed result. */
  readonly undone: readonly Undone[];
  /** Where it began, in characters or bytes from 0: in the value, or in the text that undoing led to. */
  readonly start: number;
  /** Whether it looks truncated: by its length, or by dots after it. */
  readonly isCut: boolean;
}

/** A text in which is searched. */
interface Text {
  readonly text: string;
  readonly undone: readonly Undone[];
  /** What precedes it in the value. */
  readonly offset: number;
}

/** A possible extent of a sealed result. Of those that begin at one place, the likeliest has rank 0. */
interface Candidate extends FoundSealed {
  readonly rank: number;
  readonly bytes: number;
}

/** Limits of the work, which bound it to some milliseconds for honest input. */
const MAX_DEPTH = 5;
const MAX_WORK = 1024 * 1024;
const MAX_PER_TEXT = 8;
const MAX_WINDOW = 64 * 1024;
const MAX_BYTES = 1024 * 1024;

/** The usual limits of columns, headers, URLs and logs: a text of exactly this length was probably longer. */
const USUAL_LIMITS: ReadonlySet<number> = new Set([
  ...[255, 256, 500, 511, 512, 1000, 1023, 1024, 2000, 2047, 2048, 2083, 4000, 4095, 4096],
  ...[8000, 8190, 8191, 8192, 16383, 16384, 32767, 32768, 65535, 65536],
]);

/**
 * Finds sealed results in any value: text or bytes in which they are encoded, quoted, wrapped or surrounded.
 *
 * @param value Any value, untrusted. Of text over 128 Ki characters, only the surroundings of `noXc7` are searched.
 * @returns At most 32 places, the likeliest first: try each with `unseal`. It never throws.
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
 * assert.deepEqual(found?.undone, ["percent", "surroundings"]);
 * assert.ok(await createUnsealer({ keys: key }).unseal(found.sealed));
 * ```
 */
export function findSealed(value: unknown): FoundSealed[] {
  const seen = new Set<string>();
  const found: Candidate[] = [];
  const queue = textsOf(value);
  let work = 0;
  for (const { text, undone, offset } of queue) { // It grows.
    if (seen.has(text) || text.length > MAX_CHARACTERS || (work += text.length) > MAX_WORK) continue;
    seen.add(text);
    found.push(...candidatesIn({ text, undone, offset }, typeof value === "string"));
    if (undone.length === MAX_DEPTH) continue;
    for (const [name, undo] of undosFor(text)) {
      const next = undo(text);
      if (next !== undefined && next !== text) queue.push({ text: next, undone: [...undone, name], offset: 0 });
    }
  }
  const unique = new Map<string, Candidate>();
  found.sort((one, other) =>
    one.rank - other.rank || other.bytes - one.bytes || one.undone.length - other.undone.length
  );
  for (const candidate of found) {
    const content = typeof candidate.sealed === "string" ? candidate.sealed : toLatin1(candidate.sealed);
    if (!unique.has(content)) unique.set(content, candidate);
  }
  return [...unique.values()].slice(0, 32).map(({ sealed, undone, start, isCut }) => ({
    sealed,
    undone,
    start,
    isCut,
  }));
}

/** The texts of a value; of a long text, the parts that begin with a sealed result. */
function textsOf(value: unknown): Text[] {
  if (typeof value === "string") return partsOf(value, []);
  const bytes = bytesOf(value);
  if (bytes !== undefined) return partsOf(toLatin1(bytes.subarray(0, MAX_BYTES)), ["bytes"]);
  return textsIn(value).flatMap((text) => partsOf(text, ["object"]));
}

function partsOf(text: string, undone: readonly Undone[]): Text[] {
  if (text.length <= MAX_CHARACTERS) return [{ text, undone, offset: 0 }];
  const parts: Text[] = [];
  for (
    let at = text.indexOf(HEADER_TEXT);
    at >= 0 && parts.length < MAX_PER_TEXT;
    at = text.indexOf(HEADER_TEXT, at + 1)
  ) {
    parts.push({ text: text.slice(at, at + MAX_WINDOW), undone: [...undone, "surroundings"], offset: at });
  }
  return parts;
}

function candidatesIn({ text, undone, offset }: Text, isText: boolean): Candidate[] {
  return [...binaryIn(text, undone, offset, isText), ...base64In(text, undone, offset)];
}

/** A sealed result in bytes. Where it ends is unknown: it is taken to be the end of the bytes. */
function binaryIn(text: string, undone: readonly Undone[], offset: number, isText: boolean): Candidate[] {
  const start = text.indexOf("\x9e\x85\xdc\xed");
  const bytes = start < 0 ? undefined : fromLatin1(text.slice(start));
  if (bytes === undefined) return [];
  const all: Undone[] = undone.length === 0 && isText ? ["binary-text"] : undone.filter((step) => step !== "bytes");
  if (start > 0) all.push("surroundings");
  const isCut = bytes.length < MIN_ENVELOPE_BYTES;
  return [{
    sealed: bytes,
    undone: all,
    start: offset + start,
    isCut,
    rank: isCut ? 9 : start > 0 ? 1 : 0,
    bytes: bytes.length,
  }];
}

/** The sealed results in base64, with each extent that they may have. */
function base64In(text: string, undone: readonly Undone[], offset: number): Candidate[] {
  const starts = Array.from(text.matchAll(START), ({ index }) => index).slice(0, MAX_PER_TEXT);
  return starts.flatMap((start, place) => {
    // The next sealed result, such as a copy, begins where this one ends.
    const rest = text.slice(start, Math.min(starts[place + 1] ?? Infinity, start + MAX_WINDOW));
    return extentsOf(rest).map(({ source, sealed, step }, rank) => {
      const [end, pads = "", dots] = END.exec(rest.slice(source.length))!; // It matches any text.
      const before = text.slice(0, start), after = text.slice(start + source.length + end.length);
      const isAlone = !/[^\t\n\f\r ]/.test(before + after);
      const all = [...undone, ...step ?? []];
      if (!isAlone) all.push("surroundings");
      else if (pads !== "" && pads.length !== (4 - sealed.length % 4) % 4) all.push("padding");
      const whole = sealed.slice(0, sealed.length % 4 === 1 ? -1 : undefined);
      const bytes = Math.floor(whole.length * 3 / 4);
      const isCut = bytes < MIN_ENVELOPE_BYTES || whole !== sealed || dots !== undefined ||
        (pads === "" && (USUAL_LIMITS.has(sealed.length) || USUAL_LIMITS.has(text.length)));
      return { sealed: whole, undone: all, start: offset + start, isCut, rank: bytes < 32 ? 9 : rank, bytes };
    });
  });
}

/** The sixth character has two bits of the header, 01, and four of the nonce. */
const START = /n\s*o\s*X\s*c\s*7\s*[Q-Za-f]/g;
const RUN = /^[A-Za-z0-9+/_-]+/;
/** Lines of nothing else, as an encoder wraps them. The boundary of a form's part is no such line. */
const LINES = /^[A-Za-z0-9+/_-]+(?:[\t ]*\r?\n[\t\n\r ]*(?!--)[A-Za-z0-9+/_-]+(?=[\t ]*(?:[\n\r]|$|[="'`<\\,;)}\]])))*/;
const SPACED = /^[A-Za-z0-9+/_-]+(?:[\t\n\f\r ]+[A-Za-z0-9+/_-]+)*/;
const END = /^[\t\n\f\r ]*(={0,2})(\.{2,}|…)?/;
/** An encoder's lines have at most 76 characters, in practice. */
const MAX_LINE = 200;

interface Extent {
  readonly source: string;
  readonly sealed: string;
  readonly step?: readonly Undone[];
}

/** The extents that a sealed result at the start of `text` may have, the likeliest first. */
function extentsOf(text: string): Extent[] {
  const [run = ""] = RUN.exec(text) ?? [];
  const [lines = ""] = LINES.exec(text) ?? [];
  const [spaced = ""] = SPACED.exec(text) ?? [];
  const joined = (source: string): Extent => ({ source, sealed: source.replace(/[\t\n\f\r ]/g, "") });
  const plus: Extent = {
    source: spaced,
    sealed: spaced.replace(/[\t ]*[\n\r][\t\n\r ]*/g, "").replace(/[\t ]/g, "+"),
    step: ["plus"],
  };
  const all = [joined(run), joined(lines), plus, joined(spaced)];
  const likely = spaced === run
    ? undefined
    : lines.length > run.length && run.length <= MAX_LINE
    ? joined(lines)
    : !/[+-]/.test(run)
    ? plus
    : run.length <= MAX_LINE && !/[\n\r]/.test(spaced)
    ? joined(spaced)
    : undefined;
  const ordered = likely === undefined ? all : [likely, ...all];
  return ordered.filter(({ sealed }, place) => ordered.findIndex((other) => other.sealed === sealed) === place);
}
