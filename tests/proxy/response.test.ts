/** What the proxy answers: Fingerprint's response, or an error. */

import assert from "node:assert/strict";
import { deferred, portable as test, streamOf, until } from "../support/web.ts";
import { withGlobals } from "../support/globals.ts";
import { codes, post, request, stage } from "./stage.ts";

test.servers("createFingerprintProxy() sends an error that the agent understands when Fingerprint cannot be reached", async () => {
  const cause = new TypeError("connect ECONNREFUSED 10.0.0.1 a private matter");
  const { proxy, errors } = stage({}, () => Promise.reject(cause));
  const posted = await proxy(post("/metrics/", { headers: { origin: "https://www.site.test" } }));
  assert.equal(posted.status, 500);
  assert.deepEqual(Object.fromEntries(posted.headers), {
    "access-control-allow-credentials": "true",
    "access-control-allow-origin": "https://www.site.test",
    "cache-control": "no-store",
    "content-type": "application/json",
    "vary": "origin",
  });
  const text = await posted.text();
  assert.ok(!text.includes("private"));
  const { v, error, requestId, products } = JSON.parse(text);
  assert.deepEqual({ v, error, products }, {
    v: "2",
    error: { code: "IntegrationFailed", message: "Cannot forward request: Fingerprint could not be reached" },
    products: {},
  });
  assert.match(requestId, /^\d{13}\.[0-9A-Za-z]{6}$/);
  assert.equal((await proxy(post("/metrics/"))).headers.get("access-control-allow-origin"), null);

  const got = await proxy(request("/metrics/a"));
  assert.equal(got.status, 500);
  assert.deepEqual(JSON.parse(await got.text()), {
    error: "Cannot forward request: Fingerprint could not be reached",
  });
  assert.deepEqual(codes(errors), Array(3).fill("ERR_PROXY_UPSTREAM"));
  assert.equal((errors[0] as Error).cause, cause);
});

test.requests("createFingerprintProxy() treats an answer with a status that is not final as none", async () => {
  for (const status of [101, 199, 600, 999]) {
    let isDropped = false;
    const cancel = () => Promise.resolve(void (isDropped = true));
    const odd = { status, ok: false, headers: new Headers(), body: { cancel } };
    const { proxy, errors } = stage({}, () => odd as unknown as Response);
    assert.equal((await proxy(post("/metrics/"))).status, 500);
    assert.deepEqual(codes(errors), ["ERR_PROXY_UPSTREAM"]);
    assert.ok(isDropped);
  }
});

test.requests("createFingerprintProxy() answers methods that fetch refuses with 501", async () => {
  const { proxy, asked, errors } = stage();
  for (const method of ["TRACE", "trace", "TRACK", "CONNECT"]) {
    const asking = Object.defineProperty(request("/metrics/"), "method", { value: method });
    assert.equal((await proxy(asking)).status, 501);
  }
  assert.deepEqual([asked, errors], [[], []]);
});

test.servers("createFingerprintProxy() refuses a body over maxRequestBytes", async () => {
  const { proxy, asked, errors } = stage({ maxRequestBytes: 10 });
  const declared = await proxy(post("/metrics/", { body: "12345678901", headers: { "content-length": "11" } }));
  assert.equal(declared.status, 413);
  assert.equal(JSON.parse(await declared.text()).error.code, "IntegrationFailed");
  const streamed = (bytes: number): Request =>
    request("/metrics/", {
      method: "POST",
      body: streamOf([new Uint8Array(5), new Uint8Array(bytes - 5)]),
      duplex: "half",
    });
  assert.equal((await proxy(streamed(11))).status, 413);
  assert.deepEqual(codes(errors), ["ERR_PROXY_TOO_LARGE", "ERR_PROXY_TOO_LARGE"]);
  assert.equal((await proxy(streamed(10))).status, 200);
  assert.deepEqual(asked.map(({ body }) => body.length), [10]);
});

test.requests("createFingerprintProxy() answers 500 after timeoutMs, even without AbortController", async () => {
  for (const hasController of "AbortController" in globalThis ? [true, false] : [false]) {
    let isDropped = false;
    const { promise: answer, resolve: settle } = deferred<Response>();
    const { proxy, asked, errors, events } = stage({ timeoutMs: 20 }, () => answer);
    const asking = post("/metrics/"); // Node's Request needs the global AbortController
    const ask = async (): Promise<void> => assert.equal((await proxy(asking)).status, 500);
    await (hasController ? ask() : withGlobals({ AbortController: undefined }, ask));
    assert.deepEqual(codes(errors), ["ERR_PROXY_TIMEOUT"]);
    assert.equal(asked[0]?.init.signal?.aborted, hasController ? true : undefined);
    settle(new Response(new ReadableStream({ cancel: () => void (isDropped = true) })));
    await until(() => isDropped);
    assert.deepEqual(events, []);
  }
});

test.web("createFingerprintProxy() limits how long agent scripts are cached, if maxAgentAgeMs is set", async () => {
  const long = "public, max-age=86400, s-maxage=9000";
  const cases: [
    type: string,
    cacheControl: string | null,
    limitSeconds: number | undefined,
    expected: string | null,
  ][] = [
    ["text/javascript; charset=utf-8", long, undefined, long],
    ["text/javascript; charset=utf-8", long, 3600, "public, max-age=3600, s-maxage=60"],
    // The proxy may change the case of the directives when it limits one.
    ["text/javascript", "Max-Age=10,S-MaxAge=5", 3600, "max-age=10, s-maxage=5"],
    ["text/javascript", "public", 3600, "public, max-age=3600, s-maxage=60"],
    ["text/javascript", "max-age=x", 30, "max-age=30, s-maxage=30"],
    ["text/javascript", null, 3600, null],
    ["application/json", "max-age=86400", 3600, "max-age=86400"],
  ];
  for (const [type, cacheControl, limit, expected] of cases) {
    const headers = { "content-type": type, ...(cacheControl !== null && { "cache-control": cacheControl }) };
    const given = limit === undefined ? {} : { maxAgentAgeMs: limit * 1000 + 999 };
    const response = await stage(given, () => new Response("", { headers })).proxy(request("/metrics/web/v4/key"));
    assert.equal(response.headers.get("cache-control")?.toLowerCase() ?? null, expected, `${cacheControl}`);
  }
});
