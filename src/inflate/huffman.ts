/**
 * Decoding tables for the canonical Huffman codes of DEFLATE (RFC 1951 §3.2.2).
 *
 * A table has `1 << rootBits` root entries, indexed by the next bits of the stream. For a longer codeword, the entry of
 * its first `rootBits` bits leads to a sub-table, indexed by the bits that follow. Two levels always suffice, and the
 * tables stay small (`LITLEN_TABLE_SIZE`, `DISTANCE_TABLE_SIZE`). A flat table of 2^15 entries for each block, which
 * some decoders build, lets an attacker turn 10 KB of input into 50 ms of work.
 *
 * An entry is one 32-bit integer, laid out so that decoding needs shifts only. JavaScript takes shift counts modulo 32,
 * so `bits >>> entry` consumes the bits of the entry without masking their number first:
 *
 * | bits | literal | length or distance | sub-table | other |
 * | --- | --- | --- | --- | --- |
 * | 0–4 | bits to consume | codeword and extra bits to consume | root bits to consume | bits to consume |
 * | 8–12 | (codeword's length) | bits before the extra bits | index bits of the sub-table | |
 * | 13–15 | 0 | 0 | `SUB_TABLE` | `END_OF_BLOCK`, `UNUSED` |
 * | 16–30 | the byte | base value | where the sub-table starts | |
 * | 31 | 1: the entry is negative | 0 | 0 | 0 |
 *
 * @module
 */

/** In the entry of a codeword prefix that a sub-table resolves. */
export const SUB_TABLE: number = 1 << 13;
/** In the entry of the end-of-block codeword. */
export const END_OF_BLOCK: number = 1 << 14;
/** In the entry of a bit pattern that encodes no symbol. */
export const UNUSED: number = 1 << 15;
/** Any of these three bits: the entry is not a literal, a length or a distance. */
export const EXCEPTIONAL: number = 7 << 13;

/** No codeword is longer (RFC 1951 §3.2.7). */
const MAX_CODE_BITS = 15;

/**
 * Index bits of the root tables. Nine for literals and lengths: two literals and a length's codeword and extra bits are
 * then 9 + 9 + 5 bits, which one refill covers; ten and eleven were no faster. Seven for distances, which was faster
 * than six and eight. A codeword of the code lengths has at most seven bits, so its table has no sub-tables.
 */
export const LITLEN_ROOT_BITS = 9;
export const DISTANCE_ROOT_BITS = 7;
export const PRECODE_ROOT_BITS = 7;

/**
 * The most entries that a complete code can need, root and sub-tables together, for 286 symbols with 9 root bits and
 * for 30 symbols with 7. `tests/inflate/huffman.test.ts` derives both numbers from all shapes that a code can have. The
 * fixed codes have more symbols, but no codeword that needs a sub-table.
 */
const LITLEN_TABLE_SIZE = 852;
const DISTANCE_TABLE_SIZE = 400;

const LITERAL = -0x80000000;
const VALUE_SHIFT = 16;
/** Adds a codeword of one bit to a template: one more bit to consume, one more before the extra bits. */
const CODE_BIT = 0x101;

/** One of the codes of DEFLATE: its table, and what the table is built from. */
export interface Code {
  readonly table: Int32Array;
  readonly rootBits: number;
  /** `templates[symbol]` is the symbol's entry for a codeword of no bits. */
  readonly templates: Int32Array;
}

/** RFC 1951 §3.2.5: literals, the end of the block, lengths from 3 on (four for each number of extra bits), and 258. */
function newLitlenCode(): Code {
  const templates = new Int32Array(288).fill(UNUSED);
  for (let literal = 0; literal < 256; literal++) templates[literal] = LITERAL | (literal << VALUE_SHIFT);
  templates[256] = END_OF_BLOCK;
  fillRanges(templates, 257, 285, 3, 2);
  templates[285] = 258 << VALUE_SHIFT;
  return { table: new Int32Array(LITLEN_TABLE_SIZE), rootBits: LITLEN_ROOT_BITS, templates };
}

/** RFC 1951 §3.2.5: distances from 1 on, two for each number of extra bits. */
function newDistanceCode(): Code {
  const templates = new Int32Array(32).fill(UNUSED);
  fillRanges(templates, 0, 30, 1, 1);
  return { table: new Int32Array(DISTANCE_TABLE_SIZE), rootBits: DISTANCE_ROOT_BITS, templates };
}

/** Fills adjacent ranges: `1 << groupBits` for each number of extra bits. The first two groups have no extra bits. */
function fillRanges(templates: Int32Array, first: number, end: number, base: number, groupBits: number): void {
  for (let symbol = first; symbol < end; symbol++) {
    const extraBits = Math.max(0, ((symbol - first) >> groupBits) - 1);
    templates[symbol] = (base << VALUE_SHIFT) | extraBits;
    base += 1 << extraBits;
  }
}

/** The codes of the current or last dynamic block. */
export const litlenCode: Code = /* @__PURE__ */ newLitlenCode();
export const distanceCode: Code = /* @__PURE__ */ newDistanceCode();
/** The code of the code lengths, whose symbols are decoded as if they were the first literals. */
export const precode: Code = /* @__PURE__ */ (() => ({
  table: new Int32Array(1 << PRECODE_ROOT_BITS),
  rootBits: PRECODE_ROOT_BITS,
  templates: litlenCode.templates,
}))();

/**
 * Codeword lengths as a block gives them: those of the literals and lengths, followed by those of the distances.
 *
 * Most symbols have no codeword. `places` lists the places of the symbols with a codeword, in ascending order, so that
 * the others need not be visited.
 */
export const lengths: Uint8Array = /* @__PURE__ */ new Uint8Array(320);
export const places: Uint16Array = /* @__PURE__ */ new Uint16Array(320);

