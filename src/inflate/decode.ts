/**
 * The raw DEFLATE decoder (RFC 1951).
 *
 * Its speed is close to native zlib's (`docs/speed.md` has the figures) for five reasons:
 *
 * 1. Refilling the bit buffer is branch-free: one unaligned 32-bit load, combined by OR above the remaining bits.
 * 2. Input is copied into scratch and followed by zeros, so that no read needs a bounds check. The decoder checks only
 *    at the end of a block, and before it reports any other fault, whether it has used bits past the end.
 * 3. Output goes to the same scratch, behind these zeros, with a margin at its end, so that a match is copied in words
 *    that may overshoot its end. One array and one view of it suffice, which leaves more registers for the loop.
 * 4. The scratch and all tables are kept between calls, so that a small stream needs no allocation.
 * 5. Every number in the loop is a signed 32-bit integer: `| 0` says so where an operator alone does not. Otherwise
 *    engines keep the bit buffer, which `>>>` makes unsigned and `|` signed, as a floating-point number.
 *
 * The state, and its invariants between any two steps:
 *
 * | name | meaning |
 * | --- | --- |
 * | `bits` | the next bits of the stream, lowest first. Bits above `bitCount` may also be filled, with the right values |
 * | `bitCount` | the number of bits in `bits`, modulo 32: shifts use the low 5 bits only, so the others have no meaning |
 * | `position` | where the next refill reads; `8 * position - bitCount` bits of the stream are consumed |
 * | `end` | the length of the input, which is at the start of the scratch |
 * | `start` | where the output begins in the scratch |
 * | `next` | where its next byte belongs |
 * | `limit` | where the largest allowed output ends |
 * | `capacity` | where the output has to end so that the margin is left; 0 when no scratch is allocated |
 * | `used` | how many bytes of the scratch may not be zero |
 *
 * Decoding is synchronous and calls no other code while it uses the scratch, so one serves the whole module.
 *
 * Near the end of the stack any call can throw, also `new DataView` (on Bun) and the one that wipes the scratch. So an
 * array and its view are assigned together after both exist, and each call first wipes what the last one left.
 *
 * @module
 */

import { type Bytes, lengthOf } from "../encoding/bytes.ts";
import { zero } from "../encoding/zero.ts";
import { InflateError, type InflateReason } from "./errors.ts";
import { buildTable, type Code, distanceCode, lengths, litlenCode, places, precode } from "./huffman.ts";

/** The default limit of the output: 8 MiB. */
export const DEFAULT_MAX_OUTPUT_BYTES: number = 8 << 20;

/**
 * The upper bound of every limit. Every engine can hold an array of this length, and twice this number is still a
 * 32-bit integer.
 */
export const MAX_OUTPUT_BYTES: number = 1_000_000_000;

/**
 * Zeros after the input. A dynamic header is read without checking whether the input has ended: it takes 10 bytes and
 * then at most 14 bits for each of 316 code lengths, 553 bytes. Refills read up to 16 bytes ahead.
 */
const INPUT_PADDING = 579;
/** Most bytes that one iteration writes after its check: two literals, a match of 258 and 15 that its copy overshoots. */
const OUTPUT_MARGIN = 275;
/** The scratch has room for this much input and, at first, this much output: 64 KiB. */
const SCRATCH_BYTES = 65_536;
/** Scratch larger than this, 512 KiB, is released after use, because an isolate may live for days. */
const KEPT_SCRATCH_BYTES = 524_288;

const NONE = /* @__PURE__ */ new Uint8Array(0);
let scratch: Bytes = NONE;
let view: DataView = /* @__PURE__ */ new DataView(NONE.buffer);
let capacity = 0;

/**
 * Replaces the scratch by one with this capacity, and moves what it holds; 0 releases it.
 *
 * @throws {InflateError} When the stream, or the limit, exceeds the memory or the array length of this engine. As on an
 * engine without longer arrays, 2,000,000,000 bytes are too many: the decoder computes with 32-bit integers.
 */
function resize(bytes: number): void {
  let resized = NONE;
  try {
    if (bytes > 0) resized = new Uint8Array(bytes < 2e9 ? bytes + OUTPUT_MARGIN : -1);
  } catch {
    throw new InflateError("output-too-large");
  }
  const resizedView = new DataView(resized.buffer);
  resized.set(scratch.subarray(0, next));
  zero(scratch, next + OUTPUT_MARGIN);
  scratch = resized;
  view = resizedView;
  capacity = bytes;
}

let bits = 0;
let bitCount = 0;
let position = 0;
let end = 0;
let start = 0;
let next = 0;
let limit = 0;
let used = 0;
/** Whether the tables are those of the fixed codes, completely. */
let areTablesFixed = false;

