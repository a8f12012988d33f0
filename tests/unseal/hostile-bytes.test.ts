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

/** Values that are not bytes, but have a prototype, a tag or a `length` of bytes, or throw when they are examined. */
function falseBytes(bytes: Uint8Array): unknown[] {
  const fails = (): never => {
    throw new Error("called");
  };
  const traps = { get: fails, has: fails, getPrototypeOf: fails, getOwnPropertyDescriptor: fails, ownKeys: fails };
  const revoked = (target: object) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  return [
    Object.create(Uint8Array.prototype),
    Object.create(Uint8Array.prototype, { length: { value: bytes.length }, buffer: { value: bytes.buffer } }),
    Object.create(bytes),
    Object.create(ArrayBuffer.prototype, { byteLength: { value: bytes.length } }),
    Object.create(bytes.buffer),
    { [Symbol.toStringTag]: "ArrayBuffer", byteLength: bytes.length },
    { [Symbol.toStringTag]: "Uint8Array", length: bytes.length, byteLength: bytes.length, buffer: bytes.buffer },
    Object.defineProperty({}, Symbol.toStringTag, { get: fails }),
    new Proxy(bytes, {}),
    new Proxy(bytes.buffer, {}),
    new Proxy(bytes, traps),
    new Proxy([...bytes], traps),
    revoked(bytes),
    revoked(bytes.buffer),
    revoked([]),
    revoked(() => {}),
  ];
}

test("unseal(), open() and openBytes() refuse values that only look like bytes", async () => {
  const unsealer = createTestUnsealer({ keys: key(1) });
  const sync = createSyncUnsealer({ keys: key(1), cipher: nobleCipher });
  for (const [place, value] of falseBytes(SEALED).entries()) {
    const sealed = value as Uint8Array;
    for (const method of ["unseal", "open", "openBytes"] as const) {
      const what = `${method}, value ${place}`;
      await assert.rejects(unsealer[method](sealed), hasCode("ERR_SEALED_TYPE"), what);
      assert.throws(() => sync[method](sealed), hasCode("ERR_SEALED_TYPE"), what);
    }
  }
});

test("unseal() names the type of a value that it refuses", async () => {
  const unsealer = createTestUnsealer({ keys: key(1) });
  const types: [unknown, RegExp][] = [[null, /got null$/], [undefined, /got undefined$/], [7, /got number$/]];
  for (
    const [value, message] of [...types, [{ secret: 1 }, /got object$/], [Symbol("secret"), /got symbol$/]] as const
  ) {
    await assert.rejects(unsealer.unseal(value as string), { code: "ERR_SEALED_TYPE", message });
  }
});

test("inflateRaw() refuses values that only look like bytes with a TypeError", () => {
  for (const [place, value] of falseBytes(fromHex("0300")).entries()) {
    assert.throws(() => inflateRaw(value as Uint8Array), { name: "TypeError" }, `value ${place}`);
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
