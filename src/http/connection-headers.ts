/**
 * Headers that describe one connection and not the message, which a proxy must not forward (RFC 9110 §7.6.1).
 *
 * @module
 */

const CONNECTION_HEADERS: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  // `fetch` drops trailers, and Node refuses to announce them beside a content-length.
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Removes the headers that describe a connection, and those that `connection` names. */
export function deleteConnectionHeaders(headers: Headers): void {
  for (const name of (headers.get("connection") ?? "").split(",")) {
    if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name.trim())) headers.delete(name.trim());
  }
  for (const name of CONNECTION_HEADERS) headers.delete(name);
}
