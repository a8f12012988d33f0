/** Ciphers: WebCrypto's and any other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cipher, createUnsealer, type SubtleCryptoLike, webCryptoCipher } from "../../mod.ts";
import { concat, fromHex } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { hasWebCrypto, key, nobleCipher, sealEvent } from "../support/seal.ts";
import { sharedVectors } from "../support/shared-vectors.ts";
import { replacing, withGlobals } from "../support/globals.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
test("webCryptoCipher() decrypts through the global SubtleCrypto", async (t) => {
  if (!hasWebCrypto) return t.skip("this runtime has no SubtleCrypto");
  assert.deepEqual(
    await createUnsealer({ keys: key(1), cipher: webCryptoCipher() }).unseal(sealEvent(EVENT, key(1))),
    EVENT,
  );
});

test("webCryptoCipher() decrypts through the SubtleCrypto that it is given", async (t) => {
  if (!hasWebCrypto) return t.skip("this runtime has no SubtleCrypto");
  const subtle =
    (globalThis as unknown as { crypto: { subtle: { importKey: unknown; decrypt: unknown } } }).crypto.subtle;
  const calls: string[] = [];
  const watched = {
    importKey(...parameters: unknown[]) {
      calls.push("importKey");
      return (subtle.importKey as (...parameters: unknown[]) => Promise<unknown>).apply(subtle, parameters);
    },
    decrypt(...parameters: unknown[]) {
      calls.push("decrypt");
      return (subtle.decrypt as (...parameters: unknown[]) => Promise<unknown>).apply(subtle, parameters);
    },
  } as unknown as SubtleCryptoLike;
  const unsealer = createUnsealer({ keys: key(1), cipher: webCryptoCipher(watched) });
  assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, key(1))), EVENT);
  assert.deepEqual(calls, ["importKey", "decrypt"]);
});

test("webCryptoCipher() imports keys that cannot be exported and only decrypt", async (t) => {
  if (!hasWebCrypto) return t.skip("this runtime has no SubtleCrypto");
  const imported = await webCryptoCipher().importKey(key(1)) as { extractable: boolean; usages: string[] };
  assert.equal(imported.extractable, false);
  assert.deepEqual([...imported.usages], ["decrypt"]);
});

test("webCryptoCipher() throws ERR_RUNTIME when SubtleCrypto cannot decrypt, and names the cipher option", () => {
  // As on Fastly Compute.
  const subtle = { importKey: () => Promise.resolve() } as unknown as SubtleCryptoLike;
  assert.throws(() => webCryptoCipher(subtle), hasCode("ERR_RUNTIME"));
  assert.throws(() => webCryptoCipher(subtle), /cipher option/);
});

test(
  "createUnsealer() throws ERR_RUNTIME without SubtleCrypto, and works with a cipher",
  replacing("crypto"),
  async () => {
    await withGlobals({ crypto: undefined }, async () => {
      assert.throws(() => createUnsealer({ keys: key(1) }), hasCode("ERR_RUNTIME"));
      const unsealer = createUnsealer({ keys: key(1), cipher: nobleCipher });
      assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, key(1))), EVENT);
    });
  },
);

test("unseal() accepts synchronous and asynchronous ciphers, and an ArrayBuffer as the plaintext", async () => {
  const ciphers: Cipher<Uint8Array>[] = [
    nobleCipher,
    {
      importKey: (raw) => Promise.resolve(raw.slice()),
      decrypt: (...parameters) => Promise.resolve().then(() => nobleCipher.decrypt(...parameters)),
    },
    {
      importKey: nobleCipher.importKey,
      decrypt: (...parameters) => (nobleCipher.decrypt(...parameters) as Uint8Array).slice().buffer as ArrayBuffer,
    },
  ];
  for (const cipher of ciphers) {
    const unsealer = createUnsealer({ keys: [key(2), key(1)], cipher });
    assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, key(1))), EVENT);
    await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(3))), hasCode("ERR_NO_KEY_FITS"));
  }
});

interface GcmVector {
  readonly name: string;
  readonly key_hex: string;
  readonly nonce_hex: string;
  readonly ct_hex: string;
  readonly tag_hex: string;
  readonly msg_hex: string;
  readonly result: "valid" | "invalid";
}

test("webCryptoCipher() and nobleCipher agree with every row of ../shared/vectors/gcm.json", async (t) => {
  const vectors = sharedVectors("gcm") as readonly GcmVector[] | undefined;
  if (vectors === undefined) return t.skip("../shared/vectors/gcm.json is not present");
  assert.ok(vectors.length > 0);
  for (const cipher of hasWebCrypto ? [webCryptoCipher(), nobleCipher as Cipher] : [nobleCipher as Cipher]) {
    for (const { name, key_hex, nonce_hex, ct_hex, tag_hex, msg_hex, result } of vectors) {
      const imported = await cipher.importKey(fromHex(key_hex));
      const sealed = concat(fromHex(ct_hex), fromHex(tag_hex));
      const decrypt = async (): Promise<Uint8Array> =>
        new Uint8Array(await cipher.decrypt(imported, fromHex(nonce_hex), sealed));
      if (result === "valid") assert.deepEqual(await decrypt(), fromHex(msg_hex), name);
      else await assert.rejects(decrypt(), name);
    }
  }
});
