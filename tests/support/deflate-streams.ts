/**
 * Degenerate DEFLATE streams that are complete and valid.
 *
 * Codes are drawn as `symbol codeword`, with the codeword's first bit first; EOB is the end of a block.
 *
 * @module
 */

import {
  type CodeLengths,
  codeOfShape,
  type DeflateWriter,
  DISTANCE_BASES,
  DISTANCE_EXTRA_BITS,
  LENGTH_BASES,
  LENGTH_EXTRA_BITS,
  lengthForEach,
} from "./bit-writer.ts";
import { ascii, concat } from "./bytes.ts";
import { randomBytes } from "./random.ts";

/** A stream that is complete and valid. */
export interface LegalStream {
  readonly name: string;
  write(writer: DeflateWriter): DeflateWriter;
  readonly output: Uint8Array;
}

/** Appends a match of the given length and distance to the output. */
export function copied(output: number[], length: number, distance: number): number[] {
  for (let left = length; left > 0; left--) output.push(output[output.length - distance]!); // distance <= length
  return output;
}

/** A code of 16 symbols, the first of which has 1 bit and the last two the maximum of 15. */
export function staircase(symbols: readonly number[]): CodeLengths {
  return Object.fromEntries(symbols.map((symbol, index) => [symbol, Math.min(index + 1, 15)]));
}

export const NO_BYTES = new Uint8Array(0);

export const A = 0x41;

export const B = 0x42;

export const C = 0x43;

/** Output that exceeds the longest distance. */
export const HISTORY = randomBytes(32768, 1);

// A 0, EOB 1; no distances.
export const A_OR_END: CodeLengths = { [A]: 1, 256: 1 };

// EOB 0; the bit 1 has no meaning; no distances.
export const ONLY_END: CodeLengths = { 256: 1 };

// A 0, EOB 10, length 3 11.
export const A_END_THREE: CodeLengths = { [A]: 1, 256: 2, 257: 2 };

/** Of all complete codes these need the most table entries, with 9 and with 7 root bits: 852 and 400. */
export const LARGEST_LITLEN_SHAPE: readonly number[] = [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 232, 47, 1, 1, 1, 2];

export const LARGEST_DISTANCE_SHAPE: readonly number[] = [0, 0, 3, 1, 1, 0, 0, 0, 13, 5, 1, 1, 1, 1, 1, 2];

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

function everyLength(): LegalStream {
  const matches = LENGTH_BASES.flatMap((base, index) => [base, base + 2 ** LENGTH_EXTRA_BITS[index]! - 1]);
  matches[matches.length - 3] = 257; // symbol 284 with all extra bits set is also 258, and has its own row
  const output = [A, B, C];
  for (const length of matches) copied(output, length, 3);
  return {
    name: "every length symbol with the smallest and the largest extra bits",
    write(writer) {
      writer.fixed("last").literals([A, B, C]);
      for (const length of matches) writer.match(length, 3);
      return writer.end();
    },
    output: Uint8Array.from(output),
  };
}

function everyDistance(): LegalStream {
  const distances = DISTANCE_BASES.flatMap((base, index) => [base, base + 2 ** DISTANCE_EXTRA_BITS[index]! - 1]);
  const output = [...HISTORY];
  for (const distance of distances) copied(output, 5, distance);
  return {
    name: "every distance symbol with the smallest and the largest extra bits",
    write(writer) {
      writer.stored("more", HISTORY).fixed("last");
      for (const distance of distances) writer.match(5, distance);
      return writer.end();
    },
    output: Uint8Array.from(output),
  };
}

function everyOverlap(): LegalStream {
  const lengths = [...range(3, 20), 31, 32, 33, 63, 64, 65, 257, 258];
  const start = [...ascii("0123456789abcdef")];
  const pairs = range(1, 16).flatMap((distance) => lengths.map((length) => [length, distance] as const));
  const output = [...start];
  for (const [length, distance] of pairs) copied(output, length, distance).push(...start);
  return {
    name: "matches that overlap themselves, at every distance from 1 to 16",
    write(writer) {
      writer.fixed("last").literals(start);
      for (const [length, distance] of pairs) writer.match(length, distance).literals(start);
      return writer.end();
    },
    output: Uint8Array.from(output),
  };
}