/** RFC 1951 §3.2.7: the order in which the lengths of the code length codes are given. */
const PRECODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * Decodes one complete raw DEFLATE stream and passes the result on in place.
 *
 * @param data The stream; every byte must belong to it.
 * @param maxOutputBytes Most bytes to produce.
 * @param take Receives the output, which is zeroed as soon as `take` returns. It must not inflate anything itself.
 * @returns The result of `take`.
 * @throws {InflateError} When `data` is not one complete stream or produces more than `maxOutputBytes`.
 */
export function inflateTo<Result>(
  data: Uint8Array,
  maxOutputBytes: number,
  take: (inflated: Bytes) => Result,
): Result {
  wipe();
  try {
    load(data, Math.min(maxOutputBytes, MAX_OUTPUT_BYTES));
    decode();
    used = next + OUTPUT_MARGIN;
    return take(scratch.subarray(start, next));
  } finally {
    wipe();
  }
}

/** How decoding symbols has ended: with the block, with a fault, or `undefined`: neither has been reached. */
type Outcome = InflateReason | "end" | undefined;

/** Decodes all blocks. */
function decode(): void {
  let final: number;
  do {
    refill();
    final = bits & 1;
    const type = (bits >>> 1) & 3;
    consume(3);
    if (type === 0) {
      copyStoredBlock();
    } else if (type === 3) {
      throw failure("block-type");
    } else if (type === 1 && (bits & 0x7f) === 0) {
      // An empty fixed block, with which every sealed result of the vendor ends. It needs no tables.
      consume(7);
    } else {
      if (type === 2) readDynamicTables();
      else if (!areTablesFixed) buildFixedTables();
      let outcome: Outcome;
      while ((outcome = decodeSymbols()) === undefined) {
        checkEnd();
        grow();
      }
      if (outcome !== "end") throw failure(outcome);
      if (next > limit) throw failure("output-too-large");
    }
    checkEnd();
  } while (!final);
  if (consumedBytes() < end) throw failure("trailing-bytes");
}

/**
 * Decodes symbols until the block ends.
 *
 * The state is held in local variables, and each refill is inlined: a function would have to keep the state in memory.
 * A refill leaves at least 24 bits, and at most 24 are consumed before the next one: two literals and a length in root
 * codewords (9 + 9 + 5); a length in a sub-table (6 + 5, refilled after its root bits); a distance (7 + 13, or refilled
 * after its root bits 8 + 13).
 *
 * `entry` is looked up as early as possible, above all before a match is copied, so that the processor predicts the
 * next branch during the copy.
 *
 * Tried without gain (ratios in `docs/speed.md`): root tables of 8, 10 and 11 bits; copying 8
 * bytes a step, by `getBigInt64` or by `copyWithin`; masking `entry` before it is subtracted.
 *
 * @returns `undefined` when the output is full or the input has ended.
 */
