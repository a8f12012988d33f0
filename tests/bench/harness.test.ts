/** Checks the benchmark's harness and payloads. No test here depends on speed. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Case } from "../../bench/contest.ts";
import { createHarness } from "../../bench/harness.ts";
import { makePayloads, SIZES } from "../../bench/payloads.ts";
import { KEY } from "../../bench/settings.ts";
import { createUnsealer } from "../../mod.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";

const measure = createHarness({
  seed: 1,
  warmUpMs: 0.1,
  batchMs: 0.1,
  caseBudgetMs: 1,
  minRounds: 4,
  maxRounds: 4,
});

type Doubling = Case<number, number>;

const CASE: Doubling = {
  subject: "doubling",
  variant: "numbers",
  bytes: 8,
  inputs: [1, 2, 3],
  runners: [
    { name: "ours", isOurs: true, run: (input) => input * 2 },
    { name: "asynchronous", run: (input) => Promise.resolve(input + input) },
  ],
  comparable: String,
};

test("createHarness() returns times, and same-round ratios to ours, of every contestant", async () => {
  const { times, ratios, refused } = await measure(CASE);
  assert.equal(refused, undefined);
  assert.deepEqual(Object.keys(times), ["ours", "asynchronous"]);
  for (const [p25, median, p75] of Object.values(times)) assert.ok(0 < p25 && p25 <= median && median <= p75);
  assert.deepEqual(ratios["ours"], {});
  assert.ok((ratios["asynchronous"]?.["ours"] ?? 0) > 0);
});

test("createHarness() names contestants that return a different output or throw, and does not time them", async () => {
  let runs = 0;
  const result = await measure({
    ...CASE,
    runners: [
      ...CASE.runners,
      { name: "wrong at the end", run: (input) => (runs++, input === 3 ? 7 : input * 2) },
      { name: "rejecting", run: () => Promise.reject(new Error("no")) },
    ],
  });
  assert.deepEqual(result.refused, { "wrong at the end": "returns a different output", "rejecting": "throws no" });
  assert.deepEqual(Object.keys(result.times), ["ours", "asynchronous"]);
  assert.equal(runs, 3);
});

test("createHarness() rejects when ours is wrong", async () => {
  const [ours, other] = CASE.runners;
  assert.ok(ours !== undefined && other !== undefined);
  const wrong = { ...ours, run: (input: number) => input * 3 };
  await assert.rejects(measure({ ...CASE, runners: [other, wrong] }), /ours returns a different output/);
});

test("createHarness() keeps as many operations pending as the case requires", async () => {
  let running = 0;
  let most = 0;
  const run = async (input: number): Promise<number> => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return input;
  };
  await measure({ ...CASE, runners: [{ name: "ours", isOurs: true, run }] });
  assert.equal(most, 1);
  await measure({ ...CASE, concurrency: 2, runners: [{ name: "ours", isOurs: true, run }] });
  assert.equal(most, 2);
});

test("makePayloads() seals events of the exact sizes, with the blocks that the vendor writes", async () => {
  const payloads = await makePayloads(7);
  assert.deepEqual(await makePayloads(7), payloads);
  assert.notDeepEqual(await makePayloads(8), payloads);
  assert.equal(new Set(payloads.map(({ sealed }) => sealed)).size, payloads.length);
  const cipher = nodeCipher();
  const key = cipher.importKey(new Uint8Array(Buffer.from(KEY, "base64")));
  const unsealer = createUnsealer({ keys: KEY, cipher });
  for (const { version, bytes, sealed } of payloads) {
    const opened = await unsealer.open(sealed);
    assert.equal(opened.bytes.length, bytes);
    assert.equal("products" in opened.event ? 3 : 4, version);
    const envelope = new Uint8Array(Buffer.from(sealed, "base64"));
    const compressed = cipher.decrypt(key, envelope.subarray(4, 16), envelope.subarray(16));
    assert.ok(compressed instanceof Uint8Array);
    // BFINAL 0, BTYPE 2; and at the end BFINAL 1, BTYPE 1 and seven zeros, up to seven bits before the end of the last
    // byte.
    assert.equal(compressed[0]! & 7, 0b100);
    const tail = Buffer.from(compressed.subarray(-3)).readUIntLE(0, 3);
    assert.ok(
      Array.from({ length: 8 }, (_, padding) => 24 - 10 - padding).some((start) => tail >>> start === 0b0000000011),
      tail.toString(2),
    );
  }
  assert.equal(payloads.length, 2 * SIZES.reduce((sum, each) => sum + each.payloads, 0));
});
