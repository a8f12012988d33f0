/**
 * Reads what the benchmark wrote, and gives out single figures of it.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tests/runtimes/project.ts";
import type { CaseResult, RuntimeDocument, SizesDocument } from "../results.ts";

/** The order of runtimes in every table, and what a reader calls them. */
const RUNTIMES: readonly (readonly [name: string, title: string])[] = [
  ["node20", "Node 20"],
  ["node22", "Node 22"],
  ["node24", "Node 24"],
  ["node26", "Node 26"],
  ["deno", "Deno"],
  ["bun", "Bun"],
  ["workerd", "workerd"],
];

/** Everything that a report is made of. */
export interface Results {
  readonly runtimes: readonly RuntimeDocument[];
  readonly sizes: SizesDocument | undefined;
}

/** Where the results lie that the repository keeps. */
export const KEPT_RESULTS: string = join(ROOT, "bench/results");

/** Reads all documents of a folder; those that are not there are left out. */
export function readResults(folder: string = KEPT_RESULTS): Results {
  const read = <Document>(name: string): Document | undefined => {
    const file = join(folder, `${name}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  };
  return {
    runtimes: RUNTIMES.flatMap(([name]) => read<RuntimeDocument>(name) ?? []),
    sizes: read<SizesDocument>("sizes"),
  };
}

/** What a reader calls a runtime. */
export function titleOf({ runtime }: { readonly runtime: string }): string {
  return RUNTIMES.find(([name]) => name === runtime)?.[1] ?? runtime;
}

/** One case of a document. */
export function findCase(
  document: RuntimeDocument,
  subject: string,
  variant: string,
  bytes: number,
): CaseResult | undefined {
  return document.cases.find((each) => each.subject === subject && each.variant === variant && each.bytes === bytes);
}

/** How many times longer a contestant takes than ours does; the median of same-round ratios. */
export function ratioOf(
  result: CaseResult | undefined,
  contestant: string,
  ours: string = "ours",
): number | undefined {
  return result?.timings[contestant]?.against[ours]?.median;
}

/** The least of some ratios: that of the fastest contestant. */
export function fastestOf(
  result: CaseResult | undefined,
  contestants: readonly string[],
): { readonly name: string; readonly ratio: number } | undefined {
  const ratios = contestants.flatMap((name) => {
    const ratio = ratioOf(result, name);
    return ratio === undefined ? [] : [{ name, ratio }];
  });
  return ratios.sort((a, b) => a.ratio - b.ratio)[0];
}

/** The geometric mean; `undefined` of nothing. */
export function geometricMean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return Math.exp(
    values.reduce((sum, value) => sum + Math.log(value), 0) / values.length,
  );
}

/** Who stands for `DecompressionStream`: the best of these counts. */
export const STREAMS: readonly string[] = [
  "DecompressionStream, arrayBuffer()",
  "DecompressionStream, reader",
];

/** Inflaters in JavaScript that allocate their output as ours does. */
export const PURE_INFLATERS: readonly string[] = [
  "fflate",
  "pako",
  "tiny-inflate",
];

export const KIB = 1024;
