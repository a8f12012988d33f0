/** What fetch leaves of a body's content coding, by runtime. The runtimes themselves: tests/services. */

import assert from "node:assert/strict";
import { type BodyCoding, bodyCodingOf, servedHeaders } from "../../src/http/content-coding.ts";
import { replacing, withGlobals } from "../support/globals.ts";
import { portable, testWith, webStreams } from "../support/web.ts";

const NONE = { fastly: undefined, navigator: undefined, Deno: undefined, Bun: undefined, process: undefined };
const replaced = replacing(...Object.keys(NONE));

const node = (undici: string) => ({ process: { versions: { undici } } });
const CLOUDFLARE = { navigator: { userAgent: "Cloudflare-Workers" } };

/** Runs `run` with the globals of another runtime. */
const on = <Result>(globals: object, run: () => Result): Result => withGlobals({ ...NONE, ...globals }, run);

const NODE = ["gzip", "br", "x-gzip", "deflate", "gzip, br"];

/** The codings that `fetch` decodes, and some that it does not, by runtime. */
const RUNTIMES: readonly (readonly [globals: object, decoded: readonly string[], encoded: readonly string[]])[] = [
  [node("7.0.0"), [...NODE, "GZIP", "zstd"], ["gzip, identity", "gzip,", "xgzip", "gzipx"]],
  [node("6.21.0"), [...NODE, "GZIP"], ["zstd", "gzip, zstd", "gzip, own", "xgzip", "gzipx"]],
  [node("5.21.0"), [...NODE, "br ,gzip", "xgzip"], ["GZIP", "zstd", "gzip, own"]],
  [{ process: {} }, ["gzip"], ["zstd"]],
  [{}, ["gzip", "gzip, br"], ["zstd"]],
  [{ Deno: {} }, ["gzip", "GZIP", "br"], ["x-gzip", "deflate", "zstd", "gzip, br", "gzip, identity", "xgzip", "gzipx"]],
  [{ Bun: {} }, ["gzip", "BR", "x-gzip", "deflate", "zstd", "gzip, identity", ",gzip"], ["gzip, br", "xgzip", "gzipx"]],
  [CLOUDFLARE, ["gzip", "br"], ["GZIP", "x-gzip", "deflate", "zstd", "gzip, br", "gzip, identity", "xgzip", "gzipx"]],
  [{ fastly: {}, ...node("7.0.0") }, [], ["gzip", "br", "gzip, br"]],
];

testWith(replaced)("bodyCodingOf() knows what fetch decodes on each runtime", () => {
  for (const [globals, decoded, encoded] of RUNTIMES) {
    const groups: readonly (readonly [expected: BodyCoding, codings: readonly (string | null)[]])[] = [
      ["plain", [null, "", "identity", "identity, IDENTITY,,"]],
      ["decoded", decoded],
      ["encoded", [...encoded, "own", "xbr", "brx", "xzstd", "zstdx"]],
    ];
    for (const [expected, codings] of groups) {
      for (const coding of codings) {
        const found = on(globals, () => bodyCodingOf(coding));
        assert.equal(found, expected, `${JSON.stringify(globals)} ${coding}`);
      }
    }
  }
});

testWith({ ...webStreams, ...replaced })(
  "servedHeaders() leaves out coding and length of a body that fetch decoded",
  () => {
    const namesOn = (globals: object, coding: string, body: string | null): string[] => {
      const response = new Response(body, { headers: { "content-encoding": coding, "content-length": "5" } });
      return [...on(globals, () => servedHeaders(response)).keys()].filter((name) => name !== "content-type");
    };
    const kept = ["content-encoding", "content-length"];
    assert.deepEqual(namesOn(node("7.0.0"), "gzip", "x"), []);
    assert.deepEqual(namesOn(node("7.0.0"), "gzip", null), kept);
    assert.deepEqual(namesOn(node("7.0.0"), "own", "x"), kept);
    assert.deepEqual(namesOn(CLOUDFLARE, "gzip", "x"), kept); // workerd encodes the body again
  },
);

portable.web("servedHeaders() leaves out the length beside a transfer-encoding", () => {
  const headers = { "content-length": "5", "transfer-encoding": "chunked", "content-encoding": "own" };
  assert.deepEqual([...servedHeaders({ headers: new Headers(headers), body: null } as Response).keys()], [
    "content-encoding",
  ]);
});
