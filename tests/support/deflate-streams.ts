/**
 * Hostile and degenerate DEFLATE streams, each with zlib's verdict, and a generator of random valid ones.
 *
 * Codes are drawn as `symbol codeword`, with the codeword's first bit first; EOB is the end of a block.
 *
 * @module
 */

import type { InflateReason } from "../../src/inflate/mod.ts";
import {
  type CodeLengths,
  codeOfShape,
  type DeflateWriter,
  deflateWriter,
  DISTANCE_BASES,
  DISTANCE_EXTRA_BITS,
  LENGTH_BASES,
  LENGTH_EXTRA_BITS,
  lengthForEach,
  type LengthSymbol,
  PRECODE_ORDER,
} from "./bit-writer.ts";
import { ascii, concat } from "./bytes.ts";
import { randomBytes, type RandomNumbers, randomNumbers } from "./random.ts";

/** A stream that is complete and valid. */
export interface LegalStream {
  readonly name: string;
  write(writer: DeflateWriter): DeflateWriter;
  readonly output: Uint8Array;
}

/** A stream whose last written bit decides the verdict: without that bit, it is truncated. */
export interface RefusedStream {
  readonly name: string;
  write(writer: DeflateWriter): DeflateWriter;
  readonly reason: InflateReason;
}

/** A published stream. */
export interface RecordedStream {
  readonly name: string;
  readonly hex: string;
  readonly expected: InflateReason | Uint8Array;
}

/** The messages of zlib's `inflate()` for our reasons. zlib leaves the other reasons to its caller. */
export const ZLIB_MESSAGES: Readonly<Record<InflateReason, string | undefined>> = {
  "truncated": undefined,
  "block-type": "invalid block type",
  "stored-length": "invalid stored block lengths",
  "code-counts": "too many length or distance symbols",
  "precode-oversubscribed": "invalid code lengths set",
  "precode-incomplete": "invalid code lengths set",
  "repeat-without-length": "invalid bit length repeat",
  "repeat-too-long": "invalid bit length repeat",
  "end-of-block-missing": "invalid code -- missing end-of-block",
  "litlen-oversubscribed": "invalid literal/lengths set",
  "litlen-incomplete": "invalid literal/lengths set",
  "distance-oversubscribed": "invalid distances set",
  "distance-incomplete": "invalid distances set",
  "litlen-symbol": "invalid literal/length code",
  "distance-symbol": "invalid distance code",
  "distance-too-far": "invalid distance too far back",
  "trailing-bytes": undefined,
  "output-too-large": undefined,
};

/** Appends a match of the given length and distance to the output. */
function copied(output: number[], length: number, distance: number): number[] {
  for (let left = length; left > 0; left--) output.push(output[output.length - distance]!); // distance <= length
  return output;
}

/** A code of 16 symbols, the first of which has 1 bit and the last two the maximum of 15. */
function staircase(symbols: readonly number[]): CodeLengths {
  return Object.fromEntries(symbols.map((symbol, index) => [symbol, Math.min(index + 1, 15)]));
}

const NO_BYTES = new Uint8Array(0);
const A = 0x41;
const B = 0x42;
const C = 0x43;

/** Output that exceeds the longest distance. */
const HISTORY = randomBytes(32768, 1);

// A 0, EOB 1; no distances.
const A_OR_END: CodeLengths = { [A]: 1, 256: 1 };
// EOB 0; the bit 1 has no meaning; no distances.
const ONLY_END: CodeLengths = { 256: 1 };
// A 0, EOB 10, length 3 11.
const A_END_THREE: CodeLengths = { [A]: 1, 256: 2, 257: 2 };

/** Of all complete codes these need the most table entries, with 9 and with 7 root bits: 852 and 400. */
export const LARGEST_LITLEN_SHAPE: readonly number[] = [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 232, 47, 1, 1, 1, 2];
export const LARGEST_DISTANCE_SHAPE: readonly number[] = [0, 0, 3, 1, 1, 0, 0, 0, 13, 5, 1, 1, 1, 1, 1, 2];

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

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

/** A dynamic block's header up to its precode, of the smallest counts. */
const withPrecode = (writer: DeflateWriter, lengths: CodeLengths): DeflateWriter =>
  writer.counts("last", 257, 1, 19).precode(lengths);

/** A row that is refused because of its dynamic header. */
function header(
  reason: InflateReason,
  name: string,
  litlen: CodeLengths,
  distance: CodeLengths = {},
): RefusedStream {
  return { reason, name, write: (writer) => writer.dynamic("last", { litlen, distance }) };
}

