/** The pipeline: from sealed result to event, each refusal with its code. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRaw } from "pako";
import {
  createUnsealer,
  type SealedResult,
  unseal,
  UnsealError,
  type UnsealErrorCode,
  type UnsealOptions,
} from "../../mod.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { concat, toBase64, utf8 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import {
  createTestUnsealer,
  hasWebCrypto,
  key,
  nobleCipher,
  sealCompressed,
  sealEvent,
  sealPadded,
  sealText,
} from "../support/seal.ts";
import { withGlobals } from "../support/globals.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const KEY = key(1);
const SEALED = sealEvent(EVENT, KEY);

const unsealer = createTestUnsealer({ keys: KEY });
const refuses = (sealed: unknown, code: UnsealErrorCode, reason?: string) =>
  assert.rejects(unsealer.unseal(sealed as SealedResult), hasCode(code, reason));

test("unseal() opens the documentation's own sample", async () => {
  const { event, keyId, bytes } = await createTestUnsealer({ keys: SAMPLE_KEY }).open(SAMPLE_SEALED);
  assert.equal(keyId, "key-0");
  assert.equal(bytes.length, 1373);
  assert.equal(event.products?.identification?.data?.requestId, "1703067132750.Z5hutJ");
});

test("unseal() accepts one key and one sealed result, without an unsealer", async () => {
  const options: UnsealOptions = hasWebCrypto ? {} : { cipher: nobleCipher };
  assert.deepEqual(await unseal(SEALED, KEY, options), EVENT);
  await assert.rejects(unseal(SEALED, key(2), options), hasCode("ERR_NO_KEY_FITS"));
  await assert.rejects(unseal(SEALED, "bad", options), hasCode("ERR_KEY"));
});

test("unseal() accepts text, bytes of any view, and an ArrayBuffer", async () => {
  const text = toBase64(SEALED);
  const padded = concat(new Uint8Array(3), SEALED, new Uint8Array(5));
  const forms: SealedResult[] = [
    text,
    text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
    SEALED,
    padded.subarray(3, 3 + SEALED.length),
    SEALED.slice().buffer,
  ];
  for (const form of forms) assert.deepEqual(await unsealer.unseal(form), EVENT);
});

test("unseal() accepts a view of shared memory", async (t) => {
  if (!("SharedArrayBuffer" in globalThis)) return t.skip("this runtime has no SharedArrayBuffer");
  const shared = new Uint8Array(new SharedArrayBuffer(SEALED.length));
  shared.set(SEALED);
  assert.deepEqual(await unsealer.unseal(shared), EVENT);
});

test("unseal() never changes its input", async () => {
  const input = SEALED.slice();
  await unsealer.unseal(input);
  assert.deepEqual(input, SEALED);
  input[20]! ^= 1;
  const damaged = input.slice();
  await refuses(input, "ERR_NO_KEY_FITS");
  assert.deepEqual(input, damaged);
});

test("unseal() is not affected by changes to its input during the call", async () => {
  const input = SEALED.slice();
  const slow = createTestUnsealer({ keys: [key(2), key(3), KEY] });
  const opening = slow.unseal(input);
  input.fill(0);
  assert.deepEqual(await opening, EVENT);
});

test("open() returns the JSON byte for byte, in a new array", async () => {
  const json = ' {"event_id" : "x",\n"timestamp":12345678901234567890 } ';
  const sealed = sealText(json, KEY);
  const first = await unsealer.open(sealed);
  const second = await unsealer.open(sealed);
  assert.deepEqual(first.bytes, utf8(json));
  first.bytes.fill(0);
  assert.deepEqual(second.bytes, utf8(json));
  assert.equal(second.bytes.byteOffset, 0);
  assert.equal(second.bytes.buffer.byteLength, second.bytes.length);
});

for (
  const [what, value] of [
    ["undefined", undefined],
    ["null", null],
    ["a number", 7],
    ["an object", {}],
    ["an array of bytes", [...SEALED]],
    ["a DataView", new DataView(new ArrayBuffer(64))],
    ["a Uint16Array", new Uint16Array(64)],
    ["a String object", new String(toBase64(SEALED))],
    ["an object with the prototype of bytes", Object.create(Uint8Array.prototype)],
    ["a Proxy of bytes", new Proxy(SEALED, {})],
    ["big integers with the prototype of bytes", Object.setPrototypeOf(new BigInt64Array(8), Uint8Array.prototype)],
    ["an object with the prototype of an ArrayBuffer", Object.create(ArrayBuffer.prototype)],
    ["an object that claims to be an ArrayBuffer", { [Symbol.toStringTag]: "ArrayBuffer", byteLength: 64 }],
    ["an object that claims to be a Uint8Array", { [Symbol.toStringTag]: "Uint8Array", length: 64, byteLength: 64 }],
  ] as const
) {
  test(`unseal() refuses ${what} with ERR_SEALED_TYPE`, () => refuses(value, "ERR_SEALED_TYPE"));
}

test("unseal() rejects and never throws synchronously", async () => {
  const promise = unsealer.unseal(undefined as unknown as string);
  await assert.rejects(promise, hasCode("ERR_SEALED_TYPE"));
});

test("unseal() refuses a detached buffer as too short", async (t) => {
  if (!("structuredClone" in globalThis)) return t.skip("this runtime has no structuredClone");
  const bytes = SEALED.slice();
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await refuses(bytes, "ERR_SEALED_TOO_SHORT");
  await refuses(bytes.buffer, "ERR_SEALED_TOO_SHORT");
});

test("unseal() refuses text that is not base64 with ERR_SEALED_ENCODING", async () => {
  await refuses("not base64!", "ERR_SEALED_ENCODING");
  await refuses(`${toBase64(SEALED)}*`, "ERR_SEALED_ENCODING");
});

test("unseal() refuses an empty text, and every length under 32 bytes, with ERR_SEALED_TOO_SHORT", async () => {
  await refuses("", "ERR_SEALED_TOO_SHORT");
  await refuses(new ArrayBuffer(0), "ERR_SEALED_TOO_SHORT");
  for (let length = 0; length < 32; length++) await refuses(SEALED.subarray(0, length), "ERR_SEALED_TOO_SHORT");
});

test("unseal() decrypts the smallest envelope, and refuses its empty content", async () => {
  await refuses(sealCompressed(new Uint8Array(0), KEY), "ERR_DEFLATE", "truncated");
});

test("unseal() checks the length before the header, and the header before the keys", async () => {
  await refuses(new Uint8Array(31), "ERR_SEALED_TOO_SHORT");
  await refuses(new Uint8Array(32), "ERR_SEALED_HEADER");
  const other = SEALED.slice();
  other[3] = 0xee;
  await refuses(other, "ERR_SEALED_HEADER");
});

test("unseal() names base64 text that was given as bytes", async () => {
  await assert.rejects(unsealer.unseal(utf8(toBase64(SEALED))), {
    code: "ERR_SEALED_HEADER",
    message: /must be a string/,
  });
});

test("unseal() limits the sealed result exactly", async () => {
  const at = (maxSealedBytes: number) => createTestUnsealer({ keys: KEY, maxSealedBytes });
  for (const form of [SEALED, SEALED.slice().buffer, toBase64(SEALED)]) {
    assert.deepEqual(await at(SEALED.length).unseal(form), EVENT);
    await assert.rejects(at(SEALED.length - 1).unseal(form), hasCode("ERR_SEALED_TOO_LARGE"));
    await assert.rejects(at(0).unseal(form), hasCode("ERR_SEALED_TOO_LARGE"));
  }
});

test("unseal() refuses text that is too long before decoding it", async () => {
  const text = "*".repeat(5_592_409);
  await refuses(text, "ERR_SEALED_TOO_LARGE");
  await refuses(text.slice(0, -1), "ERR_SEALED_ENCODING");
  await refuses(new Uint8Array(4 * 1024 * 1024 + 1), "ERR_SEALED_TOO_LARGE");
});

test("unseal() limits the event exactly", async () => {
  const size = utf8(JSON.stringify(EVENT)).length;
  const at = (maxEventBytes: number) => createTestUnsealer({ keys: KEY, maxEventBytes }).unseal(SEALED);
  assert.deepEqual(await at(size), EVENT);
  assert.deepEqual(await at(Infinity), EVENT);
  await assert.rejects(at(size - 1), hasCode("ERR_EVENT_TOO_LARGE"));
  await assert.rejects(at(0), hasCode("ERR_EVENT_TOO_LARGE"));
});

test("unseal() refuses more than 8 MiB of JSON by default", async () => {
  const padding = 8 * 1024 * 1024 - JSON.stringify(EVENT).length;
  const sealed = sealPadded(JSON.stringify(EVENT), padding, KEY);
  assert.deepEqual(await unsealer.unseal(sealed), EVENT);
  await refuses(sealPadded(JSON.stringify(EVENT), padding + 1, KEY), "ERR_EVENT_TOO_LARGE");
});

test("unseal() reports the fault of the DEFLATE stream", async () => {
  const stream = deflateRaw(utf8(JSON.stringify(EVENT)));
  await refuses(sealCompressed(stream.subarray(0, -1), KEY), "ERR_DEFLATE", "truncated");
  await refuses(sealCompressed(concat(stream, Uint8Array.of(0)), KEY), "ERR_DEFLATE", "trailing-bytes");
  await refuses(sealCompressed(Uint8Array.of(0x07), KEY), "ERR_DEFLATE", "block-type");
  await refuses(sealCompressed(utf8(JSON.stringify(EVENT)), KEY), "ERR_DEFLATE", "distance-too-far");
});

test("unseal() refuses text that is not UTF-8", () =>
  refuses(sealCompressed(deflateRaw(Uint8Array.of(0x22, 0xff, 0x22)), KEY), "ERR_EVENT_UTF8"));

for (
  const [what, text] of [
    ["nothing", ""],
    ["half an object", '{"event_id":'],
    ["an object and more", '{"event_id":"x","timestamp":1} {}'],
    ["a byte order mark before an object", '\ufeff{"event_id":"x","timestamp":1}'],
    ["NaN", "NaN"],
  ] as const
) {
  test(`unseal() refuses ${what} with ERR_EVENT_JSON`, () => refuses(sealText(text, KEY), "ERR_EVENT_JSON"));
}

for (
  const text of [
    "null",
    "true",
    "7",
    '"text"',
    "[]",
    "{}",
    '[{"event_id":"x","timestamp":1}]',
    '{"products":null}',
    '{"products":[]}',
    '{"products":"x","event_id":"x","timestamp":1}',
    '{"event_id":"x"}',
    '{"timestamp":1}',
    '{"event_id":7,"timestamp":1}',
    '{"event_id":"x","timestamp":"1"}',
    '{"event_id":"x","timestamp":null}',
    '{"__proto__":{"event_id":"x","timestamp":1}}',
  ]
) {
  test(`unseal() refuses ${text} with ERR_EVENT_SHAPE`, () => refuses(sealText(text, KEY), "ERR_EVENT_SHAPE"));
}

test("unseal() keeps unknown fields, and __proto__ as an own property", async () => {
  const event = await unsealer.unseal(sealText('{"products":{},"future":{"a":1},"__proto__":{"polluted":true}}', KEY));
  assert.deepEqual((event as { future?: unknown }).future, { a: 1 });
  assert.ok(Object.hasOwn(event, "__proto__"));
  assert.equal(Object.getPrototypeOf(event), Object.prototype);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test("unseal() works concurrently on the same input", async () => {
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, i) => {
      const event = { ...EVENT, event_id: `${i}`, padding: "x".repeat(i * 100) };
      return unsealer.unseal(i % 3 === 2 ? sealEvent(event, key(2)) : sealEvent(event, KEY)).catch((error) =>
        error.code
      );
    }),
  );
  results.forEach((result, i) => {
    if (i % 3 === 2) assert.equal(result, "ERR_NO_KEY_FITS");
    else assert.equal(result.event_id, `${i}`);
  });
});

test("unseal() ends the search with the first key that authenticates", async () => {
  const tried: number[] = [];
  const counting = createUnsealer({
    keys: [KEY, key(2)],
    cipher: {
      importKey: nobleCipher.importKey,
      decrypt(rawKey: Uint8Array, nonce, sealed) {
        tried.push(rawKey[0]!);
        return nobleCipher.decrypt(rawKey, nonce, sealed);
      },
    },
  });
  await assert.rejects(counting.unseal(sealText("{", KEY)), hasCode("ERR_EVENT_JSON"));
  assert.deepEqual(tried, [1]);
});

test("createUnsealer() refuses invalid options with a TypeError or RangeError that names them", () => {
  const create = (options: object) => () => createTestUnsealer({ keys: KEY, ...options });
  for (const name of ["maxSealedBytes", "maxEventBytes"]) {
    for (const limit of [-1, 1.5, NaN]) {
      assert.throws(create({ [name]: limit }), { name: "RangeError", message: new RegExp(name) });
    }
    for (const limit of ["1", null, Symbol("1"), 1n, {}]) {
      assert.throws(create({ [name]: limit }), { name: "TypeError", message: new RegExp(name) });
    }
  }
  assert.throws(create({ inflate: "platform" }), { name: "TypeError", message: /inflate/ });
  assert.throws(create({ cipher: {} }), { name: "TypeError", message: /^cipher\.importKey must be a function/ });
  const encrypting = { importKey: nobleCipher.importKey };
  assert.throws(create({ cipher: encrypting }), { name: "TypeError", message: /^cipher\.decrypt must be a function/ });
  assert.throws(create({ cipher: null }), { name: "TypeError", message: /cipher/ });
  assert.throws(create({ schema: {} }), { name: "TypeError", message: /schema/ });
  assert.throws(create({ schema: null }), { name: "TypeError", message: /schema/ });
});

test("createUnsealer() reads own options only", () => {
  assert.throws(
    () => createUnsealer(Object.create({ keys: SAMPLE_KEY, cipher: nobleCipher })),
    (error) => error instanceof UnsealError && error.code === (hasWebCrypto ? "ERR_KEY" : "ERR_RUNTIME"),
  );
});

test("createUnsealer() refuses to work in a page, unless dangerouslyAllowBrowser is set", async () => {
  await withGlobals({ window: {}, document: {} }, async () => {
    const message = /^Keys must not be in a page\. .* dangerouslyAllowBrowser$/;
    assert.throws(() => createTestUnsealer({ keys: KEY }), { code: "ERR_BROWSER", message });
    assert.throws(() => createTestUnsealer({ keys: "bad" }), hasCode("ERR_BROWSER"));
    const allowed = createTestUnsealer({ keys: KEY, dangerouslyAllowBrowser: true });
    assert.deepEqual(await allowed.unseal(SEALED), EVENT);
    await assert.rejects(unseal(SEALED, KEY), hasCode("ERR_BROWSER"));
  });
  // Only a page has both.
  for (const globals of [{ window: {}, document: undefined }, { window: undefined, document: {} }]) {
    await withGlobals(
      globals,
      async () => assert.deepEqual(await createTestUnsealer({ keys: KEY }).unseal(SEALED), EVENT),
    );
  }
});

test("createUnsealer() returns a frozen object", () => {
  assert.ok(Object.isFrozen(unsealer));
  const { unseal: detached } = unsealer;
  return assert.doesNotReject(detached(SEALED));
});
