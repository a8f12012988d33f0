/**
 * AES-256-GCM from `node:crypto`: synchronous, for Node, Bun and Deno.
 *
 * WebCrypto decrypts on another thread. For a real event, switching to that thread and back takes many times longer
 * than the decryption, and on an idle machine most of the time of an unseal. This cipher decrypts on the calling
 * thread, which it blocks for a few microseconds. With it, `unseal` has finished when it returns its promise, and
 * `createSyncUnsealer` uses no promise.
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
import type { SyncCipher } from "../unseal/cipher.ts";
import { TAG_BYTES } from "../unseal/envelope.ts";
import { UnsealError } from "../unseal/errors.ts";

/**
 * Without the length, Node up to 24 also accepts tags of 4 bytes. Without a prototype, pollution cannot add options.
 */
const OPTIONS = { __proto__: null, authTagLength: TAG_BYTES };

/**
 * Creates the cipher: the `cipher` option of `createUnsealer` or `createSyncUnsealer`.
 *
 * @returns A synchronous cipher. Its keys are `KeyObject`s, which do not show the key when they are printed. It returns
 * a plaintext only after it has checked the tag. If the tag does not match, it zeroes the decrypted bytes, but not
 * copies of the runtime's own: Node's `update()` leaves one in freed memory. Only a wrong tag counts as a key that does
 * not fit; when OpenSSL itself fails, `decrypt` throws `ERR_CIPHER`.
 *
 * @example Recognise a refusal
 * ```ts
 * import { nodeCipher } from "@unseal/sealed-results/node-cipher";
 * import assert from "node:assert/strict";
 *
 * const cipher = nodeCipher();
 * const key = cipher.importKey(new Uint8Array(32));
 * assert.throws(() => cipher.decrypt(key, new Uint8Array(12), new Uint8Array(16)));
 * ```
 */
export function nodeCipher(): SyncCipher {
  const cipher: SyncCipher<KeyObject> = {
    // With a raw key, createDecipheriv would create a KeyObject on every call.
    importKey: (raw) => createSecretKey(raw),
    decrypt(key, nonce, sealed) {
      const tagStart = sealed.length - TAG_BYTES;
      let decipher, plaintext;
      try {
        decipher = createDecipheriv("aes-256-gcm", key, nonce, OPTIONS);
        decipher.setAuthTag(sealed.subarray(tagStart));
        // GCM is a stream cipher: update() returns the whole plaintext, and final() only checks the tag. Node decrypts to
        // a longer buffer, copies the plaintext from it, and frees it without zeroing it. No JavaScript can reach it.
        plaintext = decipher.update(sealed.subarray(0, tagStart));
      } catch (cause) {
        throw new UnsealError("ERR_CIPHER", "Cannot decrypt: node:crypto failed", { cause });
      }
      try {
        decipher.final();
      } catch (error) {
        plaintext.fill(0);
        throw error;
      }
      return plaintext;
    },
  };
  return cipher;
}
