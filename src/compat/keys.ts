/**
 * Keys as Fingerprint's Node SDKs take them.
 *
 * @module
 */

/** The algorithms of sealed results. */
export const DecryptionAlgorithm: { readonly Aes256Gcm: "aes-256-gcm" } = Object.freeze({ Aes256Gcm: "aes-256-gcm" });

/** The algorithms of sealed results. */
export type DecryptionAlgorithm = "aes-256-gcm";

/** A key and its algorithm. */
export interface DecryptionKey {
  /** 32 bytes. A `Buffer` is a `Uint8Array`. */
  readonly key: Uint8Array;
  /** `DecryptionAlgorithm.Aes256Gcm`, or the enum member of the SDKs, which is not assignable to a literal type. */
  readonly algorithm: DecryptionAlgorithm | (string & Record<never, never>);
}
