/** The platform's `DecompressionStream`: it is used only if it has the same verdicts as our own decoder. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { deflateRaw } from "pako";
import { inflateTo } from "../../src/inflate/decode.ts";
import { InflateError } from "../../src/inflate/mod.ts";
import { findFault, findPlatformFault, platformInflate } from "../../src/inflate/platform.ts";
import type { ByteStreamConstructor } from "../../src/inflate/transform.ts";
import { runs } from "../support/runs.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";
import { withGlobals } from "../support/globals.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const platform = platformInflate();
const copy = (inflated: Uint8Array) => inflated.slice();

async function outcome(inflate: () => Uint8Array | Promise<Uint8Array>): Promise<Uint8Array | string> {
  try {
    return await inflate();
  } catch (error) {
    assert.ok(error instanceof InflateError);
    return error.reason;
  }
}

test("findPlatformFault() returns whether the platform's stream is used, or why not", async (t) => {
  const verdict = await findPlatformFault();
  t.diagnostic(`fault of DecompressionStream: ${verdict}`);
  const { DecompressionStream } = globalThis as { DecompressionStream?: ByteStreamConstructor };
  assert.equal(verdict, await findFault(DecompressionStream));
  assert.equal(verdict === "missing", DecompressionStream === undefined);
});

test("platformInflate() agrees with our own decoder on any stream", async () => {
  const noise = fc.uint8Array({ maxLength: 300 });
  const streams = fc.oneof(
    noise,
    noise.map((bytes) => deflateRaw(bytes)),
    fc.tuple(noise, fc.nat()).map(([bytes, cut]) => {
      const stream = deflateRaw(bytes);
      return stream.slice(0, cut % stream.length);
    }),
    fc.tuple(noise, noise).map(([bytes, more]) => concat(deflateRaw(bytes), more)),
    fc.tuple(noise, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([bytes, place, mask]) => {
      const stream = deflateRaw(bytes);
      stream[place % stream.length]! ^= mask;
      return stream;
    }),
  );
  await fc.assert(
    fc.asyncProperty(streams, fc.constantFrom(10, 200, 8 << 20), async (stream, limit) => {
      const portable = await outcome(() => inflateTo(stream, limit, copy));
      const actual = await outcome(() => platform(stream, limit));
      assert.deepEqual(actual, portable);
    }),
    { numRuns: runs(200) },
  );
});

test("unseal() opens large and small events with platformInflate(), and limits them exactly", async () => {
  const event = { ...EVENT, tags: { list: Array.from({ length: 20_000 }, (_, i) => i * 7919) } };
  const size = utf8(JSON.stringify(event)).length;
  const at = (maxEventBytes: number) =>
    createTestUnsealer({ keys: key(1), inflate: platform, maxEventBytes }).unseal(sealEvent(event, key(1)));
  assert.deepEqual(await at(size), event);
  await assert.rejects(at(size - 1), { code: "ERR_EVENT_TOO_LARGE" });
  const both = createTestUnsealer({ keys: key(1), inflate: platform });
  const events = await Promise.all([EVENT, event, EVENT].map((event) => both.unseal(sealEvent(event, key(1)))));
  assert.deepEqual(events, [EVENT, event, EVENT]);
});

/** A stream that outputs the result of `inflate` for all written bytes, or fails if the result is `undefined`. */
function streamOf(inflate: (bytes: Uint8Array) => Uint8Array | undefined): ByteStreamConstructor {
  return class {
    #written: Uint8Array[] = [];
    #close: () => void = () => {};
    #closed = new Promise<void>((resolve) => this.#close = resolve);
    writable = {
      getWriter: () => ({
        closed: Promise.resolve(),
        ready: Promise.resolve(),
        write: (bytes: Uint8Array) => Promise.resolve(this.#written.push(bytes)),
        close: () => Promise.resolve(this.#close()),
        abort: () => Promise.resolve(this.#close()),
      }),
    };
    readable = {
      getReader: () => {
        let done = false;
        return {
          cancel: () => Promise.resolve(),
          read: async () => {
            await this.#closed;
            if (done) return { done };
            done = true;
            const value = inflate(concat(...this.#written));
            if (value === undefined) throw new TypeError("refused");
            return { done: false, value };
          },
        };
      },
    };
  };
}

test("findFault() finds each fault that platforms are known to have", async () => {
  const hello = () => utf8("hello");
  const faultOf = (inflate: (bytes: Uint8Array) => Uint8Array | undefined) => findFault(streamOf(inflate));
  assert.equal(await findFault(undefined), "missing");
  assert.equal(await faultOf(() => undefined), "valid");
  assert.equal(await faultOf(() => utf8("HELLO")), "valid");
  assert.equal(await faultOf(() => utf8("hello!")), "valid");
  assert.equal(await faultOf(hello), "truncated");
  assert.equal(await faultOf(({ length }) => length >= 7 ? hello() : undefined), "trailing-bytes");
  assert.equal(
    await faultOf(({ length }) => length === 7 ? hello() : length === 0 ? hello() : undefined),
    "empty",
  );
  assert.equal(await faultOf(({ length }) => length === 7 ? hello() : undefined), "none");
});

/** Runs a test with another `DecompressionStream`. */
async function withStream(value: unknown, run: () => Promise<void>): Promise<void> {
  await findPlatformFault(); // checks the real stream before it is replaced
  await withGlobals({ DecompressionStream: value }, run);
}

test("platformInflate() uses our own decoder when the stream refuses", async () => {
  for (const stream of [streamOf(() => undefined), undefined]) {
    await withStream(stream, async () => {
      assert.deepEqual(await platform(deflateRaw(utf8("hello")), 100), utf8("hello"));
    });
  }
});

test("platformInflate() uses our own decoder for streams that could exceed eight times the limit", async (t) => {
  if (await findPlatformFault() !== "none") return t.skip("this runtime's DecompressionStream is not used");
  let streams = 0;
  const compressed = deflateRaw(utf8("hello"));
  const limit = (compressed.length * 1032) / 8;
  await withStream(streamOf(() => (streams++, undefined)), async () => {
    await platform(compressed, limit);
    assert.equal(streams, 1);
    await platform(compressed, limit - 1);
    assert.equal(streams, 1);
  });
});
