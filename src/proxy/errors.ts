/**
 * The error class of the proxy, its codes, and the responses for them.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";
import { isPost } from "../http/methods.ts";

/**
 * Why a request has no response of Fingerprint.
 *
 * | code | status | when |
 * | --- | --- | --- |
 * | `ERR_PROXY_UPSTREAM` | 500 | Fingerprint could not be reached, or the request's body broke off |
 * | `ERR_PROXY_TIMEOUT` | 500 | the request's body and Fingerprint's headers took longer than `timeoutMs` |
 * | `ERR_PROXY_TOO_LARGE` | 413 | the request's body has more than `maxRequestBytes` |
 * | `ERR_PROXY_SECRET` | 500 | `proxySecret` threw, or returned a value that cannot be a header |
 * | `ERR_PROXY_ADDRESS` | 500 | the client's address is unknown: `clientAddress` threw or returned nothing, the context lacks it, or (on Node) the client has reset the connection |
 * | `ERR_PROXY_BODY` | 500 | other code has read the request's body before the proxy |
 * | `ERR_PROXY_INTERNAL` | 500 | anything else failed |
 * | `ERR_PROXY_WAIT_UNTIL` | none | the context's `waitUntil` threw; the request is still answered |
 */
export type ProxyErrorCode =
  | "ERR_PROXY_UPSTREAM"
  | "ERR_PROXY_TIMEOUT"
  | "ERR_PROXY_TOO_LARGE"
  | "ERR_PROXY_SECRET"
  | "ERR_PROXY_ADDRESS"
  | "ERR_PROXY_BODY"
  | "ERR_PROXY_INTERNAL"
  | "ERR_PROXY_WAIT_UNTIL";

/** Reported to `onError`. Match on `code`; `cause` is the error of the platform or of the application, if any. */
export class ProxyError extends SealedResultsError<ProxyErrorCode> {
  /** Always `ProxyError`. */
  override readonly name: string = "ProxyError";
  /** The status of the response; missing with `ERR_PROXY_WAIT_UNTIL`, whose request is answered. */
  declare readonly status?: number;

  /**
   * Creates the error.
   *
   * @param code What failed.
   * @param message For people.
   * @param options The error behind it, as `cause`.
   */
  constructor(code: ProxyErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(code, message, options);
    if (code !== "ERR_PROXY_WAIT_UNTIL") this.status = code === "ERR_PROXY_TOO_LARGE" ? 413 : 500;
  }
}

/** Converts the error of a stage of the proxy. */
export function proxyErrorOf(code: ProxyErrorCode, message: string, cause: unknown): ProxyError {
  return cause instanceof ProxyError ? cause : new ProxyError(code, message, { cause });
}

/**
 * The response to a request that failed: for a `POST`, JSON that the agent understands; for others, JSON with the
 * message.
 *
 * It contains only the error's message, which is constant.
 */
export function errorResponse(request: Request, error: ProxyError): Response {
  const { message, status = 500 } = error;
  const headers = new Headers({ "content-type": "application/json", "cache-control": "no-store" });
  if (!isPost(request)) return new Response(JSON.stringify({ error: message }), { status, headers });
  const origin = request.headers.get("origin");
  if (origin !== null) {
    // The page may be on another origin than the proxy, and its agent sends cookies.
    headers.set("access-control-allow-origin", origin);
    headers.set("access-control-allow-credentials", "true");
    headers.set("vary", "origin");
  }
  const body = {
    v: "2",
    error: { code: "IntegrationFailed", message },
    // The random digits distinguish failed requests, and are not secret.
    requestId: `${Date.now()}.${Math.random().toString(36).slice(2, 8).padEnd(6, "0")}`,
    products: {},
  };
  return new Response(JSON.stringify(body), { status, headers });
}
