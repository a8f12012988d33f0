/**
 * Lists the blocks of a raw DEFLATE stream (RFC 1951), for people to read.
 *
 * This code reads bit by bit and keeps no output. `src/inflate/decode.ts` is the decoder. Both give the same verdict on
 * every stream.
 *
 * @module
 */

import type { InflateReason } from "../inflate/mod.ts";

/** A block, or its readable part. */
export interface Block {
  readonly type: "stored" | "fixed" | "dynamic" | "reserved";
  readonly isFinal: boolean;
  /** The block's place in the stream, in bits. */
  readonly start: number;
  readonly end: number;
  /** The start and the length of its output, in bytes. */
  readonly outputStart: number;
  readonly outputBytes: number;
  readonly literals: number;
  readonly matches: number;
  /** The code lengths of a dynamic block by symbol; 0 for unused symbols. */
  readonly litlenLengths?: readonly number[];
  readonly distanceLengths?: readonly number[];
}

export interface Walk {
  readonly blocks: readonly Block[];
  /** Why the stream is refused; absent when it is complete and valid. */
  readonly fault?: InflateReason;
  /** The length of the blocks in the stream, in bytes. */
  readonly usedBytes: number;
}

/** RFC 1951 §3.2.7: the order of the code length codes. */
const PRECODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** RFC 1951 §3.2.5: symbols 257 to 285. */
const LENGTH_BASES = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131];
const LONG_LENGTH_BASES = [163, 195, 227, 258];
const LENGTHS = [...LENGTH_BASES, ...LONG_LENGTH_BASES];
const END_OF_BLOCK = 256;
const MAX_CODE_BITS = 15;

class Fault {
  readonly reason: InflateReason;

  constructor(reason: InflateReason) {
    this.reason = reason;
  }
}

