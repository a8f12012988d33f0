/**
 * `npm run bench`: measures on every installed runtime, or on the named ones: `npm run bench -- node24 deno`.
 *
 * `--quick` checks in under two minutes that everything works; its results are rough and not committed.
 * `--only=inflate,unseal` measures only some subjects, prints the results and writes no file.
 * `--check` measures some subjects quickly, and fails when one is slower than the committed results by more than noise.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BENCH, loadContestants } from "./bundle.ts";
import { writeColdScripts } from "./cold-start.ts";
import { measureRuntime, packageVersions } from "./measure.ts";
import { makePayloads } from "./payloads.ts";
import { KEPT_RESULTS, readResults, type RuntimeDocument, writeDocument } from "./report/documents.ts";
import { writeReport } from "./report/main.ts";
import { isTooSlow, lowestSlowdowns, MAX_SLOWDOWNS } from "./report/regressions.ts";
import { cellsSection, comparisonSection } from "./report/sections.ts";
import { listPrograms, type Runtime, runtimeOf } from "./runtimes.ts";
import { FULL, QUICK, SEED } from "./settings.ts";
import { measureSizes } from "./sizes.ts";

const given = process.argv.slice(2);
const isCheck = given.includes("--check");
const isQuick = isCheck || given.includes("--quick");
const only = isCheck
  ? Object.keys(MAX_SLOWDOWNS)
  : given.find((option) => option.startsWith("--only="))?.slice("--only=".length).split(",") ?? [];
const names = given.filter((option) => !option.startsWith("--"));
const resultsFolder = isQuick ? join(BENCH, "results/quick") : KEPT_RESULTS;
const startedAt = Date.now();

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

installContestants();
const runtimes = chooseRuntimes();
const folder = mkdtempSync(join(tmpdir(), "unseal-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

progress("making payloads, building and bundling");
const [payloads, contestants] = [await makePayloads(SEED), await loadContestants(folder)];
const coldScripts = only.length === 0 ? writeColdScripts(folder, payloads, contestants) : [];
if (only.length === 0) {
  const sizes = await measureSizes(contestants);
  writeDocument(resultsFolder, "sizes", { date: new Date().toISOString(), packages: packageVersions(), sizes });
}

const measure = (runtime: Runtime): Promise<RuntimeDocument> =>
  measureRuntime(runtime, {
    folder,
    payloads,
    contestants,
    coldScripts,
    mode: isQuick ? "quick" : "full",
    settings: { ...isQuick ? QUICK : FULL, subjects: only },
  });
if (isCheck) {
  await check();
  process.exit();
}
const documents: RuntimeDocument[] = [];
for (const [index, runtime] of runtimes.entries()) {
  progress(`${runtime.name} ${runtime.version}, ${index + 1} of ${runtimes.length}`);
  const document = await measure(runtime);
  documents.push(document);
  if (only.length === 0) writeDocument(resultsFolder, runtime.name, document);
}
progress("done");

const results = { runtimes: documents, sizes: undefined };
console.log(`\n${only.length === 0 ? comparisonSection(results) : cellsSection(results)}\n`);
if (isQuick) console.log("Quick results are noisy.");
if (!isQuick && only.length === 0) {
  console.log(`Report: ${writeReport(readResults()).join(", ") || "nothing has changed"}`);
}

async function check(): Promise<void> {
  const { runtimes: documents } = readResults();
  for (const runtime of runtimes) {
    const kept = documents.find((document) => document.runtime === runtime.name);
    if (kept === undefined) throw new Error(`No committed results of ${runtime.name}`);
    const factors = await lowestSlowdowns(() => measure(runtime), kept);
    const texts = Object.entries(factors).map(([subject, factor]) => `${subject} ${factor.toFixed(2)}`);
    progress(`${runtime.name}: times slower than in the committed results: ${texts.join(", ")}`);
    if (isTooSlow(factors)) process.exitCode = 1;
  }
  if (process.exitCode === 1) console.error(`Too slow; allowed are ${JSON.stringify(MAX_SLOWDOWNS)}`);
}

function progress(line: string): void {
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(`${String(seconds).padStart(4)} s  ${line}`);
}

/** Installs the benchmark's own packages at the first run. */
function installContestants(): void {
  if (existsSync(join(BENCH, "node_modules"))) return;
  console.log("installing the contestants: npm ci --prefix bench");
  const { status } = spawnSync("npm", ["ci", "--prefix", BENCH, "--no-audit", "--no-fund"], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

function chooseRuntimes(): Runtime[] {
  const all = listPrograms();
  const unknown = names.filter((name) => !all.some((each) => each.name === name));
  if (unknown.length > 0) {
    console.error(`Unknown runtime ${unknown.join(", ")}; known are ${all.map(({ name }) => name).join(", ")}`);
    process.exit(1);
  }
  return all.filter(({ name }) => names.length === 0 || names.includes(name)).flatMap((program) => {
    const runtime = runtimeOf(program);
    if (runtime === undefined) console.log(`missing: ${program.name} (${program.install})`);
    return runtime ?? [];
  });
}
