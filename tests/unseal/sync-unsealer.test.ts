/** The synchronous unsealer: the same results and refusals, without a promise. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRaw } from "pako";
import {
  createSyncUnsealer,
  createUnsealer,
  type SealedResult,
  type StandardSchema,
  type SyncCipher,
  type SyncUnsealerOptions,
  UnsealError,
} from "../../mod.ts";
import { inflateRaw, platformInflate } from "../../src/inflate/mod.ts";
import { concat, toBase64, utf8 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { key, nobleCipher, sealCompressed, sealEvent, sealPadded, sealText } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const KEY = key(1);
const SEALED = sealEvent(EVENT, KEY);

const create = (options: Partial<SyncUnsealerOptions> = {}) =>
  createSyncUnsealer({ keys: KEY, cipher: nobleCipher, ...options });

/** A cipher, inflater or schema that returns promises, passed where the types forbid it. */
const untyped = (options: object) => options as Partial<SyncUnsealerOptions>;

test("createSyncUnsealer() returns the same results as createUnsealer()", async () => {
  const options = { keys: [key(2), { id: "old", key: KEY }], cipher: nobleCipher };
  const synchronous = createSyncUnsealer(options);
  const asynchronous = createUnsealer(options);
  for (const sealed of [SEALED, toBase64(SEALED), SEALED.slice().buffer]) {
    assert.deepEqual(synchronous.unseal(sealed), await asynchronous.unseal(sealed));
    assert.deepEqual(synchronous.open(sealed), await asynchronous.open(sealed));
    assert.deepEqual(synchronous.openBytes(sealed), await asynchronous.openBytes(sealed));
  }
  assert.equal(synchronous.open(SEALED).keyId, "old");
  assert.deepEqual(synchronous.usage().map(({ opened }) => opened), [0, 10]);
  assert.deepEqual(asynchronous.usage().map(({ opened }) => opened), [0, 9]);
});

test("createSyncUnsealer() throws the same errors as createUnsealer()", async () => {
  const synchronous = create();
  const asynchronous = createUnsealer({ keys: KEY, cipher: nobleCipher });
  const stream = deflateRaw(utf8(JSON.stringify(EVENT)));
  const refused: unknown[] = [
    undefined,
    "*",
    SEALED.subarray(0, 31),
    new Uint8Array(32),
    sealEvent(EVENT, key(3)),
    sealCompressed(stream.subarray(1), KEY),
    sealCompressed(concat(stream, Uint8Array.of(0)), KEY),
    sealCompressed(deflateRaw(Uint8Array.of(0xff)), KEY),
    sealText("{", KEY),
    sealText("{}", KEY),
    sealPadded("", 8 * 1024 * 1024 + 1, KEY),
  ];
  for (const sealed of refused as SealedResult[]) {
    const error = await asynchronous.unseal(sealed).then(() => assert.fail("was opened"), (error: unknown) => error);
    assert.ok(error instanceof UnsealError);
    assert.throws(
      () => synchronous.unseal(sealed),
      (thrown) => hasCode(error.code, error.reason)(thrown) && (thrown as UnsealError).message === error.message,
    );
  }
});

test("createSyncUnsealer() accepts a synchronous inflater and a synchronous schema", () => {
  const schema: StandardSchema<string> = {
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: JSON.stringify(value) }) },
  };
  const unsealer = createSyncUnsealer({
    keys: KEY,
    cipher: nobleCipher,
    inflate: (data, maxOutputBytes) => inflateRaw(data, { maxOutputBytes }),
    schema,
  });
  const text: string = unsealer.unseal(SEALED);
  assert.equal(text, JSON.stringify(EVENT));
});

test("createSyncUnsealer() refuses a cipher that imports asynchronously with ERR_ASYNC", () => {
  const cipher = { importKey: async (raw: Uint8Array) => (await undefined, raw), decrypt: nobleCipher.decrypt };
  assert.throws(() => create(untyped({ cipher })), { code: "ERR_ASYNC", message: /^Cannot unseal synchronously: / });
  const failing = { importKey: () => Promise.reject(new Error("secret")), decrypt: nobleCipher.decrypt };
  assert.throws(() => create(untyped({ cipher: failing })), hasCode("ERR_ASYNC"));
});

test("open() of a synchronous unsealer throws ERR_ASYNC when a step returns a promise", () => {
  const schema = {
    "~standard": { version: 1, vendor: "test", validate: (value: unknown) => Promise.resolve({ value }) },
  };
  const fail = () => {
    throw new Error("secret");
  };
  const asynchronous = [
    { cipher: { importKey: nobleCipher.importKey, decrypt: () => Promise.resolve(new Uint8Array(1)) } },
    { cipher: { importKey: nobleCipher.importKey, decrypt: () => Promise.reject(new Error("secret")) } },
    { inflate: platformInflate() },
    { inflate: () => Promise.reject(new Error("secret")) },
    { schema },
    { schema: { "~standard": { ...schema["~standard"], validate: () => Promise.reject(new Error("secret")) } } },
    { schema: { "~standard": { ...schema["~standard"], validate: () => ({ value: { then: fail } }) } } },
    { schema: { "~standard": { ...schema["~standard"], validate: () => ({ then: fail }) } } },
    { inflate: () => ({ then: fail }) },
    { cipher: { importKey: nobleCipher.importKey, decrypt: () => ({ then: fail }) } },
  ];
  for (const options of asynchronous) {
    const unsealer = create(untyped(options));
    for (let use = 0; use < 2; use++) assert.throws(() => unsealer.open(SEALED), hasCode("ERR_ASYNC"));
  }
});

test("createSyncUnsealer() refuses a missing cipher with a TypeError and a bad key with ERR_KEY", () => {
  assert.throws(() => createSyncUnsealer({ keys: KEY } as unknown as SyncUnsealerOptions), {
    name: "TypeError",
    message: /cipher/,
  });
  assert.throws(() => create({ keys: key(1).subarray(1) }), hasCode("ERR_KEY"));
  const refusing: SyncCipher = {
    importKey() {
      throw new Error("secret");
    },
    decrypt: nobleCipher.decrypt,
  };
  assert.throws(() => create({ cipher: refusing }), hasCode("ERR_KEY"));
});

test("createSyncUnsealer() returns a frozen object", () => {
  assert.ok(Object.isFrozen(create()));
});
