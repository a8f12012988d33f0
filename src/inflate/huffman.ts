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
 * for 30 symbols with 7. `tests/node/inflate-tables.test.ts` derives both numbers from all shapes that a code can have.
 * The fixed codes have more symbols, but no codeword that needs a sub-table.
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

/**
 * Creates a code with the templates of its lengths or distances (RFC 1951 §3.2.5), which are adjacent ranges:
 * `1 << groupBits` for each number of extra bits, and twice as many without any. All other symbols are unused.
 *
 * @param first The symbol of the first range.
 * @param end The symbol after the last one.
 * @param base The first value.
 */
function newCode(
  rootBits: number,
  tableSize: number,
  symbols: number,
  first: number,
  end: number,
  base: number,
  groupBits: number,
): Code {
  const templates = new Int32Array(symbols).fill(UNUSED);
  for (let symbol = first; symbol < end; symbol++) {
    const extraBits = Math.max(0, ((symbol - first) >> groupBits) - 1);
    templates[symbol] = (base << VALUE_SHIFT) | extraBits;
    base += 1 << extraBits;
  }
  return { table: new Int32Array(tableSize), rootBits, templates };
}

/** The codes of the current or last block. Lengths are from 3 on; 258 has a symbol of its own. */
export const litlenCode: Code = /* @__PURE__ */ (() => {
  const code = newCode(LITLEN_ROOT_BITS, LITLEN_TABLE_SIZE, 288, 257, 285, 3, 2);
  for (let literal = 0; literal < 256; literal++) code.templates[literal] = LITERAL | (literal << VALUE_SHIFT);
  code.templates[256] = END_OF_BLOCK;
  code.templates[285] = 258 << VALUE_SHIFT;
  return code;
})();
export const distanceCode: Code = /* @__PURE__ */ newCode(DISTANCE_ROOT_BITS, DISTANCE_TABLE_SIZE, 32, 0, 30, 1, 1);
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
 * Fills the table of a complete code, or of the one kind of incomplete code that zlib accepts, except for the
 * precode: at most one symbol, with a codeword of one bit. All other bit patterns encode no symbol.
 *
 * @param first Where the code's symbols begin in `places`.
 * @param last Where they end.
 * @param base The place of the code's symbol 0.
 * @returns The rest of the code space. Above 0 the code is incomplete, below 0 it is oversubscribed; in both cases it
 * is refused and the table is not filled.
 */
export function buildTable(
  code: Code,
  first: number,
  last: number,
  base: number,
): number {
  const { table, rootBits, templates } = code;
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
    if (code === precode || counts[1] !== last - first) return left;
    table.fill(UNUSED + CODE_BIT);
  }

  // Sort the symbols by the length of their codewords. `places` is ascending, so symbols of one length stay in order,
  // which is the order of their codewords in a canonical code.
  for (let i = first; i < last; i++) {
    const place = places[i]!;
    sorted[nextSlot[lengths[place]!]!++] = place - base;
  }

  // Fill the table, in the order of the codewords, which are kept bit-reversed because the stream has their first bit
  // lowest. The root table begins with 64 entries and is doubled by a copy for each bit above six, so that a codeword is
  // written few times and the copies repeat it for all values of the bits above it. Writing each codeword to all its
  // places was slower. Looking up reversed codewords in a table saved nothing, and neither did doubling in a loop.
  //
  // Longer codewords with the same first rootBits bits are adjacent in this order, so each change of that prefix begins
  // a sub-table behind the last one.
  let codeword = 0;
  let index = 0;
  let start = 0;
  let end = 64;
  let droppedBits = 0;
  let prefix = -1;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    for (let remaining = counts[bits]!; remaining > 0; remaining--) {
      if (bits > rootBits && (codeword & ((1 << rootBits) - 1)) !== prefix) {
        prefix = codeword & ((1 << rootBits) - 1);
        droppedBits = rootBits;
        // Size the sub-table: add index bits until the codewords of the remaining lengths fill it. The code is
        // complete, so they do.
        let indexBits = bits - rootBits;
        for (let used = remaining; used < 1 << indexBits;) used = (used << 1) + counts[rootBits + ++indexBits]!;
        start = end;
        end += 1 << indexBits;
        table[prefix] = SUB_TABLE | (start << VALUE_SHIFT) | (indexBits << 8) | rootBits;
      }
      // Write the codeword to all its places. In a sub-table there are few: most of its codewords have its full length.
      const entry = templates[sorted[index++]!]! + (bits - droppedBits) * CODE_BIT;
      for (let i = start + (codeword >>> droppedBits); i < end; i += 1 << (bits - droppedBits)) table[i] = entry;
      // The next bit-reversed codeword of this length. After the last one of all, the result is meaningless.
      const highestZero = 1 << (31 - Math.clz32(codeword ^ ((1 << bits) - 1)));
      codeword = (codeword & (highestZero - 1)) | highestZero;
    }
    if (bits >= 6 && bits < rootBits) {
      table.copyWithin(end, 0, end);
      end <<= 1;
    }
  }
  return 0;
}
