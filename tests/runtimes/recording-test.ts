/**
 * The `node:test` of Deno and Bun, with every outcome printed to standard output.
 *
 * Their own reports lack information that the suite needs: Deno counts a test that calls `t.skip()` as passed, Bun
 * drops the reason, and neither keeps diagnostics. Their runners still run the tests, and their exit codes still count.
 *
 * @module
 */

import * as runner from "node:test";
import { runTest, type TestBody, type TestOptions, type TestRecord } from "./node-test.ts";

// Read now, because in Bun the preload replaces `node:test`, including its live bindings, by this module.
const register = runner.test;
export const before: typeof runner.before = runner.before;
export const after: typeof runner.after = runner.after;

/** Tests that have begun and not ended. */
const running = new Set<string>();
process.on("exit", () => {
  for (const name of running) print({ name, outcome: "failed", message: "The test did not end" });
});

function print(record: TestRecord): void {
  console.log(`@unseal ${JSON.stringify(record)}`);
}

/** Registers a test with the runtime's own runner. */
export function test(name: string, ...rest: [TestBody] | [TestOptions, TestBody]): void {
  const [options, body] = rest.length === 2 ? rest : [{}, rest[0]];
  if (options.skip) print({ name, outcome: "skipped", message: options.skip === true ? "" : options.skip });
  void register(name, options, async (t) => {
    running.add(name);
    const startedAt = Date.now();
    const record = await runTest({ name, options, body });
    running.delete(name);
    print({ ...record, milliseconds: Date.now() - startedAt });
    if (record.outcome === "skipped") t.skip(record.message);
    if (record.outcome === "failed") throw new Error(record.message);
  });
}

export default test;
