/** Checks that the benchmark's report matches the committed results, and names losses. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unsealOnly } from "../../bench/contestant.ts";
import { drawCharts } from "../../bench/report/charts.ts";
import {
  type Cell,
  KEPT_RESULTS,
  readResults,
  type Results,
  type RuntimeDocument,
  writeDocument,
} from "../../bench/report/documents.ts";
import { chartFiles, markdownFiles, staleFiles } from "../../bench/report/main.ts";
import { comparisonSection, sectionsOf } from "../../bench/report/sections.ts";
import { withSections } from "../../bench/report/tables.ts";
import { needs } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** What a test that draws needs. */
const drawing = needs(absenceOfPackages("bench"));

test("the tables in README.md and docs/speed.md match the committed results", () => {
  assert.deepEqual(staleFiles(markdownFiles(readResults())), [], "run npm run bench:report");
});

test("the charts match the committed results", drawing, () => {
  assert.deepEqual(staleFiles(chartFiles(readResults())), [], "run npm run bench:report");
});

test("the committed results are of full runs, with the same contestants, on one machine", () => {
  const { runtimes, sizes } = readResults();
  // Sizes do not depend on the machine, and may be measured again by themselves.
  const others = (packages: Readonly<Record<string, string>> = {}) =>
    Object.entries(packages).filter(([name]) => !name.startsWith("@unseal/"));
  assert.equal(runtimes.length, 7);
  for (const document of runtimes) {
    assert.equal(document.mode, "full", document.runtime);
    assert.deepEqual(others(document.packages), others(sizes?.packages), document.runtime);
    assert.deepEqual(document.machine, runtimes[0]?.machine, document.runtime);
  }
});

test("writeDocument() writes the committed results unchanged, one line per cell", (t) => {
  const folder = temporaryFolder(t);
  const { runtimes: [document] } = readResults();
  assert.ok(document !== undefined);
  writeDocument(folder, "copy", document);
  const text = readFileSync(join(folder, "copy.json"), "utf8");
  assert.equal(text, readFileSync(join(KEPT_RESULTS, `${document.runtime}.json`), "utf8"));
  assert.equal(text.split("\n").filter((line) => line.includes('"subject":"unseal","variant"')).length, 20);
});

/** Results of one runtime in which every contestant takes `ratio` times as long as ours. */
function resultsWith(ratio: number, ours = 10): Results {
  const contestants: RuntimeDocument["contestants"] = [
    { name: "ours", role: "ours", colour: { light: "#0969da", dark: "#4493f8" } },
    { name: "ours, node-cipher", role: "ours", colour: { light: "#54aeff", dark: "#a5d6ff" } },
    { name: "SDK 6", role: "official SDK" },
    { name: "SDK 7", role: "official SDK", colour: { light: "#818b98", dark: "#848d97" } },
    { name: "pako", role: "JavaScript", colour: { light: "#8250df", dark: "#ab7df8" } },
  ];
  const timeOf = (name: string) => name === "ours" ? ours : name === "ours, node-cipher" ? ours / 2 : ours * ratio;
  const times = Object.fromEntries(contestants.map(({ name }) => {
    const time = timeOf(name);
    return [name, [time, time, time] as const];
  }));
  const ratios = Object.fromEntries(contestants.map(({ name }) => {
    const time = timeOf(name);
    return [name, { "ours": time / ours, "ours, node-cipher": time / ours * 2 }];
  }));
  const cells = [
    { subject: "unseal", variant: "v3, serial", bytes: 1024 },
    { subject: "unseal", variant: "v4, serial", bytes: 4096 },
    { subject: "inflate", variant: "events", bytes: 4096 },
    { subject: "hostile", variant: "empty fixed blocks", bytes: 5000 },
  ].map((each) => ({ ...each, times, ratios }));
  const document: RuntimeDocument = {
    runtime: "node24",
    version: "24.0.0",
    mode: "full",
    date: "2026-11-21T00:00:00.000Z",
    machine: { cpu: "A processor", cores: 2, memoryGiB: 4, system: "Linux" },
    packages: { pako: "3.0.3" },
    contestants,
    cells,
    latency: [],
    coldStart: null,
  };
  return { runtimes: [document], sizes: undefined };
}

test("sectionsOf() divides the time of verify by that of unseal, and the CPU time of the SDK by ours", () => {
  const { runtimes: [document], ...others } = resultsWith(2);
  const cells: readonly Cell[] = [{
    subject: "verify",
    variant: "v4, serial",
    bytes: 1024,
    times: {},
    ratios: { [unsealOnly("ours")]: { ours: 0.8 }, [unsealOnly("ours, node-cipher")]: { "ours, node-cipher": 0.5 } },
  }, {
    subject: "unseal",
    variant: "v4, serial",
    bytes: 1024,
    times: {},
    cpuTimes: { "ours": 10, "ours, node-cipher": 5, "SDK 7": 20 },
    ratios: {},
  }];
  const sections = sectionsOf({ ...others, runtimes: [{ ...document!, cells }] }, "");
  assert.match(sections["bench-verify"]!(), /\| Node 24 \| 1\.25 \/ 2\.00 \| – \/ – \|/);
  assert.match(sections["bench-cpu"]!(), /\| Node 24 \| 2\.00 \/ 4\.00 \| – \/ – \|/);
});

