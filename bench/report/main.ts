/**
 * `npm run bench:report`: generates the tables and charts from the committed results. With `--check` it only names the
 * files that do not match the results. `--results=FOLDER` reads the results of another folder.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../tests/runtimes/project.ts";
import { canDraw, drawCharts } from "./charts.ts";
import { readResults, type Results } from "./documents.ts";
import { sectionsOf } from "./sections.ts";
import { withSections } from "./tables.ts";

/** Files with markers, each with its relative path to the charts, which are among the results. */
const MARKED_FILES: Readonly<Record<string, string>> = {
  "README.md": "bench/results/charts",
  "docs/speed.md": "../bench/results/charts",
  "docs/scale.md": "../bench/results/charts",
};

/** A file of the report, with the content that the results give it. */
export interface ReportFile {
  /** From the project's folder. */
  readonly path: string;
  readonly content: string;
}

/** The Markdown files with markers, with the sections from the results. */
export function markdownFiles(results: Results): ReportFile[] {
  return Object.entries(MARKED_FILES).map(([path, chartFolder]) => ({
    path,
    content: withSections(readFileSync(join(ROOT, path), "utf8"), sectionsOf(results, chartFolder)),
  }));
}

/** The charts. They need `npm ci --prefix bench`. */
export function chartFiles(results: Results): ReportFile[] {
  return Object.entries(drawCharts(results)).map(([name, content]) => ({
    path: `bench/results/charts/${name}`,
    content,
  }));
}

/** The paths of the files that are missing or different. */
export function staleFiles(files: readonly ReportFile[]): string[] {
  return files.filter(({ path, content }) => {
    const file = join(ROOT, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== content;
  }).map(({ path }) => path);
}

function reportFiles(results: Results): ReportFile[] {
  return [...markdownFiles(results), ...canDraw() ? chartFiles(results) : []];
}

/** Writes all files of the report; returns the paths of those that changed. */
export function writeReport(results: Results): string[] {
  const files = reportFiles(results);
  const stale = staleFiles(files);
  for (const { path, content } of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
  return stale;
}

function main(): void {
  const folder = process.argv.find((option) => option.startsWith("--results="))?.slice("--results=".length);
  const results = readResults(folder);
  if (results.runtimes.length === 0) {
    console.error("There are no results: npm run bench");
    process.exitCode = 1;
    return;
  }
  if (!canDraw()) console.error("The charts are not drawn: npm ci --prefix bench");
  if (process.argv.includes("--check")) {
    const stale = staleFiles(reportFiles(results));
    if (stale.length === 0) return;
    console.error(`Out of date: ${stale.join(", ")}. Run npm run bench:report`);
    process.exitCode = 1;
  } else {
    const changed = writeReport(results);
    console.log(changed.length === 0 ? "The report is up to date" : `Written: ${changed.join(", ")}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
