/**
 * Forwards responses and opens the sealed results in them.
 *
 * @module
 */

import type { FingerprintEvent } from "../event/event.ts";
import { checkRequest } from "../http/fetch-api.ts";
import { keepAlive } from "../http/keep-alive.ts";
import { report } from "../report.ts";
import { OpenClientResponseError } from "./errors.ts";
import { forwardResponse } from "./forward.ts";
import { checkOptions, type ResponseOpenerOptions } from "./options.ts";

/**
 * Forwards a response, and opens the sealed result in it.
 *
 * @param upstream The promise of `fetch`, or its response. The body must not have been read. With the promise, the whole
 * exchange is in `waitUntil`, so that a client cannot hide its event by disconnecting before the upstream's headers.
 * @param request The client's request, for the application's functions.
 * @param context The server's second argument: the `ctx` of a Worker, the info of `Deno.serve`. If it has `waitUntil`,
 * the runtime waits until the event is processed. Pass `{ waitUntil }` where that is a function of its own.
 * @returns The response for the client, with mutable headers. Rejects as `upstream` does, and with a `TypeError` when
 * its body was read.
 */
export type ResponseOpener<Context = unknown> = (
  upstream: Response | Promise<Response>,
  request: Request,
  context?: Context,
) => Promise<Response>;

/**
 * Creates a function that forwards responses and opens the sealed results in them. Do it once, at start.
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
 * would undo this.
 *
 * For one response, at most three times `maxBodyBytes` and one chunk are in memory: the chunks for the client, the
 * segments of the copy, and the complete copy.
 *
 * @param options The unsealer, and the functions that receive the event.
 * @throws {TypeError | RangeError} When an option is invalid.
 *
 * @example A proxy
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { createResponseOpener } from "@unseal/sealed-results/open-client-response";
 * import assert from "node:assert/strict";
 *
 * const forward = createResponseOpener({
 *   unsealer: createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=" }),
 *   onEvent: (event, { summary, keyId }) => console.log(summary.id, keyId, event),
 *   onError: (error) => console.error(error),
 * });
 * const fetchUpstream = async () => Response.json({ requestId: "1725018942180.msvu3x", sealedResult: null });
 *
 * const handle = (request: Request, context?: unknown) => forward(fetchUpstream(), request, context);
 *
 * const response = await handle(new Request("https://example.com/", { method: "POST", body: "{}" }));
 * assert.deepEqual(await response.json(), { requestId: "1725018942180.msvu3x", sealedResult: null });
 * ```
 */
export function createResponseOpener<Event = FingerprintEvent, Context = unknown>(
  options: ResponseOpenerOptions<Event, Context>,
): ResponseOpener<Context> {
  const own = checkOptions(options);
  return (upstream, request, context) => {
    // When the caller passes no context, `Context` includes `undefined`.
    const origin = { request: checkRequest(request), context: context as Context };
    const forwarded = Promise.resolve(upstream).then((response) => forwardResponse(response, own, origin));
    // A rejection is ignored here, because the returned promise rejects, too.
    keepAlive(context, forwarded.then(({ work }) => work, () => {}), (cause) => {
      const message = "Cannot keep the runtime alive: the context's waitUntil threw";
      void report(own.onError, new OpenClientResponseError("ERR_RESPONSE_WAIT_UNTIL", message, { cause }), origin);
    });
    return forwarded.then(({ response }) => response);
  };
}
