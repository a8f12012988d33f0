/** Bytes with misleading own properties, and values that only look like bytes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateRaw as pakoInflateRaw } from "pako";
import { type Cipher, createSyncUnsealer, createUnsealer, type Inflate, type SyncCipher } from "../../mod.ts";
import { inflateRaw } from "../../src/inflate/mod.ts";
import { ascii, fromHex } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { createTestUnsealer, key, nobleCipher, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const SEALED = sealEvent(EVENT, key(1));

/** Values of a misleading `length`. */
const LENGTHS: readonly unknown[] = [0, 1, 31, 32, 33, 64, 1e9, -1, 1.5, NaN, Infinity, "32", undefined];

const NAMES = ["constructor", "length", "byteLength", "byteOffset", "buffer", "subarray", "slice", "set", "fill"];

/** Bytes with an own property `length`, bytes whose properties throw, and a subclass with both. */
function disguises(bytes: Uint8Array, length: unknown): Uint8Array[] {
  const fails = (): never => {
    throw new Error("called");
  };
  const descriptors = Object.fromEntries(NAMES.map((name) => [name, { get: fails }]));
  const prototype = Object.create(Uint8Array.prototype, { ...descriptors, length: { value: length } });
  return [
    Object.defineProperty(bytes.slice(), "length", { value: length }),
    Object.defineProperties(bytes.slice(), descriptors),
    Object.setPrototypeOf(bytes.slice(), prototype),
  ];
}

test("unseal() reads bytes by their real length", async () => {
  const exact = createTestUnsealer({ keys: key(1), maxSealedBytes: SEALED.length });
  const tooSmall = createTestUnsealer({ keys: key(1), maxSealedBytes: SEALED.length - 1 });
  for (const length of LENGTHS) {
    for (const sealed of disguises(SEALED, length)) {
      assert.deepEqual(await exact.unseal(sealed), EVENT);
      await assert.rejects(tooSmall.unseal(sealed), hasCode("ERR_SEALED_TOO_LARGE"));
    }
  }
  const buffer = Object.defineProperty(SEALED.slice().buffer, "byteLength", { value: 0 });
  assert.deepEqual(await exact.unseal(buffer), EVENT);
});

test("createUnsealer() checks keys by their real length", async () => {
  for (const length of LENGTHS) {
    for (const disguised of disguises(key(1), length)) {
      assert.deepEqual(await createTestUnsealer({ keys: disguised }).unseal(SEALED), EVENT);
    }
    for (const short of disguises(key(1).slice(16), length)) {
      assert.throws(() => createTestUnsealer({ keys: short }), hasCode("ERR_KEY"));
      assert.throws(() => createTestUnsealer({ keys: { key: short } }), hasCode("ERR_KEY"));
    }
  }
});

test("unseal() reads and limits an inflater's output by its real length", async () => {
  for (const length of LENGTHS) {
    for (const place of [0, 1, 2]) {
      const inflate: Inflate = (data) => disguises(pakoInflateRaw(data), length)[place]!; // disguises() returns three arrays
      assert.deepEqual(await createTestUnsealer({ keys: key(1), inflate }).unseal(SEALED), EVENT);
      const bounded = createTestUnsealer({ keys: key(1), inflate, maxEventBytes: 10 });
      await assert.rejects(bounded.unseal(SEALED), hasCode("ERR_EVENT_TOO_LARGE"));
    }
  }
});

test("inflateRaw() reads bytes by their real length, and the next call is not affected", () => {
  const stream = fromHex("010100feff41");
  for (const length of LENGTHS) {
    for (const data of disguises(stream, length)) assert.deepEqual(inflateRaw(data), ascii("A"));
    for (const data of disguises(stream.slice(0, -1), length)) {
      assert.throws(() => inflateRaw(data), { reason: "truncated" });
    }
    assert.deepEqual(inflateRaw(stream), ascii("A"));
  }
});

test("unseal() refuses a cipher's result that is not the plaintext's bytes", async () => {
  const right = (...parameters: Parameters<SyncCipher<Uint8Array>["decrypt"]>) =>
    new Uint8Array(nobleCipher.decrypt(...parameters));
  const outputs: ((bytes: Uint8Array<ArrayBuffer>) => unknown)[] = [
    () => undefined,
    () => null,
    () => 0,
    () => "text",
    () => ({}),
    (bytes) => [...bytes],
    (bytes) => ({ length: bytes.length }),
    (bytes) => new DataView(bytes.buffer),
    (bytes) => new Int8Array(bytes),
    (bytes) => bytes.subarray(1),
    (bytes) => new Uint8Array(bytes.length + 16),
    (bytes) => new Proxy(bytes, {}),
    (bytes) => Object.create(Uint8Array.prototype, { length: { value: bytes.length } }),
    () => Object.create(Uint8Array.prototype),
    () => Object.create(ArrayBuffer.prototype),
    () => () => {},
    () => Symbol("plaintext"),
  ];
  for (const output of outputs) {
    const returns = { importKey: nobleCipher.importKey, decrypt: (...p) => output(right(...p)) } as SyncCipher<
      Uint8Array
    >;
    const promises: Cipher<Uint8Array> = {
      ...returns,
      decrypt: async (...parameters) => await returns.decrypt(...parameters),
    };
    for (const cipher of [returns, promises]) {
      const unsealer = createUnsealer({
        keys: [key(1), key(1), key(2)].map((key, id) => ({ id: `${id}`, key })),
        cipher,
      });
      await assert.rejects(unsealer.unseal(SEALED), hasCode("ERR_NO_KEY_FITS"), String(output));
      assert.ok(unsealer.usage().every(({ opened }) => opened === 0));
    }
    assert.throws(() => createSyncUnsealer({ keys: key(1), cipher: returns }).open(SEALED), hasCode("ERR_NO_KEY_FITS"));
  }
});
