/** Keys: checked at creation, imported once, tried most recently successful first, and counted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cipher, createUnsealer, type KeyInput } from "../../mod.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { toBase64 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { createTestUnsealer, key, nobleCipher, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };

const create = (keys: unknown) => createTestUnsealer({ keys: keys as KeyInput });

/** noble's cipher, which records the first byte of the key in each call. */
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

test("createUnsealer() accepts a key in every spelling of base64", async () => {
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

test("createUnsealer() accepts a key as bytes, and does not change them", async () => {
  const bytes = key(1);
  const unsealer = create(bytes);
  await unsealer.unseal(sealEvent(EVENT, bytes));
  assert.deepEqual(bytes, key(1));
  bytes.fill(9);
  await unsealer.unseal(sealEvent(EVENT, key(1)));
});

test("createUnsealer() accepts a key as a view into a larger buffer", async () => {
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
    ["a list with one hole", new Array(1)],
    // deno-lint-ignore no-sparse-arrays -- A hole is what is tested.
    ["a hole before a good key", [, SAMPLE_KEY]],
    ["an object with the prototype of bytes", Object.create(Uint8Array.prototype)],
    ["a Proxy of bytes", new Proxy(new Uint8Array(32), {})],
    ["an object that claims to be an ArrayBuffer", { [Symbol.toStringTag]: "ArrayBuffer", byteLength: 32 }],
  ] as const
) {
  test(`createUnsealer() refuses ${what} with ERR_KEY`, () => assert.throws(() => create(keys), hasCode("ERR_KEY")));
}

test("createUnsealer() names the place and the length of an invalid key", () => {
  assert.throws(
    () => create([SAMPLE_KEY, new Uint8Array(31)]),
    /keys\[1\] must be base64 text or 32 bytes, got 31 bytes/,
  );
  assert.throws(() => create([undefined]), /keys\[0\] must be base64 text or 32 bytes, got undefined/);
});

test("createUnsealer() names what was given as a key, and does not quote it", () => {
  const text = toBase64(key(7));
  const mistakes: [unknown, RegExp][] = [
    [undefined, /got undefined \(is the environment variable set\?\)$/],
    ["", /got 0 bytes \(is the environment variable set\?\)$/],
    [`"${text}"`, /got other text$/],
    ["not base64!", /got other text$/],
    [Uint8Array.from(text, (character) => character.charCodeAt(0)), /got 44 bytes$/],
    [new Uint8Array(44), /got 44 bytes$/],
    [new Uint8Array(1_000_000), /got 1000000 bytes$/],
    [7, /got number$/],
    [null, /got null \(is/],
  ];
  for (const [mistake, message] of mistakes) {
    assert.throws(() => create([SAMPLE_KEY, mistake]), { code: "ERR_KEY", message });
    assert.throws(() => create([SAMPLE_KEY, { id: "a", key: mistake }]), { code: "ERR_KEY", message });
    assert.throws(() => create([SAMPLE_KEY, mistake]), /^UnsealError: keys\[1\] must be base64 text or 32 bytes, got /);
    assert.throws(() => create([mistake]), (error) => !String(error).includes(text.slice(0, 6)));
  }
});

test("createUnsealer() accepts a key without an id, with the SDK's algorithm, and an ArrayBuffer", async () => {
  const buffer = key(1).buffer as ArrayBuffer;
  for (const keys of [{ key: key(1) }, { key: buffer, algorithm: "aes-256-gcm" }, buffer, [key(2), { key: buffer }]]) {
    await create(keys).unseal(sealEvent(EVENT, key(1)));
  }
  assert.equal(create([key(2), { key: buffer }]).usage()[1]?.id, "key-1");
  assert.equal(create({ id: undefined, key: buffer }).usage()[0]?.id, "key-0");
  assert.throws(() => create({ key: buffer, algorithm: "aes-128-gcm" }), { name: "TypeError", message: /algorithm/ });
  new Uint8Array(buffer).fill(9);
});

test("createUnsealer() imports no key when one of them is invalid", () => {
  const cipher = watchedCipher();
  assert.throws(() => createUnsealer({ keys: [key(1), "bad"], cipher }), hasCode("ERR_KEY"));
  assert.deepEqual(cipher.imported, []);
});

test("createUnsealer() refuses an id that is not text or is given twice with a TypeError", () => {
  assert.throws(() => create([{ id: 7, key: SAMPLE_KEY }]), TypeError);
  assert.throws(() => create([{ id: "a", key: key(1) }, { id: "a", key: key(2) }]), TypeError);
  assert.throws(() => create([{ id: "key-1", key: key(1) }, key(2)]), TypeError);
});

test("createUnsealer() reads a named key's own properties only", () => {
  assert.throws(() => create(Object.create({ id: "a", key: SAMPLE_KEY })), hasCode("ERR_KEY"));
});

test("open() names the key that fitted, in any place", async () => {
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

test("unseal() tries every key once before it rejects with ERR_NO_KEY_FITS", async () => {
  const cipher = watchedCipher();
  const unsealer = createUnsealer({ keys: [key(1), key(2), key(3)], cipher });
  await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(4))), hasCode("ERR_NO_KEY_FITS"));
  assert.deepEqual(cipher.tried, [1, 2, 3]);
});

test("unseal() tries every key once, also after all of them have opened sealed results in turn", async () => {
  const cipher = watchedCipher();
  const unsealer = createUnsealer({ keys: [key(1), key(2), key(3)], cipher });
  for (const byte of [1, 2, 3, 1, 3]) await unsealer.unseal(sealEvent(EVENT, key(byte)));
  cipher.tried.length = 0;
  await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(4))), hasCode("ERR_NO_KEY_FITS"));
  assert.deepEqual(cipher.tried, [3, 1, 2]);
});

