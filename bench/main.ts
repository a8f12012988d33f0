/**
 * `npm run bench`: measures on every runtime present, or on those named: `npm run bench -- node24 deno`.
 *
 * `--quick` shows in about two minutes that it works, and the order of magnitude; its results are not kept in the
 * repository. `--only=inflate,unseal` measures some subjects alone, and keeps nothing.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BENCH } from "./bundle.ts";
import { writeColdScripts } from "./cold-start.ts";
import { measureRuntime } from "./measure.ts";
import { makePayloads } from "./payloads.ts";
import { readResults } from "./report/documents.ts";
import { targetsTable } from "./report/targets.ts";
import { writeReport } from "./report.ts";
import type { RuntimeDocument, SizesDocument } from "./results.ts";
import { listRuntimes, type Runtime } from "./runtimes.ts";
import { FULL, QUICK, SEED } from "./settings.ts";
import { measureSizes } from "./sizes.ts";

const given = process.argv.slice(2);
const isQuick = given.includes("--quick");
const only = given.find((option) => option.startsWith("--only="))?.slice("--only=".length)
  .split(",") ?? [];
const names = given.filter((option) => !option.startsWith("--"));
/** Quick results are for the eye alone: the report is made from full ones. */
const resultsFolder = join(BENCH, isQuick ? "results/quick" : "results");
const startedAt = Date.now();

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

installContestants();
const runtimes = chooseRuntimes();
const folder = mkdtempSync(join(tmpdir(), "unseal-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

progress("making payloads, building and bundling");
const payloads = await makePayloads(SEED);
const coldScripts = only.length === 0 ? writeColdScripts(folder, payloads) : {};
if (only.length === 0) keep("sizes", await measureSizes());

for (const [index, runtime] of runtimes.entries()) {
  progress(
    `${runtime.name} ${runtime.version}, ${index + 1} of ${runtimes.length}`,
  );
  const document = await measureRuntime(runtime, {
    folder,
    payloads,
    coldScripts,
    mode: isQuick ? "quick" : "full",
    settings: { ...isQuick ? QUICK : FULL, subjects: only },
    progress: (line) => progress(`  ${line}`),
  });
  if (only.length === 0) keep(runtime.name, document);
}
progress("done");
if (only.length === 0) report();

function progress(line: string): void {
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(`${String(seconds).padStart(4)} s  ${line}`);
}

function keep(name: string, document: RuntimeDocument | SizesDocument): void {
  const results = join(BENCH, isQuick ? "results/quick" : "results");
  mkdirSync(results, { recursive: true });
  writeFileSync(
    join(results, `${name}.json`),
    `${JSON.stringify(document, null, 1)}\n`,
  );
}

/** After a full run the report is made of it; a quick one only says how near the targets it came. */
function report(): void {
  const results = readResults(resultsFolder);
  const measured = results.runtimes.filter((document) => runtimes.some(({ name }) => name === document.runtime));
  console.log(`\n${targetsTable({ ...results, runtimes: measured })}\n`);
  if (isQuick) {
    console.log(
      "These are quick results: noise. They are in bench/results/quick/.",
    );
  } else {console.log(
      `Report: ${writeReport(results).join(", ") || "nothing has changed"}`,
    );}
}

/** The first run installs what the benchmark alone needs. */
function installContestants(): void {
  if (existsSync(join(BENCH, "node_modules"))) return;
  console.log("installing the contestants: npm ci --prefix bench");
  const { status } = spawnSync("npm", [
    "ci",
    "--prefix",
    BENCH,
    "--no-audit",
    "--no-fund",
  ], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

function chooseRuntimes(): Runtime[] {
  const all = listRuntimes();
  const unknown = names.filter((name) => !all.some((each) => each.name === name));
  if (unknown.length > 0) {
    console.error(
      `Unknown runtime ${unknown.join(", ")}: there are ${all.map(({ name }) => name).join(", ")}`,
    );
    process.exit(1);
  }
  const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  return chosen.filter((each): each is Runtime => {
    if (!("missing" in each)) return true;
    console.log(`missing: ${each.name} (${each.missing})`);
    return false;
  });
}
