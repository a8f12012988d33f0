/**
 * Fingerprint's Open Client Response, for a proxy written with `fetch`: the client gets the upstream's response as it is,
 * and the event that is sealed in it is opened beside it.
 *
 * @module
 */

import { type FingerprintEvent, isRecord } from "../core/event.ts";
import { checkByteLimit, checkFunction, checkMethods, ownProperties } from "../options.ts";
import { parseJson } from "../core/json.ts";
import { report } from "../report.ts";
import { decodeUtf8 } from "../core/text.ts";
import type { Unsealer } from "../core/unseal.ts";
import { BodyError } from "../body/read.ts";
import { isDecoded, servedHeaders } from "./content-coding.ts";
import { copyStream } from "./copy.ts";

/** What to do with the event in a response. */
export interface OpenClientResponseOptions<Event = FingerprintEvent> {
  /** What opens the sealed result. */
  readonly unsealer: Pick<Unsealer<Event>, "open">;
  /** Told of the event, once for each response that has one. The client does not wait for it. */
  readonly onEvent: (event: Event, context: OpenClientResponseContext) => unknown;
  /**
   * Told of whatever kept the event from `onEvent`, or was thrown by it: an {@linkcode OpenClientResponseError}, an
   * `UnsealError`, or what `onEvent` threw. What it throws itself is ignored.
   */
  readonly onError?: (error: unknown) => unknown;
  /**
   * What keeps the runtime going until the event has been dealt with: the context that a Worker gets as its third
   * argument, or a function that takes the promise. Without it, Cloudflare Workers end that work with the response.
   */
  readonly waitUntil?: WaitUntil | { waitUntil(promise: Promise<unknown>): void };
  /**
   * Most bytes of a body to copy: a whole number from 0, or `Infinity`. 6 MiB by default. A larger body streams on to the
   * client, and is reported as `ERR_RESPONSE_TOO_LARGE`.
   */
  readonly maxBodyBytes?: number;
}

/** Takes a promise that must be waited for. It never rejects. */
export type WaitUntil = (promise: Promise<unknown>) => void;

/** What comes with an event. */
export interface OpenClientResponseContext {
  /** The id of the key that opened it. */
  readonly keyId: string;
  /** The event's JSON as it was sealed, byte for byte: what to pass on to a queue. */
  readonly bytes: Uint8Array;
}

/**
 * Why there is no event.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_RESPONSE_TOO_LARGE` | the body has more than `maxBodyBytes` |
 * | `ERR_RESPONSE_CUT` | the body broke off; the client has seen that too |
 * | `ERR_RESPONSE_ENCODING` | the body has a content coding that this runtime's `fetch` does not decode |
 * | `ERR_RESPONSE_JSON` | the body is not a JSON object: Open Client Response may not be enabled, or the proxy secret be wrong |
 * | `ERR_RESPONSE_SHAPE` | its sealed result is neither text nor `null` |
 * | `ERR_WAIT_UNTIL` | `waitUntil` threw: it was perhaps given without its context. The event is still dealt with |
 */
export type OpenClientResponseErrorCode =
  | "ERR_RESPONSE_TOO_LARGE"
  | "ERR_RESPONSE_CUT"
  | "ERR_RESPONSE_ENCODING"
  | "ERR_RESPONSE_JSON"
  | "ERR_RESPONSE_SHAPE"
  | "ERR_WAIT_UNTIL";

/** What `onError` is told when a response has no event to open. It says nothing of the response's content. */
export class OpenClientResponseError extends Error {
  override readonly name: string = "OpenClientResponseError";
  /** Why there is no event. */
  readonly code: OpenClientResponseErrorCode;

