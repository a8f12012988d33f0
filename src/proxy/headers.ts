/**
 * Filters headers in both directions: those of a request to Fingerprint, and those of a response to the client.
 *
 * @module
 */

import { deleteConnectionHeaders, deleteHeaders } from "../http/headers.ts";
import { canSendBody } from "../http/methods.ts";
import type { Runtime } from "../http/runtime.ts";

/** Headers that hold credentials of the site, or that are set anew. Names that end in `-` are prefixes. */
const OMITTED_FROM_REQUEST: readonly string[] = [
  // A client that sends these would impersonate the proxy.
  "fpjs-proxy-",
  "host",
  "content-length",
  "accept-encoding",
  "expect", // Node's fetch refuses it.
  "cookie",
  "authorization",
  "x-api-key",
  "x-auth-",
  "x-access-token",
  "x-csrf-token",
  "x-xsrf-token",
  // Proxies that sign visitors in: oauth2-proxy, Cloudflare Access, AWS, Google and Azure, Vercel, Tailscale.
  "x-forwarded-access-token",
  "x-forwarded-email",
  "x-forwarded-groups",
  "x-forwarded-preferred-username",
  "x-forwarded-user",
  "remote-user",
  "cf-access-",
  "cf-authorization",
  "x-amzn-oidc-",
  "x-amz-security-token",
  "x-goog-authenticated-user-",
  "x-goog-iap-",
  "x-ms-client-principal",
  "x-ms-client-principal-",
  "x-ms-token-",
  "x-vercel-oidc-token",
  "x-vercel-protection-bypass",
  "x-vercel-proxy-signature",
  "x-vercel-sc-",
  "tailscale-user-",
];

/** Headers of Fingerprint's hosts that describe the host, or a cache in front of it, and not the response. */
const OMITTED_FROM_RESPONSE: readonly string[] = [
  "strict-transport-security",
  "alt-svc",
  "clear-site-data",
  "cache-tag",
];

/**
 * The headers of a request to Fingerprint: the client's, without credentials and cookies.
 *
 * @param omitted Further names, which the application leaves out.
 */
export function upstreamHeaders(request: Request, omitted: readonly string[]): Headers {
  const headers = new Headers(request.headers);
  const length = headers.has("transfer-encoding") ? null : headers.get("content-length");
  deleteConnectionHeaders(headers);
  deleteHeaders(headers, [...OMITTED_FROM_REQUEST, ...omitted]);
  // Set again, without a content_length that the upstream might read as a second length of the body.
  if (length !== null && canSendBody(request)) headers.set("content-length", length);
  // The codings that `fetch` decodes on every runtime but Fastly's, which decodes none by itself.
  headers.set("accept-encoding", (globalThis as Runtime).fastly === undefined ? "gzip, br" : "identity");
  return headers;
}

/** The proxy's statements about itself and the client in a `POST`. */
export interface ProxyClaims {
  readonly secret: string;
  readonly clientAddress: string;
  readonly host: string;
}

/** Adds the headers that only a `POST` has: the proxy's claims, and the cookie `_iidt`, which is Fingerprint's own. */
export function addProxyHeaders(headers: Headers, request: Request, claims: ProxyClaims): void {
  headers.set("fpjs-proxy-secret", claims.secret);
  headers.set("fpjs-proxy-client-ip", claims.clientAddress);
  headers.set("fpjs-proxy-forwarded-host", claims.host);
  // workerd joins several headers by a comma, which no value of this cookie has.
  const cookie = /(?:^|[;,])[ \t]*(_iidt=[^;,\s]*)/.exec(request.headers.get("cookie") ?? "")?.[1];
  if (cookie !== undefined) headers.set("cookie", cookie);
}

/** Removes headers that a client must not receive, and limits how long an agent script is cached. */
export function limitResponseHeaders(headers: Headers, maxAgentAgeMs: number | undefined): void {
  deleteHeaders(headers, OMITTED_FROM_RESPONSE);
  const isAgent = /^text\/javascript\b/i.test(headers.get("content-type") ?? "");
  const cacheControl = headers.get("cache-control");
  if (maxAgentAgeMs === undefined || !isAgent || cacheControl === null) return;
  headers.set("cache-control", limitAge(cacheControl, Math.floor(maxAgentAgeMs / 1000)));
}

/** How long a shared cache may keep an agent script. The limit is low, because the site cannot purge such a cache. */
const MAX_SHARED_AGE_SECONDS = 60;

function limitAge(cacheControl: string, maxAgeSeconds: number): string {
  const limits = { "max-age": maxAgeSeconds, "s-maxage": Math.min(maxAgeSeconds, MAX_SHARED_AGE_SECONDS) };
  const directives = cacheControl.split(",").map((directive) => directive.trim()).filter((directive) =>
    directive !== ""
  );
  for (const [name, limit] of Object.entries(limits)) {
    const index = directives.findIndex((directive) => directive.toLowerCase().split("=")[0]?.trim() === name);
    const age = Number(/^[^=]*=\s*"?(\d+)"?$/.exec(directives[index] ?? "")?.[1] ?? Infinity);
    if (index === -1) directives.push(`${name}=${limit}`);
    else directives[index] = `${name}=${Math.min(age, limit)}`;
  }
  return directives.join(", ");
}
