/**
 * Writes DEFLATE streams bit by bit, so that a few lines describe a valid or a hostile stream.
 *
 * The writer checks nothing, so that it can write streams that RFC 1951 forbids and a decoder must refuse.
 *
 * @module
 */

/** Code lengths in bits by symbol. A symbol that is missing, or has length 0, has no codeword. */
export type CodeLengths = Readonly<Record<number, number>>;

/** Whether a block is the last one of its stream: BFINAL. */
export type Place = "last" | "more";

/** A symbol of the code length alphabet, with the value of its extra bits if it has any. */
export type LengthSymbol = readonly [symbol: number, extra?: number];

/** The declarations of a dynamic block. Missing properties are derived. */
export interface DynamicCodes {
  readonly litlen: CodeLengths;
  /** By default none, which is written as one distance code of length 0. */
  readonly distance?: CodeLengths;
  /** By default one more than the highest litlen symbol, and at least 257. */
  readonly litlenCount?: number;
  /** By default one more than the highest distance symbol, and at least 1. */
  readonly distanceCount?: number;
  /** By default a complete code for the symbols that the code lengths need. */
  readonly precode?: CodeLengths;
  /** By default as few as the precode needs, and at least 4. */
  readonly precodeCount?: number;
  /** By default every run is written with the longest repeats that fit; `false` writes each length separately. */
  readonly repeats?: boolean;
}

/** Every method but the last two returns the writer itself. */
export interface DeflateWriter {
  /** Writes the low `count` bits of a number, least significant bit first. */
  bits(value: number, count: number): DeflateWriter;
  /** Writes a Huffman codeword, most significant bit first. */
  code(codeword: number, length: number): DeflateWriter;
  /** Writes bits of the given value up to the next byte boundary. */
  align(bit?: 0 | 1): DeflateWriter;
  /** Writes whole bytes; the writer must be at a byte boundary. */
  bytes(values: ArrayLike<number>): DeflateWriter;
  /** Writes a stored block, by default with the LEN and NLEN that fit it. */
  stored(place: Place, data: ArrayLike<number>, length?: number, complement?: number): DeflateWriter;
  /** Begins a block with the fixed codes. */
  fixed(place: Place): DeflateWriter;
  /** Begins a block with dynamic codes. */
  dynamic(place: Place, codes: DynamicCodes): DeflateWriter;
  /** Writes only the beginning of a dynamic block's header: its counts. */
  counts(place: Place, litlenCount: number, distanceCount: number, precodeCount: number): DeflateWriter;
  /** Writes the first `count` code length code lengths, by default all 19, and makes them the precode. */
  precode(lengths: CodeLengths, count?: number): DeflateWriter;
  /** Writes code lengths with the current precode. */
  lengths(symbols: readonly LengthSymbol[]): DeflateWriter;
  /** Makes codes current without writing them. */
  use(litlen: CodeLengths, distance: CodeLengths): DeflateWriter;
  /** Writes a literal/length symbol of the current block, without extra bits. */
  litlen(symbol: number): DeflateWriter;
  /** Writes a distance symbol of the current block, without extra bits. */
  distance(symbol: number): DeflateWriter;
  literals(values: ArrayLike<number>): DeflateWriter;
  match(length: number, distance: number): DeflateWriter;
  /** Writes the end-of-block symbol. */
  end(): DeflateWriter;
  /** How many bits were written so far. */
  bitLength(): number;
  /** Pads the last byte with bits of the given value, by default 0, and returns a copy of everything. */
  finish(padding?: 0 | 1): Uint8Array;
}

/** The order in which code length code lengths are written (RFC 1951 §3.2.7). */
export const PRECODE_ORDER: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Smallest match length by litlen symbol, from 257 (RFC 1951 §3.2.5). */
// deno-fmt-ignore
export const LENGTH_BASES: readonly number[] = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];

/** Extra bits by litlen symbol, from 257. */
// deno-fmt-ignore
export const LENGTH_EXTRA_BITS: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];

/** Smallest distance by distance symbol. */
// deno-fmt-ignore
export const DISTANCE_BASES: readonly number[] = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];

/** Extra bits by distance symbol. */
// deno-fmt-ignore
export const DISTANCE_EXTRA_BITS: readonly number[] = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];

/** The same length for each symbol from `first` to `last`. */
export function lengthForEach(first: number, last: number, length: number): Record<number, number> {
  const lengths: Record<number, number> = {};
  for (let symbol = first; symbol <= last; symbol++) lengths[symbol] = length;
  return lengths;
}

