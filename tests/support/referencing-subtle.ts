/**
 * A `SubtleCrypto` that keeps the caller's array instead of copying it, and reads that array each time the key is used.
 *
 * Two engines work like this: Fastly Compute's with HMAC keys and nginx's njs with AES keys. If the caller changes the
 * bytes of a key after the import, the key changes with them: a zeroed key is then publicly known.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";

/** A key of {@linkcode referencingSubtle}: a function that reads the caller's bytes. */
export interface ReferencingKey {
  readonly read: () => Uint8Array;
}

/** The methods that the library calls, for AES-GCM and for HMAC with SHA-256. */
export interface ReferencingSubtle {
  importKey(format: "raw", bytes: Uint8Array): Promise<ReferencingKey>;
  encrypt(algorithm: { iv: Uint8Array }, key: ReferencingKey, data: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: { iv: Uint8Array }, key: ReferencingKey, data: Uint8Array): Promise<ArrayBuffer>;
  sign(algorithm: "HMAC", key: ReferencingKey, data: Uint8Array): Promise<ArrayBuffer>;
  verify(algorithm: "HMAC", key: ReferencingKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
}

const HMAC = { name: "HMAC", hash: "SHA-256" };

/** A reference that does not keep its array alive. Once the array is collected, the key reads as zeros. */
export function holdWeakly(bytes: Uint8Array): () => Uint8Array {
  const { length } = bytes;
  const reference = new WeakRef(bytes);
  return () => reference.deref() ?? new Uint8Array(length);
}

/**
 * Creates the stand-in. It uses the AES-GCM of `@noble/ciphers`, and the HMAC of the runtime's own `SubtleCrypto`.
 *
 * @param hold How a key refers to the caller's array.
 */
export function referencingSubtle(
  hold: (bytes: Uint8Array) => () => Uint8Array = (bytes) => () => bytes,
): ReferencingSubtle {
  // Read now, because a test may replace the global by the stand-in.
  const native = (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto?.subtle;
  const hmacKey = (key: ReferencingKey, usage: KeyUsage) =>
    // The tests that use HMAC skip runtimes without a SubtleCrypto.
    native!.importKey("raw", Uint8Array.from(key.read()), HMAC, false, [usage]);
  return {
    importKey: (_format, bytes) => Promise.resolve({ read: hold(bytes) }),
    // Each method yields before it reads the key, as an engine that works on another thread may do.
    encrypt: async ({ iv }, key, data) => (await undefined, buffer(gcm(key.read(), iv).encrypt(data))),
    decrypt: async ({ iv }, key, data) => (await undefined, buffer(gcm(key.read(), iv).decrypt(data))),
    sign: async (_algorithm, key, data) => native!.sign("HMAC", await hmacKey(key, "sign"), Uint8Array.from(data)),
    verify: async (_algorithm, key, signature, data) =>
      native!.verify("HMAC", await hmacKey(key, "verify"), Uint8Array.from(signature), Uint8Array.from(data)),
  };
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
