/**
 * The options of the unsealers.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import type { EventVersion } from "../event/event.ts";
import type { Inflate } from "../inflate/inflate-raw.ts";
import type { Cipher, SyncCipher } from "./cipher.ts";
import type { KeyInput } from "./keyring.ts";
import type { StandardSchema } from "./schema.ts";

/** How to unseal. */
export interface UnsealOptions {
  /** Decrypts; by default `webCryptoCipher()`. */
  readonly cipher?: Cipher | undefined;
  /**
   * Inflates; by default this package's own decoder, which is faster up to 16 KiB of JSON on every runtime. The length
   * of the output is checked, and the output is zeroed after use. An `InflateError` of `./inflate` becomes `ERR_DEFLATE`
   * with its reason, any other error `ERR_DEFLATE` without one. See `platformInflate` of `./inflate`.
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
  readonly inflate?: ((data: Bytes, maxOutputBytes: number) => Uint8Array) | undefined;
}

/** Accepts the events of one version only. An event of the other version is refused with `ERR_EVENT_SHAPE`. */
export interface VersionOption<Version extends EventVersion> {
  /** The version of the events: the major version of the agent or of the Server API that made them. */
  readonly version: Version;
  /** No schema: its output would decide the event's type. */
  readonly schema?: undefined;
}

/** Accepts the events of both versions, or of a version that only the running program knows. */
export interface EitherVersionOption {
  /** The only version to accept; both by default. */
  readonly version?: EventVersion | undefined;
  /** No schema: its output would decide the event's type. */
  readonly schema?: undefined;
}

/** Accepts the events that satisfy a schema. */
export interface SchemaOption<Event> {
  /** A Standard Schema v1 (zod, valibot, …) that each event must satisfy. Its output becomes the event. */
  readonly schema: StandardSchema<Event>;
  /** The only version to accept; both by default. */
  readonly version?: EventVersion | undefined;
}
