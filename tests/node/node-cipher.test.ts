/** The synchronous cipher from `node:crypto`. */

import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { Buffer } from "node:buffer";
import { createDecipheriv } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import {
  type Bytes,
  type Cipher,
  createSyncUnsealer,
  createUnsealer,
  type SyncKey,
  UnsealError,
  webCryptoCipher,
} from "../../mod.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";
import { concat } from "../support/bytes.ts";
import { key, sealCompressed, sealEvent } from "../support/seal.ts";
import { runs } from "../support/runs.ts";
import { sharedVectors } from "../support/shared-vectors.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const HEADER_AND_NONCE_BYTES = 16;

/** Decrypts, and asserts that the result is not a promise. */
function decrypt(raw: Bytes, nonce: Bytes, sealed: Bytes): Uint8Array {
  const cipher = nodeCipher();
  const plaintext = cipher.decrypt(cipher.importKey(raw), nonce, sealed);
  assert.ok(plaintext instanceof Uint8Array);
  return plaintext;
}

/** The outcome of a decryption: the plaintext in hexadecimal, or the refusal. */
function verdictOf(raw: Bytes, nonce: Bytes, sealed: Bytes): string {
  try {
    return Buffer.from(decrypt(raw, nonce, sealed)).toString("hex");
  } catch (error) {
    assert.ok(!(error instanceof assert.AssertionError), error as Error);
    return "refused";
  }
}

async function webCryptoVerdictOf(raw: Bytes, nonce: Bytes, sealed: Bytes): Promise<string> {
  const cipher = webCryptoCipher();
  const imported = await cipher.importKey(raw);
  try {
    return Buffer.from(await cipher.decrypt(imported, nonce, sealed) as ArrayBuffer).toString("hex");
  } catch {
    return "refused";
  }
}

const bytesArbitrary = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test("nodeCipher() opens results of other implementations, of any length", () => {
  fc.assert(
    fc.property(bytesArbitrary(32), bytesArbitrary(12), fc.uint8Array({ maxLength: 5000 }), (raw, nonce, plaintext) => {
      const sealed = sealCompressed(plaintext, raw, nonce).subarray(HEADER_AND_NONCE_BYTES);
      assert.equal(verdictOf(raw, nonce, sealed), Buffer.from(plaintext).toString("hex"));
    }),
    { numRuns: runs(100) },
  );
});

test("nodeCipher() agrees with WebCrypto on random payloads", async () => {
  await fc.assert(
    fc.asyncProperty(bytesArbitrary(32), bytesArbitrary(12), fc.uint8Array({ maxLength: 80 }), async (...input) => {
      assert.equal(verdictOf(...input), await webCryptoVerdictOf(...input));
    }),
    { numRuns: runs(100) },
  );
});

test("nodeCipher() agrees with WebCrypto on every change of one bit of nonce, ciphertext and tag", async () => {
  const envelope = sealCompressed(Uint8Array.from({ length: 21 }, (_, i) => i * 11), key(5));
  assert.notEqual(verdictOf(key(5), envelope.subarray(4, 16), envelope.subarray(16)), "refused");
  for (let bit = 4 * 8; bit < envelope.length * 8; bit++) {
    const changed = envelope.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7); // bit / 8 < length
    const [nonce, sealed] = [changed.subarray(4, 16), changed.subarray(16)];
    assert.equal(verdictOf(key(5), nonce, sealed), "refused", `bit ${bit}`);
    assert.equal(await webCryptoVerdictOf(key(5), nonce, sealed), "refused", `bit ${bit}`);
  }
});

test("nodeCipher() refuses every shortened payload and tag", () => {
  const envelope = sealCompressed(Uint8Array.of(1, 2, 3, 4, 5), key(5));
  const nonce = envelope.subarray(4, 16);
  for (let end = 16; end < envelope.length; end++) {
    assert.equal(verdictOf(key(5), nonce, envelope.subarray(16, end)), "refused", `${end - 16} bytes`);
  }
});

