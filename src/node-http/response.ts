/**
 * Sends a `Response` through Node.
 *
 * @module
 */

import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isUint8Array } from "../encoding/bytes.ts";
import { foldName, isFramingHeader } from "../http/headers.ts";
import { canHaveBody } from "../http/served-response.ts";

/** The code of RST_STREAM that reports no error (RFC 9113 §7). */
const NO_ERROR = 0;

/** How long the unread rest of a request's body may take after the response. */
const LINGER_MS = 2_000;

/** The longest time between two checks whether the last frame of an HTTP/2 response has been sent. */
const MAX_WAIT_MS = 1_000;

/** Whether the client has disconnected: the connection is closed, or the client has reset the HTTP/2 stream. */
export function isGone(to: ServerResponse): boolean {
  return to.destroyed || to.socket?.destroyed === true || streamOf(to)?.closed === true;
}

/** The parts of an `Http2Stream` that are used here. */
interface Http2StreamLike extends EventEmitter {
  /** Whether both sides have ended, or one has reset the stream. */
  readonly closed: boolean;
  readonly destroyed: boolean;
  readonly readableFlowing: boolean | null;
  readonly writableFinished: boolean;
  /** Whether the last frame was sent, and the client's last frame received: 1 or 0. Empty once it is destroyed. */
  readonly state: { readonly localClose?: number; readonly remoteClose?: number };
  pause(): void;
  resume(): void;
  close(code: number): void;
  destroy(error?: Error): void;
}

/** The stream of a response over HTTP/2. */
function streamOf(to: ServerResponse): Http2StreamLike | undefined {
  return (to as { stream?: Http2StreamLike }).stream;
}

/**
 * Sends a response. Resolves when it has been passed to the operating system, or the client has disconnected.
 *
 * @param response The response. Its body is read as fast as the client receives it, and cancelled when the client has
 * disconnected.
 * @throws The error of the body. The connection is then also closed if the client has received a part of the response.
 */
export async function sendResponse(response: Response, message: IncomingMessage, to: ServerResponse): Promise<void> {
  if (to.headersSent || isGone(to)) return void response.body?.cancel().catch(() => {});
  // Checked first, so that afterwards only the body can fail.
  if (!(response.status >= 200 && response.status <= 599)) {
    throw new RangeError(`handle must return a Response with a status from 200 to 599, got ${response.status}`);
  }
  const body = message.method === "HEAD" ? null : response.body;
  if (body !== response.body) response.body?.cancel().catch(() => {});
  const closed = closeOf(to);
  try {
    writeHead(response, message, to);
    await writeBody(body, to, closed, lengthOf(response, message));
  } catch (error) {
    if (to.headersSent) breakOff(to);
    throw error;
  }
  await closed;
  await endUnread(message, to);
}

/** Ends a response that the client has got a part of, so that it is not taken for a whole one. */
function breakOff(to: ServerResponse): void {
  // With an error, HTTP/2 resets the stream with INTERNAL_ERROR, and not as if the response were whole.
  const stream = streamOf(to);
  if (stream === undefined) to.destroy();
  else stream.destroy(new Error("Response broke off"));
}

/** Resolves when the response has been sent, or the connection has been closed. */
function closeOf(to: ServerResponse): Promise<void> {
  // A response over HTTP/2 finishes only when the client's side of the stream has ended, too.
  const stream = streamOf(to);
  // Node finishes the stream of a HEAD request before the listener is called.
  if (stream?.writableFinished) return Promise.resolve();
  const sent: EventEmitter = stream ?? to;
  return new Promise((resolve) => sent.once("finish", resolve).once("close", resolve));
}

/** How many bytes the body must have, if the headers say so. */
function lengthOf({ headers, status }: Response, { method }: IncomingMessage): number | undefined {
  // RFC 9110 §8.6: it is the length that another answer would have.
  if (method === "HEAD" || !canHaveBody(status)) return undefined;
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length);
}

