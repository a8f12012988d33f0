/** The decoding tables: every complete code is decoded. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import * as huffman from "../../src/inflate/huffman.ts";
import { buildTable, type Code, lengths, places, precode, SUB_TABLE } from "../../src/inflate/huffman.ts";
import { canonicalCodewords } from "../support/bit-writer.ts";
import { LARGEST_DISTANCE_SHAPE, LARGEST_LITLEN_SHAPE } from "../support/deflate-streams.ts";
import { runs } from "../support/runs.ts";

const MAX_CODE_BITS = 15;

/** The decoder relies on its tables from one call to the next, and bundles share them: these are copies. */
const withOwnTable = (code: Code): Code => ({ ...code, table: code.table.slice() });
const litlenCode = withOwnTable(huffman.litlenCode);
const distanceCode = withOwnTable(huffman.distanceCode);

for (
  const [name, code, shape] of [
    ["litlen", litlenCode, LARGEST_LITLEN_SHAPE],
    ["distance", distanceCode, LARGEST_DISTANCE_SHAPE],
  ] as const
) {
  test(`buildTable() fills every entry of the ${name} table for the largest code`, () => {
    // No entry is 0: each has at least one bit to consume.
    code.table.fill(0);
    assert.equal(build(code, shape.flatMap((count, bits) => Array<number>(count).fill(bits))), 0);
    assert.ok(!code.table.includes(0));
  });
}

/** Codeword lengths of a complete code: a tree grown by splitting leaves. */
function grow(splits: readonly number[], symbols: number, maxBits: number): number[] {
  const leaves = [0];
  for (const choice of splits) {
    if (leaves.length >= symbols) break;
    const place = choice % leaves.length;
    const bits = leaves[place]!;
    if (bits < maxBits) leaves.splice(place, 1, bits + 1, bits + 1);
  }
  return leaves.length > 1 ? leaves : [1, 1];
}

function reverse(word: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= ((word >> i) & 1) << (bits - 1 - i);
  return reversed;
}

/** Builds a code from its lengths alone; returns what is left of the code space. */
function build(code: Code, ofSymbols: readonly number[]): number {
  lengths.set(ofSymbols);
  const used = [...ofSymbols.keys()].filter((symbol) => ofSymbols[symbol] !== 0);
  places.set(used);
  return buildTable(code, 0, used.length, 0);
}

for (const [name, code, symbols] of [["litlen", litlenCode, 286], ["distance", distanceCode, 30]] as const) {
  test(`buildTable() decodes every codeword of any complete ${name} code`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1, maxLength: symbols + 30 }),
        fc.boolean(),
        (splits, lopsided) => {
          const leaves = grow(lopsided ? splits.map(() => 0) : splits, symbols, MAX_CODE_BITS);
          const ofSymbols = new Array<number>(symbols).fill(0);
          // Spread the codewords over the symbols, so that some symbols have no codeword.
          leaves.forEach((bits, i) => ofSymbols[Math.floor((i * symbols) / leaves.length)] = bits);
          assert.equal(build(code, ofSymbols), 0);
          for (const [symbol, [word, bits]] of canonicalCodewords({ ...ofSymbols })) {
            assert.equal(lookUp(code, reverse(word, bits)), code.templates[symbol]! & ~0x1f1f | 0);
          }
        },
      ),
      { numRuns: runs(200) },
    );
  });
}

/** The table entry for the next bits of a stream, without the fields that count bits. */
function lookUp(code: Code, bits: number): number {
  let entry = code.table[bits & ((1 << code.rootBits) - 1)]!;
  if (entry > 0 && (entry & SUB_TABLE) !== 0) {
    const indexBits = (entry >> 8) & 15;
    entry = code.table[(entry >> 16) + ((bits >>> code.rootBits) & ((1 << indexBits) - 1))]!;
  }
  return entry & ~0x1f1f;
}

test("buildTable() checks Kraft's sum, and does not change the table when the code is not complete", () => {
  const sign = (...ofSymbols: number[]) => {
    const before = distanceCode.table.slice();
    const left = build(distanceCode, ofSymbols);
    if (left !== 0) assert.deepEqual(distanceCode.table, before);
    return Math.sign(left);
  };
  assert.equal(sign(1, 1), 0);
  assert.equal(sign(1, 2, 3, 3), 0);
  assert.equal(sign(0, 0), 0); // The two incomplete codes that zlib accepts, except for the precode.
  assert.equal(sign(1), 0);
  assert.ok(build(precode, []) > 0);
  assert.ok(build(precode, [1]) > 0);
  assert.equal(sign(2, 2, 2), 1);
  assert.equal(sign(1, 1, 1), -1);
  assert.equal(sign(1, 2, 2, 15), -1);
});
