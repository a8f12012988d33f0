/**
 * The report of `npm test`: why tests were skipped, the failures, a table, what is missing, and one last line.
 *
 * @module
 */

import type { Program } from "./programs.ts";
import type { RuntimeResult, Suite } from "./record.ts";

/** A runtime that this machine does not have, and the command that installs it. */
export interface Missing {
  readonly runtime: string;
  readonly missing: string;
}

export type Outcome = RuntimeResult | Missing;

export function isMissing(outcome: Outcome): outcome is Missing {
  return "missing" in outcome;
}

/** A runtime that has ended, and its failures, so that they are known before the last one ends. */
export function summaryLine(outcome: Outcome): string {
  if (isMissing(outcome)) return missingLine(outcome.runtime, outcome.missing);
  const { runtime, version, passed, failed, skipped, seconds, failures } = outcome;
  const names = failures.map(({ name }) => `\n  FAILED: ${name}`).join("");
  return `${runtime} ${version}: ${counts(passed, failed, skipped)} in ${seconds.toFixed(1)} s${names}`;
}

/**
 * The final report of `npm test`. The most important part comes last, where a terminal shows it.
 *
 * @param engines The engines that the tests of services start and the machine lacks.
 * @param isVerbose Whether to name each skipped test and the slowest ones, and to print diagnostics.
 */
export function report(outcomes: readonly Outcome[], engines: readonly Program[], isVerbose: boolean): string {
  const results = outcomes.filter((outcome): outcome is RuntimeResult => !isMissing(outcome));
  const missing = outcomes.filter(isMissing);
  const sum = (key: "passed" | "failed" | "skipped"): number =>
    results.reduce((total, result) => total + result[key], 0);
  const sections = [
    isVerbose ? diagnosticLines(results) : [],
    isVerbose ? slowestLines(results) : [],
    skippedLines(results, isVerbose),
    ...results.flatMap(failureSections),
    table(results),
    [
      ...missing.map(({ runtime, missing: install }) => missingLine(runtime, install)),
      ...engines.map(({ name, install }) => missingLine(name, install)),
    ],
    [counts(sum("passed"), sum("failed"), sum("skipped"))],
  ];
  return sections.filter((lines) => lines.length > 0).map((lines) => `\n${lines.join("\n")}`).join("\n");
}

function missingLine(name: string, install: string): string {
  return `${name} is missing: ${install}`;
}

function counts(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

function failureSections({ runtime, version, failures }: RuntimeResult): string[][] {
  return failures.map(({ name, message }) => [
    `FAILED on ${runtime} ${version}: ${name}`,
    ...message.slice(0, 4000).trimEnd().split("\n").map((line) => `    ${line}`),
  ]);
}

function diagnosticLines(results: readonly RuntimeResult[]): string[] {
  const lines = results.flatMap(({ runtime, diagnostics }) => diagnostics.map((text) => `  ${runtime}: ${text}`));
  return lines.length === 0 ? [] : ["Diagnostics:", ...lines];
}

/** The ten slowest tests of each runtime. */
function slowestLines(results: readonly RuntimeResult[]): string[] {
  const lines = results.flatMap(({ runtime, records }) =>
    [...records].sort((a, b) => (b.milliseconds ?? 0) - (a.milliseconds ?? 0)).slice(0, 10)
      .map(({ name, milliseconds = 0 }) => `  ${runtime}: ${(milliseconds / 1000).toFixed(1)} s, ${name}`)
  );
  return ["Slowest tests:", ...lines];
}

function table(results: readonly RuntimeResult[]): string[] {
  const rows = [
    ["runtime", "version", "passed", "failed", "skipped", "seconds"],
    ...results.map(({ runtime, version, passed, failed, skipped, seconds }) =>
      [runtime, version, passed, failed, skipped, seconds.toFixed(1)].map(String)
    ),
  ];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))
      .join("  ")
  );
}

/** The number of skipped tests per reason, or with `isVerbose` their names, with the runtimes that skipped them. */
function skippedLines(results: readonly RuntimeResult[], isVerbose: boolean): string[] {
  const reasons = new Map<string, Map<string, Set<string>>>();
  for (const { runtime, records } of results) {
    for (const { name, outcome, message } of records) {
      if (outcome !== "skipped") continue;
      const reason = message || "no reason given";
      const tests = reasons.get(reason) ?? new Map<string, Set<string>>();
      reasons.set(reason, tests.set(name, (tests.get(name) ?? new Set()).add(runtime)));
    }
  }
  const lines = [...reasons].flatMap(([reason, tests]) => {
    const runtimes = new Set([...tests.values()].flatMap((names) => [...names]));
    return [
      `  ${String(tests.size).padStart(4)}  ${reason} (${[...runtimes].join(", ")})`,
      ...isVerbose ? [...tests].map(([name, runtimes]) => `          ${name} (${[...runtimes].join(", ")})`) : [],
    ];
  });
  return lines.length === 0 ? [] : [`Skipped tests${isVerbose ? "" : " (--verbose names them)"}:`, ...lines];
}

/**
 * Fails each runtime that did not run a test which others ran of the same suite, because a test can disappear without
 * failing.
 *
 * A test that a runtime cannot run calls `t.skip()`.
 */
export function compareNames(outcomes: readonly Outcome[]): Outcome[] {
  const everywhere = new Map<Suite, Set<string>>();
  for (const { suite, name, outcome } of outcomes.flatMap((each) => isMissing(each) ? [] : each.records)) {
    if (outcome !== "failed") everywhere.set(suite, (everywhere.get(suite) ?? new Set()).add(name));
  }
  return outcomes.map((outcome) => {
    if (isMissing(outcome) || outcome.passed === 0) return outcome;
    const suites = new Set(outcome.records.map(({ suite }) => suite));
    const lost = [...suites].flatMap((suite) => {
      const here = new Set(outcome.records.map(({ name }) => name));
      return [...everywhere.get(suite) ?? []].filter((name) => !here.has(name));
    });
    if (lost.length === 0) return outcome;
    const some = lost.slice(0, 10).join("\n");
    const failure = { name: "run what other runtimes ran", message: `${lost.length} tests did not run:\n${some}` };
    return { ...outcome, failed: outcome.failed + 1, failures: [...outcome.failures, failure] };
  });
}