function writeHead(response: Response, message: IncomingMessage, to: ServerResponse): void {
  const isHttp2 = message.httpVersionMajor > 1;
  to.statusCode = response.status;
  // Also an empty one, in place of that of a response that could not be sent.
  if (!isHttp2) to.statusMessage = response.statusText;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") continue;
    // Node frames the message itself, and refuses to announce trailers, which a Response cannot have.
    if (["transfer-encoding", "trailer"].includes(foldName(name))) continue;
    if (isHttp2 && isFramingHeader(name)) continue;
    // RFC 9110 §8.6 forbids it with 204, and a client might wait for the body.
    if (name === "content-length" && !canHaveBody(response.status)) continue;
    to.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  // Added to the cookies that a middleware has set.
  if (cookies.length > 0) to.setHeader("set-cookie", [...cookiesOf(to), ...cookies]);
}

function cookiesOf(to: ServerResponse): string[] {
  const set = to.getHeader("set-cookie");
  return set === undefined ? [] : Array.isArray(set) ? set : [`${set}`];
}

/**
 * Writes a body and ends the response.
 *
 * @param length How many bytes it must have. A client would take more of them for the next answer on this connection,
 * and wait for fewer.
 */
async function writeBody(
  body: ReadableStream<unknown> | null,
  to: ServerResponse,
  closed: Promise<void>,
  length: number | undefined,
): Promise<void> {
  if (body === null) {
    if (length !== undefined && length !== 0) throw wrongLength();
    return end(to);
  }
  const reader = body.getReader();
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
    // The client has disconnected. After the end of the body, this has no effect.
    reader.cancel().catch(() => {});
  });
  // The client of an event stream waits for the headers, not for the first event.
  const early = setImmediate(() => to.flushHeaders());
  let written = 0;
  try {
    while (!isClosed) {
      const { done, value: chunk } = await reader.read();
      clearImmediate(early);
      if (isClosed) return;
      if (done) {
        if (length !== undefined && written !== length) throw wrongLength();
        return end(to);
      }
      if (!isUint8Array(chunk)) throw new TypeError("Response body must consist of bytes");
      written += chunk.length;
      if (length !== undefined && !(written <= length)) throw wrongLength();
      if (!to.write(chunk)) await drained(to);
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    if (!isClosed) throw error;
  } finally {
    clearImmediate(early);
  }
}

function end(to: ServerResponse): void {
  const stream = streamOf(to);
  // Node closes a stream that no code has tried to read, possibly before it has sent the last frame.
  if (stream?.readableFlowing === null) stream.pause();
  to.end();
}

function wrongLength(): TypeError {
  return new TypeError("handle must return a Response whose body has as many bytes as its content-length says");
}

/** Resolves when more can be written, or nothing any more. */
function drained(to: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (isGone(to)) return resolve();
    const done = () => {
      to.removeListener("drain", done).removeListener("close", done);
      resolve();
    };
    to.once("drain", done).once("close", done);
  });
}

/**
 * Discards the unread rest of the request. If the connection were closed at once, the client might not receive the
 * response. Without a limit, a client could keep the connection open for ever.
 */
async function endUnread(message: IncomingMessage, to: ServerResponse): Promise<void> {
  const stream = streamOf(to);
  if (stream !== undefined) {
    await lastFrameSent(stream);
    stream.resume();
    // RFC 9113 §8.1: closing without an error, after the whole response, asks the client to stop.
    if (stream.state.remoteClose !== 1) stream.close(NO_ERROR);
  }
  const isOver = stream === undefined ? message.complete || message.destroyed : stream.destroyed;
  if (isOver || message.readableEnded) return;
  const rest = stream ?? message.socket;
  const timer = setTimeout(() => rest.destroy(), LINGER_MS);
  timer.unref?.();
  const stop = () => clearTimeout(timer);
  message.once("end", stop).once("close", stop).resume();
}

/**
 * Resolves when the last frame of a response has been sent, or the stream is closed.
 *
 * `finish` comes earlier: the last frame may still wait for other streams, or for the client to accept more. Closing
 * the stream would drop that frame, and on Node 22.23 and 26 the whole response. Node has no event for it.
 */
async function lastFrameSent(stream: Http2StreamLike): Promise<void> {
  let waitMs = 1;
  while (!stream.closed && stream.state.localClose !== 1) {
    await new Promise((resolve) => setTimeout(resolve, waitMs).unref?.());
    waitMs = Math.min(2 * waitMs, MAX_WAIT_MS);
  }
}
