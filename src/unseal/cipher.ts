/**
 * AES-256-GCM, by default through WebCrypto.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { checkFunction } from "../options.ts";
import { isExhausted, propertyOf } from "../thrown.ts";
import { UnsealError } from "./errors.ts";

/** The length of a key of AES-256. */
export const KEY_BYTES = 32;

/** Decrypted bytes; WebCrypto returns them as an `ArrayBuffer`. */
export type Plaintext = Uint8Array | ArrayBuffer;

/**
 * Decrypts AES-256-GCM. Each method may be synchronous or return a promise.
 *
 * A cipher that itself fails, because a key service is down for example, throws an error whose `code` is
 * `"ERR_CIPHER"`, such as an `UnsealError`. The unsealer then tries the other keys, and if none opens the sealed result,
 * it throws `ERR_CIPHER` instead of `ERR_NO_KEY_FITS`, with that error as its `cause`. `importKey` is called again for
 * the next sealed result. An engine's error for exhausted stack or memory counts as such an error.
 *
 * @typeParam Key The type that {@linkcode Cipher.importKey} returns. Only the cipher itself reads it.
 */
export interface Cipher<Key = unknown> {
  /**
   * Prepares a key.
   *
   * @param raw The 32 bytes of the key, in an array of their own. The array is never changed and stays reachable while
   * the key is used, so a cipher may keep it instead of a copy.
   */
  importKey(raw: Bytes): Key | Promise<Key>;
  /**
   * Decrypts and authenticates. It must check the tag before it returns any plaintext.
   *
   * @param key The key that `importKey` returned.
   * @param nonce 12 bytes.
   * @param sealed The ciphertext, followed by its tag of 16 bytes. Untrusted.
   * @returns The plaintext, 16 bytes shorter than `sealed`. The unsealer zeroes it after use.
   * @throws When the tag does not match. Any error will do, unless it says that the cipher itself failed.
   */
  decrypt(key: Key, nonce: Bytes, sealed: Bytes): Plaintext | Promise<Plaintext>;
}

/** A key of a {@linkcode SyncCipher}: anything but a promise. */
export type SyncKey =
  | (object & { readonly then?: never })
  | string
  | number
  | bigint
  | symbol
  | boolean
  | null
  | undefined;

/** A {@linkcode Cipher} whose methods are synchronous, such as `nodeCipher()`. */
export interface SyncCipher<Key extends SyncKey = SyncKey> {
  /** Prepares a key, as {@linkcode Cipher.importKey} does. */
  importKey(raw: Bytes): Key;
  /** Decrypts and authenticates, as {@linkcode Cipher.decrypt} does. */
  decrypt(key: Key, nonce: Bytes, sealed: Bytes): Plaintext;
}

/** A `SubtleCrypto` as any library or runtime declares it: `crypto.subtle`, `webcrypto.subtle` of `node:crypto`. */
export interface SubtleCryptoLike {
  /** `SubtleCrypto.importKey`. */
  importKey(...parameters: never[]): Promise<unknown>;
  /** `SubtleCrypto.decrypt`. */
  decrypt(...parameters: never[]): Promise<unknown>;
}

/** The methods of `SubtleCrypto` that the cipher uses, declared here because the package uses no DOM library. */
interface Subtle {
  importKey(
    format: "raw",
    key: Bytes,
    algorithm: { __proto__: null; name: "AES-GCM" },
    extractable: false,
    usages: readonly ["decrypt"],
  ): Promise<unknown>;
  decrypt(
    algorithm: { __proto__: null; name: "AES-GCM"; iv: Bytes; additionalData: Bytes; tagLength: 128 },
    key: unknown,
    data: Bytes,
  ): Promise<ArrayBuffer>;
}

/**
 * Creates the default cipher: AES-GCM through `SubtleCrypto`.
 *
 * @param subtle The `SubtleCrypto` to use; by default the global `crypto.subtle`.
 * @throws {UnsealError} `ERR_RUNTIME` when it is missing or cannot decrypt, as on Fastly Compute.
 *
 * @example Use the SubtleCrypto of `node:crypto`
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
  // The only cast between a runtime's own types for SubtleCrypto and ours.
  const webCrypto = found as Subtle | undefined;
  if (typeof webCrypto?.importKey !== "function" || typeof webCrypto.decrypt !== "function") {
    throw new UnsealError("ERR_RUNTIME", "Cannot decrypt here: set the cipher option");
  }
  // Without a prototype and with every option, so that a polluted Object.prototype cannot add data or shorten the tag.
  // Node 20.0 copies the options to an object with a prototype.
  const additionalData = new Uint8Array(0);
  return {
    importKey: (raw) => webCrypto.importKey("raw", raw, { __proto__: null, name: "AES-GCM" }, false, ["decrypt"]),
    decrypt: (key, nonce, sealed) =>
      webCrypto.decrypt({ __proto__: null, name: "AES-GCM", iv: nonce, additionalData, tagLength: 128 }, key, sealed),
  };
}

/** Whether an error of a cipher says that the cipher itself failed, and nothing about the key and the sealed result. */
export function isCipherFailure(error: unknown): boolean {
  return propertyOf(error, "code") === "ERR_CIPHER" || isExhausted(error);
}

/** Checks the `cipher` option. */
export function checkCipher(cipher: Cipher | undefined): Cipher {
  checkFunction("cipher.importKey", cipher?.importKey);
  checkFunction("cipher.decrypt", cipher!.decrypt); // It has the other method.
  return cipher!; // It has both.
}
