/** The benchmark's report: that it follows from the results that are kept, and says what they say. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { canDraw, drawCharts } from "../../bench/report/charts.ts";
import { readResults, type Results } from "../../bench/report/documents.ts";
import { withSections } from "../../bench/report/markers.ts";
import { sectionsOf } from "../../bench/report/sections.ts";
import { targetsTable } from "../../bench/report/targets.ts";
import { chartFiles, markdownFiles, staleFiles } from "../../bench/report.ts";
import type { RuntimeDocument, Timing } from "../../bench/results.ts";

const NO_RESULTS = "bench/results holds no results: npm run bench";
const NO_LIBRARY = "what draws the charts is not installed: npm ci --prefix bench";

test("the tables in README.md and bench/README.md are what the kept results give", (t) => {
  const results = readResults();
  if (results.runtimes.length === 0) return t.skip(NO_RESULTS);
  assert.deepEqual(staleFiles(markdownFiles(results)), [], "run npm run bench:report");
});

test("the charts are what the kept results give", (t) => {
  const results = readResults();
  if (results.runtimes.length === 0) return t.skip(NO_RESULTS);
  if (!canDraw()) return t.skip(NO_LIBRARY);
  assert.deepEqual(staleFiles(chartFiles(results)), [], "run npm run bench:report");
});

test("the kept results are of full runs, of the contestants that bench/package.json names, on one machine", (t) => {
  const { runtimes, sizes } = readResults();
  if (runtimes.length === 0) return t.skip(NO_RESULTS);
  assert.ok(sizes !== undefined);
  for (const document of runtimes) {
    assert.equal(document.mode, "full", document.runtime);
    assert.deepEqual(document.contestants, sizes.contestants, document.runtime);
    assert.deepEqual(document.machine, runtimes[0]?.machine, document.runtime);
  }
});

/** A timing of which the ratio to ours is given. */
function timing(median: number, ratio: number): Timing {
  const all = (value: number) => ({ p25: value, median: value, p75: value });
  return { min: median, ...all(median), against: { "ours": all(ratio), "ours, node-cipher": all(2 * ratio) } };
}

/** Results of one runtime in which everybody takes `ratio` times as long as we do. */
function resultsWith(ratio: number, ours = 10): Results {
  const contestants = ["SDK 6", "SDK 7", "floor", "node:zlib", "fflate", "pako", "tiny-inflate"];
  const timings = {
    "ours": timing(ours, 1),
    "ours, node-cipher": timing(ours / 2, 0.5),
    ...Object.fromEntries(contestants.map((name) => [name, timing(ours * ratio, ratio)])),
  };
  const cases = [
    ...[1024, 4096, 16384, 65536].map((bytes) => ({ subject: "inflate", variant: "events", bytes })),
    ...["v3, serial", "v4, serial"].map((variant) => ({ subject: "unseal", variant, bytes: 1024 })),
    { subject: "unseal", variant: "v4, serial", bytes: 4096 },
    { subject: "hostile", variant: "empty fixed blocks", bytes: 5000 },
  ].map((each) => ({ ...each, rounds: 3, timings, refused: {} }));
  const document: RuntimeDocument = {
    runtime: "node24",
    version: "24.0.0",
    mode: "full",
    date: "2026-11-21T00:00:00.000Z",
    seed: 1,
    machine: { cpu: "A processor", cores: 2, memoryGiB: 4, system: "Linux" },
    contestants: { pako: "3.0.3" },
    cases,
    latency: [],
    memory: [],
    coldStart: null,
    notes: ["No cold start."],
  };
  return { runtimes: [document], sizes: undefined };
}

test("targetsTable() marks what is met and what is not", () => {
  const slower = targetsTable(resultsWith(2.9));
  assert.match(slower, /Inflate 1 KB: fastest pure JavaScript .* \| ≥ 3 \| ✗ 2\.90 \|/);
  assert.match(slower, /Inflate 16 KB: fastest pure JavaScript .* \| ≥ 2\.5 \| ✓ 2\.90 \|/);
  assert.match(slower, /Inflate 1 KB: synchronous `node:zlib` .* \| ≥ 1\.3 \| ✓ 2\.90 \|/);
  // No stream was measured.
  assert.match(slower, /Inflate 1 KB: best `DecompressionStream` .* \| ≥ 1 \| – \|/);
  const slowerByFar = targetsTable(resultsWith(0.2));
  assert.match(slowerByFar, /Hostile slow streams.* \| ≤ 4 \| ✗ 5\.00 \|/);
  assert.match(slowerByFar, /geometric mean of SDK ÷ ours \| ≥ 1\.5, Deno 1\.2 \| ✗ 0\.20 \|/);
});

test("the report names every cell of the whole operation that an SDK wins", () => {
  const won = sectionsOf(resultsWith(1.2), "charts")["bench-losses"];
  assert.match(won ?? "", /No cell of the whole operation is lost/);
  const lost = sectionsOf(resultsWith(0.8), "charts")["bench-losses"];
  assert.match(lost ?? "", /\* Node 24, v3, serial, 1 KB: SDK 6 ÷ ours 0\.80/);
});

test("the report changes when a result does", () => {
  const before = sectionsOf(resultsWith(2), "charts");
  const changed = (other: Results) => {
    const after = sectionsOf(other, "charts");
    return Object.keys(before).filter((name) => before[name] !== after[name]);
  };
  assert.deepEqual(changed(resultsWith(2)), []);
  assert.deepEqual(changed(resultsWith(2, 11)), ["bench", "bench-unseal", "bench-inflate", "bench-hostile"]);
  const ratioChanged = changed(resultsWith(2.1));
  for (const name of ["bench", "bench-targets", "bench-losses", "bench-inflate"]) {
    assert.ok(ratioChanged.includes(name));
  }
});

test("drawCharts() draws the same results the same way, and others in another", (t) => {
  if (!canDraw()) return t.skip(NO_LIBRARY);
  const charts = drawCharts(resultsWith(2));
  const again = drawCharts(resultsWith(2));
  assert.ok(Object.keys(charts).length > 0);
  for (const name of Object.keys(charts)) assert.ok(again[name] === charts[name], name);
  const others = drawCharts(resultsWith(3));
  for (const name of ["unseal-light.svg", "unseal-dark.svg", "inflate-light.svg"]) {
    assert.match(charts[name] ?? "", /^<svg /);
    assert.ok(others[name] !== charts[name], name);
  }
});

test("withSections() replaces what is between markers, and nothing else", () => {
  const text = "a\n<!-- bench-x:start -->\nold\n<!-- bench-x:end -->\nb <!-- other:start -->\n";
  const replaced = withSections(text, { "bench-x": "new" });
  assert.match(replaced, /^a\n<!-- bench-x:start -->\n[^]*\nnew\n[^]*<!-- bench-x:end -->\nb <!-- other:start -->\n$/);
  assert.ok(!replaced.includes("old"));
  assert.equal(withSections(replaced, { "bench-x": "new" }), replaced);
});

test("withSections() refuses a marker without an end, and one that names no section", () => {
  assert.throws(() => withSections("<!-- bench-x:start -->\n", { "bench-x": "" }), /no other end/);
  assert.throws(() => withSections("<!-- bench-x:start -->\n<!-- bench-y:end -->", { "bench-x": "" }), /no other end/);
  assert.throws(
    () => withSections("<!-- bench-y:start -->\n<!-- bench-y:end -->", { "bench-x": "" }),
    /no section bench-y/,
  );
});
