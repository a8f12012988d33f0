/** The arguments of `inflateRaw()`, and the reasons of its errors. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { InflateError, type InflateOptions, inflateRaw } from "../../src/inflate/mod.ts";
import { fromHex } from "../support/bytes.ts";

const HELLO = fromHex("cb48cdc9c90700");

test("inflateRaw() throws a TypeError when the stream is not a Uint8Array", () => {
  const wrong = [
    undefined,
    null,
    "0300",
    [3, 0],
    new ArrayBuffer(2),
    new DataView(new ArrayBuffer(2)),
    {
      length: 2,
    },
    new Uint8ClampedArray([3, 0]),
    new Int8Array([3, 0]),
    new Uint16Array([3, 0]),
  ];
  for (const data of wrong) {
    assert.throws(() => inflateRaw(data as unknown as Uint8Array), {
      name: "TypeError",
      message: /^data must be a Uint8Array, got /,
    });
  }
});

test("inflateRaw() throws a TypeError that names the limit when that is not a number", () => {
  for (const maxOutputBytes of [null, "8", 8n, true, {}, [8]]) {
    const options = { maxOutputBytes: maxOutputBytes as unknown as number };
    assert.throws(() => inflateRaw(fromHex("0300"), options), { name: "TypeError", message: /maxOutputBytes/ });
  }
});

test("inflateRaw() throws a RangeError that names the limit when that is not a whole number from 0", () => {
  for (const maxOutputBytes of [-1, 0.5, 1e-9, NaN, -Infinity, Number.MAX_VALUE * -1]) {
    assert.throws(() => inflateRaw(fromHex("0300"), { maxOutputBytes }), {
      name: "RangeError",
      message: /maxOutputBytes/,
    });
  }
});

test("inflateRaw() reads its limit as an own property only", () => {
  const inherited = Object.create({ maxOutputBytes: 0 }) as InflateOptions;
  assert.equal(inflateRaw(fromHex("010100feff41"), inherited).length, 1);
  const prototype = Object.prototype as { maxOutputBytes?: number };
  prototype.maxOutputBytes = 0;
  try {
    assert.equal(inflateRaw(fromHex("010100feff41")).length, 1);
    assert.equal(inflateRaw(fromHex("010100feff41"), {}).length, 1);
  } finally {
    delete prototype.maxOutputBytes;
  }
});

test("inflateRaw() reads an array by its true length, and a detached one as empty", (t) => {
  class Lying extends Uint8Array {
    override get length(): number {
      return 3;
    }
  }
  const lying = new Lying(HELLO.byteLength); // edge-runtime's from() believes the length
  lying.set(HELLO);
  assert.deepEqual(inflateRaw(lying), inflateRaw(HELLO));
  const data = HELLO.slice();
  globalThis.structuredClone?.(data.buffer, { transfer: [data.buffer] });
  if (data.length > 0) return t.skip("this runtime cannot detach a buffer");
  assert.throws(() => inflateRaw(data), (error) => error instanceof InflateError && error.reason === "truncated");
});

test("InflateError has the code ERR_DEFLATE, and its reason", () => {
  assert.throws(() => inflateRaw(new Uint8Array(0)), {
    name: "InflateError",
    code: "ERR_DEFLATE",
    reason: "truncated",
    message: "Cannot inflate: truncated",
  });
});