function decodeSymbols(): Outcome {
  // The constants of `huffman.ts`, as numbers: engines load a module's constants from memory at each use.
  const litlenMask = 0x1ff;
  const distanceMask = 0x7f;
  const subTable = 0x2000;
  const endOfBlock = 0x4000;
  const exceptional = 0xe000;

  const litlen = litlenCode.table;
  const distances = distanceCode.table;
  const bytes = scratch;
  const words = view;
  const first = start | 0;
  const room = Math.min(capacity, limit) | 0;
  const lastPosition = (end + 4) | 0; // A refill reads up to 4 bytes ahead of the consumed bits.
  let buffer = bits | 0;
  let count = bitCount | 0;
  let from = position | 0;
  let to = next | 0;
  let outcome: Outcome;

  // Each array is read once before the loop: V8 checks its type at the first read, and not again.
  let entry = bytes[0]! + distances[0]!;

  buffer |= words.getInt32(from, true) << count;
  from = (from + ((~count >>> 3) & 3)) | 0;
  count |= 24;
  entry = litlen[buffer & litlenMask]!;
  while (to <= room && from <= lastPosition) {
    if (entry < 0) {
      buffer = (buffer >>> entry) | 0;
      count = (count - entry) | 0;
      bytes[to] = entry >>> 16;
      to = (to + 1) | 0;
      entry = litlen[buffer & litlenMask]!;
      if (entry < 0) {
        buffer = (buffer >>> entry) | 0;
        count = (count - entry) | 0;
        bytes[to] = entry >>> 16;
        to = (to + 1) | 0;
        buffer |= words.getInt32(from, true) << count;
        from = (from + ((~count >>> 3) & 3)) | 0;
        count |= 24;
        entry = litlen[buffer & litlenMask]!;
        continue;
      }
    }

    if (entry & exceptional) {
      if (entry & subTable) {
        buffer = (buffer >>> entry) | 0;
        count = (count - entry) | 0;
        buffer |= words.getInt32(from, true) << count;
        from = (from + ((~count >>> 3) & 3)) | 0;
        count |= 24;
        entry = litlen[(entry >>> 16) + (buffer & ~(-1 << (entry >>> 8)))]!;
        if (entry < 0) {
          buffer = (buffer >>> entry) | 0;
          count = (count - entry) | 0;
          bytes[to] = entry >>> 16;
          to = (to + 1) | 0;
          buffer |= words.getInt32(from, true) << count;
          from = (from + ((~count >>> 3) & 3)) | 0;
          count |= 24;
          entry = litlen[buffer & litlenMask]!;
          continue;
        }
      }
      if (entry & exceptional) {
        buffer = (buffer >>> entry) | 0;
        count = (count - entry) | 0;
        outcome = entry & endOfBlock ? "end" : "litlen-symbol";
        break;
      }
    }
    const length = ((entry >>> 16) + ((buffer & ~(-1 << entry)) >>> (entry >>> 8))) | 0;
    buffer = (buffer >>> entry) | 0;
    count = (count - entry) | 0;

    buffer |= words.getInt32(from, true) << count;
    from = (from + ((~count >>> 3) & 3)) | 0;
    count |= 24;
    entry = distances[buffer & distanceMask]!;
    if (entry & exceptional) {
      if (entry & subTable) {
        buffer = (buffer >>> entry) | 0;
        count = (count - entry) | 0;
        buffer |= words.getInt32(from, true) << count;
        from = (from + ((~count >>> 3) & 3)) | 0;
        count |= 24;
        entry = distances[(entry >>> 16) + (buffer & ~(-1 << (entry >>> 8)))]!;
      }
      if (entry & exceptional) {
        count = (count - entry) | 0;
        outcome = "distance-symbol";
        break;
      }
    }
    const distance = ((entry >>> 16) + ((buffer & ~(-1 << entry)) >>> (entry >>> 8))) | 0;
    buffer = (buffer >>> entry) | 0;
    count = (count - entry) | 0;
    let source = (to - distance) | 0;
    if (source < first) {
      outcome = "distance-too-far";
      break;
    }

    buffer |= words.getInt32(from, true) << count;
    from = (from + ((~count >>> 3) & 3)) | 0;
    count |= 24;
    entry = litlen[buffer & litlenMask]!;
    const stop = (to + length) | 0;
    if (distance >= 4) {
      do {
        words.setInt32(to, words.getInt32(source, true), true);
        words.setInt32(to + 4, words.getInt32(source + 4, true), true);
        words.setInt32(to + 8, words.getInt32(source + 8, true), true);
        words.setInt32(to + 12, words.getInt32(source + 12, true), true);
        source = (source + 16) | 0;
        to = (to + 16) | 0;
      } while (to < stop);
    } else {
      do {
        bytes[to] = bytes[source]!;
        source = (source + 1) | 0;
        to = (to + 1) | 0;
      } while (to < stop);
    }
    to = stop;
  }
  bits = buffer;
  bitCount = count;
  position = from;
  next = to;
  return outcome;
}

/** Copies a stored block (RFC 1951 §3.2.4). */
function copyStoredBlock(): void {
  position = consumedBytes() + 4;
  bits = 0;
  bitCount = 0;
  const lengths = view.getInt32(position - 4, true);
  const length = lengths & 0xffff;
  if (length !== ~lengths >>> 16) throw failure("stored-length");
  position += length;
  checkEnd();
  if (next + length > Math.min(capacity, limit)) grow(length);
  scratch.copyWithin(next, position - length, position);
  next += length;
}

/** Builds the tables of the fixed codes (RFC 1951 §3.2.6). They serve until the next dynamic block. */
function buildFixedTables(): void {
  lengths.fill(8).fill(9, 144, 256).fill(7, 256, 280).fill(5, 288);
  for (let place = 0; place < 320; place++) places[place] = place;
  buildTable(litlenCode, 0, 288, 0);
  buildTable(distanceCode, 288, 320, 288);
  areTablesFixed = true;
}

/**
 * Reads the header of a dynamic block (RFC 1951 §3.2.7) and builds its tables. It refuses exactly the headers that zlib
 * refuses, and checks in zlib's order, because the specification does not say which incomplete codes are legal.
 */
function readDynamicTables(): void {
  const litlenSymbols = (bits & 31) + 257;
  const distanceSymbols = ((bits >>> 5) & 31) + 1;
  const precodeSymbols = ((bits >>> 10) & 15) + 4;
  consume(14);
  // The format can express 32 distance symbols, but two of them have no meaning.
  if (litlenSymbols > 286 || distanceSymbols > 30) throw failure("code-counts");
  readPrecode(precodeSymbols);
  const all = readCodeLengths(litlenSymbols + distanceSymbols);
  if (lengths[256] === 0) throw failure("end-of-block-missing");

  let split = all;
  while (places[split - 1]! >= litlenSymbols) split--; // Terminates: place 256 is listed, and is smaller.
  areTablesFixed = false;
  build("litlen", litlenCode, 0, split, 0);
  build("distance", distanceCode, split, all, litlenSymbols);
}

