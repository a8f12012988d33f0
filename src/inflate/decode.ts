/**
 * The raw DEFLATE decoder (RFC 1951).
 *
 * It runs level with native zlib because of four things:
 *
 * 1. Refilling the bit buffer is branch-free: one unaligned 32-bit load, or-ed in above the bits that are left.
 * 2. Input is copied into scratch that ends in zeros, so no read needs a bounds check of its own. Whether bits past the
 *    end were used is asked where the answer matters: when a block ends, and before any other verdict.
 * 3. Output goes to scratch with room to spare, so a match is copied in words that may overshoot its end.
 * 4. Both scratches and all tables are kept between calls: a small stream costs no allocation.
 *
 * The state, and what is true of it between any two steps:
 *
 * | name | meaning |
 * | --- | --- |
 * | `bits` | the next bits of the stream, lowest first. Bits above `bitCount` may be filled already, always rightly |
 * | `bitCount` | how many of them count, modulo 32: only the low 5 bits have a meaning, as shifts read no others |
 * | `position` | where the next refill reads; the stream is consumed up to `8 * position - bitCount` bits |
 * | `end` | the length of the input |
 * | `written` | how many bytes of the output are decoded |
 *
 * Decoding is synchronous and calls nobody back while it uses the scratch, which is why one set for the whole module
 * is enough.
 *
 * @module
 */

import { InflateError, type InflateReason } from "./errors.ts";
import {
  buildTable,
  buildTableOrSingle,
  DISTANCE_ROOT_BITS,
  distanceCode,
  END_OF_BLOCK,
  EXCEPTIONAL,
  getFixedCodes,
  LITLEN_ROOT_BITS,
  litlenCode,
  precode,
  PRECODE_ROOT_BITS,
  SUB_TABLE,
} from "./huffman.ts";

const LITLEN_MASK = (1 << LITLEN_ROOT_BITS) - 1;
const DISTANCE_MASK = (1 << DISTANCE_ROOT_BITS) - 1;
const PRECODE_MASK = (1 << PRECODE_ROOT_BITS) - 1;

/**
 * Zeros after the input. A dynamic header is read without asking whether the input has ended; it takes 8 bytes and
 * then, for 320 code lengths at the most, 14 bits each.
 */
const INPUT_PADDING = 8 + (320 * 14) / 8 + 16;
/** What one turn of the loop may write past the point where it last looked: two literals, a match, a word's overshoot. */
const OUTPUT_MARGIN = 2 + 258 + 3;
/** Scratch is first made this large, … */
const SCRATCH_BYTES = 64 * 1024;
/** … and not kept when it has grown beyond this: an isolate may hold it for days. */
const KEPT_SCRATCH_BYTES = 256 * 1024;

let input = new Uint8Array(0);
let inputView = new DataView(input.buffer);
let output = new Uint8Array(0);
let outputView = new DataView(output.buffer);

let bits = 0;
let bitCount = 0;
let position = 0;
let end = 0;
let written = 0;
let maxWritten = 0;

const codeLengths = /* @__PURE__ */ new Uint8Array(320);
/** RFC 1951 §3.2.7: the order in which the lengths of the code length codes are given. */
const PRECODE_ORDER = /* @__PURE__ */ new Uint8Array([
  16,
  17,
  18,
  0,
  8,
  7,
  9,
  6,
  10,
  5,
  11,
  4,
  12,
  3,
  13,
  2,
  14,
  1,
  15, // deno-fmt-ignore
]);

/**
 * Decodes one complete raw DEFLATE stream and hands out the result in place.
 *
 * @param data The stream; every byte must belong to it.
 * @param maxOutputBytes Most bytes to produce.
 * @param take Is given the output, which is zeroed as soon as it returns. It must not inflate anything itself.
 * @returns What `take` returned.
 * @throws {InflateError} When `data` is not one complete stream or produces more than `maxOutputBytes`.
 */
export function inflateTo<Result>(
  data: Uint8Array,
  maxOutputBytes: number,
  take: (inflated: Uint8Array) => Result,
): Result {
  load(data);
  maxWritten = maxOutputBytes;
  let used = Infinity;
  try {
    decode();
    used = written + OUTPUT_MARGIN;
    return take(output.subarray(0, written));
  } finally {
    wipe(used);
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
    } else if (type === 1) {
      const { litlen, distance } = getFixedCodes();
      decodeBlock(litlen.table, distance.table);
    } else if (type === 2) {
      readDynamicCodes();
      decodeBlock(litlenCode.table, distanceCode.table);
    } else {
      throw failure("block-type");
    }
    if (isOverrun()) throw failure("truncated");
  } while (final === 0);
  if (consumedBytes() < end) throw failure("trailing-bytes");
}

