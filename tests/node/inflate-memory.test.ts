/**
 * Measures the memory of decompression: bombs are refused early, and calls release their memory.
 *
 * @module
 */

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { InflateError, inflateRaw } from "../../src/inflate/mod.ts";
import { deflateWriter } from "../support/bit-writer.ts";

const MEBIBYTE = 1024 * 1024;

/**
 * A stream of about `length` / 1032 bytes that decompresses to `length` zeros.
 *
 * Length 258 and distance 1 have the codeword 0, so each zero byte encodes four matches.
 */
function bomb(length: number): Uint8Array {
  const matches = Math.floor((length - 1) / 258);
  const header = deflateWriter().dynamic("last", { litlen: { 285: 1, 0: 2, 256: 2 }, distance: { 0: 1 } });
  header.literals(new Uint8Array((length - 1) % 258 + 1));
  // Matches of two zero bits fill the last byte of the header. The other matches are whole bytes.
  while (header.bitLength() % 8 !== 0 && header.bitLength() % 2 === 0) header.match(258, 1);
  const first = header.finish();
  const tail = new Uint8Array(Math.ceil(matches / 4) + 1);
  tail[tail.length - 1] = 0b11; // EOB
  const data = new Uint8Array(first.length + tail.length);
  data.set(first);
  data.set(tail, first.length);
  return data;
}

/** The resident memory of the process, including garbage. */
function resident(): number {
  return process.memoryUsage().rss;
}

/** The maximum resident memory so far, or the current one on a runtime without `process.resourceUsage`. */
function peak(): number {
  return typeof process.resourceUsage === "function" ? process.resourceUsage().maxRSS * 1024 : resident();
}

function assertGrowth(t: TestContext, before: number, after: number, most: number): void {
  const growth = (after - before) / MEBIBYTE;
  t.diagnostic(`memory grew by ${growth.toFixed(1)} MiB`);
  assert.ok(growth < most, `memory grew by ${growth.toFixed(1)} MiB`);
}

function assertTooLarge(data: Uint8Array, maxOutputBytes: number | undefined): void {
  assert.throws(
    () => inflateRaw(data, maxOutputBytes === undefined ? {} : { maxOutputBytes }),
    (error) => error instanceof InflateError && error.reason === "output-too-large",
  );
}

test("inflateRaw() refuses a bomb of 1 GiB with less than 96 MiB of memory", (t) => {
  const data = bomb(1024 * MEBIBYTE);
  assert.ok(data.length < 1.1 * MEBIBYTE);
  const before = peak();
  assertTooLarge(data, 10_000_000);
  assertTooLarge(data, undefined);
  assertGrowth(t, before, peak(), 96);
});

test("inflateRaw() refuses a bomb of 1 GiB with less than 2 MiB of memory when the limit is 64 KiB", (t) => {
  const data = bomb(1024 * MEBIBYTE);
  assertTooLarge(data, 65536);
  const before = process.memoryUsage().arrayBuffers;
  assertTooLarge(data, 65536);
  assertGrowth(t, before, process.memoryUsage().arrayBuffers, 2);
});

test("the bomb that inflateRaw() refuses inflates to 1 GiB without a limit", () => {
  const output = inflateRaw(bomb(3 * MEBIBYTE));
  assert.ok(output.length >= 3 * MEBIBYTE && output.length < 3 * MEBIBYTE + 2 * 258 * 4);
  assert.ok(output.every((byte) => byte === 0));
});

test("inflateRaw() releases the memory of 300 bombs: it grows by less than 256 MiB, not by 2 GiB", (t) => {
  const data = bomb(1024 * MEBIBYTE);
  const refuse = (times: number) => {
    for (let left = times; left > 0; left--) assertTooLarge(data, 4 * MEBIBYTE);
  };
  refuse(100);
  const before = resident();
  refuse(300);
  assertGrowth(t, before, resident(), 256);
});

test("inflateRaw() uses no more memory after 100000 calls", (t) => {
  const good = deflateWriter().fixed("last").literals(new Uint8Array(100)).match(258, 7).match(258, 7).end().finish();
  const bad = good.subarray(0, good.length - 1);
  const call = (times: number) => {
    for (let left = times; left > 0; left--) {
      assert.equal(inflateRaw(good).length, 616);
      if (left % 20 === 0) assert.throws(() => inflateRaw(bad), InflateError);
    }
  };
  call(10_000);
  const before = resident();
  call(100_000);
  assertGrowth(t, before, resident(), 96);
});