  constructor(code: OpenClientResponseErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const DEFAULT_MAX_BODY_BYTES = 6 * 1024 * 1024;

/** With these, a `Response` can be made only without a body (Fetch, "null body status"). */
const NULL_BODY_STATUSES: readonly number[] = [204, 205, 304];

/**
 * Forwards a response, and opens the sealed result in it.
 *
 * The response for the client has the upstream's status, headers and bytes, each chunk as soon as it arrives. Left out
 * are the headers that are about the upstream's connection, such as `transfer-encoding`, and, where `fetch` has decoded
 * the body, `content-encoding` and `content-length`, which are no longer true. (On Cloudflare Workers the latter stay,
 * as the runtime encodes the body again.) Ask the upstream for no other codings than `gzip` and `br`: these alone are
 * decoded by every runtime.
 *
 * Beside that, the body is copied, parsed as JSON whatever its content type says, and its `sealedResult` or
 * `sealed_result` opened. A response that has none, or `null`, or a status other than 2xx, is normal and leads to
 * nothing. No failure touches the client: `onError` alone is told.
 *
 * When the client goes away, the rest of the body is still read for the copy, up to `maxBodyBytes`: otherwise a client
 * could hide its event by hanging up. A `signal` that was given to `fetch` undoes this. At most three times
 * `maxBodyBytes` and one chunk are held for one response: what waits for the client, the copy in pieces, and the copy in
 * one piece.
 *
 * @param upstream What `fetch` gave. Its body must not have been read.
 * @param options What opens and receives the event.
 * @returns The response for the client; its headers can be changed.
 * @throws {TypeError | RangeError} When an option is not what it should be, or the body was read.
 *
 * @example A proxy
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { forwardOpenClientResponse } from "@unseal/sealed-results/open-client-response";
 * import assert from "node:assert/strict";
 *
 * const unsealer = createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=" });
 * const upstream = Response.json({ v: "2", requestId: "1725018942180.msvu3x", sealedResult: null });
 *
 * const response = forwardOpenClientResponse(upstream, {
 *   unsealer,
 *   onEvent: (event, { keyId }) => console.log(keyId, event),
 *   onError: (error) => console.error(error),
 * });
 * assert.deepEqual(await response.json(), { v: "2", requestId: "1725018942180.msvu3x", sealedResult: null });
 * ```
 */
export function forwardOpenClientResponse<Event = FingerprintEvent>(
  upstream: Response,
  options: OpenClientResponseOptions<Event>,
): Response {
  const own = checkOptions(options);
  const { status, statusText, body } = upstream;
  if (upstream.bodyUsed || body?.locked) throw new TypeError("upstream must have a body that was not read");
  // Switching protocols, and errors: no copy of these can be made, and they have no body.
  if (status < 200 || status > 599) return upstream;
  const init = { status, statusText, headers: servedHeaders(upstream) };
  if (body === null || NULL_BODY_STATUSES.includes(status)) return new Response(null, init);
  if (!upstream.ok) return new Response(body, init);

  const contentEncoding = upstream.headers.get("content-encoding");
  if (contentEncoding !== null && !/^identity$/i.test(contentEncoding) && !isDecoded(contentEncoding)) {
    const error = new OpenClientResponseError(
      "ERR_RESPONSE_ENCODING",
      "Response has a content coding that stays encoded",
    );
    keepAlive(report(own.onError, error), own);
    return new Response(body, init);
  }
  const { stream, copy } = copyStream(body, own.maxBodyBytes);
  keepAlive(deliver(copy, own), own);
  return new Response(stream, init);
}

/** Opens the event in the copy and hands it on. The promise never rejects. */
async function deliver<Event>(copy: Promise<Uint8Array>, options: OpenClientResponseOptions<Event>): Promise<void> {
  const { unsealer, onEvent, onError } = options;
  try {
    const sealed = sealedResultIn(await copy.catch(copyFault));
    if (sealed === undefined) return;
    const { event, keyId, bytes } = await unsealer.open(sealed);
    await onEvent(event, { keyId, bytes });
  } catch (error) {
    await report(onError, error);
  }
}

function copyFault(error: unknown): never {
  if (error instanceof BodyError && error.reason === "too-large") {
    throw new OpenClientResponseError("ERR_RESPONSE_TOO_LARGE", "Response is over maxBodyBytes");
  }
  throw new OpenClientResponseError("ERR_RESPONSE_CUT", "Response broke off");
}

/** The sealed result in the body of an open response; `undefined` when it has none. */
function sealedResultIn(body: Uint8Array): string | undefined {
  const content = parseJson(decodeUtf8(body) ?? "");
  if (!isRecord(content)) throw new OpenClientResponseError("ERR_RESPONSE_JSON", "Response is not a JSON object");
  for (const name of ["sealedResult", "sealed_result"]) {
    const sealed = Object.hasOwn(content, name) ? content[name] : null;
    if (typeof sealed === "string") return sealed;
    if (sealed !== null) {
      throw new OpenClientResponseError("ERR_RESPONSE_SHAPE", "Response has no text as its sealed result");
    }
  }
  return undefined;
}

/** Has the runtime wait for `work`, which goes on in any case. */
function keepAlive<Event>(work: Promise<unknown>, { waitUntil, onError }: OpenClientResponseOptions<Event>): void {
  if (waitUntil === undefined) return;
  try {
    // A method of the context works on nothing but the context.
    if (typeof waitUntil === "function") waitUntil(work);
    else waitUntil.waitUntil(work);
  } catch {
    void report(onError, new OpenClientResponseError("ERR_WAIT_UNTIL", "waitUntil threw; give it the context itself"));
  }
}

function checkOptions<Event>(
  options: OpenClientResponseOptions<Event>,
): OpenClientResponseOptions<Event> & { readonly maxBodyBytes: number } {
  const own = ownProperties(options);
  checkMethods("unsealer", own.unsealer, "open");
  checkFunction("onEvent", own.onEvent);
  if (own.onError !== undefined) checkFunction("onError", own.onError);
  if (
    own.waitUntil !== undefined && typeof own.waitUntil !== "function" && typeof own.waitUntil?.waitUntil !== "function"
  ) {
    throw new TypeError("waitUntil must be a function, or have the function waitUntil");
  }
  const maxBodyBytes = checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  return ownProperties({ ...own, maxBodyBytes });
}
