/** A cipher that itself fails: that is `ERR_CIPHER`, and says nothing about the key and the sealed result. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cipher, createSyncUnsealer, createUnsealer, UnsealError } from "../../mod.ts";
import { hasCode } from "../support/error-code.ts";
import { key, nobleCipher, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const SEALED = sealEvent(EVENT, key(1));

/** What a cipher throws when it fails itself. */
const failures: readonly (readonly [string, object])[] = [
  ["an UnsealError", new UnsealError("ERR_CIPHER", "Cannot decrypt: the key service is down")],
  ["another error with the code", Object.assign(new Error("timeout"), { code: "ERR_CIPHER" })],
  ["an object with the code", { code: "ERR_CIPHER" }],
];

/** A cipher that fails in one step, synchronously or not, for keys that `isFailing` selects. */
function failing(
  step: "importKey" | "decrypt",
  isFailing: (raw: Uint8Array) => boolean,
  fail: () => never | Promise<never>,
): Cipher<Uint8Array> {
  const { importKey, decrypt } = nobleCipher;
  return {
    importKey: (raw) => step === "importKey" && isFailing(raw) ? fail() : importKey(raw),
    decrypt: (raw, ...rest) => step === "decrypt" && isFailing(raw) ? fail() : decrypt(raw, ...rest),
  };
}

for (const step of ["importKey", "decrypt"] as const) {
  for (const [name, failure] of failures) {
    const ways: readonly (readonly [string, () => never | Promise<never>])[] = [
      ["throws", () => {
        throw failure;
      }],
      ["rejects with", () => Promise.reject(failure)],
    ];
    for (const [way, fail] of ways) {
      test(`unseal() rejects with ERR_CIPHER when ${step}() ${way} ${name}, and opens afterwards`, async () => {
        let isDown = true;
        const unsealer = createUnsealer({ keys: key(1), cipher: failing(step, () => isDown, fail) });
        await assert.rejects(unsealer.unseal(SEALED), (error) => {
          assert.ok(error instanceof UnsealError && error.code === "ERR_CIPHER", String(error));
          assert.equal(error.cause, failure);
          return true;
        });
        isDown = false;
        assert.deepEqual(await unsealer.unseal(SEALED), EVENT);
        await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(2))), hasCode("ERR_NO_KEY_FITS"));
      });

      test(`unseal() tries the other keys when ${step}() ${way} ${name}`, async () => {
        const cipher = failing(step, (raw) => raw[0] === 2, fail);
        for (const keys of [[key(2), key(1)], [key(1), key(2)]]) {
          const unsealer = createUnsealer({ keys, cipher });
          assert.deepEqual(await unsealer.unseal(SEALED), EVENT);
          // No key that answered fits, but the one that did not might.
          await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(3))), hasCode("ERR_CIPHER"));
        }
      });
    }
  }

  test(`createSyncUnsealer() throws ERR_CIPHER at its first use when ${step}() fails, and opens afterwards`, () => {
    let isDown = true;
    const cipher = failing(step, () => isDown, () => {
      throw new UnsealError("ERR_CIPHER", "Cannot decrypt: the key service is down");
    });
    const unsealer = createSyncUnsealer({ keys: key(1), cipher: cipher as typeof nobleCipher });
    assert.throws(() => unsealer.unseal(SEALED), hasCode("ERR_CIPHER"));
    isDown = false;
    assert.deepEqual(unsealer.unseal(SEALED), EVENT);
  });
}

test("unseal() prefers ERR_CIPHER to ERR_KEY, because only the former may pass", async () => {
  const cipher: Cipher<Uint8Array> = {
    importKey: (raw) => raw[0] === 2 ? Promise.reject(new Error("refused")) : raw,
    decrypt: () => Promise.reject(new UnsealError("ERR_CIPHER", "Cannot decrypt: the key service is down")),
  };
  const unsealer = createUnsealer({ keys: [key(1), key(2)], cipher });
  await assert.rejects(unsealer.unseal(SEALED), hasCode("ERR_CIPHER"));
});

test("unseal() takes a cipher's error for a wrong key when its code is another or cannot be read", async () => {
  const unreadable = {
    get code() {
      throw new Error("secret");
    },
  };
  for (const error of [unreadable, { code: "ERR_RUNTIME" }, new RangeError("secret"), undefined, null, "ERR_CIPHER"]) {
    const cipher = failing("decrypt", () => true, () => Promise.reject(error));
    await assert.rejects(createUnsealer({ keys: key(1), cipher }).unseal(SEALED), hasCode("ERR_NO_KEY_FITS"));
  }
});