/** A code with `counts[n]` codewords of n bits, assigned to the symbols in order. */
export function codeOfShape(counts: readonly number[], symbols?: readonly number[]): CodeLengths {
  const lengths = counts.flatMap((count, bits) => Array<number>(count).fill(bits));
  // By default the symbols are 0, 1, …; a given list has one symbol per codeword.
  return Object.fromEntries(lengths.map((length, index) => [symbols?.[index] ?? index, length]));
}

/** The fixed literal/length code. The codewords of symbols 286 and 287 have no meaning. */
export const FIXED_LITLEN: CodeLengths = {
  ...lengthForEach(0, 143, 8),
  ...lengthForEach(144, 255, 9),
  ...lengthForEach(256, 279, 7),
  ...lengthForEach(280, 287, 8),
};

/** The fixed distance code. The codewords of symbols 30 and 31 have no meaning. */
export const FIXED_DISTANCE: CodeLengths = lengthForEach(0, 31, 5);

type Codewords = ReadonlyMap<number, readonly [codeword: number, length: number]>;

/** The canonical codewords of a code (RFC 1951 §3.2.2). Codewords of an oversubscribed code overflow their length. */
export function canonicalCodewords(lengths: CodeLengths): Codewords {
  const coded = Object.keys(lengths).map(Number).filter((symbol) => lengths[symbol] !== 0);
  coded.sort((a, b) => lengths[a]! - lengths[b]! || a - b); // both are keys of `lengths`
  const codewords = new Map<number, readonly [number, number]>();
  let codeword = 0;
  let previous = 0;
  for (const symbol of coded) {
    const length = lengths[symbol]!;
    codeword <<= length - previous;
    codewords.set(symbol, [codeword, length]);
    codeword++;
    previous = length;
  }
  return codewords;
}

/** Writes code lengths as symbols of the code length alphabet, with the longest repeats that fit. */
export function runLengths(lengths: readonly number[]): LengthSymbol[] {
  const symbols: LengthSymbol[] = [];
  for (let at = 0; at < lengths.length;) {
    const length = lengths[at]!; // `at` is below the array's length
    let run = 1;
    while (lengths[at + run] === length) run++;
    if (length === 0 && run >= 3) {
      const zeros = Math.min(run, 138);
      symbols.push(zeros > 10 ? [18, zeros - 11] : [17, zeros - 3]);
      at += zeros;
    } else if (length !== 0 && run >= 4) {
      const repeated = Math.min(run - 1, 6);
      symbols.push([length], [16, repeated - 3]);
      at += 1 + repeated;
    } else {
      symbols.push([length]);
      at++;
    }
  }
  return symbols;
}

/** A complete code for the given symbols of the code length alphabet. A single symbol gets an unused second one. */
function balancedPrecode(symbols: Iterable<number>): CodeLengths {
  const used = [...new Set(symbols)].sort((a, b) => a - b);
  if (used.length < 2) used.push(used[0] === 0 ? 18 : 0);
  const depth = Math.floor(Math.log2(used.length));
  const short = 2 ** (depth + 1) - used.length;
  return Object.fromEntries(used.map((symbol, index) => [symbol, index < short ? depth : depth + 1]));
}

/** The minimum number of code length code lengths that includes all that are not 0; at least 4. */
function neededPrecodeCount(precode: CodeLengths): number {
  let count = PRECODE_ORDER.length;
  while (count > 4 && (precode[PRECODE_ORDER[count - 1]!] ?? 0) === 0) count--; // 4 < count <= 19
  return count;
}

function countOf(lengths: CodeLengths, atLeast: number): number {
  return Math.max(atLeast, ...Object.keys(lengths).map((symbol) => Number(symbol) + 1));
}

function dense(lengths: CodeLengths, count: number): number[] {
  return Array.from({ length: count }, (_, symbol) => lengths[symbol] ?? 0);
}

/** The index of the largest base that is at most the value. Length 258 has its own symbol. */
function indexOfBase(bases: readonly number[], value: number): number {
  let index = bases.length - 1;
  while (bases[index]! > value) index--; // ends at index 0 at the latest, because lengths are at least 3 and distances at least 1
  return index;
}