test("unseal() imports each key once for any number of concurrent calls", async () => {
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

test("createUnsealer() throws ERR_KEY when the cipher refuses a key synchronously", () => {
  const cipher: Cipher<Uint8Array> = {
    importKey() {
      throw new Error("secret detail");
    },
    decrypt: nobleCipher.decrypt,
  };
  assert.throws(() => createUnsealer({ keys: [key(1)], cipher }), { code: "ERR_KEY", message: /keys\[0\]/ });
});

test("unseal() rejects with ERR_KEY when no key fits and one was not imported, with a new error for each call", async () => {
  const cipher: Cipher<Uint8Array> = {
    importKey: () => Promise.reject(new Error("secret detail")),
    decrypt: nobleCipher.decrypt,
  };
  const unsealer = createUnsealer({ keys: key(1), cipher });
  const errors = await Promise.all(
    Array.from({ length: 3 }, () => unsealer.unseal(sealEvent(EVENT, key(1))).catch((error: unknown) => error)),
  );
  for (const error of errors) {
    assert.ok(hasCode("ERR_KEY")(error));
    assert.ok(!String((error as Error).stack).includes("secret"));
  }
  assert.equal(new Set(errors).size, 3);
});

test("unseal() opens with the keys that were imported, and imports the others again", async () => {
  let failures = 2;
  const cipher: Cipher<Uint8Array> = {
    importKey: async (raw) => {
      await undefined;
      if (raw[0] === 1 && failures-- > 0) throw new Error("busy");
      return raw;
    },
    decrypt: nobleCipher.decrypt,
  };
  const unsealer = createUnsealer({ keys: [key(1), key(2)], cipher });
  await unsealer.unseal(sealEvent(EVENT, key(2)));
  await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), hasCode("ERR_KEY"));
  assert.equal((await unsealer.open(sealEvent(EVENT, key(1)))).keyId, "key-0");
  await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(3))), hasCode("ERR_NO_KEY_FITS"));
});

test("unseal() survives a hostile thenable of a cipher", async () => {
  const thenables = [
    { then: (_resolve: unknown, reject: (reason: unknown) => void) => reject(key(1)) },
    {
      then() {
        throw key(1);
      },
    },
    {
      then(resolve: (value: unknown) => void) {
        resolve({
          then() {
            throw key(1);
          },
        });
      },
    },
  ];
  for (const thenable of thenables) {
    const importing = { importKey: () => thenable as unknown as Promise<Uint8Array>, decrypt: nobleCipher.decrypt };
    await assert.rejects(
      createUnsealer({ keys: key(1), cipher: importing }).unseal(sealEvent(EVENT, key(1))),
      hasCode("ERR_KEY"),
    );
    const decrypting = {
      importKey: nobleCipher.importKey,
      decrypt: () => thenable as unknown as Promise<Uint8Array>,
    };
    await assert.rejects(
      createUnsealer({ keys: key(1), cipher: decrypting }).unseal(sealEvent(EVENT, key(1))),
      hasCode("ERR_NO_KEY_FITS"),
    );
  }
});

test("unseal() opens with a cipher whose imported key is undefined", async () => {
  let imports = 0;
  const cipher: Cipher<undefined> = {
    importKey: () => Promise.resolve(void imports++),
    decrypt: (_key, nonce, sealed) => nobleCipher.decrypt(key(1), nonce, sealed),
  };
  await createUnsealer({ keys: key(1), cipher }).unseal(sealEvent(EVENT, key(1)));
  assert.equal(imports, 1);
});

test("unseal() refuses a plaintext of another length than the ciphertext, and one that is not bytes", async () => {
  const plaintexts = [new Uint8Array(0), sealEvent(EVENT, key(1)).subarray(16), undefined, "text", [], {}, null];
  for (const plaintext of plaintexts) {
    for (const given of [plaintext, Promise.resolve(plaintext)]) {
      const cipher = { importKey: nobleCipher.importKey, decrypt: () => given as Uint8Array };
      const unsealer = createUnsealer({ keys: [key(1), key(2)], cipher });
      await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), hasCode("ERR_NO_KEY_FITS"));
    }
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

test("usage() counts an authentic payload with any content", async () => {
  const unsealer = create(key(1));
  await assert.rejects(unsealer.unseal(sealEvent([], key(1))), hasCode("ERR_EVENT_SHAPE"));
  assert.equal(unsealer.usage()[0]?.opened, 1);
});

test("usage() returns a copy", () => {
  const unsealer = create(key(1));
  const usage = unsealer.usage() as { opened: number }[];
  usage[0]!.opened = 7;
  assert.equal(unsealer.usage()[0]?.opened, 0);
});
