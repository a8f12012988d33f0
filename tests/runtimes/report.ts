/**
 * What `npm test` prints: what was skipped and why, the failures, a table, what is missing, and one last line.
 *
 * @module
 */

import type { Missing, RuntimeResult, Suite } from "./record.ts";

export type Outcome = RuntimeResult | Missing;

export function isMissing(outcome: Outcome): outcome is Missing {
  return "missing" in outcome;
}

/** One line for a runtime that has ended. */
export function summaryLine(outcome: Outcome): string {
  if (isMissing(outcome)) return `missing: ${outcome.runtime} (${outcome.missing})`;
  const { runtime, version, passed, failed, skipped, seconds } = outcome;
  return `ended: ${runtime} ${version}, ${counts(passed, failed, skipped)} in ${seconds.toFixed(1)} s`;
}

/** Everything after the progress lines. */
export function report(outcomes: readonly Outcome[]): string {
  const results = outcomes.filter((outcome): outcome is RuntimeResult => !isMissing(outcome));
  const missing = outcomes.filter(isMissing);
  const sum = (key: "passed" | "failed" | "skipped"): number =>
    results.reduce((total, result) => total + result[key], 0);
  // What matters most comes last, where a terminal stands when all is done.
  return [
    ...diagnosticLines(results),
    ...skippedLines(results),
    ...results.flatMap(failureLines),
    "",
    ...table(outcomes),
    "",
    ...missing.map(({ runtime, missing: why }) => `Missing: ${runtime} (${why})`),
    counts(sum("passed"), sum("failed"), sum("skipped")),
  ].join("\n");
}

function counts(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

function failureLines({ runtime, version, failures }: RuntimeResult): string[] {
  return failures.flatMap(({ name, message }) => [
    "",
    `FAILED on ${runtime} ${version}: ${name}`,
    ...message.slice(0, 4000).trimEnd().split("\n").map((line) => `    ${line}`),
  ]);
}

function diagnosticLines(results: readonly RuntimeResult[]): string[] {
  const lines = results.flatMap(({ runtime, diagnostics }) => diagnostics.map((text) => `${runtime}: ${text}`));
  return lines.length === 0 ? [] : ["", "Diagnostics:", ...lines.map((line) => `  ${line}`)];
}

function table(outcomes: readonly Outcome[]): string[] {
  const rows = outcomes.map((outcome) =>
    isMissing(outcome) ? [outcome.runtime, `missing: ${outcome.missing}`] : [
      outcome.runtime,
      outcome.version,
      String(outcome.passed),
      String(outcome.failed),
      String(outcome.skipped),
      outcome.seconds.toFixed(1),
    ]
  );
  const all = [["runtime", "version", "passed", "failed", "skipped", "seconds"], ...rows];
  // A row of two cells says why a runtime is missing, and is not to widen its column.
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...all.filter((row) => row.length > 2 || column === 0).map((row) => row[column]?.length ?? 0))
  );
  return all.map((row) =>
    row.map((cell, column) => column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))
      .join("  ").trimEnd()
  );
}

/** Each skipped test under its reason, with the runtimes that gave it. */
function skippedLines(results: readonly RuntimeResult[]): string[] {
  const reasons = new Map<string, Map<string, Set<string>>>();
  for (const { runtime, records } of results) {
    for (const { name, outcome, message } of records) {
      if (outcome !== "skipped") continue;
      const reason = message || "no reason given";
      const tests = reasons.get(reason) ?? new Map<string, Set<string>>();
      reasons.set(reason, tests.set(name, (tests.get(name) ?? new Set()).add(runtime)));
    }
  }
  const lines = [...reasons].flatMap(([reason, tests]) => [
    `  ${reason}:`,
    ...[...tests].map(([name, runtimes]) => `    ${name} (${[...runtimes].join(", ")})`),
  ]);
  return lines.length === 0 ? [] : ["", "Skipped:", ...lines];
}

/**
 * Fails each runtime that did not run what others ran of the same suite: a test can also disappear without failing.
 *
 * A test that a runtime cannot run has to say so with `t.skip()`.
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
