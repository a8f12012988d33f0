/**
 * A complete Fingerprint proxy as a function from `Request` to `Response`, which opens the sealed results in Fingerprint's
 * responses on the way.
 *
 * @module
 */

import type { FingerprintEvent } from "../core/event.ts";
import { forwardOpenClientResponse } from "../open-client-response/mod.ts";
import { servedResponse } from "../open-client-response/served-response.ts";
import { report } from "../report.ts";
import { headerAddress } from "./address.ts";
import { errorResponse, ProxyError, proxyErrorOf } from "./errors.ts";
import { addProxyHeaders, limitResponseHeaders, upstreamHeaders } from "./headers.ts";
import { checkOptions, type FingerprintProxyOptions, isHeaderText } from "./options.ts";
import { createRouter } from "./paths.ts";
import { statusResponse } from "./status-page.ts";
import { askUpstream } from "./upstream.ts";

export {
  type OpenClientResponseContext,
  OpenClientResponseError,
  type OpenClientResponseErrorCode,
  type OpenedBytes,
  type OpenedEvent,
  type SealedResultOpener,
} from "../open-client-response/mod.ts";
export { ProxyError, type ProxyErrorCode } from "./errors.ts";
export type { FingerprintProxyOptions, ProxyEventDetails, ProxyRequestDetails } from "./options.ts";
export type { AgentPaths, Region } from "./paths.ts";
export type { FetchUpstream } from "./upstream.ts";

/** An answer, and the work beside it, which never rejects. */
interface Answer {
  readonly response: Response;
  readonly work?: Promise<unknown>;
}

/**
 * Creates a proxy between the pages of a site and Fingerprint.
 *
 * The JavaScript agents load their scripts through it and post through it. Fingerprint's hosts get the path under the
 * mount, the query and the body byte for byte, and the client gets Fingerprint's status and body byte for byte. The
 * region is the query's `region`. A `POST` carries the proxy secret, the client's address, the site's host, and of the
 * cookies `_iidt` alone; every other request none of them. Left out in both directions are headers that describe a
 * connection; towards Fingerprint, headers that hold the site's own credentials; towards the client, headers that
 * describe Fingerprint's host.
 *
 * With an `unsealer`, the sealed result in the response to a `POST` is opened beside it, as `forwardOpenClientResponse`
 * of `./open-client-response` does: the client does not wait for that, and a client that disconnects, at whatever time
 * after its request was sent, does not hide its event.
 *
 * When Fingerprint cannot be reached, the answer has status 500 and JSON that the agent understands, and `onError`
 * receives a {@linkcode ProxyError}. Requests outside of the mount are answered with 404.
 *
 * @param options How the proxy works.
 * @returns The proxy. Its promise never rejects. Give it what the server gives beside the request as `context`: the
 * context of a Worker, the info of `Deno.serve`, the server of `Bun.serve`, Fastly's event, or the info of `nodeListener`.
 * It has the client's address, and `waitUntil` where the platform needs it; the whole exchange is in `waitUntil`.
 * @throws {TypeError | RangeError} When an option is not what it should be.
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
    const isPost = request.method === "POST";
    if (isPost) {
      // The address first, and at once: a connection whose client has gone has none any more.
      const [address, secret] = await Promise.all([addressOf(request, context), secretFor(request, context)]);
      addProxyHeaders(headers, request, { secret, clientAddress: address, host: url.hostname });
      destination.url.search += `${url.search === "" ? "?" : "&"}${own.integration}`;
    }
    const upstream = await askUpstream(request, destination.url, headers, own);
    const forwarded = isPost && unsealer !== undefined
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
    const message = "The proxy secret is missing";
    try {
      const secret: unknown = typeof proxySecret === "function" ? await proxySecret(request, context) : proxySecret;
      if (isHeaderText(secret)) return secret;
    } catch (cause) {
      throw new ProxyError("ERR_PROXY_SECRET", message, { cause });
    }
    throw new ProxyError("ERR_PROXY_SECRET", message);
  }

  async function addressOf(request: Request, context: Context): Promise<string> {
    const message = "The client's address is unknown";
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
    const error = proxyErrorOf("ERR_PROXY_INTERNAL", "The proxy failed", cause);
    return { response: errorResponse(details.request, error), work: report(onError, error, details) };
  }

  return (request, context) => {
    // Without a parameter for the context, the functions that receive it get `undefined`, which `Context` allows then.
    const details = { request, context: context as Context };
    const answered = answer(request, details.context).catch((error) => fail(error, details));
    try {
      keepAlive(context, answered.then(({ work }) => work));
    } catch (cause) {
      void report(onError, new ProxyError("ERR_WAIT_UNTIL", "The context's waitUntil threw", { cause }), details);
    }
    return answered.then(({ response }) => response);
  };
}

/** Has the runtime wait for `work`, where it has a way to. */
function keepAlive(context: unknown, work: Promise<unknown>): void {
  const { waitUntil } = Object(context) as { waitUntil?: unknown };
  if (typeof waitUntil === "function") waitUntil.call(context, work);
}
