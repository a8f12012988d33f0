/**
 * Fingerprint's Open Client Response, for a proxy written with `fetch`: the client receives the upstream's response
 * unchanged, and the sealed event in it is opened in parallel.
 *
 * `./proxy` is a complete proxy that uses this module.
 *
 * @module
 */

import { type FingerprintEvent, isRecord } from "../event/event.ts";
import { parseJson } from "../encoding/json.ts";
import { isPromiseLike } from "../promise.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { checkMethods } from "../options.ts";
import { report } from "../report.ts";
import { bodyCodingOf } from "../http/content-coding.ts";
import { copyStream } from "./copy.ts";
import { OpenClientResponseError } from "./errors.ts";
import { canHaveBody, servedResponse } from "../http/served-response.ts";
import { type CheckedOptions, checkOptions, type OpenClientResponseOptions } from "./options.ts";

export { OpenClientResponseError, type OpenClientResponseErrorCode } from "./errors.ts";
export type { OpenClientResponseContext, OpenClientResponseOptions, WaitUntil } from "./options.ts";
export type { OpenedBytes, OpenedResult, SealedResultOpener } from "../unseal/unsealer.ts";

/**
 * Forwards a response, and opens the sealed result in it.
 *
 * The response for the client has the upstream's status, headers and bytes, each chunk as soon as it arrives. It lacks
 * the headers that describe the upstream's connection, such as `transfer-encoding`, and, if `fetch` has decoded the
 * body, `content-encoding` and `content-length`, which no longer apply. (On Cloudflare Workers the latter stay, because
 * the runtime encodes the body again.) Request no other codings than `gzip` and `br` from the upstream: only these are
 * decoded by every runtime whose `fetch` decodes.
 *
 * In parallel, the body is copied, parsed as JSON regardless of its content type, and its `sealedResult` or
 * `sealed_result` opened. A response without a sealed result, with `null`, or with a status other than 2xx is normal:
 * neither `onEvent` nor `onError` is called. No failure changes the client's response: only `onError` receives it.
 *
 * When the client disconnects, the rest of the body is still read for the copy, up to `maxBodyBytes` and for
 * `bodyTimeoutMs`: otherwise a client could hide its event by disconnecting. Do not pass a `signal` to `fetch`, which
 * would undo this. On Cloudflare Workers, set `waitUntil`. For clients that disconnect before the upstream has sent its
 * headers, also pass the promise of `fetch` instead of its response: the whole exchange is then in `waitUntil`.
 *
 * For one response, at most three times `maxBodyBytes` and one chunk are in memory: the chunks for the client, the
 * segments of the copy, and the complete copy.
 *
 * @param upstream The promise of `fetch`, or its response. The body must not have been read.
 * @param options The unsealer, and the functions that receive the event.
 * @returns The response for the client, with mutable headers. If `upstream` is a promise, a promise that rejects as
 * `upstream` does.
 * @throws {TypeError | RangeError} When an option is invalid, or the body was read.
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
/** Forwards the response of a promise of `fetch`, with the whole exchange in `waitUntil`. */
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
    // A rejection is ignored here, because the returned promise rejects, too.
    keepAlive(forwarded.then(({ work }) => work, () => {}), own);
    return forwarded.then(({ response }) => response);
  }
  const { response, work } = forward(upstream, own);
  keepAlive(work, own);
  return response;
}

/** A response for the client, and the parallel work, which never rejects. */
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
      "Cannot read response: fetch() does not decode its content coding",
    );
    return { response: servedResponse(upstream), work: report(options.onError, error) };
  }
  const { stream, copy } = copyStream(body, options);
  return { response: servedResponse(upstream, stream), work: deliver(copy, options) };
}

/** Opens the event in the copy and passes it to the application. The promise never rejects. */
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

/** The sealed result in the body of an open response; `undefined` when the body has no sealed result. */
function sealedResultIn(body: Uint8Array): string | undefined {
  const content = parseJson(decodeUtf8(body) ?? "");
  if (!isRecord(content)) {
    throw new OpenClientResponseError("ERR_RESPONSE_JSON", "Cannot read response: not a JSON object");
  }
  for (const name of ["sealedResult", "sealed_result"]) {
    const sealed = Object.hasOwn(content, name) ? content[name] : null;
    if (typeof sealed === "string") return sealed;
    if (sealed !== null) {
      throw new OpenClientResponseError("ERR_RESPONSE_SHAPE", "Cannot read response: its sealed result is not text");
    }
  }
  return undefined;
}

/** Makes the runtime wait for `work`, which runs in any case. */
function keepAlive<Event>(work: Promise<unknown>, { waitUntil, onError }: CheckedOptions<Event>): void {
  if (waitUntil === undefined) return;
  try {
    // The context's method needs the context as `this`.
    if (typeof waitUntil === "function") waitUntil(work);
    else waitUntil.waitUntil(work);
  } catch {
    void report(
      onError,
      new OpenClientResponseError(
        "ERR_WAIT_UNTIL",
        "Cannot keep the runtime alive: waitUntil threw, pass the context itself",
      ),
    );
  }
}
