/**
 * `docs/proof.md`: its tables of proofs, fuzzing, mutants and the soak test, from the committed results.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bytes as count, table } from "../../bench/report/tables.ts";
import { AREAS, filesOf } from "../mutate/areas.ts";
import { ROOT } from "../runtimes/project.ts";
import { keptResults } from "../support/kept-results.ts";
import { code, formatted } from "./markdown.ts";

/** What each target of the fuzzer is compared with. */
const REFERENCES: Readonly<Record<string, string>> = {
  inflate: "zlib: verdict, bytes, limit",
  base64: "RFC 4648, `Buffer`",
  unseal: "zlib, `TextDecoder`, `JSON.parse`",
  request: "posted bodies: `JSON.parse`, `URLSearchParams`",
  codings: "codings of bodies: this runtime's `fetch`",
  address: "addresses of clients: `node:net`, the URL parser",
  records: "CSV and JSON lines: a CSV parser of its own",
  webhook: "signatures: a reader of its own",
};

const TABLES: Readonly<Record<string, () => string>> = {
  prove: proveTable,
  fuzz: fuzzTable,
  mutate: mutateTable,
  soak: soakTable,
};

/** The page, with its tables between the markers `<!-- NAME:start -->` and `<!-- NAME:end -->` as they should be. */
export function proofPage(): string {
  let page = readFileSync(join(ROOT, "docs/proof.md"), "utf8");
  for (const [name, write] of Object.entries(TABLES)) {
    const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
    const [before = "", rest = "", ...others] = page.split(start);
    const [, after, ...more] = rest.split(end);
    if (after === undefined || others.length + more.length > 0) {
      throw new Error(`docs/proof.md needs ${start} and ${end}`);
    }
    page = `${before}${start}\n\n${write()}\n\n${end}${after}`;
  }
  return formatted(page);
}

function proveTable(): string {
  return table(
    ["all of …", "inputs", "are", "on"],
    Object.entries(keptResults("prove")).map((
      [name, { inputs, outcome, date }],
    ) => [name, count(inputs), outcome, date]),
  );
}

function fuzzTable(): string {
  const results = keptResults("fuzz");
  return table(
    ["target", "reference", "executions", "minutes", "branches", "findings", "until"],
    Object.entries(REFERENCES).flatMap(([target, reference]) => {
      const result = results[target];
      return result === undefined ? [] : [[
        code(target),
        reference,
        count(result.executions),
        result.minutes.toFixed(),
        count(result.covered),
        String(result.findings),
        result.date,
      ]];
    }),
  );
}

function mutateTable(): string {
  const results = keptResults("mutate");
  return table(
    ["area", "files measured", "changes", "noticed", "not noticed", "since"],
    Object.entries(AREAS).map(([area, { sources }]) => {
      const files = sources.flatMap(filesOf);
      const measured = files.flatMap((file) => results[file] ?? []);
      const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
      const [mutants, noticed] = [sum(measured.map((each) => each.mutants)), sum(measured.map((each) => each.noticed))];
      return [
        code(area),
        `${measured.length} of ${files.length}`,
        count(mutants),
        mutants === 0 ? "–" : `${(100 * noticed / mutants).toFixed(1)} %`,
        count(mutants - noticed),
        measured.map(({ date }) => date).sort()[0] ?? "–",
      ];
    }),
  );
}

function soakTable(): string {
  const results = Object.entries(keptResults("soak"));
  if (results.length === 0) return "It has not been measured.";
  const pair = ([one, other]: readonly [number, number]): string => `${one}, ${other}`;
  return table(
    [
      "runtime",
      "minutes",
      "requests",
      "hostile",
      "MiB before, after",
      "files before, after",
      "ms first",
      "ms last",
      "on",
    ],
    results.map(([runtime, result]) => {
      const { residentMegabytes: [before, , after], endpointMilliseconds } = result;
      return [
        code(runtime),
        String(result.minutes),
        count(result.requests),
        count(result.hostile),
        pair([before, after]),
        pair(result.openFiles),
        pair(endpointMilliseconds.first),
        pair(endpointMilliseconds.last),
        result.date,
      ];
    }),
  );
}
