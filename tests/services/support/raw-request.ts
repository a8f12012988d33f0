/**
 * Requests with headers and paths that `fetch` would change.
 *
 * @module
 */

import { type Agent, type IncomingHttpHeaders, request as requestOf } from "node:http";
import { connect, type Socket } from "node:net";

export interface RawRequest {
  /** `POST` by default. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A body of several chunks has no `content-length`. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Keeps connections; by default each request has its own. */
  readonly agent?: Agent;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** The headers with the client's address that Cloudflare and Vercel add to a request. */
export const PLATFORM_HEADERS = { "cf-connecting-ip": "192.0.2.1", "x-real-ip": "192.0.2.1" };

/** Sends a request with the headers that a platform adds. */
export function ask(url: string, path: string, init: RawRequest = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const { method = "POST", body = method === "POST" ? "x" : "", agent = false } = init;
    const headers = { ...PLATFORM_HEADERS, ...init.headers };
    const request = requestOf({ hostname, port, path, method, headers, agent }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) });
      });
    });
    request.on("error", reject);
    // A proxy that never answers fails the test instead of hanging it.
    request.setTimeout(20_000, () => request.destroy(new Error(`No answer in time: ${method} ${path}`)));
    const chunks = Array.isArray(body) ? body : [body];
    for (const chunk of chunks.slice(0, -1)) request.write(chunk);
    request.end(chunks.at(-1));
  });
}

/** The last request that `upstream.ts` received. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The first 1000 bytes of the body. */
  readonly body: string;
  readonly bodyBytes: number;
  readonly bodySha256: string;
}

export async function askedLast(upstream: { readonly url: string }): Promise<Asked> {
  return await (await fetch(`${upstream.url}/last`)).json() as Asked;
}

/** A request whose connection the test resets. */
export interface OpenRequest {
  readonly socket: Socket;
  /** Settles with the first byte of the answer's body, which is a JSON object. */
  readonly received: Promise<void>;
}

/** Sends a request as it is, to the server's port. */
export function openRequest(url: string, text: string): OpenRequest {
  const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
  const received = new Promise<void>((resolve, reject) => {
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (/\r\n\r\n[^]*\{/.test(answer)) resolve();
    });
    socket.on("error", reject).on("close", () => reject(new Error(`The server closed the connection: ${answer}`)));
  });
  received.catch(() => {}); // ignored by tests that reset the connection before the first byte
  return { socket, received };
}
