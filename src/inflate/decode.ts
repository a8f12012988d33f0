/**
 * The raw DEFLATE decoder (RFC 1951).
 *
 * Its speed is close to native zlib's (`bench/README.md` has the figures) for four reasons:
 *
 * 1. Refilling the bit buffer is branch-free: one unaligned 32-bit load, combined by OR above the remaining bits.
 * 2. Input is copied into scratch that ends in zeros, so that no read needs a bounds check. The decoder checks only at
 *    the end of a block, and before it reports any other fault, whether it has used bits past the end.
 * 3. Output goes to scratch with a margin, so that a match is copied in words that may overshoot its end.
 * 4. Both scratches and all tables are kept between calls, so that a small stream needs no allocation.
 *
 * The state, and its invariants between any two steps:
 *
 * | name | meaning |
 * | --- | --- |
 * | `bits` | the next bits of the stream, lowest first. Bits above `bitCount` may also be filled, with the right values |
 * | `bitCount` | the number of bits in `bits`, modulo 32: shifts use the low 5 bits only, so the others have no meaning |
 * | `position` | where the next refill reads; `8 * position - bitCount` bits of the stream are consumed |
 * | `end` | the length of the input |
 * | `written` | how many bytes of the output are decoded |
 * | `capacity` | how many bytes the output can hold, without the margin; 0 when no output is allocated |
 * | `maxWritten` | the limit of the output |
 * | `used` | how many bytes of the output may not be zero |
 *
 * Decoding is synchronous and calls no other code while it uses the scratch, so one set serves the whole module.
 *
 * Near the end of the stack any call can throw, also `new DataView` (on Bun) and the one that wipes the scratch. So an
 * array and its view are assigned together after both exist, and each call first wipes what the last one left.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { zero } from "../encoding/zero.ts";
import { InflateError, type InflateReason } from "./errors.ts";
import {
  buildTable,
  type Code,
  DISTANCE_ROOT_BITS,
  distanceCode,
  END_OF_BLOCK,
  EXCEPTIONAL,
  getFixedTables,
  lengths,
  LITLEN_ROOT_BITS,
  litlenCode,
  places,
  precode,
  PRECODE_ROOT_BITS,
  SUB_TABLE,
  type Tables,
} from "./huffman.ts";

/** The default limit of the output: 8 MiB. */
export const DEFAULT_MAX_OUTPUT_BYTES: number = 8 << 20;

const LITLEN_MASK = (1 << LITLEN_ROOT_BITS) - 1;
const DISTANCE_MASK = (1 << DISTANCE_ROOT_BITS) - 1;
const PRECODE_MASK = (1 << PRECODE_ROOT_BITS) - 1;

/**
 * The upper bound of every limit. Every engine can hold an array of this length, and twice this number is still a
 * 32-bit integer.
 */
export const MAX_OUTPUT_BYTES: number = 1_000_000_000;

/**
 * Zeros after the input. A dynamic header is read without checking whether the input has ended: it takes 10 bytes and
 * then at most 14 bits for each of 316 code lengths. The last 16 bytes are for refills, which read ahead.
 */
const INPUT_PADDING = 10 + (316 * 14) / 8 + 16;
/** Most bytes that one iteration writes after its check: two literals, a match and the overshoot of a copy. */
const OUTPUT_MARGIN = 2 + 258 + 15;
/** Initial scratch size: 64 KiB. */
const SCRATCH_BYTES = 64 << 10;
/** Scratch larger than this, 256 KiB, is released after use, because an isolate may live for days. */
const KEPT_SCRATCH_BYTES = 256 << 10;

const NONE = /* @__PURE__ */ new Uint8Array(0);
let input: Bytes = NONE;
let inputView: DataView = /* @__PURE__ */ new DataView(NONE.buffer);
let output: Bytes = NONE;
let outputView: DataView = inputView;
let capacity = 0;

function setInput(bytes: Bytes): void {
  const view = new DataView(bytes.buffer);
  input = bytes;
  inputView = view;
}