/**
 * `counts[n]` is the number of symbols with a codeword of n bits, n from 0 to `MAX_CODE_BITS`. Every build reuses this
 * array and the next two. The lengths are literals, because bundlers keep unused code that computes something.
 */
const counts = /* @__PURE__ */ new Uint16Array(16);
const nextSlot = /* @__PURE__ */ new Uint16Array(16);
/** Symbols in the order of their codewords: by length, then by value. */
const sorted = /* @__PURE__ */ new Uint16Array(288);

/**
 * Fills the table of a complete code, or of the one kind of incomplete code that zlib accepts: at most one symbol, with
 * a codeword of one bit. All other bit patterns encode no symbol.
 *
 * @param first Where the code's symbols begin in `places`.
 * @param last Where they end.
 * @param base The place of the code's symbol 0.
 * @param allowsSingle Whether that incomplete code is accepted.
 * @returns The rest of the code space. Above 0 the code is incomplete, below 0 it is oversubscribed; in both cases it
 * is refused and the table is not filled.
 */
export function buildTable(
  { table, rootBits, templates }: Code,
  first: number,
  last: number,
  base: number,
  allowsSingle: boolean,
): number {
  // Every index below is within bounds: lengths are at most 15, symbols under 288, and tables as large as any code
  // needs.

  // Count the codewords of each length.
  counts.fill(0);
  for (let i = first; i < last; i++) counts[lengths[places[i]!]!]!++;

  // Check that the code is complete (Kraft's equality). A codeword of n bits takes 2^-n of the code space, and `left`
  // is what remains, in units of 2^-bits. The same pass finds where each length's symbols begin in `sorted`.
  let left = 1;
  for (let bits = 1, slot = 0; bits <= MAX_CODE_BITS; bits++) {
    left = (left << 1) - counts[bits]!;
    if (left < 0) return left;
    nextSlot[bits] = slot;
    slot += counts[bits]!;
  }
  if (left > 0) {
    if (!allowsSingle || counts[1] !== last - first) return left;
    table.fill(UNUSED + CODE_BIT);
  }

  // Sort the symbols by the length of their codewords. `places` is ascending, so symbols of one length stay in order,
  // which is the order of their codewords in a canonical code.
  for (let i = first; i < last; i++) {
    const place = places[i]!;
    sorted[nextSlot[lengths[place]!]!++] = place - base;
  }

  // Fill the root table, in the order of the codewords, which are kept bit-reversed because the stream has their first
  // bit lowest. The table begins with 1 << bits entries and is doubled by a copy for each further bit, so that a
  // codeword is written once and the copies repeat it for all values of the bits above it. Writing each codeword to all
  // its places took a twelfth more time at 1 KB. Looking up reversed codewords in a table saved nothing.
  let codeword = 0;
  let index = 0;
  let bits = 1;
  while (bits < rootBits && counts[bits] === 0) bits++;
  for (; bits <= rootBits; bits++) {
    for (let remaining = counts[bits]!; remaining > 0; remaining--) {
      table[codeword] = templates[sorted[index++]!]! + bits * CODE_BIT;
      codeword = following(codeword, (1 << bits) - 1);
    }
    if (bits < rootBits) table.copyWithin(1 << bits, 0, 1 << bits);
  }

  // Fill the sub-tables with the longer codewords. In their order, codewords with the same first rootBits bits are
  // adjacent, so each change of that prefix begins a sub-table behind the last one.
  let start = 0;
  let end = 1 << rootBits;
  let prefix = -1;
  for (; bits <= MAX_CODE_BITS; bits++) {
    for (let remaining = counts[bits]!; remaining > 0; remaining--) {
      if ((codeword & ((1 << rootBits) - 1)) !== prefix) {
        prefix = codeword & ((1 << rootBits) - 1);
        // Size the sub-table: add index bits until the codewords of the remaining lengths fill it. The code is
        // complete, so they do.
        let indexBits = bits - rootBits;
        for (let used = remaining; used < 1 << indexBits;) used = (used << 1) + counts[rootBits + ++indexBits]!;
        start = end;
        end += 1 << indexBits;
        table[prefix] = SUB_TABLE | (start << VALUE_SHIFT) | (indexBits << 8) | rootBits;
      }
      // Write the codeword to all its places: a sub-table is small, and most of its codewords have its full length.
      const entry = templates[sorted[index++]!]! + (bits - rootBits) * CODE_BIT;
      for (let i = start + (codeword >>> rootBits); i < end; i += 1 << (bits - rootBits)) table[i] = entry;
      codeword = following(codeword, (1 << bits) - 1);
    }
  }
  return 0;
}

/** The next bit-reversed codeword of the same length. After `ones`, the last codeword, the result is meaningless. */
function following(codeword: number, ones: number): number {
  const highestZero = 1 << (31 - Math.clz32(codeword ^ ones));
  return (codeword & (highestZero - 1)) | highestZero;
}

/** The tables of literals and lengths, and of distances. */
export type Tables = readonly [litlen: Int32Array, distance: Int32Array];

let fixedTables: Tables | undefined;

/**
 * The tables of the fixed codes (RFC 1951 §3.2.6). They are built at their first use and kept, because every sealed
 * result of the vendor ends with an empty fixed block.
 */
export function getFixedTables(): Tables {
  if (fixedTables === undefined) {
    const litlen = newLitlenCode();
    const distance = newDistanceCode();
    lengths.fill(8).fill(9, 144, 256).fill(7, 256, 280).fill(5, 288);
    for (let place = 0; place < 320; place++) places[place] = place;
    buildTable(litlen, 0, 288, 0, false);
    buildTable(distance, 288, 320, 288, false);
    fixedTables = [litlen.table, distance.table];
  }
  return fixedTables;
}
