/**
 * Fingerprint's Open Client Response, for a proxy written with `fetch`: the client gets the upstream's response as it is,
 * and the event that is sealed in it is opened beside it.
 *
 * `./proxy` is a complete proxy that is built on this.
 *
 * @module
 */

import { type FingerprintEvent, isRecord } from "../core/event.ts";
import { parseJson } from "../core/json.ts";
import { isPromiseLike } from "../core/promise.ts";
import { decodeUtf8 } from "../core/text.ts";
import { checkMethods } from "../options.ts";
import { report } from "../report.ts";
import { bodyCodingOf } from "./content-coding.ts";
import { copyStream } from "./copy.ts";
import { OpenClientResponseError } from "./errors.ts";
import { canHaveBody, servedResponse } from "./served-response.ts";
import { type CheckedOptions, checkOptions, type OpenClientResponseOptions } from "./options.ts";

export { OpenClientResponseError, type OpenClientResponseErrorCode } from "./errors.ts";
export type {
  OpenClientResponseContext,
  OpenClientResponseOptions,
  OpenedBytes,
  OpenedEvent,
  SealedResultOpener,
  WaitUntil,
} from "./options.ts";

/**
 * Forwards a response, and opens the sealed result in it.
 *
 * The response for the client has the upstream's status, headers and bytes, each chunk as soon as it arrives. Left out
 * are the headers that describe the upstream's connection, such as `transfer-encoding`, and, where `fetch` has decoded
 * the body, `content-encoding` and `content-length`, which are no longer true. (On Cloudflare Workers the latter stay,
 * as the runtime encodes the body again.) Ask the upstream for no other codings than `gzip` and `br`: only these are
 * decoded by every runtime whose `fetch` decodes at all.
 *
 * Beside that, the body is copied, parsed as JSON whatever its content type says, and its `sealedResult` or
 * `sealed_result` opened. A response that has none, or `null`, or a status other than 2xx, is normal: neither `onEvent`
 * nor `onError` is called. No failure changes the client's response: only `onError` receives it.
 *
 * When the client disconnects, the rest of the body is still read for the copy, up to `maxBodyBytes` and for
 * `bodyTimeoutMs`: otherwise a client could hide its event by disconnecting. A `signal` that was given to `fetch` would
 * undo this. On Cloudflare Workers it takes `waitUntil`, and for a client that disconnects before the upstream has sent
 * its headers, the promise that `fetch` returns in place of its result: then the whole exchange is in `waitUntil`.
 *
 * At most three times `maxBodyBytes` and one chunk are held for one response: what waits for the client, the copy in
 * pieces, and the copy in one piece.
 *
 * @param upstream What `fetch` returned: its promise, or the response. The body must not have been read.
 * @param options What opens and receives the event.
 * @returns The response for the client; its headers can be changed. A promise where `upstream` is one, which rejects as
 * `upstream` does.
 * @throws {TypeError | RangeError} When an option is not what it should be, or the body was read.
 *
 * @example A proxy
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { forwardOpenClientResponse } from "@unseal/sealed-results/open-client-response";
 * import assert from "node:assert/strict";
 *
 * const unsealer = createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=" });
 * const fetchUpstream = async () => Response.json({ requestId: "1725018942180.msvu3x", sealedResult: null });
 *
 * const response = await forwardOpenClientResponse(fetchUpstream(), {
 *   unsealer,
 *   onEvent: (event, { keyId }) => console.log(keyId, event),
 *   onError: (error) => console.error(error),
 * });
 * assert.deepEqual(await response.json(), { requestId: "1725018942180.msvu3x", sealedResult: null });
 * ```
 */