/** A row with the smallest counts, the precode 0 0, 16 10, 17 110, 18 1110, 1 1111, and the code lengths given. */
function sequence(reason: InflateReason, name: string, lengths: readonly LengthSymbol[]): RefusedStream {
  return {
    reason,
    name,
    write: (writer) => withPrecode(writer, { 0: 1, 16: 2, 17: 3, 18: 4, 1: 4 }).lengths(lengths),
  };
}

export const REFUSED_STREAMS: readonly RefusedStream[] = [
  { reason: "block-type", name: "a final block of type 3", write: (writer) => writer.bits(0b111, 3) },
  { reason: "block-type", name: "a block of type 3 that is not final", write: (writer) => writer.bits(0b110, 3) },
  {
    reason: "block-type",
    name: "a block of type 3 after a good one",
    write: (writer) => writer.fixed("more").literals([A]).end().bits(0b111, 3),
  },

  {
    reason: "stored-length",
    name: "a stored block whose NLEN equals LEN",
    write: (writer) => writer.stored("last", NO_BYTES, 0, 0),
  },
  ...range(0, 15).map((bit): RefusedStream => ({
    reason: "stored-length",
    name: `a stored block whose LEN and NLEN disagree in bit ${bit}`,
    write: (writer) => writer.stored("more", NO_BYTES, 3, ~3 ^ (1 << bit)),
  })),

  ...[[287, 1], [288, 1], [257, 31], [257, 32], [288, 32]].map(([litlen, distance]): RefusedStream => ({
    reason: "code-counts",
    name: `a dynamic block that declares ${litlen} litlen and ${distance} distance codes`,
    write: (writer) => writer.counts("last", litlen!, distance!, 4),
  })),

  ...([
    ["oversubscribed", "three code length codes of 1 bit", { 0: 1, 1: 1, 18: 1 }],
    ["oversubscribed", "19 code length codes of 4 bits", lengthForEach(0, 18, 4)],
    ["oversubscribed", "one code length code too many, of 7 bits", { 0: 1, 1: 1, 18: 7 }],
    ["incomplete", "a single code length code of 1 bit", { 0: 1 }],
    ["incomplete", "a single code length code of 7 bits", { 18: 7 }],
    ["incomplete", "code length codes of 1 and 2 bits", { 0: 1, 18: 2 }],
    ["incomplete", "19 code length codes of 5 bits", lengthForEach(0, 18, 5)],
    ["incomplete", "code length codes that lack one of 7 bits", { 0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 7 }],
  ] as const).map(([set, name, lengths]): RefusedStream => ({
    reason: `precode-${set}`,
    name,
    write: (writer) => withPrecode(writer, lengths),
  })),
  {
    reason: "precode-oversubscribed",
    name: "four code length codes that are too many",
    write: (writer) => writer.counts("last", 257, 1, 4).precode({ 16: 1, 17: 1, 18: 2, 0: 2 }, 4),
  },

  sequence("repeat-without-length", "a repeat of 3 before the first code length", [[16, 0]]),
  sequence("repeat-without-length", "a repeat of 6 before the first code length", [[16, 3]]),

  sequence("repeat-too-long", "code 16 that repeats one length too many", [[18, 127], [18, 106], [1], [16, 0]]),
  sequence("repeat-too-long", "code 16 that repeats many lengths too many", [[18, 127], [18, 107], [1], [16, 3]]),
  sequence("repeat-too-long", "code 17 that repeats one zero too many", [[18, 127], [18, 100], [17, 7]]),
  sequence("repeat-too-long", "code 17 after the last but one length", [[18, 127], [18, 107], [1], [17, 0]]),
  // libdeflate #288: lengths past the counts were read and dropped.
  sequence("repeat-too-long", "code 18 that repeats one zero too many", [[18, 127], [18, 110]]),
  sequence("repeat-too-long", "code 18 that repeats 137 zeros too many", [[18, 127], [18, 108], [18, 127]]),

  header("end-of-block-missing", "a litlen code without an end of block", { [A]: 1, [B]: 1 }),
  header("end-of-block-missing", "no litlen codes", {}),
  header("end-of-block-missing", "no litlen codes but two distance codes", {}, { 0: 1, 1: 1 }),
  header("end-of-block-missing", "too many litlen codes, without an end of block", { [A]: 1, [B]: 1, [C]: 1 }),
  header("end-of-block-missing", "too few litlen codes, without an end of block", { [A]: 2 }),
  header("end-of-block-missing", "no end of block, and too many distance codes", { [A]: 1, [B]: 1 }, {
    ...lengthForEach(0, 2, 1),
  }),
  {
    // zlib does not refuse an empty precode. It reads each of the 258 lengths as one bit with the value 0.
    reason: "end-of-block-missing",
    name: "an empty precode and 258 bits",
    write: (writer) => writer.counts("last", 257, 1, 4).precode({}, 4).bits(0, 29).bits(-1, 29).bits(0, 200),
  },
  {
    reason: "end-of-block-missing",
    name: "an empty precode of 19 codes and 316 bits",
    write: (writer) => writer.counts("last", 286, 30, 19).precode({}).bits(-1, 32).bits(0, 284),
  },
  {
    // 16 00, 17 01, 18 10, 0 11: only the length 0 can be encoded, so the end of block has no codeword.
    reason: "end-of-block-missing",
    name: "the fewest code length codes that can be declared",
    write: (writer) =>
      writer.counts("last", 257, 1, 4).precode({ 16: 2, 17: 2, 18: 2, 0: 2 }, 4).lengths([[0], [18, 127], [18, 108]]),
  },

  header("litlen-oversubscribed", "three litlen codes of 1 bit", { [A]: 1, [B]: 1, 256: 1 }),
  header("litlen-oversubscribed", "257 litlen codes of 8 bits", lengthForEach(0, 256, 8)),
  header("litlen-oversubscribed", "286 litlen codes of 1 bit", lengthForEach(0, 285, 1)),
  header("litlen-oversubscribed", "one litlen code too many, of 15 bits", { [A]: 1, 256: 1, 257: 15 }),
  header("litlen-oversubscribed", "too many litlen and too many distance codes", { [A]: 1, [B]: 1, 256: 1 }, {
    ...lengthForEach(0, 2, 1),
  }),

  header("litlen-incomplete", "a single litlen code of 2 bits", { 256: 2 }),
  header("litlen-incomplete", "a single litlen code of 15 bits", { 256: 15 }),
  header("litlen-incomplete", "litlen codes of 1 and 2 bits", { [A]: 1, 256: 2 }),
  header("litlen-incomplete", "litlen codes that lack one of 15 bits", staircase([A, ...range(B, B + 12), 256])),
  header("litlen-incomplete", "286 litlen codes of 9 bits", lengthForEach(0, 285, 9)),
  header("litlen-incomplete", "too few litlen and too few distance codes", { [A]: 1, 256: 2 }, { 0: 2 }),
  header("litlen-incomplete", "too few litlen and too many distance codes", { 256: 2 }, lengthForEach(0, 2, 1)),

  header("distance-oversubscribed", "three distance codes of 1 bit", A_OR_END, lengthForEach(0, 2, 1)),
  header("distance-oversubscribed", "30 distance codes of 4 bits", A_OR_END, lengthForEach(0, 29, 4)),
  header("distance-oversubscribed", "one distance code too many, of 15 bits", A_OR_END, { 0: 1, 1: 1, 2: 15 }),

  header("distance-incomplete", "a single distance code of 2 bits", A_OR_END, { 0: 2 }),
  header("distance-incomplete", "a single distance code of 15 bits", A_OR_END, { 29: 15 }),
  header("distance-incomplete", "distance codes of 1 and 2 bits", A_OR_END, { 0: 1, 1: 2 }),
  header("distance-incomplete", "30 distance codes of 5 bits", A_OR_END, lengthForEach(0, 29, 5)),
  header("distance-incomplete", "distance codes that lack one of 15 bits", A_OR_END, staircase(range(0, 14))),
  header("distance-incomplete", "too few distance codes where none is needed", ONLY_END, { 0: 3 }),

  {
    // 11000110: one of the two litlen codewords of the fixed code that have no meaning.
    reason: "litlen-symbol",
    name: "litlen symbol 286 in a fixed block",
    write: (writer) => writer.fixed("last").litlen(286),
  },
  {
    reason: "litlen-symbol",
    name: "litlen symbol 287 in a fixed block",
    write: (writer) => writer.fixed("last").literals([A, B]).litlen(287),
  },
  {
    // EOB 0; 1 has no meaning.
    reason: "litlen-symbol",
    name: "the other bit of a litlen code of one symbol",
    write: (writer) => writer.dynamic("last", { litlen: ONLY_END }).bits(1, 1),
  },

  {
    reason: "distance-symbol",
    name: "distance symbol 30 in a fixed block",
    write: (writer) => writer.fixed("last").literals([A]).litlen(257).distance(30),
  },
  {
    reason: "distance-symbol",
    name: "distance symbol 31 in a fixed block",
    write: (writer) => writer.fixed("last").literals([A]).litlen(284).bits(7, 5).distance(31),
  },
  ...([0, 1] as const).map((bit): RefusedStream => ({
    reason: "distance-symbol",
    name: `a match where there are no distance codes, by bit ${bit}`,
    write: (writer) => writer.dynamic("last", { litlen: A_END_THREE }).literals([A]).litlen(257).bits(bit, 1),
  })),
  {
    // Distances: 1 0; 1 has no meaning.
    reason: "distance-symbol",
    name: "the other bit of a distance code of one symbol",
    write: (writer) =>
      writer.dynamic("last", { litlen: A_END_THREE, distance: { 0: 1 } }).literals([A]).litlen(257).bits(1, 1),
  },

  {
    reason: "distance-too-far",
    name: "a match before any output",
    write: (writer) => writer.fixed("last").match(3, 1),
  },
  {
    reason: "distance-too-far",
    name: "a distance of 2 after one byte",
    write: (writer) => writer.fixed("last").literals([A]).match(258, 2),
  },
  {
    reason: "distance-too-far",
    name: "a distance of 5 after 4 bytes, by the last extra bit",
    write: (writer) => writer.stored("more", [A, B, C, A]).fixed("last").match(3, 5),
  },
  {
    reason: "distance-too-far",
    name: "a distance of 32768 after 32767 bytes",
    write: (writer) => writer.stored("more", HISTORY.subarray(1)).fixed("last").match(3, 32768),
  },
  {
    reason: "distance-too-far",
    name: "a distance to before the first byte, in a dynamic block with 15-bit distance codes",
    write: (writer) =>
      writer.dynamic("last", { litlen: A_END_THREE, distance: staircase(range(14, 29)) }).literals([A])
        .litlen(257).distance(29).bits(0, 13),
  },
];

