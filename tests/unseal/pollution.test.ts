/** A polluted `Object.prototype` changes no verdict: no platform API reads an option from it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRaw } from "pako";
import { createUnsealer, UnsealError } from "../../mod.ts";
import { platformInflate } from "../../src/inflate/mod.ts";
import { sampleEventV4, seal } from "../../src/testing/mod.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, hasWebCrypto, key, sealCompressed, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const KEY = key(1);
const SEALED = sealEvent(EVENT, KEY);

/**
 * The options that WebCrypto, TextDecoder, streams, compression and `node:crypto` read, and our own. `signal` is not
 * among them: Node's compression streams create dictionaries internally, and a polluted `signal` aborts these streams.
 */
const POLLUTED: readonly (readonly [string, readonly unknown[]])[] = [
  ["tagLength", [32, 64, 96, 0, "32"]],
  ["additionalData", [new Uint8Array(0), Uint8Array.of(1)]],
  ["iv", [new Uint8Array(12)]],
  ["name", ["AES-CBC", "HMAC"]],
  ["hash", ["SHA-1"]],
  ["length", [128]],
  ["counter", [new Uint8Array(16)]],
  ["label", [Uint8Array.of(1)]],
  ["context", [Uint8Array.of(1)]],
  ["public", [{}]],
  ["authTagLength", [4]],
  ["fatal", [true, false]],
  ["ignoreBOM", [true, false]],
  ["stream", [true]],
  ["format", ["gzip"]],
  ["mode", ["byob"]],
  ["highWaterMark", [0]],
  ["preventClose", [true]],
  ["preventAbort", [true]],
  ["preventCancel", [true]],
  ["type", ["bytes"]],
  ["endings", ["native"]],
  ["status", [404]],
  ["headers", [{ "content-encoding": "gzip" }]],
  ["level", [0]],
  ["dictionary", [utf8("event_id")]],
  ["windowBits", [8]],
  ["maxOutputLength", [1]],
  ["chunkSize", [64]],
  ["alphabet", ["base64url"]],
  ["lastChunkHandling", ["strict", "stop-before-partial"]],
  ["encoding", ["hex"]],
  ["extractable", [true]],
  ["usages", [[]]],
  ["cipher", [{ importKey: () => 0, decrypt: () => new Uint8Array(0) }]],
  ["inflate", [() => utf8('{"event_id":"forged","timestamp":1}')]],
  ["schema", [{ "~standard": { validate: () => ({ value: "forged" }) } }]],
  ["version", ["v3"]],
  ["keys", ["x"]],
  ["id", ["forged"]],
  ["key", ["x"]],
  ["algorithm", ["none"]],
  ["maxSealedBytes", [0]],
  ["maxEventBytes", [0]],
  ["maxOutputBytes", [0]],
  ["dangerouslyAllowBrowser", [true]],
  ["products", [{}]],
  ["event_id", ["forged"]],
  ["timestamp", [1]],
  ["reason", ["truncated"]],
  ["paths", [["forged"]]],
  ["nonce", [new Uint8Array(12).fill(9)]],
  ["blocks", ["stored"]],
];

/** Calls `act` while every object inherits a property. */
async function withPolluted<Result>(name: string, value: unknown, act: () => Promise<Result>): Promise<Result> {
  const descriptor = { __proto__: null, value, configurable: true, writable: true, enumerable: false };
  Object.defineProperty(Object.prototype, name, descriptor);
  try {
    return await act();
  } finally {
    delete (Object.prototype as Record<string, unknown>)[name];
  }
}

/** The event or the code of the refusal, without an assertion that could itself depend on the prototype. */
async function outcomeOf(open: () => Promise<unknown>): Promise<unknown> {
  try {
    return JSON.stringify(await open());
  } catch (error) {
    return error instanceof UnsealError ? error.code : `uncoded ${error}`;
  }
}

const stream = deflateRaw(utf8(JSON.stringify(EVENT)));
const bomless = deflateRaw(utf8(`\ufeff${JSON.stringify(EVENT)}`));
const inputs: readonly (readonly [string, Uint8Array, string])[] = [
  ["an honest result", SEALED, JSON.stringify(EVENT)],
  ["a tag of 4 bytes", SEALED.subarray(0, -12), "ERR_NO_KEY_FITS"],
  ["a tag of 8 bytes", SEALED.subarray(0, -8), "ERR_NO_KEY_FITS"],
  ["another key", sealEvent(EVENT, key(2)), "ERR_NO_KEY_FITS"],
  ["ill-formed UTF-8", sealCompressed(deflateRaw(Uint8Array.of(0x22, 0xff, 0x22)), KEY), "ERR_EVENT_UTF8"],
  ["a byte order mark", sealCompressed(bomless, KEY), "ERR_EVENT_JSON"],
  ["trailing bytes", sealCompressed(concat(stream, Uint8Array.of(0)), KEY), "ERR_DEFLATE"],
  ["no event", sealCompressed(deflateRaw(utf8('{"a":1}')), KEY), "ERR_EVENT_SHAPE"],
];

for (const [name, values] of POLLUTED) {
  test(`unseal() has the same outcomes when Object.prototype has ${name}`, async () => {
    for (const value of values) {
      for (const options of [{}, { inflate: platformInflate() }]) {
        for (const [what, sealed, expected] of inputs) {
          const outcome = await withPolluted(
            name,
            value,
            () => outcomeOf(() => createTestUnsealer({ keys: KEY, ...options }).unseal(sealed)),
          );
          assert.equal(outcome, expected, `${what}, ${name}: ${String(value)}`);
        }
      }
    }
  });

  test(`seal() seals the event when Object.prototype has ${name}`, async (t) => {
    if (!hasWebCrypto) return t.skip("this runtime has no SubtleCrypto");
    const event = sampleEventV4();
    for (const value of values) {
      const sealed = await withPolluted(name, value, () => seal(event, KEY));
      assert.deepEqual(await createUnsealer({ keys: KEY }).unseal(sealed), event, `${name}: ${String(value)}`);
    }
  });
}
