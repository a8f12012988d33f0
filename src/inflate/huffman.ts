/**
 * Decoding tables for the canonical Huffman codes of DEFLATE (RFC 1951 §3.2.2).
 *
 * A table has `1 << rootBits` root entries, indexed by the next bits of the stream. A codeword that is longer than
 * that has its first `rootBits` bits lead to a sub-table, indexed by the bits that follow. Two levels always suffice,
 * and the tables stay small enough (`LITLEN_TABLE_SIZE`, `DISTANCE_TABLE_SIZE`) that building them is not an attack:
 * a flat table of 2^15 entries a block, as some decoders have it, turns 10 KB of input into 50 ms of work.
 *
 * An entry is one 32-bit integer, laid out so that decoding is shifts alone. Shift counts in JavaScript are taken
 * modulo 32, so `bits >>> entry` consumes what the entry says without masking it out first:
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
/** In the entry of a bit pattern that stands for nothing. */
export const UNUSED: number = 1 << 15;
/** Any of the three: the entry is not a literal, a length or a distance. */
export const EXCEPTIONAL: number = SUB_TABLE | END_OF_BLOCK | UNUSED;

/** No codeword is longer (RFC 1951 §3.2.7). */
const MAX_CODE_BITS = 15;

/**
 * Index bits of the root tables. Nine for literals and lengths: two literals and a length's codeword and extra bits are
 * then 9 + 9 + 5 bits, which one refill covers; ten and eleven were no faster. Seven for distances: six and eight were
 * no faster. A code length codeword has seven bits at most, so its table has no sub-tables.
 */
export const LITLEN_ROOT_BITS = 9;
export const DISTANCE_ROOT_BITS = 7;
export const PRECODE_ROOT_BITS = 7;

/**
 * The most entries that any complete code can need, root and sub-tables together, for 286 symbols with 9 root bits and
 * for 30 with 7. `tests/huffman.test.ts` derives both by going through every shape a code can have. (The fixed codes have
 * more symbols, but none that needs a sub-table.)
 */
const LITLEN_TABLE_SIZE = 852;
const DISTANCE_TABLE_SIZE = 400;

const LITERAL = -0x80000000;
const VALUE_SHIFT = 16;
/** Adds a codeword of one bit to a template: one more bit to consume, one more before the extra bits. */
const CODE_BIT = 0x101;

/** RFC 1951 §3.2.5: symbols 257–285 are lengths, each class of four taking one more extra bit than the last. */
function litlenTemplates(): Int32Array {
  const templates = new Int32Array(288).fill(UNUSED);
  for (let literal = 0; literal < 256; literal++) templates[literal] = LITERAL | (literal << VALUE_SHIFT);
  templates[256] = END_OF_BLOCK;
  let base = 3;
  for (let symbol = 257; symbol < 285; symbol++) {
    const extraBits = symbol < 265 ? 0 : (symbol - 261) >> 2;
    templates[symbol] = (base << VALUE_SHIFT) | extraBits;
    base += 1 << extraBits;
  }
  templates[285] = 258 << VALUE_SHIFT;
  return templates;
}

/** RFC 1951 §3.2.5: symbols 0–29 are distances, each pair taking one more extra bit than the last. */
function distanceTemplates(): Int32Array {
  const templates = new Int32Array(32).fill(UNUSED);
  let base = 1;
  for (let symbol = 0; symbol < 30; symbol++) {
    const extraBits = symbol < 4 ? 0 : (symbol - 2) >> 1;
    templates[symbol] = (base << VALUE_SHIFT) | extraBits;
    base += 1 << extraBits;
  }
  return templates;
}

/** One of the three codes of DEFLATE: its table, and what the table is built from. */
export interface Code {
  readonly table: Int32Array;
  readonly rootBits: number;
  /** `templates[symbol]` is the symbol's entry for a codeword of no bits. */
  readonly templates: Int32Array;
}

const newLitlenCode = (): Code => ({
  table: new Int32Array(LITLEN_TABLE_SIZE),
  rootBits: LITLEN_ROOT_BITS,
  templates: litlenTemplates(),
});

const newDistanceCode = (): Code => ({
  table: new Int32Array(DISTANCE_TABLE_SIZE),
  rootBits: DISTANCE_ROOT_BITS,
  templates: distanceTemplates(),
});

/** The codes of the dynamic block that is being decoded, or was last. */
export const litlenCode: Code = /* @__PURE__ */ newLitlenCode();
export const distanceCode: Code = /* @__PURE__ */ newDistanceCode();

export const precode: Code = /* @__PURE__ */ (() => ({
  table: new Int32Array(1 << PRECODE_ROOT_BITS),
  rootBits: PRECODE_ROOT_BITS,
  templates: new Int32Array(19).map((_, symbol) => symbol << VALUE_SHIFT),
}))();

/**
 * Codeword lengths as a dynamic block gives them: those of the literals and lengths, followed by those of the distances.
 * Most symbols have none, so the ones that do are listed, in ascending order, and nothing ever goes through the others.
 */
export interface CodeLengths {
  /** The codeword length at each place. */
  readonly lengths: Uint8Array;
  /** The places whose length is not 0. */
  readonly used: Uint16Array;
}

/** What a set of code lengths amounts to, by Kraft's sum: a codeword of n bits takes 2^-n of the space. */
export type CodeSet = "complete" | "incomplete" | "oversubscribed";

