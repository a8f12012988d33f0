/**
 * Opens Fingerprint sealed results in every JavaScript runtime: Node, Deno, Bun, Cloudflare Workers and other edge
 * runtimes. It uses WebCrypto and its own raw-DEFLATE decoder, and has no dependency.
 *
 * @example Open the documentation's sample
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 *
 * const unsealer = createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=" });
 *
 * async function isBot(sealedResult: string): Promise<boolean> {
 *   const event = await unsealer.unseal(sealedResult);
 *   return (event.products ? event.products.botd?.data?.bot?.result : event.bot) === "bad";
 * }
 * ```
 *
 * @module
 */

export { createSyncUnsealer, createUnsealer, unseal } from "./src/unseal/unseal.ts";
export type { OpenedBytes, OpenedResult, SealedResultOpener, SyncUnsealer, Unsealer } from "./src/unseal/unsealer.ts";
export type {
  EitherVersionOption,
  SchemaOption,
  SyncUnsealerOptions,
  UnsealerOptions,
  UnsealOptions,
  VersionOption,
} from "./src/unseal/options.ts";
export type { SealedResult } from "./src/unseal/sealed.ts";
export type { KeyInput, KeyUsage, NamedKey, RawKey } from "./src/unseal/keyring.ts";
export {
  type Cipher,
  type Plaintext,
  type SubtleCryptoLike,
  type SyncCipher,
  type SyncKey,
  webCryptoCipher,
} from "./src/unseal/cipher.ts";
export type { Bytes } from "./src/encoding/bytes.ts";
export { SealedResultsError } from "./src/errors.ts";
export { UnsealError, type UnsealErrorCode, type UnsealErrorDetails } from "./src/unseal/errors.ts";
export type { Inflate, InflateReason } from "./src/inflate/mod.ts";
export type { EventByVersion, EventVersion, FingerprintEvent } from "./src/event/event.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./src/unseal/schema.ts";
