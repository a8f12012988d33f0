/**
 * The result of a launcher, and the lines by which a runtime reports its tests.
 *
 * Every runtime prints one line per test, `@unseal {json}`, to its standard output. Other lines are ignored.
 *
 * @module
 */

import type { TestRecord } from "./node-test.ts";
import type { Ended } from "./run.ts";

export type { TestRecord };

/**
 * The tests of a runtime: portable files, those that need Node's modules, those for a page's main thread, those that
 * start real servers on each runtime, those that start nginx, those of stores through each runtime's own clients, those
 * of the project itself (its package, declarations, documentation and benchmark), and those that use the packed package
 * in other tools.
 */
export type Suite = "portable" | "node" | "page" | "services" | "nginx" | "stores" | "project" | "consumers";

export type SuiteRecord = TestRecord & { readonly suite: Suite };

export interface RuntimeResult {
  readonly runtime: string;
  readonly version: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  readonly failures: readonly { readonly name: string; readonly message: string }[];
  readonly diagnostics: readonly string[];
  readonly records: readonly SuiteRecord[];
}

/** What a launcher has run, or the command that installs what this machine lacks. */
export type Launched =
  | { readonly version: string; readonly records: readonly SuiteRecord[] }
  | { readonly missing: string };

/** A way to run the suite: `name` selects it on the command line. */
export interface Launcher {
  readonly name: string;
  readonly launch: () => Promise<Launched>;
}

/** The start of each line with a record. Code that runs inside a runtime has its own copy. */
export const RECORD_MARK = "@unseal ";

const OUTCOMES: readonly unknown[] = ["passed", "failed", "skipped"];

/** The records among the lines of an output. */
export function readRecords(output: string, suite: Suite): SuiteRecord[] {
  return output.split("\n").flatMap((line) => {
    const start = line.indexOf(RECORD_MARK);
    return start === -1 ? [] : [parseRecord(line.slice(start + RECORD_MARK.length), suite)];
  });
}

/** A line that is not a valid record becomes a failed one, so that garbled output is never reported as success. */
export function parseRecord(json: string, suite: Suite): SuiteRecord {
  try {
    const value: Partial<SuiteRecord> = JSON.parse(json);
    if (typeof value.name === "string" && OUTCOMES.includes(value.outcome)) return { ...value as TestRecord, suite };
  } catch {
    // Reported below.
  }
  return { name: "read a record", outcome: "failed", message: `Not a record: ${json.slice(0, 500)}`, suite };
}

/** The records of a finished process, with a failed one added when it ended badly and no failing test explains that. */
export function recordsOf(ended: Ended, suite: Suite): SuiteRecord[] {
  const records = readRecords(ended.output, suite);
  const explained = ended.exitCode === 1 && records.some((record) => record.outcome === "failed");
  if (explained || (ended.trouble === undefined && records.length > 0)) return records;
  const message = `${ended.trouble ?? "It ended with code 0"}\nThe last test that ended: ${
    records.at(-1)?.name ?? "none"
  }`;
  return [...records, { name: `run the ${suite} tests`, outcome: "failed", message, suite }];
}

/** Counts the records of a runtime. A run without tests is a failure. */
export function resultOf(
  runtime: string,
  version: string,
  startedAt: number,
  reported: readonly SuiteRecord[],
): RuntimeResult {
  const none: SuiteRecord = { name: "run the suite", outcome: "failed", message: "No test ran", suite: "portable" };
  const records = reported.length === 0 ? [none] : reported;
  const failed = records.filter((record) => record.outcome === "failed");
  return {
    runtime,
    version,
    passed: records.filter((record) => record.outcome === "passed").length,
    failed: failed.length,
    skipped: records.filter((record) => record.outcome === "skipped").length,
    seconds: (Date.now() - startedAt) / 1000,
    failures: failed.map(({ name, message }) => ({ name, message: message ?? "" })),
    diagnostics: records.flatMap(({ name, diagnostics }) => (diagnostics ?? []).map((text) => `${name}: ${text}`)),
    records,
  };
}
