import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { EVENT, OPEN_RESPONSES } from "./support/open-responses.ts";
import { type RunningServer, type Runtime, startScript } from "./support/servers.ts";
import { seenBy } from "./support/seen.ts";
import { serving } from "./support/serving.ts";

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

let upstream: RunningServer;
before(async () => {
  upstream = await startScript("tests/services/support/upstream.ts");
});
after(async () => await upstream.stop());

interface Raw {
  readonly contentEncoding: string | undefined;
  readonly contentLength: string | undefined;
  readonly bytes: Uint8Array;
}

/** Requests a body and does not decode it, unlike `fetch`. */
function getRaw(url: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { "content-encoding": contentEncoding, "content-length": contentLength } = response.headers;
        resolve({ contentEncoding, contentLength, bytes: Buffer.concat(chunks) });
      });
    }).on("error", reject);
  });
}

/** Decodes a body as its `content-encoding` says. */
function decode(bytes: Uint8Array, contentEncoding = ""): string {
  const codings = contentEncoding.split(",").map((coding) => coding.trim().toLowerCase());
  const decoded = codings.reduceRight((bytes, coding) => DECODERS[coding]?.(bytes) ?? bytes, bytes);
  return Buffer.from(decoded).toString();
}

for (const [runtime, decoded] of Object.entries(DECODED) as [Runtime, string[]][]) {
  test(`On ${runtime} a proxy keeps body and headers of encoded responses consistent`, async (t) => {
    const env = { UPSTREAM: upstream.url };
    await serving(t, runtime, "tests/services/support/proxy-app.ts", { env }, async (proxy) => {
      for (const coding of CODINGS) {
        for (const how of ["whole", "chunked"]) {
          const name = `${JSON.stringify(coding)} ${how}`;
          const { contentEncoding, contentLength, bytes } = await getRaw(
            `${proxy.url}/?coding=${encodeURIComponent(coding)}&how=${how}`,
          );
          assert.equal(decode(bytes, contentEncoding), OPEN_RESPONSES["open"], name);
          if (contentLength !== undefined) assert.equal(Number(contentLength), bytes.length, name);
          const isOpened = PLAIN.includes(coding) || decoded.includes(coding);
          const expected = isOpened
            ? { events: [EVENT], errors: [] }
            : { events: [], errors: ["ERR_RESPONSE_ENCODING"] };
          assert.deepEqual(await seenBy(proxy, 1), expected, name);
        }
      }
    });
  });

  test(`On ${runtime} a proxy forwards a response that announces trailers`, async (t) => {
    const env = { UPSTREAM: upstream.url };
    await serving(t, runtime, "tests/services/support/proxy-app.ts", { env }, async (proxy) => {
      const { bytes } = await getRaw(`${proxy.url}/?how=trailer`);
      assert.equal(decode(bytes), OPEN_RESPONSES["open"]);
      assert.deepEqual(await seenBy(proxy, 1), { events: [EVENT], errors: [] });
    });
  });
}