/** `counts[n]` is how many symbols have a codeword of n bits. This and the next two are reused by every build. */
const counts = /* @__PURE__ */ new Uint16Array(MAX_CODE_BITS + 1);
const nextSlot = /* @__PURE__ */ new Uint16Array(MAX_CODE_BITS + 1);
/** Symbols by codeword, that is by length and then by value. */
const sorted = /* @__PURE__ */ new Uint16Array(288);

/**
 * Fills the table of a complete code; leaves that of another alone.
 *
 * Codewords are taken in order and kept bit-reversed, as the stream gives them. While they grow no longer than the
 * root, the filled part is doubled for each further bit, so that a short codeword is written once and spread by
 * memory copies. (Reversing with a table instead of counting in reverse was no faster.)
 *
 * @param first Where the code's symbols begin in `used`.
 * @param last Where they end.
 * @param base The place of the code's symbol 0.
 */
export function buildTable(
  code: Code,
  { lengths, used }: CodeLengths,
  first: number,
  last: number,
  base: number,
): CodeSet {
  const { table, rootBits, templates } = code;
  // Every index below is within bounds: lengths are at most 15, symbols under 288, and tables as large as any complete
  // code needs.
  counts.fill(0);
  for (let i = first; i < last; i++) counts[lengths[used[i]!]!]!++;
  const set = judge();
  if (set !== "complete") return set;

  for (let bits = 1, slot = 0; bits <= MAX_CODE_BITS; bits++) {
    nextSlot[bits] = slot;
    slot += counts[bits]!;
  }
  for (let i = first; i < last; i++) {
    const place = used[i]!;
    sorted[nextSlot[lengths[place]!]!++] = place - base;
  }

  let codeword = 0;
  let index = 0;
  let bits = 1;
  while (counts[bits] === 0) bits++;
  for (let size = 1 << bits; bits <= rootBits; size <<= 1) {
    const codeBits = bits * CODE_BIT;
    for (let left = counts[bits]!; left > 0; left--) {
      table[codeword] = templates[sorted[index++]!]! + codeBits;
      codeword = followingCodeword(codeword, size - 1);
    }
    if (++bits <= rootBits) table.copyWithin(size, 0, size);
  }

  const rootMask = (1 << rootBits) - 1;
  let prefix = -1;
  let subStart = 0;
  let subEnd = 1 << rootBits;
  for (; bits <= MAX_CODE_BITS; bits++) {
    const subBits = bits - rootBits;
    for (let left = counts[bits]!; left > 0; left--) {
      if ((codeword & rootMask) !== prefix) {
        prefix = codeword & rootMask;
        // The sub-table needs as many index bits as make the codewords that are left fill it.
        let indexBits = subBits;
        for (let taken = left; taken < 1 << indexBits;) taken = (taken << 1) + counts[rootBits + ++indexBits]!;
        subStart = subEnd;
        subEnd += 1 << indexBits;
        table[prefix] = SUB_TABLE | (subStart << VALUE_SHIFT) | (indexBits << 8) | rootBits;
      }
      const entry = templates[sorted[index++]!]! + subBits * CODE_BIT;
      for (let i = subStart + (codeword >>> rootBits); i < subEnd; i += 1 << subBits) table[i] = entry;
      codeword = followingCodeword(codeword, (1 << bits) - 1);
    }
  }
  return set;
}

/**
 * Fills the table of a complete code, or of the one kind of incomplete code that zlib lets pass: at most one symbol, of
 * one bit. Any other bit stands for nothing there.
 */
export function buildTableOrSingle(
  code: Code,
  codeLengths: CodeLengths,
  first: number,
  last: number,
  base: number,
): CodeSet {
  const set = buildTable(code, codeLengths, first, last, base);
  if (set !== "incomplete" || counts[1] !== last - first) return set;
  const { table, rootBits, templates } = code;
  table.fill(UNUSED + CODE_BIT, 0, 1 << rootBits);
  if (last > first) {
    const entry = templates[codeLengths.used[first]! - base]! + CODE_BIT; // first is in use
    for (let i = 0; i < 1 << rootBits; i += 2) table[i] = entry;
  }
  return "complete";
}

function judge(): CodeSet {
  let left = 1;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    left = (left << 1) - counts[bits]!; // there are as many counts
    if (left < 0) return "oversubscribed";
  }
  return left > 0 ? "incomplete" : "complete";
}

/** Adds one to a bit-reversed codeword of the length of `ones`, which is the last one and has none to follow it. */
function followingCodeword(codeword: number, ones: number): number {
  const highestZero = 1 << (31 - Math.clz32(codeword ^ ones));
  return (codeword & (highestZero - 1)) | highestZero;
}

/** The codes of all fixed blocks. */
export interface FixedCodes {
  readonly litlen: Code;
  readonly distance: Code;
}

let fixedCodes: FixedCodes | undefined;

/**
 * The fixed codes (RFC 1951 §3.2.6), built when they are first met and kept: the vendor ends every sealed result with an
 * empty fixed block.
 */
export function getFixedCodes(): FixedCodes {
  if (fixedCodes !== undefined) return fixedCodes;
  const litlen = newLitlenCode();
  const distance = newDistanceCode();
  const lengths = new Uint8Array(320).fill(8).fill(9, 144, 256).fill(7, 256, 280).fill(5, 288);
  const used = new Uint16Array(320).map((_, place) => place);
  buildTable(litlen, { lengths, used }, 0, 288, 0);
  buildTable(distance, { lengths, used }, 288, 320, 288);
  return fixedCodes = { litlen, distance };
}
