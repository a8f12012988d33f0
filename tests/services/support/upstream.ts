/**
 * An upstream for the tests, on Node. The query selects its response.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { OPEN_RESPONSES } from "./open-responses.ts";

const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "gzip": gzipSync,
  "x-gzip": gzipSync,
  "br": brotliCompressSync,
  "deflate": deflateSync,
  "zstd": zstdRaw,
};

/** Applies the codings of a `content-encoding` in their order; unknown ones, such as `identity`, change nothing. */
function encode(body: Uint8Array, contentEncoding: string): Uint8Array {
  return contentEncoding.split(",").map((coding) => coding.trim().toLowerCase())
    .reduce((bytes, coding) => ENCODERS[coding]?.(bytes) ?? bytes, body);
}

/** A Zstandard frame of one raw block (RFC 8878 §3.1), for bodies under 128 KiB: Node 20 has no encoder. */
function zstdRaw(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(0xa0, 4); // a single segment, with a content size of four bytes
  head.writeUInt32LE(bytes.length, 5);
  head.writeUIntLE(bytes.length << 3 | 1, 9, 3); // the last block, raw
  return Buffer.concat([head, bytes]);
}

/** The last request, for tests that check what a proxy has sent. */
let last: unknown;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://upstream");
  if (pathname === "/last") {
    response.end(JSON.stringify(last));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  last = {
    method: request.method,
    url: request.url,
    headers: request.headers,
    body: sent.subarray(0, 1000).toString(),
    bodyBytes: sent.length,
    bodySha256: createHash("sha256").update(sent).digest("hex"),
  };

  const body = Buffer.from(OPEN_RESPONSES[searchParams.get("body") ?? "open"] ?? "", "utf8");
  const coding = searchParams.get("coding");
  const bytes = encode(body, coding ?? "");
  response.statusCode = Number(searchParams.get("status") ?? 200);
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.setHeader("set-cookie", [
    "_iidt=abc; Path=/; Secure; HttpOnly",
    "other=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT",
  ]);
  response.setHeader("x-upstream", "as it is");
  if (coding !== null) response.setHeader("content-encoding", coding);
  const location = searchParams.get("location");
  if (location !== null) response.setHeader("location", location);

  const how = searchParams.get("how") ?? "whole";
  const half = bytes.length >> 1;
  if (searchParams.has("length")) response.setHeader("content-length", bytes.length);
  if (how === "whole") {
    response.setHeader("content-length", bytes.length);
    response.end(bytes);
  } else if (how === "chunked") {
    for (let at = 0; at < bytes.length; at += 100) {
      response.write(bytes.subarray(at, at + 100));
      await delay(1);
    }
    response.end();
  } else if (how === "held") {
    // The second half is sent only after a request for /release.
    response.write(bytes.subarray(0, half));
    await new Promise<void>((resolve) => held.push(resolve));
    response.end(bytes.subarray(half));
  } else if (how === "trailer") {
    // Node's response refuses this header together with a content-length.
    response.socket?.end(Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\nTrailer: X-Checksum\r\nContent-Length: ${bytes.length}\r\n\r\n`),
      bytes,
    ]));
  } else if (how === "both-lengths") {
    // RFC 9112 §6.3: the chunks count, and the length is false.
    response.socket?.end(Buffer.concat([
      Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
      Buffer.from(`${bytes.length.toString(16)}\r\n`),
      bytes,
      Buffer.from("\r\n0\r\n\r\n"),
    ]));
  } else if (how === "switching") {
    response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  } else if (how === "late") {
    // The headers, too, are sent only after a request for /release.
    await new Promise<void>((resolve) => held.push(resolve));
    response.end(bytes);
  } else if (how === "held-pieces") {
    response.write(bytes.subarray(0, 10));
    await new Promise<void>((resolve) => held.push(resolve));
    for (let at = 10; at < bytes.length; at += 300) {
      response.write(bytes.subarray(at, at + 300));
      await delay(1);
    }
    response.end();
  } else if (how === "cut") {
    response.setHeader("content-length", bytes.length);
    response.write(bytes.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
  } else if (how === "cut-chunked") {
    response.write(bytes.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
  } else {
    // 32 MiB of changing bytes, at the speed of the reader.
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

/** The responses that wait for /release. */
const held: (() => void)[] = [];

const server = createServer((request, response) => {
  if (request.url === "/release") {
    const released = held.splice(0);
    for (const release of released) release();
    response.end(`${released.length}`);
  } else if (request.url === "/held") {
    response.end(`${held.length}`);
  } else {
    answer(request, response).catch(() => response.destroy()); // The request broke off.
  }
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${(server.address() as AddressInfo).port}`));