test("nodeCipher() agrees with every row of ../shared/vectors/gcm.json", (t) => {
  const vectors = sharedVectors("gcm") as readonly Record<string, string>[] | undefined;
  if (vectors === undefined) return t.skip("../shared/vectors/gcm.json is not present");
  assert.ok(vectors.length > 0);
  for (const { name, key_hex = "", nonce_hex = "", ct_hex = "", tag_hex = "", msg_hex, result } of vectors) {
    const [raw, nonce, ciphertext, tag] = [key_hex, nonce_hex, ct_hex, tag_hex].map((hex) =>
      new Uint8Array(Buffer.from(hex, "hex"))
    ) as [Bytes, Bytes, Bytes, Bytes]; // map() keeps the length
    assert.equal(verdictOf(raw, nonce, concat(ciphertext, tag)), result === "valid" ? msg_hex : "refused", name);
  }
});

test("nodeCipher() reads bytes at an offset, does not change them, and returns memory of its own", () => {
  const plaintext = Uint8Array.from({ length: 300 }, (_, i) => i);
  const envelope = sealCompressed(plaintext, key(5));
  const shifted = concat(new Uint8Array(3), envelope).subarray(3);
  const opened = decrypt(key(5), shifted.subarray(4, 16), shifted.subarray(16));
  assert.deepEqual(new Uint8Array(opened), plaintext);
  assert.deepEqual(new Uint8Array(shifted), envelope);
  // The unsealer zeroes it.
  opened.fill(0);
  assert.deepEqual(new Uint8Array(shifted), envelope);
});

/** Runs a call, and returns the result of each `update()` of a decipher in it, with a copy from that moment. */
function updatesIn(call: () => void): { returned: Uint8Array; copy: Uint8Array }[] {
  const updates: { returned: Uint8Array; copy: Uint8Array }[] = [];
  type Update = (...parameters: unknown[]) => Uint8Array;
  const prototype = Object.getPrototypeOf(createDecipheriv("aes-256-gcm", key(1), new Uint8Array(12))) as {
    update: Update;
  };
  const { update } = prototype;
  prototype.update = function (...parameters) {
    const returned = update.apply(this, parameters);
    updates.push({ returned, copy: new Uint8Array(returned) });
    return returned;
  };
  try {
    call();
  } finally {
    prototype.update = update;
  }
  return updates;
}

test("nodeCipher() zeroes the decrypted bytes when the tag does not match", () => {
  for (const length of [1, 16, 600, 100_000]) {
    const plaintext = new Uint8Array(length).fill(0xa5);
    const envelope = sealCompressed(plaintext, key(5));
    envelope[envelope.length - 1]! ^= 1; // the tag ends the envelope
    const [nonce, sealed] = [envelope.subarray(4, 16), envelope.subarray(16)];
    const updates = updatesIn(() => assert.equal(verdictOf(key(5), nonce, sealed), "refused"));
    assert.equal(updates.length, 1);
    for (const { returned, copy } of updates) {
      assert.deepEqual(copy, plaintext, "the bytes were decrypted");
      assert.deepEqual(new Uint8Array(returned), new Uint8Array(length));
    }
  }
});

test("createUnsealer() zeroes what nodeCipher() decrypted, for an event and for each refusal", () => {
  const raw = key(5);
  const noEvent = sealEvent({ secret: "not an event" }, raw);
  const noStream = sealCompressed(new Uint8Array(40).fill(0xa5), raw);
  const wrongTag = sealEvent(EVENT, raw);
  wrongTag[wrongTag.length - 1]! ^= 1; // the tag ends the envelope
  const codes = [undefined, "ERR_EVENT_SHAPE", "ERR_DEFLATE", "ERR_NO_KEY_FITS"];
  for (const [place, sealed] of [sealEvent(EVENT, raw), noEvent, noStream, wrongTag].entries()) {
    const unsealer = createSyncUnsealer({ keys: raw, cipher: nodeCipher() });
    const updates = updatesIn(() => {
      const open = () => unsealer.unseal(sealed);
      if (codes[place] === undefined) assert.deepEqual(open(), EVENT);
      else assert.throws(open, (error) => error instanceof UnsealError && error.code === codes[place]);
    });
    assert.equal(updates.length, 1);
    for (const { returned, copy } of updates) {
      assert.ok(copy.some((byte) => byte !== 0), "the bytes were decrypted");
      assert.ok(returned.every((byte) => byte === 0), codes[place] ?? "opened");
    }
  }
});

