/** Keys on engines that keep a reference to the imported bytes instead of a copy. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cipher, createUnsealer, webCryptoCipher } from "../../mod.ts";
import { seal } from "../../src/testing/mod.ts";
import { toBase64 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { referencingSubtle } from "../support/referencing-subtle.ts";
import { createTestUnsealer, hasWebCrypto, key, nobleCipher, sealEvent } from "../support/seal.ts";
import { replacing, withGlobals } from "../support/globals.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const KEY = key(1);
const ZEROS = key(0);

/** Ciphers that keep the array that they receive, as `Cipher` allows. */
const ciphers: readonly (readonly [string, () => Cipher])[] = [
  ["webCryptoCipher()", () => webCryptoCipher(referencingSubtle())],
  ["a synchronous cipher", () => ({ ...nobleCipher, importKey: (raw: Uint8Array) => raw }) as Cipher],
  [
    "an asynchronous cipher",
    () => ({ ...nobleCipher, importKey: async (raw: Uint8Array) => (await undefined, raw) }) as Cipher,
  ],
];

for (const [name, cipher] of ciphers) {
  test(`unseal() opens with the given key and refuses a forgery with zeros, with ${name} that copies no key`, async () => {
    for (const keys of [KEY, toBase64(KEY), [key(2), { id: "old", key: KEY }]]) {
      const unsealer = createUnsealer({ keys, cipher: cipher() });
      for (let use = 0; use < 3; use++) {
        assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, KEY)), EVENT);
        await assert.rejects(unsealer.unseal(sealEvent(EVENT, ZEROS)), hasCode("ERR_NO_KEY_FITS"));
      }
    }
  });

  test(`createUnsealer() does not depend on the caller's array, with ${name} that copies no key`, async () => {
    const keys = KEY.slice();
    const unsealer = createUnsealer({ keys, cipher: cipher() });
    keys.fill(0);
    assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, KEY)), EVENT);
    await assert.rejects(unsealer.unseal(sealEvent(EVENT, ZEROS)), hasCode("ERR_NO_KEY_FITS"));
  });
}

test("seal() seals with the given key on an engine that copies no key", replacing("crypto"), async (t) => {
  if (!hasWebCrypto) return t.skip("this runtime has no SubtleCrypto");
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  const sealed = await withGlobals({ crypto: { subtle: referencingSubtle(), getRandomValues } }, () => {
    const raw = KEY.slice();
    const sealing = seal(EVENT, raw);
    raw.fill(0);
    return sealing;
  });
  assert.deepEqual(await createTestUnsealer({ keys: KEY }).unseal(sealed), EVENT);
});

test("referencingSubtle() has keys that change with the array, as the engines that it replaces have", async () => {
  const subtle = referencingSubtle();
  const raw = KEY.slice();
  const imported = await subtle.importKey("raw", raw);
  raw.fill(0);
  const sealed = sealEvent(EVENT, ZEROS);
  const plaintext = await subtle.decrypt({ iv: sealed.subarray(4, 16) }, imported, sealed.subarray(16));
  assert.ok(plaintext.byteLength > 0);
});

test("referencingSubtle() has HMAC keys that change with the array: zeros verify what the empty key has signed", async (t) => {
  if (!hasWebCrypto) return t.skip("this runtime has no SubtleCrypto");
  const subtle = referencingSubtle();
  const raw = KEY.slice();
  const imported = await subtle.importKey("raw", raw);
  const message = Uint8Array.of(1, 2, 3);
  const zeros = await subtle.importKey("raw", Uint8Array.of(0)); // HMAC pads keys with zeros, so this is the empty key
  const forged = new Uint8Array(await subtle.sign("HMAC", zeros, message));
  assert.equal(await subtle.verify("HMAC", imported, forged, message), false);
  raw.fill(0);
  assert.equal(await subtle.verify("HMAC", imported, forged, message), true);
});