/** Builds the table of a code of a dynamic block, or throws. */
function build(
  name: "precode" | "litlen" | "distance",
  code: Code,
  first: number,
  last: number,
  base: number,
): void {
  const left = buildTable(code, first, last, base);
  if (left !== 0) throw failure(`${name}-${left > 0 ? "incomplete" : "oversubscribed"}`);
}

/** Reads the code of the code lengths. */
function readPrecode(symbols: number): void {
  zero(lengths);
  for (let i = 0; i < symbols; i++) {
    refill();
    lengths[PRECODE_ORDER[i]!] = bits & 7; // symbols <= 19
    consume(3);
  }
  let all = 0;
  for (let symbol = 0; symbol < 19; symbol++) {
    if (lengths[symbol] !== 0) places[all++] = symbol;
  }
  if (all === 0) {
    // zlib accepts an empty precode here. It then reads every code length as a one-bit zero, and refuses the block
    // because its end-of-block codeword is missing.
    precode.table.fill(1);
  } else {
    build("precode", precode, 0, all, 0);
  }
}

/**
 * Reads the lengths of all literal/length and distance codewords, which are one sequence.
 *
 * @param symbols The number of lengths.
 * @returns The number of lengths that are not zero.
 */
function readCodeLengths(symbols: number): number {
  let all = 0;
  zero(lengths);
  for (let i = 0; i < symbols;) {
    refill(); // at most 7 bits of a codeword, and 7 extra bits
    const entry = precode.table[bits & 0x7f]!;
    let length = (entry >>> 16) & 31;
    let stop = i + 1;
    consume(entry & 31);
    if (length > 15) {
      // RFC 1951 §3.2.7: 16 repeats the last length, with 2 extra bits for the number; 17 and 18 repeat 0, with 3 and 7.
      const extraBits = length === 18 ? 7 : length - 14;
      stop = i + (length === 18 ? 11 : 3) + (bits & ~(-1 << extraBits));
      consume(extraBits);
      if (length === 16 && i === 0) throw failure("repeat-without-length");
      if (stop > symbols) throw failure("repeat-too-long");
      length = length === 16 ? lengths[i - 1]! : 0; // i > 0
    }
    if (length === 0) i = stop;
    while (i < stop) {
      places[all++] = i;
      lengths[i++] = length;
    }
  }
  return all;
}

/** Fills the bit buffer to at least 24 bits. */
function refill(): void {
  bits |= view.getInt32(position, true) << bitCount;
  position += (~bitCount >>> 3) & 3;
  bitCount |= 24;
}

function consume(count: number): void {
  bits = (bits >>> count) | 0;
  bitCount -= count;
}

/** How many bytes of the input the consumed bits belong to. */
function consumedBytes(): number {
  return position - ((bitCount & 31) >>> 3);
}

/** Refuses a stream of which bits past its end were consumed. */
function checkEnd(): void {
  if (consumedBytes() > end) throw failure("truncated");
}

/** Creates the error for a fault in the stream. If the faulty bits are past the end, the stream is truncated. */
function failure(reason: InflateReason): InflateError {
  used = next + OUTPUT_MARGIN;
  return new InflateError(consumedBytes() > end ? "truncated" : reason);
}

/**
 * Makes room for the next iteration, and for `bytes` more.
 *
 * `capacity` is a variable of its own, and is no length of an array: V8's optimised code computed a negative
 * `output.length - OUTPUT_MARGIN` when the length was over 2^30, so that the output never grew enough.
 */
function grow(bytes = 0): void {
  const needed = next + bytes;
  if (needed > limit) throw failure("output-too-large");
  resize(Math.min(Math.max(2 * capacity - start, needed), limit));
}

/** Copies the stream into the scratch and resets the state. */
function load(data: Uint8Array, maxOutputBytes: number): void {
  bits = 0;
  bitCount = 0;
  position = 0;
  end = lengthOf(data);
  start = end + INPUT_PADDING;
  limit = start + maxOutputBytes;
  if (capacity < start + SCRATCH_BYTES) resize(Math.max(end, SCRATCH_BYTES) + INPUT_PADDING + SCRATCH_BYTES);
  next = start;
  used = Infinity;
  if (end > 0) scratch.set(data); // It would throw for a detached array, whose length is 0.
}

/** Zeroes the used part of the scratch, and releases scratch that is too large to keep. */
function wipe(): void {
  zero(scratch, used);
  next = 0;
  if (capacity > KEPT_SCRATCH_BYTES) resize(0);
  used = 0;
}
