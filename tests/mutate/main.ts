/**
 * `npm run mutate [-- AREA …]`: changes the sources one place at a time, and checks that a test fails each time.
 *
 * Every mutant that no test kills must be explained in `survivors.tsv`; otherwise the command fails and prints its
 * place. `--only=PART` runs the files whose path contains the text, without an area's minimum. `results.json` keeps the
 * counts of each file.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { keepResult, today } from "../support/kept-results.ts";
import { type Area, AREAS, filesOf } from "./areas.ts";
import { explanationOf, type Mutant, placeOf, readExplanations } from "./survivors.ts";

const MINIMUM_PERCENT = 92;

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");

interface Stryker {
  new (options: object): { runMutationTest(): Promise<Mutant[]> };
}

interface Row {
  readonly area: string;
  readonly mutants: number;
  readonly noticed: number;
  readonly timeouts: number;
  readonly explained: number;
  readonly percent: string;
}

const { values: { only }, positionals } = parseArgs({ options: { only: { type: "string" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in AREAS));
const entry = join(here, "node_modules/@stryker-mutator/core/dist/src/index.js");
if (unknown.length > 0) {
  fail(`Unknown area ${unknown.join(", ")}; there are: ${Object.keys(AREAS).join(", ")}`);
} else if (!existsSync(entry)) {
  fail("Stryker is missing: npm ci --prefix tests/mutate");
} else {
  process.chdir(root);
  const { Stryker }: { Stryker: Stryker } = await import(pathToFileURL(entry).href);
  const rows: Row[] = [];
  for (const [name, area] of Object.entries(AREAS)) {
    if (positionals.length === 0 || positionals.includes(name)) {
      rows.push(await mutate(Stryker, name, area));
    }
  }
  console.table(Object.fromEntries(rows.map(({ area, ...row }) => [area, row])));
}

async function mutate(Stryker: Stryker, name: string, area: Area): Promise<Row> {
  const sources = area.sources.flatMap(filesOf).filter((file) => only === undefined || file.includes(only));
  const tests = area.tests.flatMap(filesOf).filter((file) => file.endsWith(".test.ts"));
  const mutants = (await new Stryker({
    mutate: sources,
    mutateTests: tests,
    plugins: [join(here, "runner.ts")],
    testRunner: "modules",
    coverageAnalysis: "perTest",
    concurrency: 1,
    // A loop without an end is stopped by its count. This is for the rest: a short time would be reached on a busy machine.
    timeoutMS: 60_000,
    dryRunTimeoutMinutes: 60,
    ignorePatterns: ["/*", "!/src", "!/tests", "/tests/*/node_modules", "!/mod.ts", "!/package.json"],
    tempDirName: ".build/mutate",
    // Stryker cannot read TypeScript 7's configurations; nothing here needs one.
    tsconfigFile: "none.json",
    allowConsoleColors: false,
    reporters: [],
    logLevel: "error",
    warnings: false,
  }).runMutationTest()).map((mutant) => ({
    ...mutant,
    fileName: mutant.fileName.slice(mutant.fileName.indexOf("src/")),
  }));

  const explanations = readExplanations();
  const survivors = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const unexplained = survivors.filter((mutant) => explanationOf(mutant, explanations) === undefined);
  for (const mutant of unexplained) fail(`survived ${placeOf(mutant)}`);
  for (const mutant of mutants) {
    if (mutant.status === "RuntimeError") {
      fail(`cannot run ${placeOf(mutant)}: ${mutant.statusReason}`);
    }
  }
  const noticed = (some: readonly Mutant[]): number =>
    some.filter(({ status }) => status === "Killed" || status === "Timeout").length;
  for (const file of sources) {
    const own = mutants.filter(({ fileName }) => fileName === file);
    keepResult("mutate", file, { date: today(), mutants: own.length, noticed: noticed(own) });
  }
  const percent = mutants.length === 0 ? 100 : 100 * noticed(mutants) / mutants.length;
  if (percent < MINIMUM_PERCENT && only === undefined) fail(`${name}: under ${MINIMUM_PERCENT} % are noticed`);
  return {
    area: name,
    mutants: mutants.length,
    noticed: noticed(mutants),
    timeouts: mutants.filter(({ status }) => status === "Timeout").length,
    explained: survivors.length - unexplained.length,
    percent: percent.toFixed(1),
  };
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
