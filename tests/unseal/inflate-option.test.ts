/** The `inflate` option: the output and the errors of the caller's inflater are checked. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRaw, inflateRaw as pakoInflateRaw } from "pako";
import type { Inflate, UnsealErrorCode } from "../../mod.ts";
import { InflateError, inflateRaw, platformInflate } from "../../src/inflate/mod.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { createTestUnsealer, key, sealCompressed, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const JSON_BYTES = utf8(JSON.stringify(EVENT));
const SEALED = sealEvent(EVENT, key(1));

const open = (inflate: unknown, sealed = SEALED, maxEventBytes = 1000) =>
  createTestUnsealer({ keys: key(1), inflate: inflate as Inflate, maxEventBytes }).open(sealed);

const inflaters: readonly (readonly [string, Inflate])[] = [
  ["inflateRaw()", (data, maxOutputBytes) => inflateRaw(data, { maxOutputBytes })],
  ["an asynchronous inflater", async (data, maxOutputBytes) => (await undefined, inflateRaw(data, { maxOutputBytes }))],
  ["platformInflate()", platformInflate()],
];

for (const [name, inflate] of inflaters) {
  test(`unseal() with ${name} as inflate has the same outcomes as without`, async () => {
    const { event, bytes, keyId } = await open(inflate);
    assert.deepEqual([event, bytes, keyId], [EVENT, JSON_BYTES, "key-0"]);
    const stream = deflateRaw(JSON_BYTES);
    const refused = (content: Uint8Array) => open(inflate, sealCompressed(content, key(1)));
    await assert.rejects(refused(stream.subarray(0, -1)), hasCode("ERR_DEFLATE", "truncated"));
    await assert.rejects(refused(concat(stream, Uint8Array.of(0))), hasCode("ERR_DEFLATE", "trailing-bytes"));
    await assert.rejects(open(inflate, SEALED, JSON_BYTES.length - 1), hasCode("ERR_EVENT_TOO_LARGE"));
  });
}

test("unseal() passes the limit to an inflater", async () => {
  const limits: number[] = [];
  await open((data: Uint8Array, limit: number) => (limits.push(limit), pakoInflateRaw(data)), SEALED, 777);
  assert.deepEqual(limits, [777]);
});

test("unseal() checks the length of an inflater's output again", async () => {
  const { length } = JSON_BYTES;
  await open((data: Uint8Array) => pakoInflateRaw(data), SEALED, length);
  await assert.rejects(
    open((data: Uint8Array) => pakoInflateRaw(data), SEALED, length - 1),
    hasCode("ERR_EVENT_TOO_LARGE"),
  );
});

test("unseal() refuses an inflater's output that is not bytes with ERR_DEFLATE", async () => {
  const outputs = [undefined, null, "text", [1], {}, new ArrayBuffer(8), Object.create(Uint8Array.prototype)];
  for (const output of outputs) {
    await assert.rejects(open(() => output), hasCode("ERR_DEFLATE"));
    await assert.rejects(open(() => Promise.resolve(output)), hasCode("ERR_DEFLATE"));
  }
});

test("unseal() keeps the reason of an inflater's InflateError, and nothing of any other error", async () => {
  const failing = (error: unknown) => () => {
    throw error;
  };
  const fail = () => assert.fail("secret");
  const unreadable = Object.defineProperties({}, {
    reason: { get: fail },
    name: { get: fail },
    message: { get: fail },
  });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const errors: [unknown, UnsealErrorCode, string | undefined][] = [
    [new InflateError("truncated"), "ERR_DEFLATE", "truncated"],
    [new InflateError("output-too-large"), "ERR_EVENT_TOO_LARGE", undefined],
    [{ reason: "truncated" }, "ERR_DEFLATE", undefined],
    [Object.assign(new Error("secret"), { reason: "secret" }), "ERR_DEFLATE", undefined],
    [unreadable, "ERR_DEFLATE", undefined],
    [revoked.proxy, "ERR_DEFLATE", undefined],
    [new RangeError("secret"), "ERR_DEFLATE", undefined],
    [undefined, "ERR_DEFLATE", undefined],
    [null, "ERR_DEFLATE", undefined],
    ["truncated", "ERR_DEFLATE", undefined],
  ];
  for (const [error, code, reason] of errors) {
    for (const inflate of [failing(error), () => Promise.reject(error)]) {
      await assert.rejects(open(inflate), (thrown) => {
        assert.ok(hasCode(code, reason)(thrown), String(thrown));
        assert.ok(!String((thrown as Error).stack).includes("secret"));
        return true;
      });
    }
  }
});

test("open() returns a copy of the inflater's bytes, and zeroes them", async () => {
  const outputs: Uint8Array[] = [];
  const keeping = (data: Uint8Array) => {
    const output = pakoInflateRaw(data);
    outputs.push(output);
    return output;
  };
  const { bytes } = await open(keeping);
  assert.deepEqual(bytes, JSON_BYTES);
  await assert.rejects(open(keeping, sealEvent([], key(1))), hasCode("ERR_EVENT_SHAPE"));
  assert.equal(outputs.length, 2);
  for (const output of outputs) assert.ok(output.every((byte) => byte === 0));
});

test("open() returns plain bytes when the inflater returns a subclass whose slice() shares memory", async () => {
  class Shared extends Uint8Array {
    override slice(start?: number, end?: number) {
      return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
    }
  }
  const { bytes } = await open((data: Uint8Array) => Shared.from(pakoInflateRaw(data)));
  assert.deepEqual(bytes, JSON_BYTES);
  assert.ok(!(bytes instanceof Shared));
});

test("unseal() rejects with ERR_RUNTIME when the engine's stack or memory is exhausted, with its error as the cause", async () => {
  const errors = [
    new RangeError("Maximum call stack size exceeded"),
    Object.assign(new Error("too much recursion"), { name: "InternalError" }),
    new RangeError("Array buffer allocation failed"),
  ];
  for (const error of errors) {
    await assert.rejects(open(() => Promise.reject(error)), (thrown) => {
      assert.ok(hasCode("ERR_RUNTIME")(thrown), String(thrown));
      assert.equal((thrown as Error).cause, error);
      return true;
    });
  }
});