export function forwardOpenClientResponse<Event = FingerprintEvent>(
  upstream: Response,
  options: OpenClientResponseOptions<Event>,
): Response;
/** Forwards what the promise of `fetch` gives, with the whole exchange in `waitUntil`. */
export function forwardOpenClientResponse<Event = FingerprintEvent>(
  upstream: Promise<Response>,
  options: OpenClientResponseOptions<Event>,
): Promise<Response>;
export function forwardOpenClientResponse<Event = FingerprintEvent>(
  upstream: Response | Promise<Response>,
  options: OpenClientResponseOptions<Event>,
): Response | Promise<Response> {
  const own = checkOptions(options);
  if (isPromiseLike(upstream)) {
    const forwarded = upstream.then((response) => forward(response, own));
    // What rejects here rejects the promise that is returned, too.
    keepAlive(forwarded.then(({ work }) => work, () => {}), own);
    return forwarded.then(({ response }) => response);
  }
  const { response, work } = forward(upstream, own);
  keepAlive(work, own);
  return response;
}

/** A response for the client, and the work beside it, which never rejects. */
interface Forwarded {
  readonly response: Response;
  readonly work: Promise<void>;
}

function forward<Event>(upstream: Response, options: CheckedOptions<Event>): Forwarded {
  const { status, body } = upstream;
  if (upstream.bodyUsed || body?.locked) throw new TypeError("upstream must have a body that was not read");
  if (!upstream.ok || body === null || !canHaveBody(status)) {
    return { response: servedResponse(upstream), work: Promise.resolve() };
  }
  if (bodyCodingOf(upstream.headers.get("content-encoding")) === "encoded") {
    const error = new OpenClientResponseError(
      "ERR_RESPONSE_ENCODING",
      "Response has a content coding that fetch() does not decode",
    );
    return { response: servedResponse(upstream), work: report(options.onError, error) };
  }
  const { stream, copy } = copyStream(body, options);
  return { response: servedResponse(upstream, stream), work: deliver(copy, options) };
}

/** Opens the event in the copy and hands it to the application. The promise never rejects. */
async function deliver<Event>(copy: Promise<Uint8Array>, options: CheckedOptions<Event>): Promise<void> {
  const { onEvent, onBytes, onError } = options;
  try {
    const sealed = sealedResultIn(await copy);
    if (sealed === undefined) return;
    const method = onEvent !== undefined ? "open" : "openBytes";
    const unsealer = typeof options.unsealer === "function"
      ? checkMethods("the unsealer for a response", await options.unsealer(), method)
      : options.unsealer;
    if (onEvent !== undefined) {
      const { event, keyId, bytes } = await unsealer.open(sealed);
      await onEvent(event, { keyId, bytes });
    } else if (onBytes !== undefined && unsealer.openBytes !== undefined) { // Both are checked.
      const { keyId, bytes } = await unsealer.openBytes(sealed);
      await onBytes(bytes, { keyId, bytes });
    }
  } catch (error) {
    await report(onError, error);
  }
}

/** The sealed result in the body of an open response; `undefined` when it has none. */
function sealedResultIn(body: Uint8Array): string | undefined {
  const content = parseJson(decodeUtf8(body) ?? "");
  if (!isRecord(content)) throw new OpenClientResponseError("ERR_RESPONSE_JSON", "Response is not a JSON object");
  for (const name of ["sealedResult", "sealed_result"]) {
    const sealed = Object.hasOwn(content, name) ? content[name] : null;
    if (typeof sealed === "string") return sealed;
    if (sealed !== null) {
      throw new OpenClientResponseError("ERR_RESPONSE_SHAPE", "Response has a sealed result that is not text");
    }
  }
  return undefined;
}

/** Has the runtime wait for `work`, which is done in any case. */
function keepAlive<Event>(work: Promise<unknown>, { waitUntil, onError }: CheckedOptions<Event>): void {
  if (waitUntil === undefined) return;
  try {
    // The context's method works only on the context.
    if (typeof waitUntil === "function") waitUntil(work);
    else waitUntil.waitUntil(work);
  } catch {
    void report(onError, new OpenClientResponseError("ERR_WAIT_UNTIL", "waitUntil threw; give it the context itself"));
  }
}
