/** The sizes of the decoding tables, derived from all shapes of codes. The result does not depend on the runtime. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { distanceCode, litlenCode, precode } from "../../src/inflate/huffman.ts";

const MAX_CODE_BITS = 15;

/**
 * The maximum number of entries, in the root table and sub-tables, that a complete code of at most `symbols` symbols can
 * need. Tries all shapes of the code tree, length by length.
 */
function mostEntries(symbols: number, rootBits: number): number {
  const known = new Map<number, number>();

  /**
   * The maximum number of sub-table entries that can still be added from codeword length `bits` on, with `used` symbols
   * placed, `nodes` open nodes of that length, and room for `free` of them in the last sub-table.
   */
  function mostAdded(bits: number, used: number, nodes: number, free: number): number {
    const state = ((bits * 512 + used) * 1024 + nodes) * 65_536 + free; // each is below its factor
    const before = known.get(state);
    if (before !== undefined) return before;
    let most = -Infinity;
    const size = 1 << (bits - rootBits);
    // Each open node needs at least two symbols. Counting one is a sufficient bound.
    for (let codewords = 0; codewords <= nodes; codewords++) {
      const open = nodes - codewords;
      if (used + codewords + open > symbols || (open > 0 && bits === MAX_CODE_BITS)) continue;
      const begun = Math.max(0, Math.ceil((codewords - free) / size));
      const freeAfter = free + begun * size - codewords;
      // A sub-table that is not full yet doubles for the next length.
      const added = begun * size + (open > 0 && freeAfter > 0 ? size : 0);
      most = Math.max(most, added + (open > 0 ? mostAdded(bits + 1, used + codewords, 2 * open, 2 * freeAfter) : 0));
    }
    known.set(state, most);
    return most;
  }

  /** The possible numbers of open nodes after the root's bits, each with the minimum number of symbols placed. */
  let shapes = new Map([[1, 0]]);
  for (let bits = 1; bits <= rootBits; bits++) {
    const next = new Map<number, number>();
    for (const [open, used] of shapes) {
      for (let codewords = 0; codewords <= 2 * open; codewords++) {
        const left = 2 * open - codewords;
        const placed = used + codewords;
        if (placed + left <= symbols && placed < (next.get(left) ?? Infinity)) next.set(left, placed);
      }
    }
    shapes = next;
  }
  let most = 0;
  for (const [open, used] of shapes) {
    if (open > 0) most = Math.max(most, mostAdded(rootBits + 1, used, 2 * open, 0));
  }
  return (1 << rootBits) + most;
}

test("the derivation of table sizes agrees with zlib's", () => {
  assert.equal(mostEntries(286, 9), 852); // zlib's ENOUGH_LENS
  assert.equal(mostEntries(30, 6), 592); // zlib's ENOUGH_DISTS
});

test("tables are exactly as large as the largest complete code needs", () => {
  assert.equal(litlenCode.table.length, mostEntries(286, litlenCode.rootBits));
  assert.equal(distanceCode.table.length, mostEntries(30, distanceCode.rootBits));
  assert.equal(precode.table.length, 1 << 7);
});
