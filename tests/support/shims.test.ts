/**
 * The shims other runtimes run this suite on: they must be able to fail, or a green run there would mean nothing.
 *
 * Nothing here is asserted through an assertion library, since in a bundle that library is the shim itself.
 *
 * @module
 */

import { test } from "node:test";
import fc from "fast-check";
import assert, { AssertionError } from "./shims/assert.ts";
import { runTest, runTests, type TestRecord } from "./shims/node-test.ts";

class Special extends Error {
  override readonly name = "Special";
  readonly code: string = "ERR_SPECIAL";
}

function throwSpecial(): never {
  throw new Special("went wrong");
}

const circular: { self?: unknown } = {};
circular.self = circular;

const accepted: Record<string, () => unknown> = {
  "assert(1)": () => assert(1),
  "ok(1)": () => assert.ok(1),
  "equal of NaN": () => assert.equal(NaN, NaN),
  "notEqual of 0 and -0": () => assert.notEqual(0, -0),
  "deepEqual of objects in another key order": () => assert.deepEqual({ a: 1, b: [2] }, { b: [2], a: 1 }),
  "deepEqual of bytes": () => assert.deepEqual(Uint8Array.of(1, 2), Uint8Array.of(0, 1, 2).subarray(1)),
  "deepEqual of circular values": () => assert.deepEqual(circular, circular),
  "deepEqual of maps, sets and dates": () =>
    assert.deepEqual([new Map([[1, "a"]]), new Set([1]), new Date(5)], [
      new Map([[1, "a"]]),
      new Set([1]),
      new Date(5),
    ]),
  "notDeepEqual": () => assert.notDeepEqual([1], [2]),
  "match": () => assert.match("abc", /b/),
  "doesNotMatch": () => assert.doesNotMatch("abc", /d/),
  "throws": () => assert.throws(throwSpecial),
  "throws a class": () => assert.throws(throwSpecial, Special),
  "throws a base class": () => assert.throws(throwSpecial, Error),
  "throws a pattern": () => assert.throws(throwSpecial, /^Special: went wrong$/),
  "throws properties": () => assert.throws(throwSpecial, { code: "ERR_SPECIAL", message: /wrong/ }),
  "throws what a function accepts": () => assert.throws(throwSpecial, (error: unknown) => error instanceof Special),
  "doesNotThrow": () => assert.doesNotThrow(() => 0),
  "rejects": () => assert.rejects(Promise.reject(new Special("x")), Special),
  "rejects from a function": () => assert.rejects(async () => await throwSpecial(), { code: "ERR_SPECIAL" }),
  "doesNotReject": () => assert.doesNotReject(Promise.resolve(0)),
};

