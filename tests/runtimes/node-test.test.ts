/**
 * Checks that the test runner of bundles reports failures, so that a green run on workerd, browsers and QuickJS is
 * reliable.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runTest, runTests, type TestRecord } from "./node-test.ts";

function fail(): never {
  throw new Error("went wrong");
}

function must(record: TestRecord, outcome: TestRecord["outcome"], message: string): void {
  if (record.outcome === outcome && (record.message ?? "").includes(message)) return;
  throw new Error(`Expected ${outcome} with "${message}", got ${JSON.stringify(record)}`);
}

test("runTest() distinguishes a failing, a skipped and a passing test", async () => {
  must(await runTest({ name: "a", options: {}, body: fail }), "failed", "went wrong");
  must(await runTest({ name: "b", options: {}, body: () => Promise.reject(new Error("late")) }), "failed", "late");
  must(await runTest({ name: "c", options: {}, body: (t) => t.skip("no such thing") }), "skipped", "no such thing");
  must(await runTest({ name: "d", options: { skip: "not now" }, body: fail }), "skipped", "not now");
  must(await runTest({ name: "e", options: {}, body: () => 0 }), "passed", "");
});

test("runTest() fails a test that exceeds its timeout", async (t) => {
  if (typeof setTimeout !== "function") return t.skip("this runtime has no setTimeout");
  const record = await runTest({ name: "a", options: { timeout: 5 }, body: () => new Promise(() => {}) });
  must(record, "failed", "longer than 5 ms");
});

test("runTests() fails a file that cannot be imported, and one without tests", async () => {
  const records: TestRecord[] = [];
  const files = [["x.test.ts", fail], ["y.test.ts", () => Promise.resolve()]] as const;
  await runTests(files, (record) => records.push(record));
  if (records.length !== 2) throw new Error(`Expected 2 records, got ${JSON.stringify(records)}`);
  for (const record of records) must(record, "failed", record.name === "import x.test.ts" ? "went wrong" : "no test");
});

const UNTRUE: Readonly<Record<string, () => unknown>> = {
  "ok of 0": () => assert.ok(0),
  'equal of 1 and "1"': () => assert.equal(1, "1" as unknown),
  "deepEqual of different bytes": () => assert.deepEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3)),
  "deepEqual of a missing and an undefined property": () => assert.deepEqual({}, { a: undefined }),
  "match of another text": () => assert.match("abc", /d/),
  "throws of nothing thrown": () => assert.throws(() => 0),
  "throws of another property": () => assert.throws(fail, { message: "went well" }),
  "rejects of a fulfilled promise": () => assert.rejects(Promise.resolve(0)),
};

for (const [name, assertion] of Object.entries(UNTRUE)) {
  test(`The assert of this runtime refuses ${name}`, async () => {
    let thrown: unknown;
    try {
      await assertion();
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof assert.AssertionError)) {
      throw new Error(`Expected an AssertionError, got ${String(thrown)}`);
    }
  });
}

test("fast-check finds a property that does not hold", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => bytes.length >= 0));
  const found = fc.check(fc.property(fc.nat(), (number) => number < 1000));
  if (!found.failed || found.counterexample?.[0] !== 1000) {
    throw new Error(`Expected the counterexample 1000, got ${JSON.stringify(found.counterexample)}`);
  }
});
