/**
 * The `node:test` of Deno and Bun, with every outcome printed to standard output.
 *
 * Their own reports lack information that the suite needs: Deno counts a test that calls `t.skip()` as passed, Bun
 * drops the reason, and neither keeps diagnostics. Their runners still run the tests, and their exit codes still count.
 *
 * @module
 */

import * as runner from "node:test";
import { describe, type TestBody, type TestContext, type TestOptions, type TestRecord } from "./node-test.ts";

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
    let record: TestRecord = { name, outcome: "passed" };
    const diagnostics: string[] = [];
    const startedAt = Date.now();
    const cleanUps: (() => unknown)[] = [];
    const context: TestContext = {
      name,
      skip: (reason = "") => {
        record = { name, outcome: "skipped", message: reason };
        t.skip(reason);
      },
      after: (cleanUp) => void cleanUps.unshift(cleanUp),
      diagnostic: (message) => void diagnostics.push(message),
    };
    try {
      try {
        await body(context);
      } finally {
        for (const cleanUp of cleanUps) await cleanUp();
      }
    } catch (error) {
      record = { name, outcome: "failed", message: describe(error) };
      throw error;
    } finally {
      running.delete(name);
      print({ ...record, diagnostics, milliseconds: Date.now() - startedAt });
    }
  });
}

export default test;
