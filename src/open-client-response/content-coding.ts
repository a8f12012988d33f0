/**
 * Whether the body of a fetched response still has the content coding that its headers name.
 *
 * `fetch` decodes a body and leaves `content-encoding` and `content-length` as they were, and which codings it decodes
 * differs (measured with the versions this project tests):
 *
 * | coding | Node | Deno | Bun | workerd |
 * | --- | --- | --- | --- | --- |
 * | `gzip`, `br` | decoded | decoded | decoded | decoded |
 * | `deflate`, `x-gzip` | decoded | kept | decoded | kept |
 * | `zstd` | decoded from Node 24 | kept | decoded | kept |
 * | a list of these | decoded, of the first two rows | kept | kept | kept |
 *
 * (Before the compatibility date 2024-04-29, `workerd` keeps `br` too.) What `workerd` has decoded it encodes again when a response with that header is served: there alone body and headers
 * agree if the headers are left as they are.
 *
 * @module
 */

interface Runtime {
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly undici?: string } };
}

const runtime = globalThis as Runtime;

/** Whether this runtime encodes the body of a response that it serves as the response's headers say. */
const encodesWhenServed: boolean = runtime.navigator?.userAgent === "Cloudflare-Workers";

/** Whether `fetch` has decoded a body that came with this `content-encoding`. */
export function isDecoded(contentEncoding: string): boolean {
  const codings = contentEncoding.toLowerCase().split(",").map((coding) => coding.trim());
  if (runtime.Deno !== undefined || encodesWhenServed) return codings.length === 1 && /^(gzip|br)$/.test(codings[0]!); // split gives one
  if (codings.length === 1 && codings[0] === "zstd") {
    return runtime.Bun !== undefined || parseInt(runtime.process?.versions?.undici ?? "0") >= 7;
  }
  return (codings.length === 1 || runtime.Bun === undefined) &&
    codings.every((coding) => /^((x-)?gzip|deflate|br)$/.test(coding));
}

/**
 * The headers under which the body of a fetched response can be served.
 *
 * @param upstream What `fetch` gave.
 * @returns A copy that can be changed.
 */
export function servedHeaders(upstream: Response): Headers {
  const headers = new Headers(upstream.headers);
  // These are about the connection that the response came by, not about the response (RFC 9110 §7.6.1).
  for (const name of (headers.get("connection") ?? "").split(",")) {
    if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name.trim())) headers.delete(name.trim());
  }
  for (const name of ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"]) {
    headers.delete(name);
  }
  const contentEncoding = headers.get("content-encoding");
  if (contentEncoding !== null && upstream.body !== null && isDecoded(contentEncoding) && !encodesWhenServed) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  return headers;
}