/** A new writer, at the first bit of an empty stream. */
export function deflateWriter(): DeflateWriter {
  const written: number[] = [];
  let pending = 0;
  let pendingBits = 0;
  let precodeCodewords: Codewords = new Map();
  let litlenCodewords: Codewords = new Map();
  let distanceCodewords: Codewords = new Map();

  function writeSymbol(codewords: Codewords, symbol: number): void {
    const entry = codewords.get(symbol);
    if (entry === undefined) throw new Error(`Cannot write symbol ${symbol}: it has no codeword`);
    writer.code(...entry);
  }

  const writer: DeflateWriter = {
    bits(value, count) {
      for (let bit = 0; bit < count; bit++) {
        pending |= (value >>> bit & 1) << pendingBits;
        if (++pendingBits === 8) {
          written.push(pending);
          pending = 0;
          pendingBits = 0;
        }
      }
      return writer;
    },
    code(codeword, length) {
      for (let bit = length - 1; bit >= 0; bit--) writer.bits(codeword >>> bit, 1);
      return writer;
    },
    align(bit = 0) {
      while (pendingBits !== 0) writer.bits(bit, 1);
      return writer;
    },
    bytes(values) {
      if (pendingBits !== 0) throw new Error("Cannot write bytes: not at a byte boundary");
      for (let index = 0; index < values.length; index++) written.push(values[index]! & 0xff);
      return writer;
    },
    stored(place, data, length = data.length, complement = ~length) {
      writer.bits(place === "last" ? 1 : 0, 1).bits(0, 2).align();
      return writer.bits(length, 16).bits(complement, 16).bytes(data);
    },
    fixed(place) {
      return writer.bits(place === "last" ? 1 : 0, 1).bits(1, 2).use(FIXED_LITLEN, FIXED_DISTANCE);
    },
    counts(place, litlenCount, distanceCount, precodeCount) {
      writer.bits(place === "last" ? 1 : 0, 1).bits(2, 2);
      return writer.bits(litlenCount - 257, 5).bits(distanceCount - 1, 5).bits(precodeCount - 4, 4);
    },
    precode(lengths, count = 19) {
      for (const symbol of PRECODE_ORDER.slice(0, count)) writer.bits(lengths[symbol] ?? 0, 3);
      precodeCodewords = canonicalCodewords(lengths);
      return writer;
    },
    lengths(symbols) {
      for (const [symbol, extra = 0] of symbols) {
        writeSymbol(precodeCodewords, symbol);
        writer.bits(extra, symbol === 16 ? 2 : symbol === 17 ? 3 : symbol === 18 ? 7 : 0);
      }
      return writer;
    },
    dynamic(place, codes) {
      const { litlen, distance = {}, repeats = true } = codes;
      const litlenCount = codes.litlenCount ?? countOf(litlen, 257);
      const distanceCount = codes.distanceCount ?? countOf(distance, 1);
      const all = [...dense(litlen, litlenCount), ...dense(distance, distanceCount)];
      const symbols: LengthSymbol[] = repeats ? runLengths(all) : all.map((length) => [length]);
      const precode = codes.precode ?? balancedPrecode(symbols.map(([symbol]) => symbol));
      const precodeCount = codes.precodeCount ?? neededPrecodeCount(precode);
      writer.counts(place, litlenCount, distanceCount, precodeCount).precode(precode, precodeCount).lengths(symbols);
      return writer.use(litlen, distance);
    },
    use(litlen, distance) {
      litlenCodewords = canonicalCodewords(litlen);
      distanceCodewords = canonicalCodewords(distance);
      return writer;
    },
    litlen(symbol) {
      writeSymbol(litlenCodewords, symbol);
      return writer;
    },
    distance(symbol) {
      writeSymbol(distanceCodewords, symbol);
      return writer;
    },
    literals(values) {
      for (let index = 0; index < values.length; index++) writer.litlen(values[index]!);
      return writer;
    },
    match(length, distance) {
      const lengthIndex = indexOfBase(LENGTH_BASES, length);
      const distanceIndex = indexOfBase(DISTANCE_BASES, distance);
      writer.litlen(257 + lengthIndex).bits(length - LENGTH_BASES[lengthIndex]!, LENGTH_EXTRA_BITS[lengthIndex]!);
      return writer.distance(distanceIndex)
        .bits(distance - DISTANCE_BASES[distanceIndex]!, DISTANCE_EXTRA_BITS[distanceIndex]!);
    },
    end() {
      return writer.litlen(256);
    },
    bitLength() {
      return written.length * 8 + pendingBits;
    },
    finish(padding = 0) {
      writer.align(padding);
      return Uint8Array.from(written);
    },
  };
  return writer;
}
