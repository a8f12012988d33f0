/**
 * Hostile DEFLATE streams, each with zlib's verdict. Codes are drawn as in `deflate-streams.ts`.
 *
 * @module
 */

import type { InflateReason } from "../../src/inflate/mod.ts";
import { type CodeLengths, type DeflateWriter, lengthForEach, type LengthSymbol } from "./bit-writer.ts";
import { ascii } from "./bytes.ts";
import { A, A_END_THREE, A_OR_END, B, C, HISTORY, NO_BYTES, ONLY_END, range, staircase } from "./deflate-streams.ts";

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
