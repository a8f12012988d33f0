/**
 * A complete Fingerprint proxy as a function from `Request` to `Response`. It opens the sealed results in Fingerprint's
 * responses.
 *
 * @module
 */

import type { FingerprintEvent } from "../event/event.ts";
import { forwardOpenClientResponse } from "../open-client-response/mod.ts";
import { servedResponse } from "../http/served-response.ts";
import { checkRequest } from "../http/fetch-api.ts";
import { report } from "../report.ts";
import { headerAddress } from "./address.ts";
import { errorResponse, ProxyError, proxyErrorOf } from "./errors.ts";
import { addProxyHeaders, limitResponseHeaders, upstreamHeaders } from "./headers.ts";
import { isPost } from "../http/methods.ts";
import { checkOptions, type FingerprintProxyOptions, isHeaderText } from "./options.ts";
import { createRouter } from "./paths.ts";
import { statusResponse } from "./status-page.ts";
import { askUpstream } from "./upstream.ts";

export {
  type OpenClientResponseContext,
  OpenClientResponseError,
  type OpenClientResponseErrorCode,
  type OpenedBytes,
  type OpenedResult,
  type SealedResultOpener,
} from "../open-client-response/mod.ts";
export { ProxyError, type ProxyErrorCode } from "./errors.ts";
export type { FingerprintProxyOptions, ProxyEventDetails, ProxyRequestDetails } from "./options.ts";
export type { AgentPaths, Region } from "./paths.ts";
export type { FetchUpstream } from "./upstream.ts";

/** A response, and the parallel work, which never rejects. */
interface Answer {
  readonly response: Response;
  readonly work?: Promise<unknown>;
}

/**
 * Creates a proxy between the pages of a site and Fingerprint.
 *
 * The JavaScript agents load their scripts through it and post through it. Fingerprint's hosts receive the path under
 * the mount, the query and the body byte for byte, and the client receives Fingerprint's status and body byte for byte.
 * The query's `region` selects the region. A `POST` carries the proxy secret, the client's address, the site's host and
 * the cookie `_iidt`, but no other cookie. Other requests carry none of these. The proxy removes headers that describe
 * a connection in both directions, headers with the site's own credentials towards Fingerprint, and headers that
 * describe Fingerprint's host towards the client.
 *
 * With an `unsealer`, the proxy opens the sealed result in the response to a `POST`, as `forwardOpenClientResponse` of
 * `./open-client-response` does. The client does not wait for it, and cannot hide its event by disconnecting after its
 * request was sent.
 *
 * When Fingerprint cannot be reached, the response has status 500 and JSON that the agent understands, and `onError`
 * receives a {@linkcode ProxyError}. The response to a request outside of the mount has status 404.
 *
 * @param options How the proxy works.
 * @returns The proxy. Its promise never rejects. Pass the server's second argument as `context`: the context of a
 * Worker, the info of `Deno.serve`, the server of `Bun.serve`, Fastly's event, or the info of `nodeListener`. It has
 * the client's address, and `waitUntil` on platforms that need it; the whole exchange is in `waitUntil`.
 * Given anything but a `Request`, such as Express's, it throws a `TypeError`: use `nodeListener` there.
 * @throws {TypeError | RangeError} When an option is invalid.
 *
 * @example A proxy
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { createFingerprintProxy } from "@unseal/sealed-results/proxy";
 * import assert from "node:assert/strict";
 *
 * const proxy = createFingerprintProxy({
 *   mountPath: "/metrics",
 *   proxySecret: "the-proxy-secret-of-the-dashboard",
 *   unsealer: createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=" }),
 *   onEvent: (event, { keyId }) => console.log(keyId, event),
 *   onError: (error) => console.error(error),
 * });
 *
 * assert.equal((await proxy(new Request("https://example.com/metrics/status"))).status, 200);
 * assert.equal((await proxy(new Request("https://example.com/metrics.evil.test/"))).status, 404);
 * ```
 */
