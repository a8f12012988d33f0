import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { bodyCodingOf } from "../../src/http/content-coding.ts";
import { utf8 } from "../support/bytes.ts";
import { listenLocally } from "../support/local-server.ts";

const BODY: Uint8Array = utf8("the body");
const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "gzip": gzipSync,
  "x-gzip": gzipSync,
  "deflate": deflateSync,
  "br": brotliCompressSync,
};

const CODINGS = [
  "gzip",
  "GZIP",
  "Br",
  "x-gzip",
  "X-Gzip",
  "deflate",
  "gzip, br",
  "gzip , GZIP",
  "identity, gzip",
  "gzip,",
];

// Node 20.0 keeps a coding in capital letters: found by npm run fuzz.
test("bodyCodingOf() names what this runtime's fetch leaves of a body", async (t) => {
  const server = createServer((request, response) => {
    const coding = decodeURIComponent(new URL(request.url ?? "", "http://a.test").pathname.slice(1));
    const members = coding.toLowerCase().split(",").map((member) => member.trim());
    response.setHeader("content-encoding", coding);
    response.end(members.reduce((bytes, member) => ENCODERS[member]?.(bytes) ?? bytes, BODY));
  });
  const { url, stop } = await listenLocally(server);
  t.after(stop);
  for (const coding of CODINGS) {
    const response = await fetch(`${url}/${encodeURIComponent(coding)}`);
    const body = await response.arrayBuffer().catch(() => undefined);
    if (body === undefined) continue; // Node 20.0 decodes a list in the wrong order
    const isDecoded = Buffer.compare(new Uint8Array(body), BODY) === 0;
    assert.equal(bodyCodingOf(response.headers.get("content-encoding")), isDecoded ? "decoded" : "encoded", coding);
  }
});
