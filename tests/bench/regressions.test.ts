/** Checks the comparison of quick runs with the committed results. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readResults, type RuntimeDocument } from "../../bench/report/documents.ts";
import { isTooSlow, lowestSlowdowns, MAX_SLOWDOWNS, slowdowns } from "../../bench/report/regressions.ts";

const SUBJECTS = Object.keys(MAX_SLOWDOWNS);
const [kept] = readResults().runtimes;
assert.ok(kept !== undefined);

/** A run in which our times in a subject are `factor` times as long. */
function runWith(subject: string, factor: number): RuntimeDocument {
  return {
    ...kept!, // asserted above
    cells: kept!.cells.map((cell) => ({
      ...cell,
      ratios: Object.fromEntries(
        Object.entries(cell.ratios).map(([name, { ours }]) => [
          name,
          ours === undefined ? {} : { ours: cell.subject === subject ? ours / factor : ours },
        ]),
      ),
    })),
  };
}

for (const subject of SUBJECTS) {
  test(`slowdowns() finds that ${subject} takes longer, and nothing else`, () => {
    const factors = slowdowns(runWith(subject, 3), kept);
    assert.deepEqual(
      Object.entries(factors).map(([name, factor]) => [name, Number(factor.toFixed(6))]),
      SUBJECTS.map((name) => [name, name === subject ? 3 : 1]),
    );
  });
}

test("slowdowns() compares only cells and contestants that both have", () => {
  const run = runWith("unseal", 3);
  assert.deepEqual(slowdowns({ ...run, cells: [] }, kept), {});
  assert.deepEqual(slowdowns(run, { ...kept, cells: [] }), {});
  assert.ok(isTooSlow({}), "a subject that nothing was compared with");
});

test("lowestSlowdowns() measures again only while a subject is too slow, and returns the lowest factors", async () => {
  for (
    const [factors, runs, lowest] of [
      [[1.9], 1, 1.9],
      [[5, 1], 2, 1],
      [[5, 3, 4, 1], 3, 3],
    ] as const
  ) {
    let measured = 0;
    const result = await lowestSlowdowns(() => Promise.resolve(runWith("inflate", factors[measured++]!)), kept);
    assert.equal(measured, runs);
    assert.equal(result["inflate"]?.toFixed(6), lowest.toFixed(6));
    assert.equal(isTooSlow(result), lowest > 2);
  }
});
