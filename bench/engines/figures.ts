/**
 * Writes the results of the benchmarks of single engines to `bench/results/engines/`, and as a table to the engine's
 * document.
 *
 * @module
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../tests/runtimes/project.ts";

/** A program, its milliseconds per request, and the difference to a program that only forwards. */
export type Row = readonly [program: string, milliseconds: number, aboveForwarding: number];

/** For times that a kernel counts in ticks: a median would be a whole number of them. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  // values is not empty, because every program has rounds.
  return [...values].sort((one, other) => one - other)[values.length >> 1]!;
}

/** Writes the results and the table between the document's markers. */
export function writeFigures(engine: "fastly" | "nginx", version: string, rows: readonly Row[]): void {
  const folder = join(ROOT, "bench/results/engines");
  mkdirSync(folder, { recursive: true });
  const machine = `${cpus()[0]?.model.trim()}, ${version}`;
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(join(folder, `${engine}.json`), `${JSON.stringify({ date, machine, rows }, undefined, 2)}\n`);
  const document = join(ROOT, `docs/${engine}.md`);
  const text = readFileSync(document, "utf8");
  const table = [
    `Measured ${date} on ${machine}.`,
    "",
    "| program | ms a request | above forwarding |",
    "| --- | --: | --: |",
    ...rows.map(([program, total, above]) => `| ${program} | ${total.toFixed(2)} | ${above.toFixed(2)} |`),
  ].join("\n");
  console.log(table);
  const [start, end] = ["<!-- figures:start -->", "<!-- figures:end -->"];
  const inside = `${start}\n\n<!-- deno-fmt-ignore-start -->\n\n${table}\n\n<!-- deno-fmt-ignore-end -->\n\n${end}`;
  writeFileSync(document, text.replace(new RegExp(`${start}[^]*${end}`), inside));
}
