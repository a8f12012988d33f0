import assert from "node:assert/strict";
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { EVENT, OPEN_RESPONSES } from "./support/open-responses.ts";
import { ask } from "./support/raw-request.ts";
import type { Runtime } from "./support/servers.ts";
import { seenBy } from "./support/seen.ts";
import { startUpstream, testOn } from "./support/serving.ts";

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "gzip": gunzipSync,
  "x-gzip": gunzipSync,
  "br": brotliDecompressSync,
  "deflate": inflateSync,
  "zstd": zstdDecompressSync,
};

const NODE = ["gzip", "GZIP", "br", "deflate", "x-gzip", "gzip, br", "gzip, gzip"];
const NODE_WITH_ZSTD = [...NODE, "zstd", "gzip, zstd", "ZSTD, gzip"];

/** The codings that `fetch` decodes, by runtime. */
const DECODED = {
  node22: NODE,
  node24: NODE_WITH_ZSTD,
  node26: NODE_WITH_ZSTD,
  deno: ["gzip", "GZIP", "br"],
  bun: ["gzip", "GZIP", "br", "deflate", "x-gzip", "zstd", "gzip, identity", "Identity,gzip", "gzip,"],
  workerd: ["gzip", "br"],
} satisfies { readonly [Each in Runtime]?: readonly string[] };

const PLAIN = ["", "identity", "Identity", "identity, identity"];

const CODINGS = [...new Set([...PLAIN, ...Object.values(DECODED).flat()])];

const upstream = startUpstream();

/** Decodes a body as its `content-encoding` says. */
function decode(bytes: Uint8Array, contentEncoding = ""): string {
  const codings = contentEncoding.split(",").map((coding) => coding.trim().toLowerCase());
  const decoded = codings.reduceRight((bytes, coding) => DECODERS[coding]?.(bytes) ?? bytes, bytes);
  return Buffer.from(decoded).toString();
}

for (const [runtime, decoded] of Object.entries(DECODED) as [Runtime, string[]][]) {
  const test = testOn(runtime, "tests/services/support/proxy-app.ts", upstream);
  test("a proxy keeps body and headers of encoded responses consistent", async (proxy) => {
    for (const coding of CODINGS) {
      for (const how of ["whole", "chunked"]) {
        const name = `${JSON.stringify(coding)} ${how}`;
        const path = `/?coding=${encodeURIComponent(coding)}&how=${how}`;
        const { headers, bytes } = await ask(proxy.url, path, { method: "GET" });
        assert.equal(decode(bytes, headers["content-encoding"]), OPEN_RESPONSES["open"], name);
        const length = headers["content-length"];
        if (length !== undefined) assert.equal(Number(length), bytes.length, name);
        const isOpened = PLAIN.includes(coding) || decoded.includes(coding);
        const expected = isOpened ? { events: [EVENT], errors: [] } : { events: [], errors: ["ERR_RESPONSE_ENCODING"] };
        assert.deepEqual(await seenBy(proxy, 1), expected, name);
      }
    }
  });

  test("a proxy forwards a response that announces trailers", async (proxy) => {
    const { bytes } = await ask(proxy.url, "/?how=trailer", { method: "GET" });
    assert.equal(decode(bytes), OPEN_RESPONSES["open"]);
    assert.deepEqual(await seenBy(proxy, 1), { events: [EVENT], errors: [] });
  });
}