/** Replaces the output by an array for `bytes` bytes; 0 releases it. */
function setOutput(bytes: number): void {
  const grown = bytes === 0 ? NONE : allocate(bytes + OUTPUT_MARGIN);
  const view = new DataView(grown.buffer);
  grown.set(output.subarray(0, written));
  zero(output, written + OUTPUT_MARGIN);
  output = grown;
  outputView = view;
  capacity = bytes;
}

let bits = 0;
let bitCount = 0;
let position = 0;
let end = 0;
let written = 0;
let maxWritten = 0;
let used = 0;

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
    load(data);
    maxWritten = Math.min(maxOutputBytes, MAX_OUTPUT_BYTES);
    decode();
    used = written + OUTPUT_MARGIN;
    return take(output.subarray(0, written));
  } finally {
    wipe();
  }
}

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
    } else {
      const tables = type === 1 ? getFixedTables() : readDynamicTables();
      while (!decodeSymbols(tables[0], tables[1])) {
        if (isOverrun()) throw failure("truncated");
        growOutput();
      }
    }
    if (isOverrun()) throw failure("truncated");
  } while (final === 0);
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
 * next branch during the copy. This saves a fifth of the time.
 *
 * Tried without effect: copying 4 or 8 bytes a step instead of 16; masking `entry` before it is subtracted.
 *
 * @returns Whether the block has ended. If not, the output is full or the input has ended.
 */
function decodeSymbols(litlen: Int32Array, distances: Int32Array): boolean {
  const view = inputView;
  const bytes = output;
  const words = outputView;
  const room = roomLeft();
  const lastPosition = end + 4; // A refill reads up to 4 bytes ahead of the consumed bits.
  let buffer = bits;
  let count = bitCount;
  let from = position;
  let to = written;

  buffer |= view.getInt32(from, true) << count;
  from += 3 - ((count >>> 3) & 3);
  count |= 24;
  let entry = litlen[buffer & LITLEN_MASK]!;
  while (to <= room && from <= lastPosition) {
    if (entry < 0) {
      buffer >>>= entry;
      count = (count - entry) | 0;
      bytes[to++] = entry >>> 16;
      entry = litlen[buffer & LITLEN_MASK]!;
      if (entry < 0) {
        buffer >>>= entry;
        count = (count - entry) | 0;
        bytes[to++] = entry >>> 16;
        buffer |= view.getInt32(from, true) << count;
        from += 3 - ((count >>> 3) & 3);
        count |= 24;
        entry = litlen[buffer & LITLEN_MASK]!;
        continue;
      }
    }

    if ((entry & EXCEPTIONAL) !== 0) {
      if ((entry & SUB_TABLE) !== 0) {
        buffer >>>= LITLEN_ROOT_BITS;
        count -= LITLEN_ROOT_BITS;
        buffer |= view.getInt32(from, true) << count;
        from += 3 - ((count >>> 3) & 3);
        count |= 24;
        entry = litlen[(entry >>> 16) + (buffer & ~(-1 << (entry >>> 8)))]!;
        if (entry < 0) {
          buffer >>>= entry;
          count = (count - entry) | 0;
          bytes[to++] = entry >>> 16;
          buffer |= view.getInt32(from, true) << count;
          from += 3 - ((count >>> 3) & 3);
          count |= 24;
          entry = litlen[buffer & LITLEN_MASK]!;
          continue;
        }
      }
      if ((entry & EXCEPTIONAL) !== 0) {
        bits = buffer >>> entry;
        bitCount = count - entry;
        position = from;
        written = to;
        if ((entry & END_OF_BLOCK) === 0) throw failure("litlen-symbol");
        if (to > maxWritten) throw failure("output-too-large");
        return true;
      }
    }
    const length = (entry >>> 16) + ((buffer & ~(-1 << entry)) >>> (entry >>> 8));
    buffer >>>= entry;
    count = (count - entry) | 0;

    buffer |= view.getInt32(from, true) << count;
    from += 3 - ((count >>> 3) & 3);
    count |= 24;
    entry = distances[buffer & DISTANCE_MASK]!;
    if ((entry & EXCEPTIONAL) !== 0) {
      if ((entry & SUB_TABLE) !== 0) {
        buffer >>>= DISTANCE_ROOT_BITS;
        count -= DISTANCE_ROOT_BITS;
        buffer |= view.getInt32(from, true) << count;
        from += 3 - ((count >>> 3) & 3);
        count |= 24;
        entry = distances[(entry >>> 16) + (buffer & ~(-1 << (entry >>> 8)))]!;
      }
      if ((entry & EXCEPTIONAL) !== 0) {
        bitCount = count - entry;
        position = from;
        throw failure("distance-symbol");
      }
    }
    const distance = (entry >>> 16) + ((buffer & ~(-1 << entry)) >>> (entry >>> 8));
    buffer >>>= entry;
    count = (count - entry) | 0;
    let source = to - distance;
    if (source < 0) {
      bitCount = count;
      position = from;
      throw failure("distance-too-far");
    }

    buffer |= view.getInt32(from, true) << count;
    from += 3 - ((count >>> 3) & 3);
    count |= 24;
    entry = litlen[buffer & LITLEN_MASK]!;
    const stop = to + length;
    if (distance >= 4) {
      do {
        words.setInt32(to, words.getInt32(source, true), true);
        words.setInt32(to + 4, words.getInt32(source + 4, true), true);
        words.setInt32(to + 8, words.getInt32(source + 8, true), true);
        words.setInt32(to + 12, words.getInt32(source + 12, true), true);
        source += 16;
        to += 16;
      } while (to < stop);
    } else {
      do bytes[to++] = bytes[source++]!; while (to < stop);
    }
    to = stop;
  }
  bits = buffer;
  bitCount = count;
  position = from;
  written = to;
  return false;
}

