/**
 * Creates unsealers.
 *
 * @module
 */

import type { EventByVersion, EventVersion, FingerprintEvent } from "../event/event.ts";
import { knownOptions } from "../options.ts";
import { isPromiseLike, type MaybePromise } from "../promise.ts";
import { webCryptoCipher } from "./cipher.ts";
import { UnsealError } from "./errors.ts";
import type { KeyInput } from "./keyring.ts";
import type {
  EitherVersionOption,
  SchemaOption,
  SyncUnsealerOptions,
  UnsealerOptions,
  UnsealOptions,
  VersionOption,
} from "./options.ts";
import { createPipeline, type PipelineOptions, UNSEAL_OPTIONS } from "./pipeline.ts";
import type { SealedResult } from "./sealed.ts";
import type { SyncUnsealer, Unsealer } from "./unsealer.ts";

/**
 * Creates an unsealer. Do it once, at start: keys are decoded, checked and imported here.
 *
 * @param options The keys, and how to unseal with them.
 * @throws {UnsealError} `ERR_KEY` when a key is invalid or missing; `ERR_RUNTIME` when this runtime cannot decrypt;
 * `ERR_BROWSER` in a page.
 * @throws {TypeError | RangeError} When another option is invalid.
 *
 * @example Open a sealed result while keys are rotated
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 *
 * const unsealer = createUnsealer({
 *   keys: ["p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=", { id: "2026-08", key: new Uint8Array(32) }],
 * });
 * console.log(unsealer.usage()); // [{ id: "key-0", opened: 0, lastOpenedAt: null }, { id: "2026-08", … }]
 * ```
 */
export function createUnsealer<Event>(options: UnsealerOptions & SchemaOption<Event>): Unsealer<Event>;
/** Creates an unsealer for the events of one version. */
export function createUnsealer<Version extends EventVersion>(
  options: UnsealerOptions & VersionOption<Version>,
): Unsealer<EventByVersion[Version]>;
/** Creates an unsealer for the events of both versions. */
export function createUnsealer(options: UnsealerOptions & EitherVersionOption): Unsealer;
export function createUnsealer(options: PipelineOptions): Unsealer<unknown> {
  return createPipeline(options, promised, webCryptoCipher).unsealer;
}

/**
 * Creates a synchronous unsealer, for code that cannot await: nginx body filters, SQL functions, templates.
 *
 * @param options The keys, the cipher, and how to unseal with them.
 * @throws {UnsealError} `ERR_KEY` and `ERR_BROWSER` as `createUnsealer`; `ERR_ASYNC` when the cipher imports keys
 * asynchronously. The unsealer's methods throw `ERR_ASYNC` when the cipher, the inflater or the schema returns a
 * promise.
 * @throws {TypeError | RangeError} When another option is invalid.
 *
 * @example Open a sealed result without a promise
 * ```ts
 * import { createSyncUnsealer } from "@unseal/sealed-results";
 * import { nodeCipher } from "@unseal/sealed-results/node-cipher";
 *
 * const unsealer = createSyncUnsealer({
 *   keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=",
 *   cipher: nodeCipher(),
 * });
 * ```
 */
export function createSyncUnsealer<Event>(options: SyncUnsealerOptions & SchemaOption<Event>): SyncUnsealer<Event>;
/** Creates a synchronous unsealer for the events of one version. */
export function createSyncUnsealer<Version extends EventVersion>(
  options: SyncUnsealerOptions & VersionOption<Version>,
): SyncUnsealer<EventByVersion[Version]>;
/** Creates a synchronous unsealer for the events of both versions. */
export function createSyncUnsealer(options: SyncUnsealerOptions & EitherVersionOption): SyncUnsealer;
export function createSyncUnsealer(
  options: SyncUnsealerOptions & Pick<PipelineOptions, "schema" | "version">,
): SyncUnsealer<unknown> {
  const { unsealer, keyring } = createPipeline(options, now);
  for (const { imported } of keyring.entries) now(() => imported);
  return unsealer;
}

/**
 * Opens one sealed result. For more than one, create an unsealer: this function imports the key on every call.
 *
 * @param sealed Untrusted: base64 text or bytes.
 * @param key The key, as base64 text or 32 bytes.
 * @param options How to unseal.
 * @returns The event.
 * @throws {UnsealError} See {@linkcode UnsealErrorCode}. The promise rejects; nothing is thrown synchronously.
 *
 * @example Recognise a refusal
 * ```ts
 * import { unseal, UnsealError } from "@unseal/sealed-results";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(
 *   unseal("bm90IHNlYWxlZA==", "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53="),
 *   (error) => error instanceof UnsealError && error.code === "ERR_SEALED_TOO_SHORT",
 * );
 * ```
 */
export function unseal<Event>(
  sealed: SealedResult,
  key: KeyInput,
  options: UnsealOptions & SchemaOption<Event>,
): Promise<Event>;
/** Opens one sealed result of one version. */
export function unseal<Version extends EventVersion>(
  sealed: SealedResult,
  key: KeyInput,
  options: UnsealOptions & VersionOption<Version>,
): Promise<EventByVersion[Version]>;
/** Opens one sealed result of either version. */
export function unseal(
  sealed: SealedResult,
  key: KeyInput,
  options?: UnsealOptions & EitherVersionOption,
): Promise<FingerprintEvent>;
export function unseal(
  sealed: SealedResult,
  key: KeyInput,
  options: Omit<PipelineOptions, "keys"> = {},
): Promise<unknown> {
  return promised(() =>
    createPipeline({ ...knownOptions(options, UNSEAL_OPTIONS), keys: [key] }, promised, webCryptoCipher)
      .unsealer.unseal(sealed)
  );
}

/** Returns the result of an operation as a promise; an exception becomes a rejection. */
function promised<Result>(operation: () => MaybePromise<Result>): Promise<Result> {
  try {
    return Promise.resolve(operation());
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Returns the result of an operation if it is not a promise, and throws for a promise. */
export function now<Result>(operation: () => MaybePromise<Result>): Result {
  const result = operation();
  if (!isPromiseLike(result)) return result;
  Promise.resolve(result).catch(() => {}); // The error below replaces the promise's own, which must not go unhandled.
  throw new UnsealError("ERR_ASYNC", "Cannot unseal synchronously: the cipher, inflate or schema returned a promise");
}
