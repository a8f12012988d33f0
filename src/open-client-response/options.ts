/**
 * The options of `createResponseOpener`.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { ErrorDetails, EventDetails } from "../details.ts";
import type { Bytes } from "../encoding/bytes.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { checkByteLimit, checkFunction, checkMethods, checkTimeout } from "../options.ts";
import type { SealedResultOpener } from "../unseal/unsealer.ts";

/** The second argument of `onEvent`. */
export interface ResponseEventDetails<Context = unknown> extends EventDetails<Context> {
  /** The event's JSON as it was sealed, byte for byte. */
  readonly bytes: Bytes;
  /** The id of the key that opened it. */
  readonly keyId: string;
  /** The client's request. Its body has been read. */
  readonly request: Request;
}

/** The second argument of `onBytes`: the event is not parsed, so that there is no summary. */
export type ResponseBytesDetails<Context = unknown> = Omit<ResponseEventDetails<Context>, "summary">;

/** The second argument of `onError`: what is known when the error occurs. */
export type ResponseErrorDetails<Context = unknown> = ErrorDetails<Context> & { readonly request: Request };

/** How to open the sealed result of a response, and which functions receive the event. */
export interface OpeningOptions<Event = FingerprintEvent, Context = unknown> {
  /**
   * Opens the sealed result: an unsealer, or a function that returns one, for keys from a secret store. The function is
   * called when a response has a sealed result.
   */
  readonly unsealer:
    | SealedResultOpener<Event>
    | ((request: Request, context: Context) => SealedResultOpener<Event> | Promise<SealedResultOpener<Event>>);
  /** Receives the event, once for each response with a sealed result. The client does not wait for it. */
  readonly onEvent?: ((event: Event, details: ResponseEventDetails<Context>) => unknown) | undefined;
  /**
   * Receives the event's JSON as it was sealed, authenticated and not parsed, in place of `onEvent`: for a proxy that
   * only forwards events, to a queue for example.
   */
  readonly onBytes?: ((bytes: Bytes, details: ResponseBytesDetails<Context>) => unknown) | undefined;
  /**
   * Receives any error that kept an event from `onEvent`: an `OpenClientResponseError`, an `UnsealError`, or an error of
   * `onEvent` or `unsealer`. Exceptions of `onError` are ignored.
   */
  readonly onError?: ((error: unknown, details: ResponseErrorDetails<Context>) => unknown) | undefined;
}

/** The options of `createResponseOpener`. `Context` is the type of the server's second argument. */
export interface ResponseOpenerOptions<Event = FingerprintEvent, Context = unknown>
  extends OpeningOptions<Event, Context> {
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

/** Options with their defaults. */
export interface CheckedOptions<Event, Context> extends OpeningOptions<Event, Context> {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/** The names of {@linkcode OpeningOptions}, which the proxy has, too. */
export const OPENING_NAMES = { unsealer: 1, onEvent: 1, onBytes: 1, onError: 1 } as const;

/** The default limits of a response's copy, for the proxy, too. */
export const DEFAULT_MAX_BODY_BYTES: number = 6 * 1024 * 1024;
export const DEFAULT_BODY_TIMEOUT_MS = 30_000;

/** Checks options and fills in their defaults. */
export function checkOptions<Event, Context>(
  options: ResponseOpenerOptions<Event, Context>,
): CheckedOptions<Event, Context> {
  const own = checkedOptions(options, { ...OPENING_NAMES, maxBodyBytes: 1, bodyTimeoutMs: 1 });
  return {
    ...checkOpening(own),
    maxBodyBytes: checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
    bodyTimeoutMs: checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS),
  };
}

/** Checks the options that the proxy has, too. */
export function checkOpening<Event, Context>(
  { unsealer, onEvent, onBytes, onError }: OpeningOptions<Event, Context>,
): OpeningOptions<Event, Context> {
  if ((onEvent === undefined) === (onBytes === undefined)) {
    throw new TypeError("onEvent or onBytes must be a function, and only one of them");
  }
  if (onEvent !== undefined) checkFunction("onEvent", onEvent);
  if (onBytes !== undefined) checkFunction("onBytes", onBytes);
  if (onError !== undefined) checkFunction("onError", onError);
  if (typeof unsealer !== "function") checkMethods("unsealer", unsealer, onBytes === undefined ? "open" : "openBytes");
  return { unsealer, onEvent, onBytes, onError };
}