export function createFingerprintProxy<Event = FingerprintEvent, Context = unknown>(
  options: FingerprintProxyOptions<Event, Context>,
): (request: Request, context?: Context) => Promise<Response> {
  const own = checkOptions(options);
  const { proxySecret, clientAddress, unsealer, onError } = own;
  const route = createRouter(own);

  async function answer(request: Request, context: Context): Promise<Answer> {
    const url = new URL(request.url);
    const destination = route(url);
    if (destination === undefined) return { response: new Response(null, { status: 404 }) };
    if (destination.kind === "status") {
      return { response: statusResponse(request.method, await statusFor(request, context)) };
    }
    const headers = upstreamHeaders(request, own.omitHeaders);
    if (isPost(request)) {
      // The address is read first, without waiting: a closed connection no longer has one.
      const [address, secret] = await Promise.all([addressOf(request, context), secretFor(request, context)]);
      addProxyHeaders(headers, request, { secret, clientAddress: address, host: url.hostname });
      destination.url.search += `${url.search === "" ? "?" : "&"}${own.integration}`;
    }
    const upstream = await askUpstream(request, destination.url, headers, own);
    const forwarded = isPost(request) && unsealer !== undefined
      ? open(upstream, unsealer, request, context)
      : { response: servedResponse(upstream) };
    limitResponseHeaders(forwarded.response.headers, own.maxAgentAgeSeconds);
    return forwarded;
  }

  function open(
    upstream: Response,
    unsealer: NonNullable<FingerprintProxyOptions<Event, Context>["unsealer"]>,
    request: Request,
    context: Context,
  ): Answer {
    const { onEvent, onBytes } = own;
    const details = { request, context };
    let work: Promise<unknown> | undefined;
    const response = forwardOpenClientResponse<Event>(upstream, {
      unsealer: typeof unsealer === "function" ? () => unsealer(request, context) : unsealer,
      ...(onEvent !== undefined && { onEvent: (event, opened) => onEvent(event, { ...opened, ...details }) }),
      ...(onBytes !== undefined && { onBytes: (bytes, opened) => onBytes(bytes, { ...opened, ...details }) }),
      onError: (error) => onError?.(error, details),
      waitUntil: (promise) => {
        work = promise;
      },
      maxBodyBytes: own.maxResponseBytes,
      bodyTimeoutMs: own.bodyTimeoutMs,
    });
    return work === undefined ? { response } : { response, work };
  }

  async function secretFor(request: Request, context: Context): Promise<string> {
    const message = "Cannot forward request: the proxy secret is missing";
    try {
      const secret: unknown = typeof proxySecret === "function" ? await proxySecret(request, context) : proxySecret;
      if (isHeaderText(secret)) return secret;
    } catch (cause) {
      throw new ProxyError("ERR_PROXY_SECRET", message, { cause });
    }
    throw new ProxyError("ERR_PROXY_SECRET", message);
  }

  async function addressOf(request: Request, context: Context): Promise<string> {
    const message = "Cannot forward request: the client's address is unknown";
    try {
      const address = headerAddress(await clientAddress(request, context));
      if (address !== undefined) return address;
    } catch (cause) {
      throw new ProxyError("ERR_PROXY_ADDRESS", message, { cause });
    }
    throw new ProxyError("ERR_PROXY_ADDRESS", message);
  }

  async function statusFor(request: Request, context: Context): Promise<Parameters<typeof statusResponse>[1]> {
    const isGiven = (promise: Promise<string>): Promise<boolean> => promise.then(() => true, () => false);
    return {
      hasSecret: await isGiven(secretFor(request, context)),
      hasClientAddress: await isGiven(addressOf(request, context)),
      opensSealedResults: unsealer !== undefined,
    };
  }

  function fail(cause: unknown, details: { request: Request; context: Context }): Answer {
    const error = proxyErrorOf("ERR_PROXY_INTERNAL", "Cannot forward request: the proxy failed", cause);
    return { response: errorResponse(details.request, error), work: report(onError, error, details) };
  }

  return (request, context) => {
    // When the caller passes no context, `Context` includes `undefined`.
    const details = { request: checkRequest(request), context: context as Context };
    const answered = answer(request, details.context).catch((error) => fail(error, details));
    try {
      keepAlive(context, answered.then(({ work }) => work));
    } catch (cause) {
      void report(
        onError,
        new ProxyError("ERR_WAIT_UNTIL", "Cannot keep the runtime alive: the context's waitUntil threw", { cause }),
        details,
      );
    }
    return answered.then(({ response }) => response);
  };
}

/** Makes the runtime wait for `work`, if the context has a `waitUntil`. */
function keepAlive(context: unknown, work: Promise<unknown>): void {
  const { waitUntil } = Object(context) as { waitUntil?: unknown };
  if (typeof waitUntil === "function") waitUntil.call(context, work);
}