/**
 * Decodes the symbols of one block.
 *
 * The state is held in local variables, which is worth more than any other single thing. Each refill leaves at least
 * 24 bits, and the most that is taken between two is: two root codewords of 10; or a length of 15 + 5; or a distance
 * of 7 + 13, its root bits having been replenished if it had more.
 */
function decodeBlock(litlen: Int32Array, distances: Int32Array): void {
  const view = inputView;
  // A refill takes position at most 4 bytes past what is consumed.
  const lastPosition = end + 4;
  let bytes = output;
  let words = outputView;
  let room = roomLeft();
  let buffer = bits;
  let count = bitCount;
  let from = position;
  let to = written;

  for (;;) {
    if (to > room || from > lastPosition) {
      written = to;
      if (from > lastPosition) throw new InflateError("truncated");
      growOutput();
      bytes = output;
      words = outputView;
      room = roomLeft();
    }
    buffer |= view.getInt32(from, true) << count;
    from += 3 - ((count >>> 3) & 3);
    count |= 24;

    let entry = litlen[buffer & LITLEN_MASK]!;
    if (entry < 0) {
      buffer >>>= entry;
      count = (count - entry) | 0;
      bytes[to++] = entry >>> 16;
      entry = litlen[buffer & LITLEN_MASK]!;
      if (entry < 0) {
        buffer >>>= entry;
        count = (count - entry) | 0;
        bytes[to++] = entry >>> 16;
        continue;
      }
      buffer |= view.getInt32(from, true) << count;
      from += 3 - ((count >>> 3) & 3);
      count |= 24;
    }

    if ((entry & EXCEPTIONAL) !== 0) {
      if ((entry & SUB_TABLE) !== 0) {
        buffer >>>= LITLEN_ROOT_BITS;
        count -= LITLEN_ROOT_BITS;
        entry = litlen[(entry >>> 16) + (buffer & ~(-1 << (entry >>> 8)))]!;
        if (entry < 0) {
          buffer >>>= entry;
          count = (count - entry) | 0;
          bytes[to++] = entry >>> 16;
          continue;
        }
      }
      if ((entry & EXCEPTIONAL) !== 0) {
        bits = buffer >>> entry;
        bitCount = count - entry;
        position = from;
        written = to;
        if ((entry & END_OF_BLOCK) === 0) throw failure("litlen-symbol");
        if (to > maxWritten) throw new InflateError("output-too-large");
        return;
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
    const stop = to + length;
    if (distance >= 4) {
      do {
        words.setInt32(to, words.getInt32(source, true), true);
        source += 4;
        to += 4;
      } while (to < stop);
    } else if (distance === 1) {
      const word = bytes[source]! * 0x01010101;
      do {
        words.setInt32(to, word, true);
        to += 4;
      } while (to < stop);
    } else {
      do bytes[to++] = bytes[source++]!; while (to < stop);
    }
    to = stop;
  }
}

/** RFC 1951 §3.2.4. */
function copyStoredBlock(): void {
  const header = consumedBytes();
  const start = header + 4;
  if (start > end) throw failure("truncated");
  const length = inputView.getUint16(header, true);
  if (length !== (inputView.getUint16(header + 2, true) ^ 0xffff)) throw failure("stored-length");
  if (start + length > end) throw failure("truncated");
  if (written + length > roomLeft()) growOutput(length);
  output.set(input.subarray(start, start + length), written);
  written += length;
  bits = 0;
  bitCount = 0;
  position = start + length;
}

/**
 * RFC 1951 §3.2.7. What zlib refuses is refused, in zlib's order, and nothing else: the specification does not say
 * which incomplete codes are legal.
 */
function readDynamicCodes(): void {
  const litlenSymbols = (bits & 31) + 257;
  const distanceSymbols = ((bits >>> 5) & 31) + 1;
  const precodeSymbols = ((bits >>> 10) & 15) + 4;
  consume(14);
  // The specification has room for 32 distances, of which two stand for nothing.
  if (litlenSymbols > 286 || distanceSymbols > 30) throw failure("code-counts");
  readPrecode(precodeSymbols);
  const allSymbols = litlenSymbols + distanceSymbols;
  readCodeLengths(allSymbols);
  if (codeLengths[256] === 0) throw failure("end-of-block-missing");

  countLengths(litlenCode.counts, 0, litlenSymbols);
  const litlenSet = buildTableOrSingle(litlenCode, codeLengths, 0, litlenSymbols);
  if (litlenSet !== "complete") throw failure(`litlen-${litlenSet}`);
  countLengths(distanceCode.counts, litlenSymbols, allSymbols);
  const distanceSet = buildTableOrSingle(distanceCode, codeLengths, litlenSymbols, distanceSymbols);
  if (distanceSet !== "complete") throw failure(`distance-${distanceSet}`);
}

/** Reads the code of the code lengths. */
function readPrecode(symbols: number): void {
  codeLengths.fill(0, 0, PRECODE_ORDER.length);
  let codes = 0;
  for (let i = 0; i < symbols; i++) {
    refill();
    const length = bits & 7;
    consume(3);
    codeLengths[PRECODE_ORDER[i]!] = length; // symbols <= 19
    codes += length;
  }
  if (codes === 0) {
    // zlib does not refuse an empty precode here: it reads every code length as a zero of one bit, and then misses the
    // end of block.
    precode.table.fill(1);
    return;
  }
  countLengths(precode.counts, 0, PRECODE_ORDER.length);
  const set = buildTable(precode, codeLengths, 0, PRECODE_ORDER.length);
  if (set !== "complete") throw failure(`precode-${set}`);
}

/** Reads the lengths of all literal/length and distance codewords, which are one sequence. */
function readCodeLengths(symbols: number): void {
  const view = inputView;
  const table = precode.table;
  const lengths = codeLengths;
  let buffer = bits;
  let count = bitCount;
  let from = position;
  let reason: InflateReason | undefined;

  lengths.fill(0);
  for (let i = 0; i < symbols;) {
    buffer |= view.getInt32(from, true) << count;
    from += 3 - ((count >>> 3) & 3);
    count |= 24;
    const entry = table[buffer & PRECODE_MASK]!;
    const symbol = entry >>> 16;
    buffer >>>= entry;
    count = (count - entry) | 0;
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    const extraBits = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
    const repeats = (symbol === 18 ? 11 : 3) + (buffer & ~(-1 << extraBits));
    buffer >>>= extraBits;
    count -= extraBits;
    if (symbol === 16 && i === 0) reason = "repeat-without-length";
    else if (i + repeats > symbols) reason = "repeat-too-long";
    if (reason !== undefined) break;
    if (symbol === 16) { // i > 0
      for (let left = repeats; left > 0; left--, i++) lengths[i] = lengths[i - 1]!;
    } else {
      i += repeats;
    }
  }
  bits = buffer;
  bitCount = count;
  position = from;
  if (reason !== undefined) throw failure(reason);
  if (isOverrun()) throw failure("truncated");
}

/** Fills `counts` with the histogram of `codeLengths[start]` to `codeLengths[stop - 1]`. */
function countLengths(counts: Uint16Array, start: number, stop: number): void {
  counts.fill(0);
  for (let i = start; i < stop; i++) counts[codeLengths[i]!]!++; // lengths are at most 15
}

/** Brings the bit buffer to 24 bits at least. */
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

/** The error for a fault in the stream, which is no fault if the bits that show it are past the end. */
function failure(reason: InflateReason): InflateError {
  return new InflateError(isOverrun() ? "truncated" : reason);
}

/** How far `written` may come before the output has to grow or is too large. */
function roomLeft(): number {
  return Math.min(output.length - OUTPUT_MARGIN, maxWritten);
}

/** Makes room for what the next turn may write, and `bytes` more. */
function growOutput(bytes = 0): void {
  if (written + bytes > maxWritten) throw new InflateError("output-too-large");
  const grown = allocate(Math.min(Math.max(2 * output.length, written + bytes), maxWritten) + OUTPUT_MARGIN);
  grown.set(output.subarray(0, written));
  output.fill(0);
  output = grown;
  outputView = new DataView(grown.buffer);
}

function allocate(length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch {
    // The limit lies above what this runtime can hold.
    throw new InflateError("output-too-large");
  }
}

/** Copies the stream into scratch and puts the state at its start. */
function load(data: Uint8Array): void {
  end = data.length;
  if (input.length < end + INPUT_PADDING) {
    input = new Uint8Array(Math.max(end + INPUT_PADDING, SCRATCH_BYTES));
    inputView = new DataView(input.buffer);
  }
  if (output.length === 0) {
    output = new Uint8Array(SCRATCH_BYTES);
    outputView = new DataView(output.buffer);
  }
  input.set(data);
  bits = 0;
  bitCount = 0;
  position = 0;
  written = 0;
}

/** Leaves nothing of the stream or of the output behind. */
function wipe(used: number): void {
  input.fill(0, 0, end);
  output.fill(0, 0, used);
  if (input.length > KEPT_SCRATCH_BYTES) {
    input = new Uint8Array(0);
    inputView = new DataView(input.buffer);
  }
  if (output.length > KEPT_SCRATCH_BYTES) {
    output = new Uint8Array(0);
    outputView = new DataView(output.buffer);
  }
}