/** Streams as bytes: those that exposed bugs in other decoders, and those with bytes after their end. */
export const RECORDED_STREAMS: readonly RecordedStream[] = [
  { name: "no bytes", hex: "", expected: "truncated" },
  {
    name: "a flushed stream that was never closed, as compress/flate leaves it",
    hex: "000000ffff",
    expected: "truncated",
  },
  { name: "one byte after an empty stored block", hex: "010000ffff00", expected: "trailing-bytes" },
  { name: "one byte after an empty fixed block", hex: "030000", expected: "trailing-bytes" },
  { name: "a second stream after the first", hex: "03000300", expected: "trailing-bytes" },
  { name: "a bad block after the last", hex: "0300ff", expected: "trailing-bytes" },
  // The precode is oversubscribed. The decoder of compress/flate built a table for it and then hung.
  {
    name: "Go issue 10426",
    hex: "344c4a4e494d4b070000ff2e2eff2e2e2e2e2eff",
    expected: "precode-oversubscribed",
  },
  // Without distance codes and without matches.
  { name: "Go issue 11030", hex: "05c0070600000080400fff37a0ca", expected: NO_BYTES },
  // One distance code, of one bit, and an empty stored block at the end.
  {
    name: "Go's TestDegenerateHuffmanCoding",
    hex: "0cc2010d00000082b0ac4aff0eb07d27060000ffff",
    expected: ascii("abcabc"),
  },
];