test("nodeCipher() copies the bytes of the key", () => {
  const raw = key(5);
  const cipher = nodeCipher();
  const imported = cipher.importKey(raw);
  raw.fill(0);
  const envelope = sealCompressed(Uint8Array.of(1, 2, 3), key(5));
  const opened = cipher.decrypt(imported, envelope.subarray(4, 16), envelope.subarray(16));
  assert.ok(opened instanceof Uint8Array);
  assert.deepEqual([...opened], [1, 2, 3]);
});

test("nodeCipher() shows no key when it, its key or the unsealer are printed", async () => {
  const raw = Uint8Array.from({ length: 32 }, (_, i) => (i * 151 + 87) & 0xff);
  const cipher = nodeCipher();
  const imported = cipher.importKey(raw);
  const unsealer = createUnsealer({ keys: raw, cipher });
  await unsealer.unseal(sealEvent(EVENT, raw));
  const deep = { showHidden: true, showProxy: true, depth: Infinity, maxArrayLength: Infinity, getters: true } as const;
  for (const value of [cipher, imported, unsealer]) {
    for (const text of [inspect(value, deep), String(JSON.stringify(value)), String(value)]) {
      for (let start = 0; start + 4 <= raw.length; start++) {
        const piece = Buffer.from(raw.subarray(start, start + 4));
        for (const spelling of [piece.toString("hex"), piece.toString("base64").slice(0, 5), [...piece].join(", ")]) {
          assert.ok(!text.includes(spelling), text);
        }
      }
    }
  }
});

test("unseal() with nodeCipher() tries all keys, and refuses a result that no key fits", async () => {
  const unsealer = createUnsealer({ keys: [key(1), key(2)], cipher: nodeCipher() });
  assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, key(2))), EVENT);
  assert.deepEqual(unsealer.usage().map(({ opened }) => opened), [0, 1]);
  await assert.rejects(
    unsealer.unseal(sealEvent(EVENT, key(3))),
    (error) => error instanceof UnsealError && error.code === "ERR_NO_KEY_FITS",
  );
});

test("unseal() with nodeCipher() creates one promise, which is settled when it is returned", async (t) => {
  if (process.versions["bun"] !== undefined || "Deno" in globalThis) {
    return t.skip("async_hooks counts promises on Node only");
  }
  const count = (cipher: Cipher) => {
    const unsealer = createUnsealer({ keys: key(1), cipher });
    const sealed = sealEvent(EVENT, key(1));
    let promises = 0;
    const hook = createHook({
      init(_id, type) {
        if (type === "PROMISE") promises++;
      },
    });
    hook.enable();
    const opening = unsealer.unseal(sealed);
    hook.disable();
    return { promises, opening, isPending: inspect(opening).includes("<pending>") };
  };
  const synchronous = nodeCipher();
  const node = count(synchronous);
  assert.equal(node.promises, 1);
  assert.equal(node.isPending, false);
  assert.deepEqual(await node.opening, EVENT);
  // As a control, the hook counts the promises of an asynchronous cipher.
  const delayed = count({
    importKey: synchronous.importKey,
    decrypt: async (key, nonce, sealed) => await synchronous.decrypt(key as SyncKey, nonce, sealed),
  });
  assert.ok(delayed.promises > 1);
  assert.equal(delayed.isPending, true);
  await delayed.opening;
});

test("nodeCipher() throws ERR_CIPHER when OpenSSL fails before it has checked the tag, and not for a wrong tag", () => {
  const cipher = nodeCipher();
  const imported = cipher.importKey(key(1));
  const sealed = sealEvent(EVENT, key(1)).subarray(HEADER_AND_NONCE_BYTES);
  const isFailure = (error: unknown) => error instanceof UnsealError && error.code === "ERR_CIPHER";
  assert.throws(() => cipher.decrypt(imported, new Uint8Array(0), sealed), isFailure);
  assert.throws(
    () => cipher.decrypt(imported, new Uint8Array(12), sealed),
    (error) => !isFailure(error),
  );
});
