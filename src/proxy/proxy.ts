/**
 * The proxy: routes a request, forwards it, and answers.
 *
 * @module
 */

import type { FingerprintEvent } from "../event/event.ts";
import { readAddress } from "../http/address.ts";
import { checkRequest } from "../http/fetch-api.ts";
import { keepAlive } from "../http/keep-alive.ts";
import { isForbiddenMethod, isPost } from "../http/methods.ts";
import { servedResponse } from "../http/served-response.ts";
import { type Forwarded, forwardResponse, type Origin } from "../open-client-response/forward.ts";
import { report } from "../report.ts";
import { errorResponse, ProxyError, proxyErrorOf } from "./errors.ts";
import { addProxyHeaders, limitResponseHeaders, upstreamHeaders } from "./headers.ts";
import { checkOptions, type FingerprintProxyOptions, isHeaderText } from "./options.ts";
import { createRouter } from "./paths.ts";
import { statusResponse } from "./status-page.ts";
import { askUpstream } from "./upstream.ts";

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
 * With an `unsealer`, the proxy opens the sealed result in the response to a `POST`, as `createResponseOpener` of
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
 *   onEvent: (event, { summary }) => console.log(summary.id, event),
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
  const { proxySecret, clientAddress, opening, onError } = own;
  const route = createRouter(own);

  async function answer(origin: Origin<Context>): Promise<Forwarded> {
    const { request } = origin;
    const url = new URL(request.url);
    const destination = route(url);
    if (destination === undefined) return alone(new Response(null, { status: 404 }));
    if (destination.kind === "status") return alone(statusResponse(request.method, await statusFor(origin)));
    // `fetch` refuses these methods on some runtimes, and sends them on others.
    if (isForbiddenMethod(request.method)) return alone(new Response(null, { status: 501 }));
    const headers = upstreamHeaders(request, own.omitHeaders);
    if (isPost(request)) {
      // The address is read first, without waiting: a closed connection no longer has one.
      const [address, secret] = await Promise.all([addressOf(origin), secretFor(origin)]);
      addProxyHeaders(headers, request, { secret, clientAddress: address, host: url.hostname });
      destination.url.search += `${url.search === "" ? "?" : "&"}${own.integration}`;
    }
    const upstream = await askUpstream(request, destination.url, headers, own);
    const forwarded = isPost(request) && opening !== undefined
      ? forwardResponse(upstream, opening, origin)
      : alone(servedResponse(upstream));
    limitResponseHeaders(forwarded.response.headers, own.maxAgentAgeMs);
    return forwarded;
  }

  async function secretFor({ request, context }: Origin<Context>): Promise<string> {
    const message = "Cannot forward request: the proxy secret is missing";
    try {
      const secret: unknown = typeof proxySecret === "function" ? await proxySecret(request, context) : proxySecret;
      if (isHeaderText(secret)) return secret;
      throw new ProxyError("ERR_PROXY_SECRET", message);
    } catch (cause) {
      throw proxyErrorOf("ERR_PROXY_SECRET", message, cause);
    }
  }

  async function addressOf({ request, context }: Origin<Context>): Promise<string> {
    const message = "Cannot forward request: the client's address";
    try {
      const address = readAddress(await clientAddress(request, context));
      if ("text" in address) return address.text;
      throw new ProxyError("ERR_PROXY_ADDRESS", `${message} ${address.fault}`);
    } catch (cause) {
      throw proxyErrorOf("ERR_PROXY_ADDRESS", `${message} is missing`, cause);
    }
  }

  async function statusFor(origin: Origin<Context>): Promise<Parameters<typeof statusResponse>[1]> {
    const isGiven = (promise: Promise<string>): Promise<boolean> => promise.then(() => true, () => false);
    return {
      hasSecret: await isGiven(secretFor(origin)),
      hasClientAddress: await isGiven(addressOf(origin)),
      opensSealedResults: opening !== undefined,
    };
  }

  function fail(cause: unknown, origin: Origin<Context>): Forwarded {
    const error = proxyErrorOf("ERR_PROXY_INTERNAL", "Cannot forward request: the proxy failed", cause);
    return { response: errorResponse(origin.request, error), work: report(onError, error, origin) };
  }

  return (request, context) => {
    // When the caller passes no context, `Context` includes `undefined`.
    const origin = { request: checkRequest(request), context: context as Context };
    const answered = answer(origin).catch((error) => fail(error, origin));
    keepAlive(context, answered.then(({ work }) => work), (cause) => {
      const message = "Cannot keep the runtime alive: the context's waitUntil threw";
      void report(onError, new ProxyError("ERR_PROXY_WAIT_UNTIL", message, { cause }), origin);
    });
    return answered.then(({ response }) => response);
  };
}

/** A response without parallel work. */
function alone(response: Response): Forwarded {
  return { response, work: Promise.resolve() };
}
