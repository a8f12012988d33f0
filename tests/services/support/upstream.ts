/**
 * An upstream as the tests need it, on Node: what it answers is in the path.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { OPEN_RESPONSES } from "./open-responses.ts";

const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
};

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The last request, for tests that ask what a proxy has sent. */
let last: unknown;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://upstream");
  if (pathname === "/last") {
    response.end(JSON.stringify(last));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  last = { method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() };

  const body = Buffer.from(OPEN_RESPONSES[searchParams.get("body") ?? "open"] ?? "", "utf8");
  const coding = searchParams.get("coding") ?? "";
  const bytes = ENCODERS[coding]?.(body) ?? body;
  response.statusCode = Number(searchParams.get("status") ?? 200);
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.setHeader("set-cookie", [
    "_iidt=abc; Path=/; Secure; HttpOnly",
    "other=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT",
  ]);
  response.setHeader("x-upstream", "as it is");
  if (coding !== "") response.setHeader("content-encoding", coding);

  const how = searchParams.get("how") ?? "whole";
  const half = bytes.length >> 1;
  if (how === "whole") {
    response.setHeader("content-length", bytes.length);
    response.end(bytes);
  } else if (how === "chunked") {
    for (let at = 0; at < bytes.length; at += 100) {
      response.write(bytes.subarray(at, at + 100));
      await sleep(1);
    }
    response.end();
  } else if (how === "held") {
    // The second half comes when /release is asked for: nothing that waits for it can have been first.
    response.write(bytes.subarray(0, half));
    await new Promise<void>((resolve) => held.push(resolve));
    response.end(bytes.subarray(half));
  } else if (how === "cut") {
    response.setHeader("content-length", bytes.length);
    response.write(bytes.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
  } else if (how === "cut-chunked") {
    response.write(bytes.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
  } else {
    // 32 MiB of changing bytes, as the reader takes them.
    for (let piece = 0; piece < 512 && !response.destroyed; piece++) {
      if (!response.write(Buffer.alloc(64 * 1024, piece))) {
        await new Promise((resolve) => {
          response.once("drain", resolve);
          response.once("close", resolve);
        });
      }
    }
    response.end();
  }
}

const held: (() => void)[] = [];

const server = createServer((request, response) => {
  if (request.url === "/release") {
    for (const release of held.splice(0)) release();
    response.end();
  } else {
    void answer(request, response);
  }
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${(server.address() as AddressInfo).port}`));
