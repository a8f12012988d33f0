/** Keys: judged at once, imported once, tried in the order of success, and counted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cipher, createUnsealer, type KeyInput } from "../../mod.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { toBase64 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { createTestUnsealer, key, nobleCipher, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };

const create = (keys: unknown) => createTestUnsealer({ keys: keys as KeyInput });

/** noble's cipher, with a note of each call. */
function watchedCipher(): Cipher<Uint8Array> & { imported: number[]; tried: number[] } {
  const imported: number[] = [];
  const tried: number[] = [];
  return {
    imported,
    tried,
    importKey(raw) {
      imported.push(raw[0]!);
      return nobleCipher.importKey(raw);
    },
    decrypt(rawKey, nonce, sealed) {
      tried.push(rawKey[0]!);
      return nobleCipher.decrypt(rawKey, nonce, sealed);
    },
  };
}

test("createUnsealer() takes a key in every spelling of base64", async () => {
  const canonical = "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq50=";
  const spellings = [
    SAMPLE_KEY,
    canonical,
    canonical.slice(0, -1),
    ` ${canonical.slice(0, 20)}\n${canonical.slice(20)}\n`,
  ];
  for (const spelling of spellings) await create(spelling).unseal(SAMPLE_SEALED);
  const bytes = new Uint8Array(32).fill(0xfb);
  const url = toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_");
  assert.notEqual(url, toBase64(bytes));
  await create(url).unseal(sealEvent(EVENT, bytes));
});

test("createUnsealer() takes a key as bytes, and leaves them as they are", async () => {
  const bytes = key(1);
  const unsealer = create(bytes);
  await unsealer.unseal(sealEvent(EVENT, bytes));
  assert.deepEqual(bytes, key(1));
  bytes.fill(9);
  await unsealer.unseal(sealEvent(EVENT, key(1)));
});

test("createUnsealer() takes a key as a view into a larger buffer", async () => {
  const buffer = new Uint8Array(64).fill(5);
  buffer.fill(6, 10, 42);
  await create(buffer.subarray(10, 42)).unseal(sealEvent(EVENT, key(6)));
});

for (
  const [what, keys] of [
    ["no keys", []],
    ["keys that are not given", undefined],
    ["null", null],
    ["an empty text", ""],
    ["text that is not base64", "not base64!"],
    ["16 bytes", new Uint8Array(16)],
    ["24 bytes", new Uint8Array(24)],
    ["31 bytes", new Uint8Array(31)],
    ["33 bytes", new Uint8Array(33)],
    ["base64 of 16 bytes", toBase64(new Uint8Array(16))],
    ["hex", "a763c0ecc1b2e6dc79e9c9f225a15932bf7a04217065e1e3655d84a8cbd3ab9d"],
    ["a number", 7],
    ["an ArrayBuffer of 31 bytes", new ArrayBuffer(31)],
    ["a named key without key", { id: "a" }],
    ["a bad key behind a good one", [SAMPLE_KEY, "bad"]],
    ["an unset variable behind a good one", [SAMPLE_KEY, undefined]],
    ["a bad named key", [{ id: "a", key: "bad" }]],
  ] as const
) {
  test(`createUnsealer() refuses ${what} with ERR_KEY`, () => assert.throws(() => create(keys), hasCode("ERR_KEY")));
}

test("createUnsealer() says which key is wrong, and how long it is", () => {
  assert.throws(
    () => create([SAMPLE_KEY, new Uint8Array(31)]),
    /keys\[1\] must be base64 text or 32 bytes, got 31 bytes/,
  );
  assert.throws(() => create([undefined]), /keys\[0\] must be base64 text or 32 bytes, got undefined/);
});

test("createUnsealer() imports no key when one of them is wrong", () => {
  const cipher = watchedCipher();
  assert.throws(() => createUnsealer({ keys: [key(1), "bad"], cipher }), hasCode("ERR_KEY"));
  assert.deepEqual(cipher.imported, []);
});

test("createUnsealer() refuses an id that is no text or is given twice with a TypeError", () => {
  assert.throws(() => create([{ id: 7, key: SAMPLE_KEY }]), TypeError);
  assert.throws(() => create([{ id: "a", key: key(1) }, { id: "a", key: key(2) }]), TypeError);
  assert.throws(() => create([{ id: "key-1", key: key(1) }, key(2)]), TypeError);
});