test("sectionsOf() divides the time of the handwritten code by ours, and a stage by the whole", () => {
  const { runtimes: [document], ...others } = resultsWith(2);
  const cellOf = (subject: string, variant: string, name: string, time: number, floors: Cell["ratios"] = {}): Cell => ({
    subject,
    variant,
    bytes: 4096,
    times: { [name]: [time, time, time] },
    ratios: floors,
  });
  const floors = { "floor, WebCrypto": { ours: 0.9 }, floor: { "ours, node-cipher": 1.1 } };
  const cells = [
    cellOf("unseal", "v3, serial", "ours, node-cipher", 15, floors),
    cellOf("unseal", "v4, serial", "ours, node-cipher", 5, floors),
    cellOf("base64", "text to bytes", "ours", 1),
    cellOf("GCM", "decrypt and authenticate", "ours, node-cipher", 2),
    cellOf("inflate", "events", "ours", 3),
    cellOf("UTF-8 and JSON", "bytes to event", "ours", 3.5),
  ];
  const sections = sectionsOf({ ...others, runtimes: [{ ...document!, cells }] }, "");
  assert.match(sections["bench-floor"]!(), /\| Node 24 \| 0\.90 \| – \| 1\.10 \| – \|/);
  assert.match(sections["bench-stages"]!(), /\| Node 24 \| 10 µs \| 10 % \| 20 % \| 30 % \| 35 % \| 5 % \|/);
});

test("comparisonSection() counts wins and losses of each of ours against each of the others", () => {
  const won = comparisonSection(resultsWith(1.2));
  assert.match(won, /\| unseal against SDK 7 \| 2 : 0 \| 1\.20 \| 1\.20 \| Node 24, v4, serial, 4 KB \| 1\.20 \|/);
  assert.match(won, /\| inflate \(ours, node-cipher\) against pako \| 1 : 0 \| 2\.40 \|/);
  assert.match(comparisonSection(resultsWith(0.2)), /\| hostile against pako \| 0 : 1 \| 0\.20 \|/);
  assert.doesNotMatch(won, /against ours/);
});

test("sectionsOf() names every cell of the whole operation that an SDK wins", () => {
  assert.equal(
    sectionsOf(resultsWith(1.2), "")["bench-losses"]?.(),
    "The official SDKs are faster in no measurement of the whole operation.",
  );
  const lost = sectionsOf(resultsWith(0.8), "")["bench-losses"]?.() ?? "";
  assert.match(lost, /^\| Node 24, v3, serial: SDK 6 \| 0\.80 \| /m);
});

test("sectionsOf() changes when a result does", () => {
  const textsOf = (results: Results) =>
    Object.entries(sectionsOf(results, "charts")).map(([name, section]) => [name, section()] as const);
  const before = new Map(textsOf(resultsWith(2)));
  const changed = (other: Results) =>
    textsOf(other).filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
  assert.deepEqual(changed(resultsWith(2)), []);
  assert.deepEqual(changed(resultsWith(2, 11)), ["bench"]);
  assert.deepEqual(changed(resultsWith(2.1)), [
    "bench",
    "bench-comparison",
    "bench-unseal",
    "bench-inflate",
  ]);
});

test("drawCharts() draws the same results the same way, and others differently", drawing, () => {
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

test("withSections() replaces only the text between markers", () => {
  const text = "a\n<!-- bench-x:start -->\nold\n<!-- bench-x:end -->\nb <!-- other:start -->\n";
  const replaced = withSections(text, { "bench-x": () => "new" });
  assert.match(replaced, /^a\n<!-- bench-x:start -->\n[^]*\nnew\n[^]*<!-- bench-x:end -->\nb <!-- other:start -->\n$/);
  assert.ok(!replaced.includes("old"));
  assert.equal(withSections(replaced, { "bench-x": () => "new" }), replaced);
});

test("withSections() refuses a marker without an end, and one that names no section", () => {
  const sections = { "bench-x": () => "" };
  assert.throws(() => withSections("<!-- bench-x:start -->\n", sections), /no counterpart/);
  assert.throws(() => withSections("<!-- bench-x:start -->\n<!-- bench-y:end -->", sections), /no counterpart/);
  assert.throws(() => withSections("<!-- bench-y:start -->\n<!-- bench-y:end -->", sections), /No section bench-y/);
});
