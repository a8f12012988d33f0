import assert from "node:assert/strict";
import { test as nodeTest } from "node:test";
import type { FingerprintEvent } from "../../mod.ts";
import {
  createFingerprintProxy,
  type FingerprintProxyOptions,
  fromHeader,
  ProxyError,
  type ProxyErrorCode,
  type ResponseEventDetails,
} from "../../src/proxy/mod.ts";
import { concat, toBase64, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";
import { deferred, requestStreams, serverRequests, streamOf, testWith, until, webStreams } from "../support/web.ts";
import { withGlobals } from "../support/globals.ts";

const test = {
  any: nodeTest,
  web: testWith(webStreams),
  requests: testWith(requestStreams),
  servers: testWith(serverRequests),
};

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const OPEN = JSON.stringify({ sealed_result: toBase64(sealEvent(EVENT, key(1))) });
const SECRET = "a-proxy-secret";

type Options = FingerprintProxyOptions<FingerprintEvent, unknown>;

/** Options in addition to the defaults of the tests. `undefined` removes a default. */
type Given = { readonly [Name in keyof Options]?: Options[Name] | undefined };

/** A request to the stand-in for Fingerprint. */
interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly init: RequestInit;
}

interface Stage {
  readonly proxy: (request: Request, context?: unknown) => Promise<Response>;
  readonly asked: Asked[];
  readonly events: [FingerprintEvent, ResponseEventDetails][];
  readonly errors: unknown[];
}

/** Creates a proxy, and a stand-in for Fingerprint that it calls. */
function stage(
  given: Given = {},
  answer: () => Response | Promise<Response> = () => new Response(OPEN),
): Stage {
  const asked: Asked[] = [];
  const events: [FingerprintEvent, ResponseEventDetails][] = [];
  const errors: unknown[] = [];
  const proxy = createFingerprintProxy<FingerprintEvent, unknown>({
    mountPath: "/metrics",
    proxySecret: SECRET,
    clientAddress: () => "192.0.2.1",
    onError: (error) => errors.push(error),
    fetch: async (url, init) => {
      const body = new Uint8Array(await new Response(init.body ?? null).arrayBuffer());
      asked.push({ url, method: init.method ?? "", headers: new Headers(init.headers), body, init });
      return await answer();
    },
    ...(!("unsealer" in given) && given.onBytes === undefined && {
      unsealer: createTestUnsealer({ keys: { id: "test", key: key(1) } }),
      onEvent: (event: FingerprintEvent, details: ResponseEventDetails) => events.push([event, details]),
    }),
    ...given,
  } as Options);
  return { proxy, asked, events, errors };
}

/** A request to the proxy. Its headers may include some that `fetch` does not send from a page. */
function request(path: string, init: RequestInit & { duplex?: "half" } = {}): Request {
  return new Request(`https://www.site.test${path}`, init);
}

const post = (path: string, init: RequestInit = {}): Request => request(path, { method: "POST", body: "x", ...init });

const codes = (errors: readonly unknown[]): string[] =>
  errors.map((error) => error instanceof ProxyError ? error.code : assert.fail(String(error)));

