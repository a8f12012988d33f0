/** The likely causes of a refusal. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createUnsealer, type KeyInput, type SealedResult, UnsealError } from "../../mod.ts";
import { CAUSES } from "../../src/diagnose/causes.ts";
import { diagnose, type Diagnosis, type DiagnosisCode } from "../../src/diagnose/mod.ts";
import { fromBase64 } from "../support/bytes.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { runs } from "../support/runs.ts";
import { nobleCipher } from "../support/seal.ts";
import { type Provocation, PROVOCATIONS } from "./provocations.ts";

function diagnoseAll({ sealed, keys, cipher }: Provocation): Diagnosis[] {
  if (keys !== undefined) return diagnose(sealed, keys.value);
  return cipher === undefined ? diagnose(sealed) : diagnose(sealed, SAMPLE_KEY, cipher);
}

for (const provocation of PROVOCATIONS) {
  const { code, title, subject } = provocation;
  test(`diagnose() finds ${code} in ${title}`, () => {
    assert.deepEqual(diagnoseAll(provocation), [{ code, subject, message: CAUSES[code] }]);
  });

  if (subject !== "sealed" || code === "LOOKS_RIGHT") continue;
  test(`unseal() refuses what ${code} is found in: ${title}`, async () => {
    const unsealer = createUnsealer({ keys: SAMPLE_KEY, cipher: nobleCipher });
    const error = await unsealer.unseal(provocation.sealed as SealedResult).then(() => undefined, (error) => error);
    assert.ok(error instanceof UnsealError, "was accepted");
  });
}

test("every diagnosis is provoked", () => {
  const provoked = new Set(PROVOCATIONS.map(({ code }) => code));
  assert.deepEqual(Object.keys(CAUSES).filter((code) => !provoked.has(code as DiagnosisCode)), []);
});

test("createUnsealer() refuses every key that diagnose() finds a mistake in", () => {
  for (const { keys, title } of PROVOCATIONS) {
    if (keys === undefined || diagnose(SAMPLE_SEALED, keys.value)[0]?.code === "LOOKS_RIGHT") continue;
    const create = () => createUnsealer({ keys: keys.value as KeyInput, cipher: nobleCipher });
    assert.throws(create, { code: "ERR_KEY" }, title);
  }
});

test("diagnose() finds no cause in a sealed result and keys of each form that unseal() accepts", () => {
  const bytes = fromBase64(SAMPLE_SEALED);
  const url = SAMPLE_SEALED.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const wrapped = SAMPLE_SEALED.replace(/.{76}/g, "$&\r\n");
  for (const sealed of [SAMPLE_SEALED, url, wrapped, ` ${SAMPLE_SEALED}\n`, bytes, bytes.buffer]) {
    assert.deepEqual(diagnose(sealed), []);
  }
  const key = fromBase64(SAMPLE_KEY);
  const forms = [SAMPLE_KEY, `${SAMPLE_KEY}\n`, SAMPLE_KEY.slice(0, -1), key, key.buffer, { id: "a", key }];
  for (const keys of [...forms, forms]) {
    assert.deepEqual(diagnose(SAMPLE_SEALED, keys).map(({ code }) => code), ["LOOKS_RIGHT"]);
  }
  assert.deepEqual(diagnose(SAMPLE_SEALED, SAMPLE_KEY, nobleCipher).map(({ code }) => code), ["LOOKS_RIGHT"]);
});

test("diagnose() lists the causes of all its arguments", () => {
  const found = diagnose("", [undefined, SAMPLE_KEY, "short"], {});
  assert.deepEqual(found.map(({ code, subject }) => [code, subject]), [
    ["SEALED_EMPTY", "sealed"],
    ["KEY_UNSET", "keys[0]"],
    ["KEY_NOT_BASE64", "keys[2]"],
    ["CIPHER_METHODS", "cipher"],
  ]);
});

test("diagnose() recognises the runtime's own classes", async () => {
  const { Request, Response, Blob, ReadableStream, crypto } = globalThis;
  if (typeof Response === "function") {
    assert.equal(diagnose(new Response("x"))[0]?.code, "SEALED_UNREAD");
    assert.equal(diagnose(new Request("https://a.example"))[0]?.code, "SEALED_UNREAD");
  }
  if (typeof Blob === "function") assert.equal(diagnose(new Blob(["x"]))[0]?.code, "SEALED_UNREAD");
  if (typeof ReadableStream === "function") assert.equal(diagnose(new ReadableStream())[0]?.code, "SEALED_UNREAD");
  // Fastly's engine has no decrypt, and imports no AES keys.
  if (crypto?.subtle?.decrypt === undefined) return;
  assert.equal(diagnose(SAMPLE_SEALED, SAMPLE_KEY, crypto)[0]?.code, "CIPHER_CRYPTO");
  assert.equal(diagnose(SAMPLE_SEALED, SAMPLE_KEY, crypto.subtle)[0]?.code, "CIPHER_SUBTLE");
  // Fastly's engine imports no keys for AES-GCM.
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32), hmac, false, ["sign"]);
  assert.equal(diagnose(SAMPLE_SEALED, key)[0]?.code, "KEY_CRYPTO_KEY");
  assert.equal(diagnose(SAMPLE_SEALED, { key })[0]?.code, "KEY_CRYPTO_KEY");
});

test("diagnose() reads hostile values without an exception", () => {
  const fails = (): never => {
    throw new Error("visitor content");
  };
  const trap = new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails });
  const { proxy: revoked, revoke } = Proxy.revocable([], {});
  const cycle: { key: unknown } = { key: undefined };
  cycle.key = cycle;
  const getter = Object.defineProperty({}, "sealedResult", { get: fails });
  const called = Object.assign(() => {}, { key: undefined as unknown });
  called.key = called;
  const list = (length: unknown): unknown => new Proxy([], { get: (_, name) => name === "length" ? length : fails() });
  const bytes = Object.defineProperty(new Uint8Array(40), "length", { get: fails });
  const buffer = Object.defineProperty(new ArrayBuffer(40), "byteLength", { get: fails });
  revoke();
  const lists = [list(Symbol("x")), list({ valueOf: fails }), list(1n), list("2"), list(NaN), list(-1), list(2.5)];
  const own = [called, { key: called }, bytes, buffer, { key: bytes }, ...lists];
  const values = [
    trap,
    cycle,
    ...own,
    getter,
    Symbol("x"),
    1n,
    NaN,
    Object.create(null),
    [[[]]],
    new Array(2 ** 32 - 1),
  ];
  for (const value of values) {
    for (const found of [diagnose(value), diagnose(SAMPLE_SEALED, value), diagnose(SAMPLE_SEALED, SAMPLE_KEY, value)]) {
      assert.ok(found.length > 0);
      for (const { code, message } of found) assert.equal(message, CAUSES[code]);
    }
  }
  assert.doesNotThrow(() => diagnose(revoked, revoked, revoked));
});

test("diagnose() treats detached bytes as empty", (t) => {
  if (typeof structuredClone !== "function") return t.skip("this runtime has no structuredClone");
  const bytes = new Uint8Array(40);
  const { buffer } = bytes;
  structuredClone(buffer, { transfer: [buffer] });
  for (const detached of [bytes, buffer]) {
    assert.deepEqual(diagnose(detached, detached).map(({ code }) => code), ["SEALED_EMPTY", "KEY_UNSET"]);
  }
});

test("diagnose() does not parse JSON of over 256 Ki characters", () => {
  const event = (length: number) => JSON.stringify({ event_id: "a".repeat(length), timestamp: 1 });
  assert.equal(diagnose(event(200_000))[0]?.code, "SEALED_EVENT");
  assert.equal(diagnose(event(300_000))[0]?.code, "SEALED_JSON");
});

test("diagnose() returns a constant sentence for every value, and never throws", () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (sealed, keys, cipher) => {
      for (const { code, message } of diagnose(sealed, keys, cipher)) assert.equal(message, CAUSES[code]);
    }),
    { numRuns: runs(500) },
  );
});