/** @param maxOutputBytes The walk ends when the output would exceed this. */
export function listBlocks(stream: Uint8Array, maxOutputBytes: number): Walk {
  const blocks: Block[] = [];
  let position = 0;
  let outputBytes = 0;

  function readBits(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, position++) {
      if (position >= 8 * stream.length) throw new Fault("truncated");
      value |= ((stream[position >>> 3]! >>> (position & 7)) & 1) << bit; // position is within the stream
    }
    return value;
  }

  function produce(bytes: number): void {
    if (outputBytes + bytes > maxOutputBytes) throw new Fault("output-too-large");
    outputBytes += bytes;
  }

  /** Reads a symbol, codeword bit by codeword bit (RFC 1951 §3.2.2). */
  function readSymbol(code: Code, unknown: InflateReason): number {
    let codeword = 0;
    let first = 0;
    let place = 0;
    for (let bits = 1; bits <= code.maxBits; bits++) {
      codeword |= readBits(1);
      const count = code.counts[bits]!; // bits <= MAX_CODE_BITS
      if (codeword - first < count) return code.symbols[place + codeword - first]!; // within the symbols of this length
      place += count;
      first = (first + count) << 1;
      codeword <<= 1;
    }
    throw new Fault(unknown);
  }

  /** Returns whether the block is the last one. */
  function walkBlock(): boolean {
    const [start, outputStart] = [position, outputBytes];
    const block = { type: "reserved" as Block["type"], isFinal: false, literals: 0, matches: 0 };
    let codes: Pick<Block, "litlenLengths" | "distanceLengths"> = {};
    try {
      block.isFinal = readBits(1) === 1;
      block.type = (["stored", "fixed", "dynamic", "reserved"] as const)[readBits(2)]!; // two bits: one of four
      if (block.type === "reserved") throw new Fault("block-type");
      if (block.type === "stored") copyStored();
      else {
        const lengths = block.type === "fixed" ? FIXED_LENGTHS : readLengths();
        if (block.type === "dynamic") codes = { litlenLengths: lengths.litlen, distanceLengths: lengths.distance };
        walkSymbols(block, codeOf(lengths.litlen, "litlen"), codeOf(lengths.distance, "distance"));
      }
      return block.isFinal;
    } finally {
      blocks.push({ ...block, ...codes, start, end: position, outputStart, outputBytes: outputBytes - outputStart });
    }
  }

  /** RFC 1951 §3.2.4. */
  function copyStored(): void {
    position = (position + 7) & ~7;
    const length = readBits(16);
    if (readBits(16) !== (~length & 0xffff)) throw new Fault("stored-length");
    const there = Math.min(length, stream.length - (position >>> 3));
    produce(there);
    position += 8 * there;
    if (there < length) throw new Fault("truncated");
  }

  /** RFC 1951 §3.2.7. */
  function readLengths(): { readonly litlen: number[]; readonly distance: number[] } {
    const [litlenCount, distanceCount] = [readBits(5) + 257, readBits(5) + 1];
    const precodeCount = readBits(4) + 4;
    if (litlenCount > 286 || distanceCount > 30) throw new Fault("code-counts");
    const precodeLengths = Array<number>(19).fill(0);
    for (const symbol of PRECODE_ORDER.slice(0, precodeCount)) precodeLengths[symbol] = readBits(3);
    const precode = codeOf(precodeLengths, "precode");
    const lengths: number[] = [];
    while (lengths.length < litlenCount + distanceCount) {
      // As in zlib, each bit of an empty code is a length of 0.
      const symbol = precode.symbols.length === 0 ? 0 * readBits(1) : readSymbol(precode, "precode-incomplete");
      if (symbol < 16) {
        lengths.push(symbol);
        continue;
      }
      if (symbol === 16 && lengths.length === 0) throw new Fault("repeat-without-length");
      const repeated = symbol === 16 ? lengths.at(-1)! : 0; // not empty
      const times = symbol === 16 ? 3 + readBits(2) : symbol === 17 ? 3 + readBits(3) : 11 + readBits(7);
      if (lengths.length + times > litlenCount + distanceCount) throw new Fault("repeat-too-long");
      for (let i = 0; i < times; i++) lengths.push(repeated);
    }
    if (lengths[END_OF_BLOCK] === 0) throw new Fault("end-of-block-missing");
    return { litlen: lengths.slice(0, litlenCount), distance: lengths.slice(litlenCount) };
  }

  /** RFC 1951 §3.2.3. */
  function walkSymbols(block: { literals: number; matches: number }, litlen: Code, distance: Code): void {
    for (;;) {
      const symbol = readSymbol(litlen, "litlen-symbol");
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        produce(1);
        block.literals++;
        continue;
      }
      const place = symbol - 257;
      if (place >= LENGTHS.length) throw new Fault("litlen-symbol");
      const lengthExtra = place < 8 || place === 28 ? 0 : (place >>> 2) - 1;
      const length = LENGTHS[place]! + readBits(lengthExtra); // place is below the length
      const distanceSymbol = readSymbol(distance, "distance-symbol");
      if (distanceSymbol > 29) throw new Fault("distance-symbol");
      const distanceExtra = distanceSymbol < 4 ? 0 : (distanceSymbol >>> 1) - 1;
      const base = distanceSymbol < 4 ? distanceSymbol : (2 + (distanceSymbol & 1)) << distanceExtra;
      if (base + 1 + readBits(distanceExtra) > outputBytes) throw new Fault("distance-too-far");
      produce(length);
      block.matches++;
    }
  }

  try {
    while (!walkBlock());
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { blocks, fault: error.reason, usedBytes: Math.ceil(position / 8) };
  }
  const usedBytes = Math.ceil(position / 8);
  return usedBytes < stream.length ? { blocks, fault: "trailing-bytes", usedBytes } : { blocks, usedBytes };
}

/** A canonical code: the number of codewords of each length, and their symbols in order. */
interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
  /** The longest codeword's length, from 1. If so many bits match no codeword, they encode no symbol. */
  readonly maxBits: number;
}

/** Builds a code. As in zlib, an incomplete code must be empty, or a single codeword of one bit. */
function codeOf(lengths: readonly number[], name: "precode" | "litlen" | "distance"): Code {
  const counts = Array<number>(MAX_CODE_BITS + 1).fill(0);
  for (const length of lengths) counts[length]!++; // at most 15
  const used = lengths.length - counts[0]!; // of length 16
  let left = 1;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    left = 2 * left - counts[bits]!; // of length 16
    if (left < 0) throw new Fault(`${name}-oversubscribed`);
  }
  const isAllowed = used === 0 || (used === 1 && counts[1] === 1 && name !== "precode");
  if (left > 0 && !isAllowed) throw new Fault(`${name}-incomplete`);
  const symbols = lengths.flatMap((length, symbol) => length > 0 ? [{ length, symbol }] : [])
    .sort((one, other) => one.length - other.length || one.symbol - other.symbol);
  const maxBits = symbols.at(-1)?.length ?? 1;
  return { counts: [0, ...counts.slice(1)], symbols: symbols.map(({ symbol }) => symbol), maxBits };
}

/** RFC 1951 §3.2.6. */
const FIXED_LENGTHS = {
  litlen: Array.from({ length: 288 }, (_, symbol) => symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8),
  distance: Array<number>(32).fill(5),
};
