/** transform(): sends bytes through a platform's stream. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteStreamConstructor, transform } from "../../src/inflate/transform.ts";

/** A raw-DEFLATE stream whose reader returns these values one after the other. For an `Error`, the read rejects. */
function streamOf(values: readonly unknown[]): ByteStreamConstructor {
  return class {
    constructor(format: string) {
      assert.equal(format, "deflate-raw");
    }
    writable = {
      getWriter: () => ({
        closed: Promise.reject(new Error("closed")),
        ready: Promise.reject(new Error("ready")),
        write: () => Promise.reject(new Error("write")),
        close: () => Promise.reject(new Error("close")),
        abort: () => Promise.reject(new Error("abort")),
      }),
    };
    readable = {
      getReader: () => {
        let next = 0;
        return {
          cancel: () => Promise.reject(new Error("cancel")),
          read: async () => {
            await undefined;
            if (next === values.length) return { done: true };
            const value = values[next++];
            if (value instanceof Error) throw value;
            return { done: false, value };
          },
        };
      },
    };
  };
}

test("transform() joins the chunks, and zeroes them", async () => {
  const chunks = [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)];
  assert.deepEqual(await transform(streamOf(chunks), new Uint8Array(1), 3), Uint8Array.of(1, 2, 3));
  for (const chunk of chunks) assert.ok(chunk.every((byte) => byte === 0));
});

test("transform() returns undefined when a stream fails, and zeroes its earlier chunks", async () => {
  for (const last of [new Error("refused"), "text", [1], undefined, new ArrayBuffer(1), Uint8Array.of(4, 5)]) {
    const chunk = Uint8Array.of(1, 2, 3);
    assert.equal(await transform(streamOf([chunk, last]), new Uint8Array(1), 4), undefined);
    assert.deepEqual(chunk, new Uint8Array(3));
  }
});

test("transform() returns undefined when the stream cannot be created", async () => {
  // As on Node 20.0, which has no deflate-raw.
  const Refusing = class {
    constructor() {
      throw new TypeError("The argument 'format' is invalid");
    }
  } as unknown as ByteStreamConstructor;
  assert.equal(await transform(Refusing, new Uint8Array(1), 10), undefined);
});
