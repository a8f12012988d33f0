/**
 * The options of `forwardOpenClientResponse`.
 *
 * @module
 */

import type { FingerprintEvent } from "../event/event.ts";
import type { SealedResultOpener } from "../unseal/unsealer.ts";
import type { Bytes } from "../encoding/bytes.ts";
import { checkByteLimit, checkFunction, checkMethods, checkTimeout, ownProperties, wrongType } from "../options.ts";

/** Receives a promise that the runtime must wait for. It never rejects. */
export type WaitUntil = (promise: Promise<unknown>) => void;

/** How to open a response's sealed result, and which functions receive the event. */
export interface OpenClientResponseOptions<Event = FingerprintEvent> {
  /**
   * Opens the sealed result: an unsealer, or a function that returns one, called when a response has a sealed result.
   */
  readonly unsealer: SealedResultOpener<Event> | (() => SealedResultOpener<Event> | Promise<SealedResultOpener<Event>>);
  /** Receives the event, once for each response with a sealed result. The client does not wait for it. */
  readonly onEvent?: ((event: Event, context: OpenClientResponseContext) => unknown) | undefined;
  /**
   * Receives the event's JSON as it was sealed, authenticated and not parsed, in place of `onEvent`: for a proxy that
   * only forwards events, to a queue for example. The context's `bytes` are the same bytes.
   */
  readonly onBytes?: ((bytes: Bytes, context: OpenClientResponseContext) => unknown) | undefined;
  /**
   * Receives the error that kept an event from `onEvent`, or an error of `onEvent` itself: an {@linkcode
   * OpenClientResponseError}, an `UnsealError`, or an error of `onEvent` or of `unsealer`. Exceptions of `onError` are
   * ignored.
   */
  readonly onError?: ((error: unknown) => unknown) | undefined;
  /**
   * Keeps the runtime alive until the event is processed: the context that a Worker receives as its third argument, or
   * a function that accepts a promise. Without it, Cloudflare Workers end that work when the response ends.
   */
  readonly waitUntil?: WaitUntil | { waitUntil(promise: Promise<unknown>): void } | undefined;
  /**
   * Most bytes of a body to copy: a whole number from 0, or `Infinity`. 6 MiB by default. A larger body still streams
   * to the client, and `onError` receives `ERR_RESPONSE_TOO_LARGE`.
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * How long the body may take for its copy, in milliseconds: from 1 to 2^31 - 1, or `Infinity`. 30 seconds by default.
   * A slower body still streams to the client, and `onError` receives `ERR_RESPONSE_TIMEOUT`.
   */
  readonly bodyTimeoutMs?: number | undefined;
}

/** The context of an event. */
export interface OpenClientResponseContext {
  /** The id of the key that opened it. */
  readonly keyId: string;
  /** The event's JSON as it was sealed, byte for byte, to forward to a queue for example. */
  readonly bytes: Bytes;
}

/** Options with their defaults. */
export type CheckedOptions<Event> =
  & OpenClientResponseOptions<Event>
  & { readonly maxBodyBytes: number; readonly bodyTimeoutMs: number };

const DEFAULT_MAX_BODY_BYTES = 6 * 1024 * 1024;
const DEFAULT_BODY_TIMEOUT_MS = 30_000;

/** Checks options and fills in their defaults. */
export function checkOptions<Event>(options: OpenClientResponseOptions<Event>): CheckedOptions<Event> {
  const own = ownProperties(options);
  if ((own.onEvent === undefined) === (own.onBytes === undefined)) {
    throw new TypeError("onEvent or onBytes must be a function, and only one of them");
  }
  if (own.onEvent !== undefined) checkFunction("onEvent", own.onEvent);
  if (own.onBytes !== undefined) checkFunction("onBytes", own.onBytes);
  if (own.onError !== undefined) checkFunction("onError", own.onError);
  if (typeof own.unsealer !== "function") {
    checkMethods("unsealer", own.unsealer, own.onBytes === undefined ? "open" : "openBytes");
  }
  if (
    own.waitUntil !== undefined && typeof own.waitUntil !== "function" && typeof own.waitUntil?.waitUntil !== "function"
  ) {
    throw wrongType("waitUntil", "a function or an object with waitUntil()", own.waitUntil);
  }
  const maxBodyBytes = checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  const bodyTimeoutMs = checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS);
  return ownProperties({ ...own, maxBodyBytes, bodyTimeoutMs });
}