const refused: Record<string, () => unknown> = {
  "assert(0)": () => assert(0),
  "ok of an empty string": () => assert.ok(""),
  'equal of 1 and "1"': () => assert.equal(1, "1"),
  "equal of 0 and -0": () => assert.equal(0, -0),
  "equal of like objects": () => assert.equal({}, {}),
  "notEqual of the same": () => assert.notEqual(NaN, NaN),
  "strictEqual": () => assert.strictEqual(1, 2),
  'deepEqual of 1 and "1"': () => assert.deepEqual({ a: 1 }, { a: "1" }),
  "deepEqual of a missing and an undefined property": () => assert.deepEqual({}, { a: undefined }),
  "deepEqual of an additional property": () => assert.deepEqual({ a: 1, b: 2 }, { a: 1 }),
  "deepEqual of another symbol property": () => assert.deepEqual({ [Symbol.iterator]: 1 }, { [Symbol.iterator]: 2 }),
  "deepEqual of arrays of other lengths": () => assert.deepEqual([1, 2], [1, 2, 3]),
  "deepEqual of a nested array": () => assert.deepEqual([[1, [2]]], [[1, [3]]]),
  "deepEqual of an array and an object": () => assert.deepEqual([], {}),
  "deepEqual of other bytes": () => assert.deepEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3)),
  "deepEqual of more bytes": () => assert.deepEqual(Uint8Array.of(1, 2), Uint8Array.of(1)),
  "deepEqual of other array types": () => assert.deepEqual(Uint8Array.of(1), Int8Array.of(1)),
  "deepEqual of bytes and an array": () => assert.deepEqual(Uint8Array.of(1), [1]),
  "deepEqual of other buffers": () => assert.deepEqual(Uint8Array.of(1).buffer, Uint8Array.of(2).buffer),
  "deepEqual of null and an object": () => assert.deepEqual(null, {}),
  "deepEqual of other prototypes": () => assert.deepEqual(new Special("a"), new Error("a")),
  "deepEqual of other messages": () => assert.deepEqual(new Error("a"), new Error("b")),
  "deepEqual of other dates": () => assert.deepEqual(new Date(1), new Date(2)),
  "deepEqual of other patterns": () => assert.deepEqual(/a/, /a/g),
  "deepEqual of other maps": () => assert.deepEqual(new Map([[1, "a"]]), new Map([[1, "b"]])),
  "deepEqual of other sets": () => assert.deepEqual(new Set([1]), new Set([2])),
  "deepEqual of circular values that differ": () => {
    const [one, other]: { self?: unknown; value: number }[] = [{ value: 1 }, { value: 2 }];
    if (one !== undefined && other !== undefined) [one.self, other.self] = [one, other];
    assert.deepEqual(one, other);
  },
  "deepStrictEqual": () => assert.deepStrictEqual([1], [2]),
  "notDeepEqual of like objects": () => assert.notDeepEqual({ a: [1] }, { a: [1] }),
  "match of another text": () => assert.match("abc", /d/),
  "doesNotMatch of a match": () => assert.doesNotMatch("abc", /b/),
  "doesNotMatch of a match, asked twice of a global pattern": () => {
    const pattern = /b/g;
    pattern.test("abc");
    assert.doesNotMatch("abc", pattern);
  },
  "throws of nothing thrown": () => assert.throws(() => 0),
  "throws of nothing thrown, expecting a class": () => assert.throws(() => 0, Error),
  "throws of another class": () => assert.throws(() => null!, Special),
  "throws of a base class": () =>
    assert.throws(() => {
      throw new Error("a");
    }, Special),
  "throws of another pattern": () => assert.throws(throwSpecial, /right/),
  "throws of another property": () => assert.throws(throwSpecial, { code: "ERR_OTHER" }),
  "throws of a missing property": () => assert.throws(throwSpecial, { reason: undefined }),
  "throws of another pattern in a property": () => assert.throws(throwSpecial, { message: /right/ }),
  "throws of no property at all": () => assert.throws(throwSpecial, {}),
  "throws of what a function refuses": () => assert.throws(throwSpecial, () => false),
  "throws of what a function does not decide": () => assert.throws(throwSpecial, () => undefined),
  "doesNotThrow of a throw": () => assert.doesNotThrow(throwSpecial),
  "rejects of a fulfilled promise": () => assert.rejects(Promise.resolve(0)),
  "rejects of another class": () => assert.rejects(Promise.reject(new Error("a")), Special),
  "rejects of another property": () => assert.rejects(Promise.reject(new Special("a")), { code: "ERR_OTHER" }),
  "doesNotReject of a rejection": () => assert.doesNotReject(Promise.reject(new Error("a"))),
  "fail": () => assert.fail("told to"),
};

for (const [name, assertion] of Object.entries(accepted)) {
  test(`the assert shim accepts ${name}`, async () => {
    await assertion();
  });
}

for (const [name, assertion] of Object.entries(refused)) {
  test(`the assert shim refuses ${name}`, async () => {
    let thrown: unknown;
    try {
      await assertion();
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof AssertionError)) throw new Error(`Expected an AssertionError, got ${String(thrown)}`);
    if (thrown.message === "") throw new Error("Expected a message, got none");
  });
}

function must(record: TestRecord, outcome: TestRecord["outcome"], message: string): void {
  if (record.outcome === outcome && (record.message ?? "").includes(message)) return;
  throw new Error(`Expected ${outcome} with "${message}", got ${JSON.stringify(record)}`);
}

test("the test shim tells a failing, a skipped and a passing test apart", async () => {
  must(await runTest({ name: "a", options: {}, body: throwSpecial }), "failed", "went wrong");
  must(await runTest({ name: "b", options: {}, body: () => Promise.reject(new Error("late")) }), "failed", "late");
  must(await runTest({ name: "c", options: {}, body: (t) => t.skip("no such thing") }), "skipped", "no such thing");
  must(await runTest({ name: "d", options: { skip: "not now" }, body: throwSpecial }), "skipped", "not now");
  must(await runTest({ name: "e", options: {}, body: () => 0 }), "passed", "");
});

test("the test shim fails a test that outlives its timeout", async (t) => {
  if (typeof setTimeout !== "function") return t.skip("no setTimeout");
  const record = await runTest({ name: "a", options: { timeout: 5 }, body: () => new Promise(() => {}) });
  must(record, "failed", "longer than 5 ms");
});

test("the test shim fails a file that cannot be imported, and one without tests", async () => {
  const records: TestRecord[] = [];
  const files = [["x.test.ts", throwSpecial], ["y.test.ts", () => Promise.resolve()]] as const;
  await runTests(files, (record) => records.push(record));
  if (records.length !== 2) throw new Error(`Expected 2 records, got ${JSON.stringify(records)}`);
  for (const record of records) must(record, "failed", record.name === "import x.test.ts" ? "went wrong" : "no test");
});

test("fast-check runs here, and finds a property that does not hold", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => bytes.length >= 0));
  const found = fc.check(fc.property(fc.nat(), (number) => number < 1000));
  if (!found.failed || found.counterexample?.[0] !== 1000) {
    throw new Error(`Expected the counterexample 1000, got ${JSON.stringify(found.counterexample)}`);
  }
});
