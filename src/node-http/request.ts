/**
 * Converts Node's request to a `Request`.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { isUint8Array } from "../encoding/bytes.ts";
import { deleteHeaders } from "../http/headers.ts";
import { checkMethod, makeUrl, UnusableRequest } from "../http/request-url.ts";
import type { ParsedRequest } from "./exchange.ts";

/** A property that frameworks add to a request: Express and Connect remove the mount path from `url`. */
interface MountedRequest {
  readonly originalUrl?: string;
}

/**
 * Creates a `Request`.
 *
 * @param message Node's request; untrusted.
 * @param parsed The object with the results of a body parser, if any.
 * @param signal Fires when the client has disconnected.
 * @throws {UnusableRequest} When the request cannot be a `Request`.
 * @throws {TypeError} When other code has read the body and left no usable result, or has set its encoding.
 * @throws What a getter of `parsed` throws.
 */
export function makeRequest(message: IncomingMessage, parsed: ParsedRequest, signal: AbortSignal): Request {
  const method = checkMethod(message.method ?? "GET");
  const headers = copyHeaders(message);
  const url = urlOf(message, headers.get("host"));
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers, signal });
  if (!message.readableDidRead) {
    // Known beforehand, and a mistake of the application: to `handle`, it would look like a body that broke off.
    if (typeof message.readableEncoding === "string") throw hasEncoding();
    const init = { method, headers, signal, body: streamBody(message), duplex: "half" };
    return new Request(url, init as RequestInit); // duplex is not in every library
  }
  const body = restoreBody(parsed, headers);
  // These headers describe the bytes that were sent, which the parser may have decoded.
  deleteHeaders(headers, ["content-length", "content-encoding", "transfer-encoding"]);
  // A copy, because the bytes may be in a pool of `Buffer` or in shared memory.
  return new Request(url, { method, headers, signal, body: typeof body === "string" ? body : new Uint8Array(body) });
}

/**
 * The headers as they were sent, including those that `message.headers` drops or joins, without HTTP/2's
 * pseudo-headers.
 */
function copyHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  try {
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = rawHeaders[index]!; // index < rawHeaders.length
      if (name === ":authority" && !headers.has("host")) headers.set("host", rawHeaders[index + 1]!); // checked above
      else if (!name.startsWith(":")) headers.append(name, rawHeaders[index + 1]!); // checked above
    }
  } catch {
    throw new UnusableRequest(400, "Cannot read request: a header is malformed");
  }
  return headers;
}

/** The URL. Its host is the one that the client sent. */
function urlOf(message: IncomingMessage, host: string | null): string {
  const target = (message as MountedRequest).originalUrl ?? message.url ?? "/";
  const isEncrypted = (message.socket as Partial<TLSSocket> | undefined)?.encrypted === true;
  // RFC 9112 §3.2.2: a target in absolute form, as proxies receive it, replaces the host.
  const whole = /^(https?):\/\/([^/?#]*)(.*)$/i.exec(target);
  const [, scheme = isEncrypted ? "https" : "http", authority = host ?? "localhost", rest = target] = whole ?? [];
  return makeUrl(scheme, authority, rest);
}

/** The body as a stream. Nothing is read before the stream is pulled. */
function streamBody(message: IncomingMessage): ReadableStream<Uint8Array> {
  // Not destroyed when reading ends early, because the response uses the same connection.
  const chunks = message.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value: chunk } = await chunks.next() as IteratorResult<unknown, undefined>;
      if (done) return controller.close();
      if (!isUint8Array(chunk)) throw hasEncoding();
      controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    },
    async cancel() {
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
}

function hasEncoding(): TypeError {
  return new TypeError("Cannot read request body: other code has called setEncoding() on the request");
}

/** The body that a parser has read: its text or bytes, or its JSON or form serialised again. */
function restoreBody({ rawBody, body }: ParsedRequest, headers: Headers): string | Uint8Array {
  for (const given of [rawBody, body]) {
    if (typeof given === "string" || isUint8Array(given)) return given;
  }
  const type = headers.get("content-type") ?? "";
  if (/^\s*application\/(?:[^/;\s]+\+)?json\s*(?:;|$)/i.test(type)) {
    const json = JSON.stringify(body) as string | undefined;
    if (json !== undefined) return json;
  } else if (/^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type) && isFlatForm(body)) {
    return new URLSearchParams(body).toString();
  }
  throw new TypeError(
    "Cannot read request body: other code has read it and left neither text, bytes, JSON nor a form without nested " +
      "fields. Use nodeListener(handle) before the body parser",
  );
}

/** Whether a parsed form has one text for each name. Other forms would not be serialised as they were sent. */
function isFlatForm(body: unknown): body is Record<string, string> {
  return typeof body === "object" && body !== null && Object.values(body).every((value) => typeof value === "string");
}