test.servers("createFingerprintProxy() sends the headers of a proxy to Fingerprint, and overwrites those of the client", async () => {
  const { proxy, asked } = stage();
  const headers = {
    "cookie": "session=private; x_iidt=1; _iidt=abc/def+0==; theme=dark",
    "authorization": "Basic private",
    "proxy-authorization": "Basic private",
    "cf-access-jwt-assertion": "private",
    "x-amzn-oidc-data": "private",
    "x-vercel-sc-headers": "private",
    "x-vercel-protection-bypass": "private",
    "x-vercel-proxy-signature": "private",
    "x-vercel-oidc-token": "private",
    "x-own-credential": "private",
    "connection": "x-hop, x_line",
    "x-hop": "1",
    "x-line": "1",
    "proxy-connection": "keep-alive",
    "te": "trailers",
    "fpjs-proxy-client-ip": "203.0.113.9",
    "fpjs-proxy-secret": "forged",
    "fpjs-proxy-extra": "1",
    // Many servers read these as the names above.
    "fpjs_proxy_secret": "forged",
    "fpjs-proxy_client-ip": "203.0.113.9",
    "x_hop": "1",
    "cookie_": "kept",
    "content_length": "1",
    "transfer_encoding": "chunked",
    "proxy_authorization": "Basic private",
    "x_api_key": "private",
    "accept_encoding": "zstd",
    "X_Vercel_Protection_Bypass": "private",
    "accept-encoding": "zstd",
    "content-type": "text/plain",
    "user-agent": "A browser",
  };
  await proxy(post("/metrics/?a=%20+%2B&b=&&c", { headers, body: "what the agent sends" }));
  const [posted] = asked.splice(0);
  assert.equal(posted?.url, "https://api.fpjs.io/?a=%20+%2B&b=&&c&ii=custom-proxy-integration%2F1.0%2Fingress");
  assert.equal(posted.method, "POST");
  assert.deepEqual(posted.body, utf8("what the agent sends"));
  assert.equal(posted.init.redirect, "manual");
  assert.deepEqual(Object.fromEntries(posted.headers), {
    "accept-encoding": "fastly" in globalThis ? "identity" : "gzip, br",
    "content-type": "text/plain",
    "cookie": "_iidt=abc/def+0==",
    "cookie_": "kept",
    "fpjs-proxy-client-ip": "192.0.2.1",
    "fpjs-proxy-forwarded-host": "www.site.test",
    "fpjs-proxy-secret": SECRET,
    "user-agent": "A browser",
    "x-own-credential": "private",
  });

  await proxy(post("/metrics"));
  assert.equal(asked.pop()?.url, "https://api.fpjs.io/?ii=custom-proxy-integration%2F1.0%2Fingress");

  for (const method of ["GET", "OPTIONS", "HEAD", "PUT", "DELETE"]) {
    await proxy(request("/metrics/a?b=1", { method, headers }));
    const got = asked.pop();
    assert.deepEqual([got?.method, got?.url], [method, "https://api.fpjs.io/a?b=1"]);
    const names = [...got?.headers.keys() ?? []].sort();
    assert.deepEqual(names, ["accept-encoding", "content-type", "cookie_", "user-agent", "x-own-credential"], method);
  }
});

test.servers("createFingerprintProxy() removes the headers of omitHeaders, and names its integration", async () => {
  const { proxy, asked } = stage({ omitHeaders: ["X_Own", "x-team-"], integrationName: "site/2.1" });
  await proxy(post("/metrics", { headers: { "x-own": "1", "x_own": "1", "x-owner": "1", "x_team_a": "1" } }));
  assert.deepEqual([...asked[0]?.headers.keys() ?? []].filter((name) => name.startsWith("x")), ["x-owner"]);
  assert.ok(asked[0]?.url.endsWith("?ii=site%2F2.1%2Fingress"));
});

test.requests("createFingerprintProxy() passes Fingerprint's response to the client, and the event to the application", async () => {
  const headers = {
    "content-type": "application/json",
    "strict-transport-security": "max-age=1",
    "alt-svc": "h3",
    "clear-site-data": '"*"',
    "cache-tag": "a",
    "x-own": "1",
  };
  const { proxy, events, errors } = stage({}, () => new Response(OPEN, { status: 201, headers }));
  const works: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => works.push(work) };
  const asking = post("/metrics/");
  const response = await proxy(asking, context);
  assert.equal(response.status, 201);
  assert.equal(await response.text(), OPEN);
  assert.deepEqual([...response.headers.keys()].sort(), ["content-type", "x-own"]);
  assert.equal(works.length, 1);
  await works[0];
  assert.deepEqual(errors, []);
  assert.deepEqual(events.map(([event]) => event), [EVENT]);
  const { keyId, bytes, ...details } = events[0]![1]; // checked above
  assert.deepEqual([keyId, bytes], ["test", utf8(JSON.stringify(EVENT))]);
  assert.ok(details.request === asking && details.context === context);

  const got = await proxy(request("/metrics/"), context);
  assert.equal(await got.text(), OPEN);
  await Promise.all(works);
  assert.equal(events.length, 1); // Only a POST has an event.
});

test.requests("createFingerprintProxy() has the whole exchange in waitUntil before Fingerprint answers", async () => {
  const { promise: answer, resolve: settle } = deferred<Response>();
  const { proxy, events } = stage({}, () => answer);
  const works: Promise<unknown>[] = [];
  const context = {
    waitUntil(work: Promise<unknown>): void {
      if (this !== context) throw new TypeError("Illegal invocation");
      works.push(work);
    },
  };
  void proxy(post("/metrics/"), context); // The client has disconnected, so the promise is not awaited.
  assert.equal(works.length, 1);
  settle(new Response(OPEN));
  await works[0];
  assert.equal(events.length, 1);
});

