/**
 * Making a `Request` of what Node received.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { isUint8Array } from "../bytes.ts";

/** A request that cannot be a `Request`, with the status of the answer. */
export class UnusableRequest extends Error {
  override readonly name: string = "UnusableRequest";
  readonly status: 400 | 501;

  constructor(status: 400 | 501, message: string) {
    super(message);
    this.status = status;
  }
}

/** What frameworks add to a request: Express and Connect cut the path under which they are mounted off `url`. */
interface MountedRequest {
  readonly originalUrl?: string;
}

/** A host as a client may name it: a name or an address, perhaps a port, and nothing that would change the URL's meaning. */
const HOST = /^(?:[\w.~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/** Methods that a `Request` cannot have. */
const FORBIDDEN_METHODS = ["CONNECT", "TRACE", "TRACK"];

/**
 * Makes a `Request`.
 *
 * @param message What Node received; untrusted.
 * @param parsedBodies What a body parser may have left of the body.
 * @param signal Fires when the client is gone.
 * @throws {UnusableRequest} When there is no such `Request`.
 * @throws {TypeError} When something has read the body and left nothing of it that can be used.
 */
export function makeRequest(message: IncomingMessage, parsedBodies: readonly unknown[], signal: AbortSignal): Request {
  const method = message.method ?? "GET";
  if (FORBIDDEN_METHODS.includes(method)) throw new UnusableRequest(501, `Cannot handle the method ${method}`);
  const headers = copyHeaders(message);
  const url = makeUrl(message, headers.get("host"));
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers, signal });
  if (!message.readableDidRead) {
    const init = { method, headers, signal, body: streamBody(message), duplex: "half" };
    return new Request(url, init as RequestInit); // duplex is not in every library
  }
  const body = restoreBody(parsedBodies, headers);
  // They are about the bytes that were sent, which the parser may have decoded.
  for (const name of ["content-length", "content-encoding", "transfer-encoding"]) headers.delete(name);
  // A copy: neither a `Buffer` of a pool nor shared memory.
  return new Request(url, { method, headers, signal, body: typeof body === "string" ? body : new Uint8Array(body) });
}

/** The headers as they were sent, also those that `message.headers` drops or joins; without the pseudo-headers of HTTP/2. */
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

/** The URL. Its host is what the client says. */
function makeUrl(message: IncomingMessage, host: string | null): string {
  const target = (message as MountedRequest).originalUrl ?? message.url ?? "/";
  const isEncrypted = (message.socket as Partial<TLSSocket> | undefined)?.encrypted === true;
  // RFC 9112 §3.2.2: a target that is a whole URL, as proxies get it, replaces the host.
  const whole = /^(https?):\/\/([^/?#]*)(.*)$/i.exec(target);
  const [, scheme = isEncrypted ? "https" : "http", authority = host ?? "localhost", rest = target] = whole ?? [];
  // Joined as text: relative to a base, the path //evil.example/ would be a host.
  const path = /^[/?#]/.test(rest) ? rest : `/${rest}`;
  if (HOST.test(authority)) {
    try {
      return new URL(`${scheme.toLowerCase()}://${authority}${path}`).href;
    } catch {
      // Refused below.
    }
  }
  throw new UnusableRequest(400, "Cannot read request: its host or target is malformed");
}

/** The body as it arrives. Nothing is read before it is asked for. */
function streamBody(message: IncomingMessage): ReadableStream<Uint8Array> {
  // Not destroyed when reading ends early: the answer goes over the same connection.
  const chunks = message.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value: chunk } = await chunks.next() as IteratorResult<unknown, undefined>;
      if (done) return controller.close();
      if (!isUint8Array(chunk)) throw new TypeError("Cannot read request body: something has set its encoding");
      controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    },
    async cancel() {
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
}

/** The body that a parser has read: as it was, or as JSON again. */
function restoreBody(parsedBodies: readonly unknown[], headers: Headers): string | Uint8Array {
  for (const body of parsedBodies) {
    if (typeof body === "string" || isUint8Array(body)) return body;
  }
  const parsed = parsedBodies.find((body) => body !== undefined);
  const isJson = /^\s*application\/(?:[^/;\s]+\+)?json\s*(?:;|$)/i.test(headers.get("content-type") ?? "");
  const json = isJson ? JSON.stringify(parsed) as string | undefined : undefined;
  if (json !== undefined) return json;
  throw new TypeError(
    "Cannot read request body: something has read it and left neither text, bytes nor JSON. " +
      "Use nodeListener(handle) before the body parser",
  );
}