test("createUnsealer() reads a named key's own properties only", () => {
  assert.throws(() => create(Object.create({ id: "a", key: SAMPLE_KEY })), hasCode("ERR_KEY"));
});

test("open() names the key that fitted, wherever it stands", async () => {
  const unsealer = create([key(1), { id: "2026-08", key: key(2) }, key(3)]);
  for (const [byte, id] of [[1, "key-0"], [2, "2026-08"], [3, "key-2"]] as const) {
    assert.equal((await unsealer.open(sealEvent(EVENT, key(byte)))).keyId, id);
  }
});

test("unseal() tries the most recently successful key first", async () => {
  const cipher = watchedCipher();
  const unsealer = createUnsealer({ keys: [key(1), key(2), key(3)], cipher });
  await unsealer.unseal(sealEvent(EVENT, key(3)));
  await unsealer.unseal(sealEvent(EVENT, key(3)));
  await unsealer.unseal(sealEvent(EVENT, key(2)));
  await unsealer.unseal(sealEvent(EVENT, key(2)));
  assert.deepEqual(cipher.tried, [1, 2, 3, 3, 3, 1, 2, 2]);
});

test("unseal() tries every key once before it says that none fits", async () => {
  const cipher = watchedCipher();
  const unsealer = createUnsealer({ keys: [key(1), key(2), key(3)], cipher });
  await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(4))), hasCode("ERR_NO_KEY_FITS"));
  assert.deepEqual(cipher.tried, [1, 2, 3]);
});

test("unseal() imports each key once, however many calls are under way", async () => {
  let imports = 0;
  const cipher: Cipher<Uint8Array> = {
    async importKey(raw) {
      imports++;
      await undefined;
      return raw.slice();
    },
    decrypt: nobleCipher.decrypt,
  };
  const unsealer = createUnsealer({ keys: [key(1), key(2)], cipher });
  await Promise.all(Array.from({ length: 20 }, () => unsealer.unseal(sealEvent(EVENT, key(2)))));
  assert.equal(imports, 2);
});

test("createUnsealer() or unseal() says ERR_KEY when the cipher refuses a key", async () => {
  const failing = (importKey: () => Promise<Uint8Array>): Cipher<Uint8Array> => ({
    importKey,
    decrypt: nobleCipher.decrypt,
  });
  assert.throws(() =>
    createUnsealer({
      keys: key(1),
      cipher: failing(() => {
        throw new Error("secret detail");
      }),
    }), hasCode("ERR_KEY"));
  const unsealer = createUnsealer({ keys: key(1), cipher: failing(() => Promise.reject(new Error("secret detail"))) });
  for (let i = 0; i < 2; i++) {
    await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), hasCode("ERR_KEY"));
  }
});

test("usage() counts what each key has opened, in the order of the keys", async () => {
  const unsealer = create([key(1), { id: "old", key: key(2) }]);
  assert.deepEqual(unsealer.usage(), [
    { id: "key-0", opened: 0, lastOpenedAt: null },
    { id: "old", opened: 0, lastOpenedAt: null },
  ]);
  const before = Date.now();
  await unsealer.unseal(sealEvent(EVENT, key(2)));
  await unsealer.unseal(sealEvent(EVENT, key(2)));
  await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(3))));
  const [fresh, old] = unsealer.usage();
  assert.deepEqual(fresh, { id: "key-0", opened: 0, lastOpenedAt: null });
  assert.equal(old?.opened, 2);
  assert.ok(old?.lastOpenedAt !== null && old !== undefined && old.lastOpenedAt >= before);
});

test("usage() counts a payload that was authentic, whatever its content", async () => {
  const unsealer = create(key(1));
  await assert.rejects(unsealer.unseal(sealEvent([], key(1))), hasCode("ERR_EVENT_SHAPE"));
  assert.equal(unsealer.usage()[0]?.opened, 1);
});

test("usage() gives a copy", () => {
  const unsealer = create(key(1));
  const usage = unsealer.usage() as { opened: number }[];
  usage[0]!.opened = 7;
  assert.equal(unsealer.usage()[0]?.opened, 0);
});