/** Copies a stored block (RFC 1951 §3.2.4). */
function copyStoredBlock(): void {
  position = consumedBytes() + 4;
  bits = 0;
  bitCount = 0;
  const length = inputView.getUint16(position - 4, true);
  if (length !== (inputView.getUint16(position - 2, true) ^ 0xffff)) throw failure("stored-length");
  const start = position;
  position += length;
  if (isOverrun()) throw failure("truncated");
  if (written + length > roomLeft()) growOutput(length);
  output.set(input.subarray(start, position), written);
  written += length;
}

/**
 * Reads the header of a dynamic block (RFC 1951 §3.2.7). It refuses exactly the headers that zlib refuses, and checks
 * in zlib's order, because the specification does not say which incomplete codes are legal.
 */
function readDynamicTables(): Tables {
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
  build("litlen", litlenCode, 0, split, 0);
  build("distance", distanceCode, split, all, litlenSymbols);
  return [litlenCode.table, distanceCode.table];
}

/** Builds the table of a code of a dynamic block, or throws. */
function build(
  name: "precode" | "litlen" | "distance",
  code: Code,
  first: number,
  last: number,
  base: number,
): void {
  const left = buildTable(code, first, last, base, name !== "precode");
  if (left !== 0) throw failure(`${name}-${left > 0 ? "incomplete" : "oversubscribed"}`);
}

