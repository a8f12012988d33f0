/**
 * The HTTP/1.1 server of Node itself with a listener, and raw connections to it.
 *
 * @module
 */

import { createServer, type RequestListener } from "node:http";
import { connect, type Server } from "node:net";
import { nodeListener, type NodeListenerOptions } from "../../src/node-http/mod.ts";
import { listenLocally } from "../support/local-server.ts";

export type Handle = Parameters<typeof nodeListener>[0];

type Run = (url: string, port: number, server: Server) => Promise<void>;

/** Serves a function while `run` runs. */
export const serving = (handle: Handle, run: Run, options?: NodeListenerOptions): Promise<void> =>
  listening(nodeListener(handle, options), run);

/** Serves a listener of Node while `run` runs. */
export async function listening(listener: RequestListener, run: Run): Promise<void> {
  const server = createServer(listener);
  const { url, port, stop } = await listenLocally(server);
  try {
    await run(url, port, server);
  } finally {
    await stop();
  }
}

/** Whether a text ends with a complete response: without a body, with a chunked body, or Bun's refusal to parse. */
export function isAnswer(text: string): boolean {
  if (/^HTTP\/1.1 400 Bad Request\r\nConnection: close\r\n\r\n$/.test(text)) return true;
  return /\r\n0\r\n\r\n$|content-length: 0\r\n(?:[^]*\r\n)?\r\n$/i.test(text);
}

/** Sends text unchanged. Returns everything that is received until the server closes or `isWhole` is true. */
export function converse(
  port: number,
  text: string,
  isWhole: (answer: string) => boolean = isAnswer,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (isWhole(answer)) socket.destroy();
    });
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => resolve(answer));
    socket.write(text);
  });
}
