/**
 * `npm run mutate [-- AREA …]`: changes the sources one place at a time, and checks that a test fails each time.
 *
 * Every mutant that no test kills must be explained in `survivors.tsv`; otherwise the command fails and prints its
 * place. `--only=PART` runs the files whose path contains the text, without the table's minimum.
 *
 * @module
 */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Area, AREAS } from "./areas.ts";
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
  readonly killed: number;
  readonly timeouts: number;
  readonly explained: number;
  readonly percent: string;
}

const { values: { only }, positionals } = parseArgs({
  options: { only: { type: "string" } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in AREAS));
const entry = join(
  here,
  "node_modules/@stryker-mutator/core/dist/src/index.js",
);
if (unknown.length > 0) {
  fail(
    `Unknown area ${unknown.join(", ")}; there are: ${Object.keys(AREAS).join(", ")}`,
  );
} else if (!existsSync(entry)) {
  fail("Stryker is missing: npm ci --prefix tests/mutate");
} else {
  process.chdir(root);
  const { Stryker }: { Stryker: Stryker } = await import(
    pathToFileURL(entry).href
  );
  const rows: Row[] = [];
  for (const [name, area] of Object.entries(AREAS)) {
    if (positionals.length === 0 || positionals.includes(name)) {
      rows.push(await mutate(Stryker, name, area));
    }
  }
  console.table(
    Object.fromEntries(rows.map(({ area, ...row }) => [area, row])),
  );
}

async function mutate(
  Stryker: Stryker,
  name: string,
  area: Area,
): Promise<Row> {
  const sources = area.sources.flatMap(filesOf).filter((file) => only === undefined || file.includes(only));
  const tests = area.tests.flatMap(filesOf).filter((file) => file.endsWith(".test.ts"));
  const mutants = (await new Stryker({
    mutate: sources,
    mutateTests: tests,
    plugins: [join(here, "runner.ts")],
    testRunner: "modules",
    coverageAnalysis: "perTest",
    concurrency: 1,
    timeoutMS: 10_000,
    dryRunTimeoutMinutes: 60,
    ignorePatterns: [
      "/*",
      "!/src",
      "!/tests",
      "/tests/*/node_modules",
      "!/mod.ts",
      "!/package.json",
    ],
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
  const count = (...statuses: string[]): number => mutants.filter(({ status }) => statuses.includes(status)).length;
  const survivors = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const unexplained = survivors.filter((mutant) => explanationOf(mutant, explanations) === undefined);
  for (const mutant of unexplained) fail(`survived ${placeOf(mutant)}`);
  for (const mutant of mutants) {
    if (mutant.status === "RuntimeError") {
      fail(`cannot run ${placeOf(mutant)}: ${mutant.statusReason}`);
    }
  }
  const percent = 100 * count("Killed", "Timeout") / mutants.length;
  if (percent < MINIMUM_PERCENT && only === undefined) {
    fail(`${name}: under ${MINIMUM_PERCENT} % are killed`);
  }
  return {
    area: name,
    mutants: mutants.length,
    killed: count("Killed"),
    timeouts: count("Timeout"),
    explained: survivors.length - unexplained.length,
    percent: percent.toFixed(1),
  };
}

/** The file, or the TypeScript files of the folder. */
function filesOf(path: string): string[] {
  return statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).sort()
      .map((name) => `${path}/${name}`);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