test.requests("createFingerprintProxy() answers even when waitUntil throws, and reports the error", async () => {
  const { proxy, errors, events } = stage();
  const response = await proxy(post("/metrics/"), {
    waitUntil: () => {
      throw new TypeError("Illegal invocation");
    },
  });
  assert.equal(await response.text(), OPEN);
  await until(() => events.length === 1);
  assert.deepEqual(codes(errors), ["ERR_PROXY_WAIT_UNTIL"]);
});

test.requests("createFingerprintProxy() gets secret and unsealer from functions of request and context", async () => {
  const events: FingerprintEvent[] = [];
  const calls: [name: string, request: Request, context: unknown][] = [];
  const later = <Value>(name: string, value: Value) => (request: Request, context: unknown): Promise<Value> => {
    calls.push([name, request, context]);
    return Promise.resolve(value);
  };
  const { proxy, asked, errors } = stage({
    proxySecret: later("secret", "from-the-store"),
    unsealer: later("unsealer", createTestUnsealer({ keys: key(1) })),
    clientAddress: later("address", "2001:db8::1"),
    onEvent: (event) => events.push(event),
  });
  const [asking, context] = [post("/metrics/"), {}];
  await (await proxy(asking, context)).text();
  await until(() => events.length + errors.length === 1);
  assert.deepEqual(events, [EVENT]);
  assert.equal(asked[0]?.headers.get("fpjs-proxy-secret"), "from-the-store");
  assert.equal(asked[0]?.headers.get("fpjs-proxy-client-ip"), "2001:db8::1");
  assert.deepEqual(calls.map(([name]) => name), ["address", "secret", "unsealer"]);
  assert.ok(calls.every(([, request, given]) => request === asking && given === context));
});

test.requests("createFingerprintProxy() reads the client's address before its first await", async () => {
  const socket: { address: string | undefined } = { address: "192.0.2.7" };
  const { proxy, asked } = stage({ proxySecret: () => Promise.resolve(SECRET), clientAddress: () => socket.address });
  const answered = proxy(post("/metrics/"));
  socket.address = undefined; // The client has disconnected.
  await answered;
  assert.equal(asked[0]?.headers.get("fpjs-proxy-client-ip"), "192.0.2.7");
});

test.requests("createFingerprintProxy() passes the event's JSON to onBytes", async () => {
  const received: Uint8Array[] = [];
  const { proxy } = stage({
    unsealer: {
      open: () => Promise.reject(new Error("not called")),
      openBytes: () => ({ bytes: utf8("{"), keyId: "a" }),
    },
    onBytes: (bytes, { keyId }) => received.push(bytes, utf8(keyId)),
  });
  await (await proxy(post("/metrics/"))).text();
  await until(() => received.length === 2);
  assert.deepEqual(received, [utf8("{"), utf8("a")]);
});

test.requests("createFingerprintProxy() only forwards without an unsealer", async () => {
  const { proxy, asked } = stage({ unsealer: undefined });
  const response = await proxy(post("/metrics/"));
  assert.equal(await response.text(), OPEN);
  assert.equal(asked[0]?.headers.get("fpjs-proxy-secret"), SECRET);
  for (const status of [204, 304]) {
    const { proxy } = stage({ unsealer: undefined }, () => new Response(null, { status }));
    assert.equal((await proxy(request("/metrics/"))).status, status);
  }
});

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

test.requests("createFingerprintProxy() sends no request without a secret or an address", async () => {
  const fail = (): never => {
    throw new Error("the store is down");
  };
  const secrets = [fail, () => "", () => undefined, () => "two\r\nlines"];
  const addresses: unknown[] = [null, "", "192.0.2.1, 192.0.2.2", "abc", "999.1.1.1", "12345::1", "192.0.2.1\r\na: b"];
  const cases: [object, ProxyErrorCode][] = [
    ...secrets.map((proxySecret): [object, ProxyErrorCode] => [{ proxySecret }, "ERR_PROXY_SECRET"]),
    ...[fail, ...[...addresses, "[192.0.2.1]", 1].map((address) => () => address)]
      .map((clientAddress): [object, ProxyErrorCode] => [{ clientAddress }, "ERR_PROXY_ADDRESS"]),
  ];
  for (const [given, code] of cases) {
    const { proxy, asked, errors } = stage(given);
    const response = await proxy(post("/metrics/"));
    assert.equal(response.status, 500);
    assert.deepEqual(asked, []);
    assert.deepEqual(codes(errors), [code]);
    assert.equal((errors[0] as ProxyError).status, 500);
    assert.equal((await proxy(request("/metrics/a"))).status, 200); // A GET needs neither.
  }
});