/** A complete code for the symbols given, of at most `maxBits`; a single symbol gets one bit. */
function randomCode(symbols: readonly number[], maxBits: number, random: RandomNumbers): CodeLengths {
  const leaves = [0];
  // Splitting the newest leaf repeatedly makes long codewords. Splitting random leaves makes codewords of similar lengths.
  const skew = random(100);
  while (leaves.length < symbols.length) {
    const preferred = random(100) < skew ? leaves.length - 1 : random(leaves.length);
    const leaf = leaves[preferred]! < maxBits ? preferred : leaves.findIndex((bits) => bits < maxBits);
    const bits = leaves[leaf]! + 1; // a leaf can be split, because symbols are fewer than 2 ** maxBits
    leaves[leaf] = bits;
    leaves.push(bits);
  }
  return Object.fromEntries(symbols.map((symbol, index) => [symbol, Math.max(leaves[index]!, 1)]));
}

/** `count` different integers from `from` to `to`, in random order. */
function sample(from: number, to: number, count: number, random: RandomNumbers): number[] {
  const pool = range(from, to);
  for (let index = 0; index < Math.min(count, pool.length); index++) {
    const other = index + random(pool.length - index);
    [pool[index], pool[other]] = [pool[other]!, pool[index]!]; // both are indices of the pool
  }
  return pool.slice(0, count);
}

