/**
 * AES-256-GCM, by default through WebCrypto.
 *
 * @module
 */

import { UnsealError } from "./errors.ts";

/**
 * Decrypts AES-256-GCM. Each method may be synchronous or return a promise.
 *
 * @typeParam Key What {@linkcode Cipher.importKey} makes of a key; opaque to everyone else.
 */
export interface Cipher<Key = unknown> {
  /**
   * Prepares a key.
   *
   * @param raw The 32 bytes of the key, in an array of their own. It is never changed and stays reachable while the key
   * is used, so a cipher may keep the array itself.
   */
  importKey(raw: Uint8Array): Key | Promise<Key>;
  /**
   * Decrypts and authenticates. Nothing of the plaintext may come out before the tag has been checked.
   *
   * @param key What `importKey` made.
   * @param nonce 12 bytes.
   * @param sealed The ciphertext, followed by its tag of 16 bytes. Untrusted.
   * @returns The plaintext. It is zeroed after use.
   * @throws When the tag does not fit; what is thrown is not looked at.
   */
  decrypt(key: Key, nonce: Uint8Array, sealed: Uint8Array): Plaintext | Promise<Plaintext>;
}

/** Bytes, or the `ArrayBuffer` of bytes that WebCrypto gives. */
export type Plaintext = Uint8Array | ArrayBuffer;

/** Any `SubtleCrypto`, whichever library or runtime declares it: `crypto.subtle`, `webcrypto.subtle` from `node:crypto`. */
export interface SubtleCryptoLike {
  importKey(...parameters: never[]): Promise<unknown>;
  decrypt(...parameters: never[]): Promise<unknown>;
}

/** What the cipher uses of `SubtleCrypto`, without a library that declares it. */
interface Subtle {
  importKey(
    format: "raw",
    key: Uint8Array,
    algorithm: "AES-GCM",
    extractable: false,
    usages: readonly ["decrypt"],
  ): Promise<unknown>;
  decrypt(algorithm: { name: "AES-GCM"; iv: Uint8Array }, key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
}

/**
 * The default cipher: AES-GCM through `SubtleCrypto`.
 *
 * @param subtle The `SubtleCrypto` to use, for runtimes where it is not the global `crypto.subtle`.
 * @throws {UnsealError} `ERR_RUNTIME` when it is missing or cannot decrypt, as on Fastly Compute.
 *
 * @example Give it where it is not a global
 * ```ts
 * import { createUnsealer, webCryptoCipher } from "@unseal/sealed-results";
 * import { webcrypto } from "node:crypto";
 *
 * const unsealer = createUnsealer({
 *   keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=",
 *   cipher: webCryptoCipher(webcrypto.subtle),
 * });
 * ```
 */
export function webCryptoCipher(subtle?: SubtleCryptoLike): Cipher {
  const found = subtle ?? (globalThis as { crypto?: { subtle?: SubtleCryptoLike } }).crypto?.subtle;
  if (typeof found?.importKey !== "function" || typeof found.decrypt !== "function") {
    throw new UnsealError("ERR_RUNTIME", "No SubtleCrypto here can decrypt; give the cipher option");
  }
  // The one place where a runtime's own types for SubtleCrypto meet ours.
  const webCrypto = found as unknown as Subtle;
  return {
    importKey: (raw) => webCrypto.importKey("raw", raw, "AES-GCM", false, ["decrypt"]),
    decrypt: (key, nonce, sealed) => webCrypto.decrypt({ name: "AES-GCM", iv: nonce }, key, sealed),
  };
}