/** Reads the code of the code lengths. */
function readPrecode(symbols: number): void {
  zero(lengths, PRECODE_ORDER.length);
  for (let i = 0; i < symbols; i++) {
    refill();
    lengths[PRECODE_ORDER[i]!] = bits & 7; // symbols <= 19
    consume(3);
  }
  let all = 0;
  for (let symbol = 0; symbol < PRECODE_ORDER.length; symbol++) {
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
  const view = inputView;
  const table = precode.table;
  let buffer = bits;
  let count = bitCount;
  let from = position;
  let all = 0;

  zero(lengths);
  for (let i = 0; i < symbols;) {
    buffer |= view.getInt32(from, true) << count;
    from += 3 - ((count >>> 3) & 3);
    count |= 24;
    // One refill covers two symbols: twice 7 bits, and 7 extra bits.
    let entry = table[buffer & PRECODE_MASK]!;
    let symbol = (entry >>> 16) & 31;
    buffer >>>= entry;
    count = (count - entry) | 0;
    if (symbol < 16) {
      places[all] = i;
      all += symbol > 0 ? 1 : 0;
      lengths[i++] = symbol;
      if (i === symbols) break;
      entry = table[buffer & PRECODE_MASK]!;
      symbol = (entry >>> 16) & 31;
      buffer >>>= entry;
      count = (count - entry) | 0;
      if (symbol < 16) {
        places[all] = i;
        all += symbol > 0 ? 1 : 0;
        lengths[i++] = symbol;
        continue;
      }
    }
    const extraBits = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
    const stop = i + (symbol === 18 ? 11 : 3) + (buffer & ~(-1 << extraBits));
    buffer >>>= extraBits;
    count -= extraBits;
    bitCount = count;
    position = from;
    if (symbol === 16 && i === 0) throw failure("repeat-without-length");
    if (stop > symbols) throw failure("repeat-too-long");
    const length = symbol === 16 ? lengths[i - 1]! : 0; // i > 0
    if (length === 0) {
      i = stop;
    } else {
      for (; i < stop; i++) {
        places[all++] = i;
        lengths[i] = length;
      }
    }
  }
  bits = buffer;
  bitCount = count;
  position = from;
  return all;
}

/** Fills the bit buffer to at least 24 bits. */
function refill(): void {
  bits |= inputView.getInt32(position, true) << bitCount;
  position += 3 - ((bitCount >>> 3) & 3);
  bitCount |= 24;
}

function consume(count: number): void {
  bits >>>= count;
  bitCount -= count;
}

/** How many bytes of the input the consumed bits belong to. */
function consumedBytes(): number {
  return position - ((bitCount & 31) >>> 3);
}

/** Whether bits past the end of the input were consumed. */
function isOverrun(): boolean {
  return consumedBytes() > end;
}

/** Creates the error for a fault in the stream. If the faulty bits are past the end, the stream is truncated. */
function failure(reason: InflateReason): InflateError {
  return new InflateError(isOverrun() ? "truncated" : reason);
}

/** The value of `written` from which the output has to grow or is too large. */
function roomLeft(): number {
  return Math.min(capacity, maxWritten);
}

/**
 * Makes room for the next iteration, and for `bytes` more.
 *
 * `capacity` is a variable of its own, and at most {@linkcode MAX_OUTPUT_BYTES}: V8's optimised code computed a
 * negative `output.length - OUTPUT_MARGIN` when the length was over 2^30, so that the output never grew enough.
 */
function growOutput(bytes = 0): void {
  const needed = written + bytes;
  if (needed > maxWritten) throw failure("output-too-large");
  setOutput(Math.min(Math.max(2 * capacity, needed), maxWritten));
}

function allocate(length: number): Bytes {
  try {
    return new Uint8Array(length);
  } catch {
    // The limit, or the stream itself, exceeds the memory or the array length of this runtime.
    throw new InflateError("output-too-large");
  }
}

/** Copies the stream into scratch and resets the state. */
function load(data: Uint8Array): void {
  bits = 0;
  bitCount = 0;
  position = 0;
  if (input.length < data.length + INPUT_PADDING) {
    setInput(allocate(Math.max(data.length, SCRATCH_BYTES) + INPUT_PADDING));
  }
  if (capacity === 0) setOutput(SCRATCH_BYTES);
  end = data.length;
  used = Infinity;
  input.set(data);
}

/** Zeroes the copied stream and the used part of the output, and releases scratch that is too large to keep. */
function wipe(): void {
  zero(input, end);
  zero(output, used);
  written = 0;
  if (end > KEPT_SCRATCH_BYTES) setInput(NONE);
  if (capacity > KEPT_SCRATCH_BYTES) setOutput(0);
  end = 0;
  used = 0;
}