function shuffled(items: readonly number[], random: RandomNumbers): number[] {
  return sample(0, items.length - 1, items.length, random).map((index) => items[index]!);
}

function writeRandomSymbols(
  writer: DeflateWriter,
  litlen: CodeLengths,
  distance: CodeLengths,
  output: number[],
  random: RandomNumbers,
): void {
  const litlenSymbols = Object.keys(litlen).map(Number).filter((symbol) => symbol !== 256 && symbol < 286);
  const distanceSymbols = Object.keys(distance).map(Number).filter((symbol) => symbol < 30);
  if (litlenSymbols.length === 0) return;
  for (let left = random(120); left > 0; left--) {
    const symbol = litlenSymbols[random(litlenSymbols.length)]!;
    if (symbol < 256) {
      writer.litlen(symbol);
      output.push(symbol);
      continue;
    }
    const reachable = distanceSymbols.filter((candidate) => DISTANCE_BASES[candidate]! <= output.length);
    if (reachable.length === 0) continue;
    const far = reachable[random(reachable.length)]!;
    const lengthExtra = random(2 ** LENGTH_EXTRA_BITS[symbol - 257]!);
    const distanceExtra = random(
      Math.min(2 ** DISTANCE_EXTRA_BITS[far]!, output.length - DISTANCE_BASES[far]! + 1),
    );
    writer.litlen(symbol).bits(lengthExtra, LENGTH_EXTRA_BITS[symbol - 257]!);
    writer.distance(far).bits(distanceExtra, DISTANCE_EXTRA_BITS[far]!);
    copied(output, LENGTH_BASES[symbol - 257]! + lengthExtra, DISTANCE_BASES[far]! + distanceExtra);
  }
}

function writeRandomDynamicBlock(
  writer: DeflateWriter,
  place: "last" | "more",
  output: number[],
  random: RandomNumbers,
): void {
  const literals = sample(0, 255, random(random(2) === 0 ? 8 : 257), random);
  const lengths = sample(257, 285, random(30), random);
  const litlen = randomCode(shuffled([256, ...literals, ...lengths], random), 15, random);
  const distance = randomCode(sample(0, 29, random(31), random), 15, random);
  const repeats = random(2) === 0;
  const highestLitlen = Math.max(...Object.keys(litlen).map(Number));
  const highestDistance = Math.max(0, ...Object.keys(distance).map(Number));
  const precode = random(2) === 0 ? undefined : randomCode(shuffled(range(0, 18), random), 7, random);
  writer.dynamic(place, {
    litlen,
    distance,
    litlenCount: highestLitlen + 1 + random(286 - highestLitlen),
    distanceCount: highestDistance + 1 + random(30 - highestDistance),
    repeats,
    ...(precode === undefined ? {} : { precode }),
    ...(random(2) === 0 ? {} : { precodeCount: PRECODE_ORDER.length }),
  });
  writeRandomSymbols(writer, litlen, distance, output, random);
  writer.end();
}

/** A valid stream of 1 to 4 random blocks, not written by a compressor, and its decompressed bytes. */
export function randomStream(seed: number): { data: Uint8Array; output: Uint8Array } {
  const random = randomNumbers(seed);
  const writer = deflateWriter();
  const output: number[] = [];
  for (let left = random(4); left >= 0; left--) {
    const place = left === 0 ? "last" : "more";
    const type = random(6);
    if (type === 0) {
      const data = Array.from({ length: random(50) }, () => random(256));
      writer.stored(place, data);
      output.push(...data);
    } else if (type === 1) {
      writer.fixed(place);
      writeRandomSymbols(writer, lengthForEach(0, 285, 8), lengthForEach(0, 29, 5), output, random);
      writer.end();
    } else {
      writeRandomDynamicBlock(writer, place, output, random);
    }
  }
  return { data: writer.finish(random(2) === 0 ? 0 : 1), output: Uint8Array.from(output) };
}

/**
 * Writes empty blocks of 0 to 7 bits more than whole bytes, so that the next block begins at that bit of a byte.
 *
 * An empty fixed block has 10 bits; an empty dynamic one, with the precode 18 0, 0 10, 1 11, has 92, or with the
 * precode 0 0, 18 10, 1 11 it has 93.
 */
export function writeOffset(writer: DeflateWriter, bits: number): DeflateWriter {
  const start = writer.bitLength();
  if (bits % 2 === 1) writer.dynamic("more", { litlen: ONLY_END, precode: { 0: 1, 18: 2, 1: 2 } }).end();
  while ((writer.bitLength() - start) % 8 !== bits) writer.fixed("more").end();
  return writer;
}
