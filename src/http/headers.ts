/**
 * Names of headers, and the headers that describe one connection and not the message, which a proxy must not forward
 * (RFC 9110 §7.6.1).
 *
 * @module
 */

/** Headers that frame a message or describe its connection. RFC 9113 §8.2.2 forbids them in HTTP/2. */
const FRAMING_HEADERS: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
];

/** Headers of one connection, in requests or responses. */
const CONNECTION_HEADERS: readonly string[] = [
  ...FRAMING_HEADERS,
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  // `fetch` drops trailers, and Node refuses to announce them beside a content-length.
  "trailer",
];

/** Whether a value is the name of a header: a token of RFC 9110 §5.6.2. */
export function isHeaderName(name: unknown): name is string {
  return typeof name === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

/** A name as it is compared: many servers (CGI, WSGI, PHP) read `_` as `-`, so that either spelling is the same header. */
export function foldName(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** Whether a header frames the message, or describes its connection. */
export function isFramingHeader(name: string): boolean {
  return FRAMING_HEADERS.includes(foldName(name));
}

/** Removes headers. Case does not matter, `_` is `-`, and a name that ends in `-` is a prefix. */
export function deleteHeaders(headers: Headers, names: readonly string[]): void {
  const folded = names.map(foldName);
  deleteWhere(headers, (name) => folded.some((one) => name === one || (one.endsWith("-") && name.startsWith(one))));
}

/** Removes the headers that describe a connection, and those that `connection` names; none of these is a prefix. */
export function deleteConnectionHeaders(headers: Headers): void {
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim());
  const folded = [...CONNECTION_HEADERS, ...named].map(foldName);
  deleteWhere(headers, (name) => folded.includes(name));
}

function deleteWhere(headers: Headers, isDeleted: (foldedName: string) => boolean): void {
  for (const name of [...headers.keys()]) {
    if (isDeleted(foldName(name))) headers.delete(name);
  }
}
