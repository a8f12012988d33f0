/**
 * Sends requests to Fingerprint, with a time limit.
 *
 * @module
 */

import { withTimeLimit } from "../http/time-limit.ts";
import { boundBody } from "./body.ts";
import { ProxyError, proxyErrorOf } from "./errors.ts";

/** The part of `fetch` that is used. */
export type FetchUpstream = (url: string, init: RequestInit) => Promise<Response>;

/** How to send a request. */
export interface UpstreamOptions {
  readonly fetch: FetchUpstream;
  readonly maxRequestBytes: number;
  /** How long the request's body and the response's headers may take together, in milliseconds, or `Infinity`. */
  readonly timeoutMs: number;
}

/**
 * Forwards a request.
 *
 * The client's `signal` is not used, because a client could hide its event by disconnecting. On engines without
 * `AbortController`, such as Fastly's, a late request continues, and its response is dropped.
 *
 * @param request The client's request. Its body streams.
 * @param url The upstream's URL.
 * @param headers The headers to send instead of the client's.
 * @throws {ProxyError} `ERR_PROXY_UPSTREAM`, `ERR_PROXY_TIMEOUT`, `ERR_PROXY_TOO_LARGE`; the promise rejects.
 */
export async function askUpstream(
  request: Request,
  url: URL,
  headers: Headers,
  options: UpstreamOptions,
): Promise<Response> {
  const { method } = request;
  const controller = typeof AbortController === "function" ? new AbortController() : undefined;
  const abort = (): void => controller?.abort();
  const body = boundBody(request, options.maxRequestBytes, abort);
  const init: RequestInit & { duplex?: "half" } = { method, headers, redirect: "manual" };
  if (controller !== undefined) init.signal = controller.signal;
  if (body.stream !== null) {
    init.body = body.stream;
    init.duplex = "half"; // Required for streams, for example by Node.
  }
  let late: ProxyError | undefined;
  const expired = (): ProxyError => {
    abort();
    return late = new ProxyError("ERR_PROXY_TIMEOUT", "Cannot forward request: no response in time");
  };
  try {
    return await withTimeLimit(options.timeoutMs, expired, async () => {
      const response = await options.fetch(url.href, init);
      // Some runtimes would pass a 101 on, after which the client's connection is no longer HTTP.
      const isFinal = response.status >= 200 && response.status <= 599;
      const fault = body.fault() ?? late;
      if (isFinal && fault === undefined) return response;
      response.body?.cancel().catch(() => {});
      throw fault ?? new TypeError("Cannot use response: not a final status");
    });
  } catch (error) {
    throw body.fault() ?? late ??
      proxyErrorOf("ERR_PROXY_UPSTREAM", "Cannot forward request: Fingerprint could not be reached", error);
  }
}