test.servers("createFingerprintProxy() sends the address without brackets, port and zone, and says why it has none", async () => {
  const sent: [given: string, expected: string][] = [
    ["192.0.2.1:51234", "192.0.2.1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
  ];
  for (const [address, expected] of sent) {
    const { proxy, asked } = stage({ clientAddress: () => address });
    assert.equal((await proxy(post("/metrics/"))).status, 200);
    assert.equal(asked[0]?.headers.get("fpjs-proxy-client-ip"), expected);
  }
  const { proxy, asked } = stage({ clientAddress: fromHeader("x-forwarded-for") });
  await proxy(post("/metrics/", { headers: { "x-forwarded-for": "203.0.113.9, [2001:db8::1]:443" } }));
  assert.equal(asked[0]?.headers.get("fpjs-proxy-client-ip"), "2001:db8::1");

  const refused: [given: string | null, RegExp][] = [
    [null, /: the client's address is missing$/],
    ["203.0.113.9, 192.0.2.1", /: the client's address is a list of addresses: fromHeader\(\) selects one$/],
    ["unknown", /: the client's address is not an IP address$/],
  ];
  for (const [address, message] of refused) {
    const { proxy, errors } = stage({ clientAddress: () => address });
    await proxy(post("/metrics/"));
    assert.match(String(errors[0]), message);
  }
});

test.requests("createFingerprintProxy() reports a body that other code has read as a mistake of the application", async () => {
  const { proxy, asked, errors } = stage();
  const read = post("/metrics/");
  await read.text();
  const locked = post("/metrics/");
  locked.body?.getReader();
  for (const asking of [read, locked]) assert.equal((await proxy(asking)).status, 500);
  assert.deepEqual(codes(errors), ["ERR_PROXY_BODY", "ERR_PROXY_BODY"]);
  assert.deepEqual(asked, []);
});

test.requests("createFingerprintProxy() asks the host of the query's region, or the one that baseUrl returns for it", async () => {
  const regions: string[] = [];
  const own = (region: string): string => {
    regions.push(region);
    return `https://${region}.site.test`;
  };
  const { asked, proxy } = stage({ baseUrl: own });
  for (const query of ["", "?region=eu", "?region=ap", "?region=evil.test"]) {
    assert.equal((await proxy(request(`/metrics/a${query}`))).status, 200);
  }
  assert.deepEqual(regions, ["us", "eu", "ap", "us"]);
  assert.deepEqual(
    asked.map(({ url }) => new URL(url).origin),
    regions.map((region) => `https://${region}.site.test`),
  );

  const wrong = stage({ baseUrl: () => "https://site.test/path" });
  assert.equal((await wrong.proxy(request("/metrics/a"))).status, 500);
  assert.deepEqual(codes(wrong.errors), ["ERR_PROXY_INTERNAL"]);
  const fixed = stage({ baseUrl: "https://fixed.test/" });
  await fixed.proxy(request("/metrics/a?region=eu"));
  assert.equal(fixed.asked[0]?.url, "https://fixed.test/a?region=eu");
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

test.servers("createFingerprintProxy() does not trust a content-length beside a transfer-encoding, in either direction", async () => {
  const both = { "content-length": "3", "transfer-encoding": "chunked" };
  const { proxy, asked, errors } = stage({ maxRequestBytes: 10 }, () => new Response(OPEN, { headers: both }));
  const response = await proxy(post("/metrics/", { headers: both, body: "1234567890" }));
  assert.equal(asked[0]?.headers.get("content-length"), null);
  assert.equal(response.headers.get("content-length"), null);
  assert.equal(await response.text(), OPEN);
  assert.equal((await proxy(post("/metrics/", { headers: both, body: "12345678901" }))).status, 413);
  assert.deepEqual(codes(errors), ["ERR_PROXY_TOO_LARGE"]);
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

test.requests("createFingerprintProxy() reports why the application receives no event, and forwards the response", async () => {
  const cases: [Given, string, string][] = [
    [{}, "<html>", "ERR_RESPONSE_JSON"],
    [{}, '{"sealedResult":1}', "ERR_RESPONSE_SHAPE"],
    [{}, '{"sealedResult":"%"}', "ERR_SEALED_ENCODING"],
    [{ maxResponseBytes: 5 }, OPEN, "ERR_RESPONSE_TOO_LARGE"],
  ];
  for (const [given, body, code] of cases) {
    const { proxy, errors, events } = stage(given, () => new Response(body));
    assert.equal(await (await proxy(post("/metrics/"))).text(), body);
    await until(() => errors.length === 1);
    assert.equal((errors[0] as { code?: string }).code, code);
    assert.deepEqual(events, []);
  }
  const fault = new Error("the queue is full");
  const throwing = stage({ unsealer: createTestUnsealer({ keys: key(1) }), onEvent: () => Promise.reject(fault) });
  assert.equal(await (await throwing.proxy(post("/metrics/"))).text(), OPEN);
  await until(() => throwing.errors.length === 1);
  assert.equal(throwing.errors[0], fault);
});

test.web("createFingerprintProxy() answers requests outside of its mount with 404", async () => {
  const { proxy, asked, errors } = stage();
  for (const path of ["/", "/metricsevil", "/metrics.evil.test/", "/other"]) {
    assert.equal((await proxy(request(path))).status, 404);
  }
  assert.deepEqual([asked, errors], [[], []]);
});

test.web("createFingerprintProxy() shows missing settings on its status page, but no secret", async () => {
  const { proxy } = stage();
  const response = await proxy(request("/metrics/status"));
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const text = await response.text();
  assert.match(text, /The configuration is complete/);
  assert.ok(!text.includes(SECRET) && !text.includes("192.0.2.1"));
  for (const method of ["HEAD", "OPTIONS", "PUT", "DELETE"]) {
    const { status, headers } = await proxy(request("/metrics/status", { method }));
    assert.deepEqual([status, headers.get("allow")], [405, "GET"]);
  }
  const incomplete = stage({ proxySecret: () => "", clientAddress: () => null, unsealer: undefined });
  const page = await (await incomplete.proxy(request("/metrics/status"))).text();
  assert.match(page, /not complete[^]*missing[^]*unknown[^]*only forwarded/);
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

test.requests("createFingerprintProxy() sends bodies unchanged", async () => {
  const { proxy, asked } = stage();
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index * 7);
  await proxy(post("/metrics/", { body: bytes, headers: { "content-encoding": "gzip" } }));
  assert.equal(asked[0]?.body.length, bytes.length); // The difference of long arrays takes minutes to print.
  assert.deepEqual(asked[0]?.body, bytes);
  assert.equal(asked[0]?.headers.get("content-encoding"), "gzip");
  await proxy(request("/metrics/", { method: "POST", body: streamOf([bytes, bytes]), duplex: "half" }));
  assert.equal(asked[1]?.body.length, 2 * bytes.length);
  assert.deepEqual(asked[1]?.body, concat(bytes, bytes));
  await proxy(request("/metrics/", { method: "POST" }));
  assert.equal(asked[2]?.body.length, 0);
});

test.any("createFingerprintProxy() refuses invalid options", () => {
  const wrong: [object, RegExp][] = [
    [{ mountPath: undefined }, /^TypeError: mountPath /],
    [{ mountPath: "metrics" }, /^RangeError: mountPath /],
    [{ proxySecret: undefined }, /^TypeError: proxySecret /],
    [{ proxySecret: "" }, /^TypeError: proxySecret /],
    [{ proxySecret: "pri\nvate" }, /^TypeError: proxySecret (?!.*vate)/],
    [{ unsealer: {} }, /^TypeError: unsealer /],
    [{ unsealer: undefined, onEvent: () => {} }, /^TypeError: onEvent /],
    [{ onEvent: undefined }, /^TypeError: onEvent /],
    [{ onError: 1 }, /^TypeError: onError /],
    [{ clientAddress: "192.0.2.1" }, /^TypeError: clientAddress /],
    [{ agentPaths: { download: "/a" } }, /^TypeError: agentPaths\.result /],
    [{ agentPaths: { download: "/a", result: "/a" } }, /^RangeError: agentPaths /],
    [{ agentPaths: { download: "/status", result: "/a" } }, /^RangeError: agentPaths\.download /],
    [{ agentPaths: null }, /^TypeError: agentPaths /],
    [{ maxAgentAgeMs: -1 }, /^RangeError: maxAgentAgeMs /],
    [{ maxAgentAgeMs: "1" }, /^TypeError: maxAgentAgeMs /],
    [{ maxAgentAgeSeconds: 1 }, /^TypeError: Unknown option maxAgentAgeSeconds/],
    [{ upstreams: "https://a.test" }, /^TypeError: Unknown option upstreams/],
    [{ agentPaths: { download: "/a", results: "/b" } }, /^TypeError: .*did you mean result\?/],
    [{ baseUrl: 1 }, /^TypeError: baseUrl /],
    [{ integrationName: "a b" }, /^RangeError: integrationName /],
    [{ statusPage: 1 }, /^TypeError: statusPage /],
    [{ omitHeaders: "x-own" }, /^TypeError: omitHeaders /],
    [{ omitHeaders: ["a b"] }, /^TypeError: omitHeaders\[0\] /],
    [{ baseUrl: "https://a.test/b" }, /^RangeError: baseUrl /],
    [{ fetch: 1 }, /^TypeError: fetch /],
    [{ maxRequestBytes: -1 }, /^RangeError: maxRequestBytes /],
    [{ maxResponseBytes: "1" }, /^TypeError: maxResponseBytes /],
    [{ timeoutMs: 0 }, /^RangeError: timeoutMs /],
    [{ bodyTimeoutMs: 0.5 }, /^RangeError: bodyTimeoutMs /],
  ];
  for (const [given, message] of wrong) {
    const options = {
      mountPath: "/",
      proxySecret: SECRET,
      clientAddress: () => "192.0.2.1",
      unsealer: { open: () => Promise.reject(new Error("not called")) },
      onEvent: () => {},
      ...given,
    };
    assert.throws(() => createFingerprintProxy(options as unknown as Options), message);
  }
});

test.servers("createFingerprintProxy() sends no other cookie when the runtime joins several headers by a comma", async () => {
  const { proxy, asked } = stage();
  const cookies: [string, string | null][] = [
    ["_iidt=abc/def+0==, session=private", "_iidt=abc/def+0=="],
    ["session=private, _iidt=abc", "_iidt=abc"],
    ["session=private,_iidt=abc,b=1; c=2", "_iidt=abc"],
    ["_iidt=abc session=private", "_iidt=abc"],
    ["a=1; _iidt=abc ; b=2", "_iidt=abc"],
    ["x_iidt=1, y=_iidt=2", null],
  ];
  for (const [cookie, expected] of cookies) {
    await proxy(post("/metrics/", { headers: { cookie } }));
    assert.equal(asked.pop()?.headers.get("cookie"), expected, cookie);
  }
});

test.requests("createFingerprintProxy() forwards no body that fetch cannot send, and accepts a method in lower case", async () => {
  const { proxy, asked, events } = stage();
  let isDropped = false;
  const body = new ReadableStream({ cancel: () => void (isDropped = true) });
  for (const method of ["GET", "HEAD", "get", "post"]) {
    // As workerd's and Deno's servers make them; a constructor does not.
    const given = { headers: { "content-length": "4", "content-type": "text/plain" } };
    const asking = method === "post" ? post("/metrics/", given) : request("/metrics/", given);
    // Chromium and WebKit do not let a page set it.
    const length = asking.headers.get("content-length");
    const properties = { method: { value: method }, ...(method !== "post" && { body: { value: body } }) };
    const response = await proxy(Object.defineProperties(asking, properties));
    assert.equal(response.status, 200);
    assert.equal(asked[0]?.headers.get("content-length") ?? null, method === "post" ? length : null);
    assert.equal(asked[0]?.headers.get("fpjs-proxy-secret"), method === "post" ? SECRET : null);
    assert.equal(asked.pop()?.body.length, method === "post" ? 1 : 0);
  }
  assert.ok(isDropped);
  await until(() => events.length === 1);
});

test.requests("createFingerprintProxy() throws synchronously for anything but a Request, and names the function to use", () => {
  const { proxy, errors } = stage();
  const express = { method: "POST", url: "/metrics/", headers: { host: "www.site.test" }, text: undefined };
  for (const other of [express, undefined, null, "https://www.site.test/metrics/", {}]) {
    assert.throws(() => proxy(other as unknown as Request), /^TypeError: request must be a Request.*nodeListener/);
  }
  assert.deepEqual(errors, []);
});
