/**
 * Sending a `Response` through Node.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { isUint8Array } from "../bytes.ts";

/** Headers about the connection, which Node writes itself. RFC 9113 §8.2.2 forbids them in HTTP/2. */
const CONNECTION_HEADERS = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/** How long the rest of a body that was not read may take after the answer. */
const LINGER_MS = 2_000;

/**
 * Sends a response, and resolves when it has been handed over to the operating system or the client is gone.
 *
 * @param response The response. Its body is read as fast as the client takes it, and cancelled when the client is gone.
 * @throws What the body breaks off with. The connection is broken off as well if the client has got a part.
 */
export async function sendResponse(response: Response, message: IncomingMessage, to: ServerResponse): Promise<void> {
  if (to.headersSent || to.destroyed || to.socket?.destroyed) return await response.body?.cancel();
  // Checked first: afterwards nothing fails before the body does.
  if (!(response.status >= 200 && response.status <= 599)) {
    throw new RangeError(`handle must return a Response with a status from 200 to 599, got ${response.status}`);
  }
  const body = message.method === "HEAD" ? null : response.body;
  if (body !== response.body) response.body?.cancel().catch(() => {});
  const closed = closeOf(to);
  try {
    writeHead(response, message, to);
    if (body !== null) await writeBody(body, to, closed);
    else to.end();
  } catch (error) {
    if (to.headersSent) to.destroy();
    throw error;
  }
  await closed;
  endUnread(message, to);
}

/** Resolves when the response was sent, or the connection closed before. */
function closeOf(to: ServerResponse): Promise<void> {
  return new Promise((resolve) => to.once("finish", resolve).once("close", resolve));
}

function writeHead(response: Response, message: IncomingMessage, to: ServerResponse): void {
  const isHttp2 = message.httpVersionMajor > 1;
  to.statusCode = response.status;
  if (!isHttp2 && response.statusText !== "") to.statusMessage = response.statusText;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") continue;
    // Node frames the message itself, and refuses to announce trailers, which a Response cannot have.
    if (name === "transfer-encoding" || name === "trailer") continue;
    if (isHttp2 && CONNECTION_HEADERS.includes(name)) continue;
    to.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  // Beside those that a middleware has set.
  if (cookies.length > 0) to.setHeader("set-cookie", [...cookiesOf(to), ...cookies]);
}

function cookiesOf(to: ServerResponse): string[] {
  const set = to.getHeader("set-cookie");
  return set === undefined ? [] : Array.isArray(set) ? set : [`${set}`];
}

async function writeBody(body: ReadableStream<unknown>, to: ServerResponse, closed: Promise<void>): Promise<void> {
  const reader = body.getReader();
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
    // The client is gone. After the end of the body, this does nothing.
    reader.cancel().catch(() => {});
  });
  // The client of an event stream waits for the headers, not for the first event.
  const early = setImmediate(() => to.flushHeaders());
  try {
    while (!isClosed) {
      const { done, value: chunk } = await reader.read();
      clearImmediate(early);
      if (isClosed) return;
      if (done) return void to.end();
      if (!isUint8Array(chunk)) throw new TypeError("Response body must consist of bytes");
      if (!to.write(chunk)) await Promise.race([drained(to), closed]);
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    if (!isClosed) throw error;
  } finally {
    clearImmediate(early);
  }
}

function drained(to: ServerResponse): Promise<void> {
  return new Promise((resolve) => to.once("drain", resolve));
}

/**
 * Discards what was not read of the request. Cut off at once, the client might not see the answer; for ever, a client could
 * keep the connection busy.
 */
function endUnread(message: IncomingMessage, to: ServerResponse): void {
  if (message.complete || message.readableEnded || message.destroyed) return;
  const stream: unknown = "stream" in to ? to.stream : undefined;
  if (message.httpVersionMajor > 1) {
    // RFC 9113 §8.1: RST_STREAM with NO_ERROR asks the client to stop.
    (stream as { close?: (code: number) => void } | undefined)?.close?.(0);
    return;
  }
  const { socket } = message;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref?.();
  const stop = () => clearTimeout(timer);
  message.once("end", stop).once("close", stop).resume();
}
