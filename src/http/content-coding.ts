/**
 * Finds out whether the body of a fetched response still has the content coding that its headers name.
 *
 * `fetch` decodes a body, but leaves `content-encoding` and `content-length` unchanged. Runtimes decode different
 * codings (measured with the versions that this project tests):
 *
 * | `content-encoding` | Node | Deno | Bun | workerd | Fastly |
 * | --- | --- | --- | --- | --- | --- |
 * | `gzip`, `br` | decoded | decoded | decoded | decoded | kept |
 * | `GZIP`, `BR` | decoded | decoded | decoded | kept | kept |
 * | `deflate`, `x-gzip` | decoded | kept | decoded | kept | kept |
 * | `zstd` | decoded from Node 24 | kept | decoded | kept | kept |
 * | a list of these | decoded | kept | kept | kept | kept |
 * | one of these beside `identity` or an empty member | kept | kept | decoded | kept | kept |
 *
 * Node 20.0 also keeps a coding in capital letters. Fastly's column is from its documentation. Before the compatibility
 * date 2024-04-29, workerd keeps `br`, too. When workerd serves a response with a `content-encoding`, it encodes the
 * body again. Only there do body and headers agree if the headers stay unchanged.
 *
 * @module
 */

import { deleteConnectionHeaders, deleteHeaders } from "./headers.ts";
import { isWorkerd, type Runtime } from "./runtime.ts";

const runtime = globalThis as Runtime;

const WITHOUT_ZSTD = /^((x-)?gzip|deflate|br)$/i;
const WITH_ZSTD = /^((x-)?gzip|deflate|br|zstd)$/i;

/**
 * The state of a body after `fetch`:
 *
 * - `plain`: it had no coding;
 * - `decoded`: the headers name a coding that the body no longer has;
 * - `encoded`: the body still has its coding.
 */
export type BodyCoding = "plain" | "decoded" | "encoded";

/** The state, after `fetch`, of a body with this `content-encoding`. */
export function bodyCodingOf(contentEncoding: string | null): BodyCoding {
  const header = contentEncoding ?? "";
  const members = header.split(",").map((member) => member.trim());
  const codings = members.filter((member) => !/^(identity)?$/i.test(member));
  if (codings.length === 0) return "plain";
  return isDecoded(header, members, codings) ? "decoded" : "encoded";
}

function isDecoded(header: string, members: readonly string[], codings: readonly string[]): boolean {
  if (runtime.fastly !== undefined) return false;
  if (isWorkerd(runtime)) return /^(gzip|br)$/.test(header);
  if (runtime.Deno !== undefined) return /^(gzip|br)$/i.test(header);
  // Bun decodes a single coding, and ignores empty members and `identity`. Node and others decode lists of codings
  // only.
  if (runtime.Bun !== undefined) return WITH_ZSTD.test(codings.join());
  const undici = runtime.process?.versions?.undici ?? ""; // the version of Node's `fetch`
  // Node 20.0 minds the case, and looks for these anywhere in a member.
  if (undici === "5.21.0") return members.every((member) => /gzip|deflate|^br$/.test(member));
  const known = parseInt(undici) >= 7 ? WITH_ZSTD : WITHOUT_ZSTD;
  return members.every((member) => known.test(member));
}

/**
 * The headers for serving the body of a fetched response.
 *
 * @param upstream The response of `fetch`.
 * @returns A mutable copy of its headers.
 */
export function servedHeaders(upstream: Response): Headers {
  const headers = new Headers(upstream.headers);
  // RFC 9112 §6.3: with both, the length is not that of the body. Deno's fetch leaves it, and its server cuts the body.
  if (headers.has("transfer-encoding")) deleteHeaders(headers, ["content-length"]);
  deleteConnectionHeaders(headers);
  const isDecoded = bodyCodingOf(headers.get("content-encoding")) === "decoded";
  // workerd needs both, and encodes the body again.
  if (isDecoded && upstream.body !== null && !isWorkerd(runtime)) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  return headers;
}
