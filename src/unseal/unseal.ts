/**
 * The unsealers and their options.
 *
 * @module
 */

import type { Inflate } from "../inflate/mod.ts";
import { ownProperties } from "../options.ts";
import { type Cipher, type SyncCipher, webCryptoCipher } from "./cipher.ts";
import { UnsealError } from "./errors.ts";
import type { EventByVersion, EventVersion, FingerprintEvent } from "../event/event.ts";
import type { KeyInput, KeyUsage } from "./keyring.ts";
import { createPipeline, type PipelineOptions } from "./pipeline.ts";
import { isPromiseLike, type MaybePromise } from "../promise.ts";
import type { StandardSchema } from "./schema.ts";
import type { SealedResult } from "./sealed.ts";

export type { SealedResult } from "./sealed.ts";

/** How to unseal. */
export interface UnsealOptions {
  /** Decrypts; by default `webCryptoCipher()`. */
  readonly cipher?: Cipher | undefined;
  /**
   * Inflates; by default this package's own decoder, which is faster up to 16 KiB of JSON on every runtime. The length
   * of the output is checked, and the output is zeroed after use. An error whose `reason` is an `InflateReason` becomes
   * `ERR_DEFLATE` with that reason; any other error becomes `ERR_DEFLATE` without one. See `platformInflate` of
   * `./inflate`.
   */
  readonly inflate?: Inflate | undefined;
  /**
   * Most bytes of a sealed result: a whole number from 0, or `Infinity`. 4 MiB by default. The length of text,
   * whitespace included, is checked before the text is decoded.
   */
  readonly maxSealedBytes?: number | undefined;
  /**
   * Most bytes of an event's JSON: a whole number from 0, or `Infinity`. 8 MiB by default. A larger limit than
   * 1,000,000,000, which every engine can hold, counts as 1,000,000,000.
   */
  readonly maxEventBytes?: number | undefined;
  /** Allows use in a page. Anyone who controls the page then has the key, and can forge sealed results. */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

/** The keys, and how to unseal with them. */
export interface UnsealerOptions extends UnsealOptions {
  /** The key, or all keys that may be in use while they are rotated. */
  readonly keys: KeyInput | readonly KeyInput[];
}

/** Options of a synchronous unsealer. */
export interface SyncUnsealerOptions extends Omit<UnsealerOptions, "cipher" | "inflate"> {
  /** Decrypts without promises: `nodeCipher()` of `./node-cipher`, or a cipher of your own. */
  readonly cipher: SyncCipher;
  /** As {@linkcode UnsealOptions.inflate}, but without promises. */
  readonly inflate?: ((data: Uint8Array, maxOutputBytes: number) => Uint8Array) | undefined;
}

/** Accepts the events of one version only. An event of the other version is refused with `ERR_EVENT_SHAPE`. */
export interface VersionOption<Version extends EventVersion> {
  /** The version of the events: the major version of the agent or of the Server API that made them. */
  readonly version: Version;
}

/** Accepts the events that satisfy a schema. */
export interface SchemaOption<Event> {
  /** A Standard Schema v1 (zod, valibot, …) that each event must satisfy. Its output becomes the event. */
  readonly schema: StandardSchema<Event>;
  /** The only version to accept; both by default. */
  readonly version?: EventVersion | undefined;
}

/** An opened sealed result that was not parsed. */
export interface OpenedBytes {
  /** The event's JSON as it was sealed, byte for byte, to store or to forward. */
  readonly bytes: Uint8Array;
  /** The id of the key that opened it. */
  readonly keyId: string;
}

/** An opened sealed result. */
export interface OpenedResult<Event = FingerprintEvent> extends OpenedBytes {
  /** The event. */
  readonly event: Event;
}

/** Opens sealed results with a fixed set of keys. It may be shared and called concurrently. */
export interface Unsealer<Event = FingerprintEvent> {
  /**
   * Opens a sealed result.
   *
   * @param sealed Untrusted. Bytes are copied at once, and never changed.
   * @returns The event.
   * @throws {UnsealError} See {@linkcode UnsealErrorCode}. The promise rejects; nothing is thrown synchronously.
   */
  unseal(sealed: SealedResult): Promise<Event>;
  /** Like {@linkcode Unsealer.unseal}, and also returns the id of the key and the JSON itself. */
  open(sealed: SealedResult): Promise<OpenedResult<Event>>;
  /**
   * Like {@linkcode Unsealer.open}, without the event: the bytes are authenticated and inflated, but not checked to be
   * UTF-8, JSON or an event. For proxies and archives.
   */
  openBytes(sealed: SealedResult): Promise<OpenedBytes>;
  /**
   * How often each key has opened a payload since this unsealer was created. A key that opens no more can be retired.
   */
  usage(): KeyUsage[];
}

/** An {@linkcode Unsealer} whose methods are synchronous: they return and throw at once. */
export interface SyncUnsealer<Event = FingerprintEvent> {
  /** Opens a sealed result. See {@linkcode Unsealer.unseal}. */
  unseal(sealed: SealedResult): Event;
  /** Like {@linkcode SyncUnsealer.unseal}, and also returns the id of the key and the JSON itself. */
  open(sealed: SealedResult): OpenedResult<Event>;
  /** Like {@linkcode SyncUnsealer.open}, without the event. See {@linkcode Unsealer.openBytes}. */
  openBytes(sealed: SealedResult): OpenedBytes;
  /** How often each key has opened a payload since this unsealer was created. */
  usage(): KeyUsage[];
}

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
export function createUnsealer(options: UnsealerOptions): Unsealer;
export function createUnsealer(options: PipelineOptions): Unsealer<unknown> {
  const pipeline = createPipeline(options, webCryptoCipher);
  return Object.freeze({
    unseal: promised(pipeline.unseal),
    open: promised(pipeline.open),
    openBytes: promised(pipeline.openBytes),
    usage: pipeline.keyring.usage,
  });
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
export function createSyncUnsealer(options: SyncUnsealerOptions): SyncUnsealer;
export function createSyncUnsealer(
  options: SyncUnsealerOptions & Pick<PipelineOptions, "schema" | "version">,
): SyncUnsealer<unknown> {
  const pipeline = createPipeline(options);
  for (const { imported } of pipeline.keyring.byRecency()) now(imported);
  return Object.freeze({
    unseal: (sealed: SealedResult) => now(pipeline.unseal(sealed)),
    open: (sealed: SealedResult) => now(pipeline.open(sealed)),
    openBytes: (sealed: SealedResult) => now(pipeline.openBytes(sealed)),
    usage: pipeline.keyring.usage,
  });
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
export function unseal(sealed: SealedResult, key: KeyInput, options?: UnsealOptions): Promise<FingerprintEvent>;
export function unseal(
  sealed: SealedResult,
  key: KeyInput,
  options: Omit<PipelineOptions, "keys"> = {},
): Promise<unknown> {
  const open = (result: SealedResult) => createUnsealer({ ...ownProperties(options), keys: [key] }).unseal(result);
  return promised(open)(sealed);
}

/** Makes an operation return its result as a promise; an exception becomes a rejection. */
function promised<Result>(
  operation: (sealed: SealedResult) => MaybePromise<Result>,
): (sealed: SealedResult) => Promise<Result> {
  return (sealed) => {
    try {
      return Promise.resolve(operation(sealed));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** Returns a result that is not a promise, and throws for a promise. */
function now<Result>(result: MaybePromise<Result>): Result {
  if (!isPromiseLike(result)) return result;
  result.then(undefined, () => {}); // The error below replaces the promise's own, which must not go unhandled.
  throw new UnsealError("ERR_ASYNC", "Cannot unseal synchronously: the cipher, inflate or schema returned a promise");
}
