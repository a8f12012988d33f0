/**
 * What this package takes from `content-encoding` against what this runtime's `fetch` does with it; and the headers
 * with which a fetched response is served.
 *
 * @module
 */

import * as zlib from "node:zlib";
import { bodyCodingOf, servedHeaders } from "../../../src/http/content-coding.ts";
import { ascii } from "../../support/bytes.ts";

export const seeds: readonly Uint8Array[] = [
  "gzip",
  "GZIP , x-gzip",
  "deflate, br",
  "zstd",
  ",identity",
  "gzip,\tgzip,",
  "br\ncontent-length: 5\nconnection: close, x-a",
  "identity\ntransfer-encoding: chunked\nTE: trailers\nX-A: b",
  "\nkeep_alive: 5\nconnection: keep-alive",
].map(ascii);

const BODY: Uint8Array = ascii("the body");
const ENCODERS: Readonly<Record<string, ((bytes: Uint8Array) => Uint8Array) | undefined>> = {
  gzip: zlib.gzipSync,
  "x-gzip": zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync, // undefined before Node 22.15
};

/** @param data Headers, in Latin-1, one in each line; the first is the value of `content-encoding`. */
export async function fuzz(data: Uint8Array): Promise<void> {
  const [coding = "", ...lines] = Buffer.from(data).toString("latin1").split("\n");
  const headers = headersOf([`content-encoding: ${coding}`, ...lines]);
  if (headers === undefined) return;
  fuzzHeaders(headers);

  const value = headers.get("content-encoding") ?? "";
  const members = value.toLowerCase().split(",").map((member) => member.trim());
  const body = members.reduce((bytes, member) => ENCODERS[member]?.(bytes) ?? bytes, BODY);
  const actual = await fetched(value, body);
  if (actual === undefined) return;
  const ours = bodyCodingOf(value);
  // A body that has no coding is the same in either state.
  if (actual !== (ours === "plain" ? "encoded" : ours)) {
    throw new Error(`${JSON.stringify(value)} is ${ours}, but fetch leaves it ${actual}`);
  }
}

/** The object that sends the requests of Node's `fetch`: a place that undici shares among its copies, until Node 24. */
const DISPATCHER = Symbol.for("undici.globalDispatcher.1");
const shared = globalThis as { [DISPATCHER]?: unknown };

/** The methods of a dispatcher's handler that are called here. */
interface Handler {
  onConnect(abort: () => void): void;
  onHeaders(status: number, headers: readonly Uint8Array[], resume: () => void, statusText: string): void;
  onData(bytes: Uint8Array): void;
  onComplete(trailers: readonly Uint8Array[]): void;
}

/** What `fetch` leaves of a body with this coding; `undefined` if it refuses the response, or cannot be tried here. */
async function fetched(coding: string, body: Uint8Array): Promise<"encoded" | "decoded" | undefined> {
  await (undici ??= fetch("data:,"));
  const original = shared[DISPATCHER];
  if (original === undefined) return undefined;
  shared[DISPATCHER] = {
    dispatch(_: unknown, handler: Handler) {
      queueMicrotask(() => {
        handler.onConnect(() => {});
        handler.onHeaders(200, [Buffer.from("content-encoding"), Buffer.from(coding, "latin1")], () => {}, "OK");
        handler.onData(body);
        handler.onComplete([]);
      });
      return true;
    },
  };
  try {
    const response = await fetch("http://a.test/").catch(() => undefined);
    if (response === undefined) return undefined;
    const bytes = await response.arrayBuffer().catch(() => undefined); // fails when it cannot be decoded
    return bytes !== undefined && Buffer.compare(new Uint8Array(bytes), body) === 0 ? "encoded" : "decoded";
  } finally {
    shared[DISPATCHER] = original;
  }
}

/** Node loads `fetch`, and sets the dispatcher, at the first call. */
let undici: Promise<unknown> | undefined;

/** Headers that RFC 9110 §7.6.1 and this package's own list keep from being forwarded. */
const OF_CONNECTION =
  /^(connection|keep-alive|proxy-(connection|authenticate|authorization)|te|trailer|transfer-encoding|upgrade)$/;

function fuzzHeaders(headers: Headers): void {
  const served = [...servedHeaders(new Response("body", { headers }))];
  const named = (headers.get("connection") ?? "").split(",").map((name) => fold(name.trim())).filter((name) =>
    name !== ""
  );
  const isDecoded = bodyCodingOf(headers.get("content-encoding")) === "decoded";
  const expected = [...new Response("body", { headers }).headers].filter(([name]) => {
    if (OF_CONNECTION.test(fold(name)) || named.some((one) => one === fold(name))) return false;
    if (fold(name) === "content-length" && headers.has("transfer-encoding")) return false;
    return !(isDecoded && /^content-(encoding|length)$/.test(fold(name)));
  });
  if (JSON.stringify(served) !== JSON.stringify(expected)) throw new Error("the served headers differ");
}

const fold = (name: string) => name.toLowerCase().replaceAll("_", "-");

function headersOf(lines: readonly string[]): Headers | undefined {
  try {
    return new Headers(lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1)];
    }));
  } catch {
    return undefined;
  }
}