function chain(links: number): LegalStream {
  return {
    name: `${links} empty blocks of all three types in turn`,
    write(writer) {
      for (let link = 0; link < links; link += 3) {
        writer.fixed("more").end().dynamic("more", { litlen: ONLY_END }).end().stored("more", NO_BYTES);
      }
      return writer.fixed("last").end();
    },
    output: NO_BYTES,
  };
}

export const LEGAL_STREAMS: readonly LegalStream[] = [
  { name: "an empty stored block", write: (writer) => writer.stored("last", NO_BYTES), output: NO_BYTES },
  { name: "an empty fixed block", write: (writer) => writer.fixed("last").end(), output: NO_BYTES },
  {
    // libdeflate test_incomplete_codes: a litlen code of one symbol. EOB 0.
    name: "an empty dynamic block whose only codeword is the end of block",
    write: (writer) => writer.dynamic("last", { litlen: ONLY_END }).end(),
    output: NO_BYTES,
  },
  chain(3),
  chain(300),
  {
    // The output of compress/flate's Writer: its blocks are never final, and Close adds an empty final one.
    name: "a dynamic block followed by an empty final stored block",
    write: (writer) => writer.dynamic("more", { litlen: A_OR_END }).literals([A, A]).end().stored("last", NO_BYTES),
    output: ascii("AA"),
  },
  {
    name: "a dynamic block followed by an empty final fixed block",
    write: (writer) => writer.dynamic("more", { litlen: A_OR_END }).literals([A, A]).end().fixed("last").end(),
    output: ascii("AA"),
  },
  {
    name: "blocks with sync flushes between them",
    write: (writer) =>
      writer.fixed("more").literals([A]).end().stored("more", NO_BYTES)
        .fixed("more").literals([B]).end().stored("more", NO_BYTES)
        .fixed("last").literals([C]).end(),
    output: ascii("ABC"),
  },
  {
    name: "stored blocks of several sizes",
    write: (writer) => writer.stored("more", [A]).stored("more", NO_BYTES).stored("last", [B, C, A]),
    output: ascii("ABCA"),
  },
  {
    name: "a stored block of 65535 bytes",
    write: (writer) => writer.stored("last", concat(HISTORY, HISTORY.subarray(1))),
    output: concat(HISTORY, HISTORY.subarray(1)),
  },
  {
    // The padding before LEN is ignored.
    name: "a stored block after padding bits that are set",
    write: (writer) => writer.fixed("more").literals([A]).end().bits(1, 3).align(1).bits(1, 16).bits(~1, 16).bytes([B]),
    output: ascii("AB"),
  },
  {
    name: "a last byte whose unused bits are set",
    write: (writer) => writer.fixed("last").literals([A]).end().align(1),
    output: ascii("A"),
  },
  {
    name: "each of the 256 literals of the fixed code",
    write: (writer) => writer.fixed("last").literals(range(0, 255)).end(),
    output: Uint8Array.from(range(0, 255)),
  },
  everyLength(),
  {
    name: "a match of 258 bytes by symbol 285",
    write: (writer) => writer.fixed("last").literals([A]).litlen(285).distance(0).end(),
    output: new Uint8Array(259).fill(A),
  },
  {
    // RFC 1951 defines lengths 227 to 257 for symbol 284, but zlib accepts any 5 extra bits.
    name: "a match of 258 bytes by symbol 284 and 31 in its extra bits",
    write: (writer) => writer.fixed("last").literals([A]).litlen(284).bits(31, 5).distance(0).end(),
    output: new Uint8Array(259).fill(A),
  },
  everyDistance(),
  everyOverlap(),
  {
    name: "a distance of 32768, to the very first byte",
    write: (writer) => writer.stored("more", HISTORY).fixed("last").match(258, 32768).end(),
    output: concat(HISTORY, HISTORY.subarray(0, 258)),
  },
  {
    name: "a distance to the first byte, in another block than that byte",
    write: (writer) =>
      writer.stored("more", [A, B]).fixed("more").literals([C]).end()
        .dynamic("last", { litlen: A_END_THREE, distance: { 2: 1 } }).match(3, 3).end(),
    output: ascii("ABCABC"),
  },
  {
    // libdeflate test_incomplete_codes. A 0, B 10, EOB 11; no distances.
    name: "literals only, and no distance codes",
    write: (writer) => writer.dynamic("last", { litlen: { [A]: 1, [B]: 2, 256: 2 } }).literals([A, B, A, A]).end(),
    output: ascii("ABAA"),
  },
  {
    name: "literals only, with 30 distance codes of length 0",
    write: (writer) =>
      writer.dynamic("last", { litlen: A_OR_END, litlenCount: 286, distanceCount: 30 }).literals([A]).end(),
    output: ascii("A"),
  },
  {
    // libdeflate test_incomplete_codes. Distances: 1 0, the bit 1 has no meaning.
    name: "a single distance code of one bit",
    write: (writer) =>
      writer.dynamic("last", { litlen: A_END_THREE, distance: { 0: 1 } }).literals([A]).match(3, 1).end(),
    output: ascii("AAAA"),
  },
  {
    // libdeflate test_incomplete_codes, and Go's TestDegenerateHuffmanCoding. Distances: 3 0.
    name: "a single distance code of one bit that is not the first symbol",
    write: (writer) =>
      writer.dynamic("last", { litlen: { [A]: 2, [B]: 2, 256: 2, 257: 2 }, distance: { 1: 1 } })
        .literals([A, B]).match(3, 2).end(),
    output: ascii("ABABA"),
  },
  {
    name: "a single distance code of one bit that is not used",
    write: (writer) => writer.dynamic("last", { litlen: A_OR_END, distance: { 29: 1 } }).literals([A]).end(),
    output: ascii("A"),
  },
  {
    // A 0, length 3 10, B 110, … 255 111111111111110, EOB 111111111111111; distances 1 0, 2 10, 3 110, … likewise.
    name: "codewords of every length from 1 to 15 bits",
    write(writer) {
      const litlen = staircase([A, 257, ...range(B, B + 11), 255, 256]);
      writer.dynamic("last", { litlen, distance: staircase(range(0, 15)) });
      writer.literals([A, ...range(B, B + 11), 255]);
      for (let distance = 1; distance <= 14; distance++) writer.match(3, distance);
      return writer.end();
    },
    output: Uint8Array.from(
      range(1, 14).reduce((output, distance) => copied(output, 3, distance), [A, ...range(B, B + 11), 255]),
    ),
  },
  {
    name: "the codes that need the largest tables",
    write(writer) {
      const litlen = codeOfShape(LARGEST_LITLEN_SHAPE, range(0, 285));
      const distance = codeOfShape(LARGEST_DISTANCE_SHAPE, range(0, 29));
      writer.stored("more", HISTORY).dynamic("last", { litlen, distance }).literals(range(0, 255));
      for (const distance of DISTANCE_BASES) writer.match(258, distance);
      return writer.end();
    },
    output: Uint8Array.from(
      DISTANCE_BASES.reduce((output, distance) => copied(output, 258, distance), [...HISTORY, ...range(0, 255)]),
    ),
  },
  {
    // The longest possible header: 19 precode lengths and 316 code lengths without repeats. Literals 0 to 225 have
    // 8 bits, the other 60 litlen symbols 9, distances 4 or 5.
    name: "all 286 litlen and 30 distance codes, without repeats",
    write: (writer) =>
      writer.dynamic("last", {
        litlen: { ...lengthForEach(0, 225, 8), ...lengthForEach(226, 285, 9) },
        distance: { ...lengthForEach(0, 1, 4), ...lengthForEach(2, 29, 5) },
        precode: { 4: 2, 5: 2, 8: 2, 9: 3, 0: 4, 15: 4 },
        repeats: false,
      }).literals([0, 255]).match(258, 2).end(),
    output: Uint8Array.from(copied([0, 255], 258, 2)),
  },
  {
    // Precode: 0 0, 18 10, 17 110, 1 1110, 2 11110, 8 111110, 9 1111110, 16 1111111.
    name: "a precode with codewords of 7 bits",
    write: (writer) =>
      writer.dynamic("last", {
        litlen: { ...lengthForEach(0, 254, 8), 255: 9, 256: 9 },
        precode: { 0: 1, 18: 2, 17: 3, 1: 4, 2: 5, 8: 6, 16: 7, 9: 7 },
      }).literals([0, 254, 255]).end(),
    output: Uint8Array.of(0, 254, 255),
  },
  {
    // Symbols 1 to 256 have 8 bits, so that the precode symbols 16, 17, 18, 0 and 8 suffice: HCLEN is 1. It cannot be 0.
    name: "the fewest code length codes that can express a block",
    write: (writer) =>
      writer.dynamic("last", { litlen: lengthForEach(1, 256, 8), precodeCount: 5 }).literals([A, B]).end(),
    output: ascii("AB"),
  },
  {
    name: "all 19 code length codes declared where fewer are coded",
    write: (writer) => writer.dynamic("last", { litlen: A_OR_END, precodeCount: 19 }).literals([A]).end(),
    output: ascii("A"),
  },
  {
    // RFC 1951 §3.2.7: all code lengths form one sequence. Litlen 249–256 and distances 0–7 have
    // 3 bits.
    name: "a repeated length that crosses from litlen to distance codes",
    write: (writer) =>
      writer.counts("last", 257, 8, 19)
        .precode({ 18: 1, 3: 2, 16: 2 })
        .lengths([[18, 127], [18, 100], [3], [16, 3], [16, 3], [16, 0]])
        .use(lengthForEach(249, 256, 3), lengthForEach(0, 7, 3))
        .literals([249, 255]).end(),
    output: Uint8Array.of(249, 255),
  },
  {
    name: "a short run of zeros that crosses from litlen to distance codes",
    write: (writer) =>
      writer.counts("last", 260, 3, 19)
        .precode({ 18: 1, 1: 2, 17: 2 })
        .lengths([[18, A - 11], [1], [18, 127], [18, 256 - A - 1 - 138 - 11], [1], [17, 3]])
        .use(A_OR_END, {})
        .literals([A]).end(),
    output: ascii("A"),
  },
  {
    name: "a long run of zeros that crosses from litlen to distance codes",
    write: (writer) =>
      writer.counts("last", 286, 30, 19)
        .precode({ 18: 1, 1: 2, 0: 2 })
        .lengths([[18, A - 11], [1], [18, 127], [18, 256 - A - 1 - 138 - 11], [1], [18, 48]])
        .use(A_OR_END, {})
        .literals([A]).end(),
    output: ascii("A"),
  },
  {
    // fflate #295: literals without a match between them exceeded the output buffer and were dropped without an error.
    name: "a run of 200000 literals of one bit",
    write(writer) {
      writer.dynamic("last", { litlen: A_OR_END });
      for (let written = 0; written < 200000; written += 25) writer.bits(0, 25);
      return writer.end();
    },
    output: new Uint8Array(200000).fill(A),
  },
  {
    // libdeflate test_slow_decompression: much work, no output. Litlen and distance codes have sub-tables.
    name: "30 empty dynamic blocks with large tables",
    write(writer) {
      const codes = {
        litlen: codeOfShape(LARGEST_LITLEN_SHAPE, range(0, 285)),
        distance: codeOfShape(LARGEST_DISTANCE_SHAPE, range(0, 29)),
      };
      for (let block = 0; block < 30; block++) writer.dynamic("more", codes).end();
      return writer.stored("last", NO_BYTES);
    },
    output: NO_BYTES,
  },
];
