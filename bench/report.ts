/**
 * `npm run bench:report`: makes the tables and charts from the kept results; with `--check`, says which are not what the
 * results give, and changes nothing. `--results=FOLDER` takes those of another folder.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../tests/runtimes/project.ts";
import { canDraw, drawCharts } from "./report/charts.ts";
import { readResults, type Results } from "./report/documents.ts";
import { withSections } from "./report/markers.ts";
import { sectionsOf } from "./report/sections.ts";

/** Files with markers, and where the charts lie as seen from each: among the results, which the formatter leaves alone. */
const MARKED_FILES: readonly (readonly [file: string, chartFolder: string])[] = [
  ["README.md", "bench/results/charts"],
  ["bench/README.md", "results/charts"],
];

/** A file of the report, as it should be. */
export interface ReportFile {
  /** From the project's folder. */
  readonly path: string;
  readonly content: string;
}

/** The Markdown files that have markers, with the sections that the results give. */
export function markdownFiles(results: Results): ReportFile[] {
  return MARKED_FILES.filter(([path]) => existsSync(join(ROOT, path))).map((
    [path, chartFolder],
  ) => ({
    path,
    content: withSections(
      readFileSync(join(ROOT, path), "utf8"),
      sectionsOf(results, chartFolder),
    ),
  }));
}

/** The charts; needs what `npm ci --prefix bench` installs. */
export function chartFiles(results: Results): ReportFile[] {
  return Object.entries(drawCharts(results)).map(([name, content]) => ({
    path: `bench/results/charts/${name}`,
    content,
  }));
}

/** The files that are not there, or not as they should be. */
export function staleFiles(files: readonly ReportFile[]): string[] {
  return files.filter(({ path, content }) => {
    const file = join(ROOT, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== content;
  }).map(({ path }) => path);
}

/** Writes all files of the report; gives the paths of those that changed. */
export function writeReport(results: Results): string[] {
  const files = [
    ...markdownFiles(results),
    ...canDraw() ? chartFiles(results) : [],
  ];
  const stale = staleFiles(files);
  for (const { path, content } of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
  return stale;
}

function main(): void {
  const folder = process.argv.find((option) => option.startsWith("--results="))
    ?.slice("--results=".length);
  const results = readResults(folder);
  if (results.runtimes.length === 0) {
    console.error("There are no results: npm run bench");
    process.exitCode = 1;
    return;
  }
  if (!canDraw()) {
    console.error("The charts are left as they are: npm ci --prefix bench");
  }
  if (!process.argv.includes("--check")) {
    const changed = writeReport(results);
    console.log(
      changed.length === 0 ? "The report follows from the results" : `Written: ${changed.join(", ")}`,
    );
    return;
  }
  const stale = staleFiles([
    ...markdownFiles(results),
    ...canDraw() ? chartFiles(results) : [],
  ]);
  if (stale.length > 0) {
    console.error(
      `Not what the results give: ${stale.join(", ")}. Run npm run bench:report`,
    );
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
