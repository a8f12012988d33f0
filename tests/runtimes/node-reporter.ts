/**
 * A reporter for `node --test` that prints the same records as every other runtime.
 *
 * Node 20 to 26 hand a reporter the same events, while their TAP and JUnit texts differ.
 *
 * @module
 */

import type { TestEvent } from "node:test/reporters";
import type { TestRecord } from "./record.ts";

type Reported = TestRecord & { readonly diagnostics: string[] };

/** Turns the runner's events into one line per test. Subtests count as part of their test. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  /** The latest record of each file, held back because its diagnostics follow it. */
  const latest = new Map<string | undefined, Reported>();
  const printed = new Map<string, string>();
  for await (const { type, data } of events) {
    if (type === "test:stderr") printed.set(data.file, (printed.get(data.file) ?? "") + data.message);
    if (type === "test:diagnostic") latest.get(data.file)?.diagnostics.push(data.message);
    if ((type !== "test:pass" && type !== "test:fail") || data.nesting > 0) continue;
    const before = latest.get(data.file);
    let record: TestRecord;
    if (type === "test:pass") {
      if (isFile(data.name)) continue;
      record = { name: data.name, ...outcomeOf(data.skip) };
    } else if (isFile(data.name)) {
      const name = `run ${data.name.slice(data.name.lastIndexOf("/tests/") + 1)}`;
      const message = printed.get(data.name) ?? before?.diagnostics.join("\n");
      record = { name, outcome: "failed", message: message || messageOf(data.details.error) };
    } else {
      record = { name: data.name, outcome: "failed", message: messageOf(data.details.error) };
    }
    latest.set(data.file, { ...record, diagnostics: [], milliseconds: Math.round(data.details.duration_ms) });
    if (before !== undefined) yield line(before);
  }
  for (const record of latest.values()) yield line(record);
}

function line(record: Reported): string {
  return `@unseal ${JSON.stringify(record)}\n`;
}

function outcomeOf(skip: string | boolean | undefined): Pick<TestRecord, "outcome" | "message"> {
  if (skip === undefined || skip === false) return { outcome: "passed" };
  return { outcome: "skipped", message: skip === true ? "" : skip };
}

/** The runner reports a file whose process failed as a test with the file's name. */
function isFile(name: string): boolean {
  return /\.test\.[jt]s$/.test(name);
}

/** The runner wraps what a test threw into an error of its own. */
function messageOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause ?? message);
}
