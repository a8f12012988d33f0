/**
 * AES-256-GCM from `node:crypto`: synchronous, for Node, Bun and Deno.
 *
 * WebCrypto decrypts on another thread. At the size of a real event the way there and back takes many times longer than
 * the decryption: on an idle machine most of what an unseal takes. This cipher stays where it is, so that `unseal` is done
 * when it returns its promise. It blocks the thread while it decrypts: a few microseconds at that size.
 *
 * @example Unseal with the lowest latency
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { nodeCipher } from "@unseal/sealed-results/node-cipher";
 *
 * const unsealer = createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=", cipher: nodeCipher() });
 * ```
 *
 * @module
 */

import { createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import type { Cipher } from "../core/cipher.ts";
import { TAG_BYTES } from "../core/envelope.ts";

/** Without it, Node up to 24 takes tags of 4 bytes too. */
const OPTIONS = { authTagLength: TAG_BYTES };

/**
 * The cipher. Give it as the `cipher` option of `createUnsealer`.
 *
 * @returns A cipher none of whose steps is asynchronous. Its keys are `KeyObject`s, which show nothing of the key when
 * they are printed; a plaintext is given out once its tag has been checked.
 *
 * @example Tell a refusal from a success
 * ```ts
 * import { nodeCipher } from "@unseal/sealed-results/node-cipher";
 * import assert from "node:assert/strict";
 *
 * const cipher = nodeCipher();
 * const key = cipher.importKey(new Uint8Array(32));
 * assert.throws(() => cipher.decrypt(key, new Uint8Array(12), new Uint8Array(16)));
 * ```
 */
export function nodeCipher(): Cipher {
  const cipher: Cipher<KeyObject> = {
    // Given the raw key, createDecipheriv would make a KeyObject on every call.
    importKey: (raw) => createSecretKey(raw),
    decrypt(key, nonce, sealed) {
      const tagStart = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, OPTIONS);
      decipher.setAuthTag(sealed.subarray(tagStart));
      // GCM is a stream cipher: update() gives all of the plaintext, and final() nothing but the verdict on the tag.
      const plaintext = decipher.update(sealed.subarray(0, tagStart));
      decipher.final();
      return plaintext;
    },
  };
  // Without its type: a declaration that names KeyObject asks every consumer for Node's types.
  return cipher as Cipher;
}
