/** What the proxy omits, shows and says: each header, each line of the status page, each message. */

import assert from "node:assert/strict";
import { createFingerprintProxy, ProxyError, type ProxyErrorCode } from "../../src/proxy/mod.ts";
import { boundBody } from "../../src/proxy/body.ts";
import { errorResponse, proxyErrorOf } from "../../src/proxy/errors.ts";
import { limitResponseHeaders, upstreamHeaders } from "../../src/proxy/headers.ts";
import { parseOrigin, parsePath } from "../../src/proxy/paths.ts";
import { statusResponse } from "../../src/proxy/status-page.ts";
import { askUpstream } from "../../src/proxy/upstream.ts";
import { portable as test, serverRequests, testWith, until } from "../support/web.ts";
import { replacing, withGlobals } from "../support/globals.ts";
import { post, request, stage } from "./stage.ts";

const SITE = "https://www.site.test/metrics/";

/** Every header that must not reach Fingerprint; those that end in `-` are prefixes. */
const CREDENTIALS = [
  ...["fpjs-proxy-", "host", "expect", "cookie", "authorization", "x-api-key", "x-auth-", "x-access-token"],
  ...["x-csrf-token", "x-xsrf-token", "x-forwarded-access-token", "x-forwarded-email", "x-forwarded-groups"],
  ...["x-forwarded-preferred-username", "x-forwarded-user", "remote-user", "cf-access-", "cf-authorization"],
  ...["x-amzn-oidc-", "x-amz-security-token", "x-goog-authenticated-user-", "x-goog-iap-", "x-ms-client-principal"],
  ...["x-ms-client-principal-", "x-ms-token-", "x-vercel-oidc-token", "x-vercel-protection-bypass"],
  ...["x-vercel-proxy-signature", "x-vercel-sc-", "tailscale-user-"],
];

test.servers("upstreamHeaders() omits every header that may hold a credential", () => {
  for (const credential of CREDENTIALS) {
    const name = credential.endsWith("-") ? `${credential}a` : credential;
    const request = new Request(SITE, { headers: { [name]: "private", "x-other": "1" } });
    assert.deepEqual([...upstreamHeaders(request, []).keys()], ["accept-encoding", "x-other"], name);
  }
});

test.servers("upstreamHeaders() keeps the length of a body that is sent, and adds none", () => {
  const lengthOf = (method: string, headers: Record<string, string>): string | null =>
    upstreamHeaders(new Request(SITE, { method, headers }), []).get("content-length");
  assert.equal(lengthOf("POST", { "content-length": "3" }), "3");
  assert.equal(lengthOf("POST", {}), null);
  assert.equal(lengthOf("GET", { "content-length": "3" }), null);
  assert.equal(lengthOf("POST", { "content-length": "3", "transfer-encoding": "chunked" }), null);
});

testWith({ ...serverRequests, ...replacing("fastly") })(
  "upstreamHeaders() accepts only codings that fetch decodes",
  () => {
    const accepted = (fastly: unknown): string | null =>
      withGlobals({ fastly }, () => upstreamHeaders(new Request(SITE), []).get("accept-encoding"));
    assert.equal(accepted(undefined), "gzip, br");
    assert.equal(accepted({}), "identity");
  },
);

test.web("limitResponseHeaders() omits what describes the host", () => {
  const names = ["strict-transport-security", "alt-svc", "clear-site-data", "cache-tag"];
  const headers = new Headers([...names, "x-own"].map((name) => [name, "1"] as [string, string]));
  limitResponseHeaders(headers, undefined);
  assert.deepEqual([...headers.keys()], ["x-own"]);
});

test.web("limitResponseHeaders() limits each age of an agent script, however it is written", () => {
  const limited: readonly (readonly [given: string, expected: string])[] = [
    ["max-age=9", "max-age=9, s-maxage=60"],
    ["max-age=99999", "max-age=3600, s-maxage=60"],
    ['max-age="99999"', "max-age=3600, s-maxage=60"],
    ["max-age = 99999", "max-age=3600, s-maxage=60"],
    ["MAX-AGE=5 , ,S-MAXAGE=9", "max-age=5, s-maxage=9"],
    ["xmax-age=5", "xmax-age=5, max-age=3600, s-maxage=60"],
    ["max-age=5x", "max-age=3600, s-maxage=60"],
    ["max-age=x5", "max-age=3600, s-maxage=60"],
    ["max-age=x=5", "max-age=3600, s-maxage=60"],
    ["s-maxage=99, public", "s-maxage=60, public, max-age=3600"],
  ];
  for (const [given, expected] of limited) {
    const headers = new Headers({ "content-type": "TEXT/JavaScript", "cache-control": given });
    limitResponseHeaders(headers, 3_600_999);
    assert.equal(headers.get("cache-control"), expected, given);
  }
  for (const type of ["text/javascripts", "a text/javascript", "application/json"]) {
    const headers = new Headers({ "content-type": type, "cache-control": "max-age=9999" });
    limitResponseHeaders(headers, 1000);
    assert.equal(headers.get("cache-control"), "max-age=9999", type);
  }
});

test.web("ProxyError has the status of its response, if there is one", () => {
  const statuses: Readonly<Record<ProxyErrorCode, number | undefined>> = {
    ERR_PROXY_UPSTREAM: 500,
    ERR_PROXY_TIMEOUT: 500,
    ERR_PROXY_TOO_LARGE: 413,
    ERR_PROXY_SECRET: 500,
    ERR_PROXY_ADDRESS: 500,
    ERR_PROXY_BODY: 500,
    ERR_PROXY_INTERNAL: 500,
    ERR_PROXY_WAIT_UNTIL: undefined,
  };
  for (const [code, status] of Object.entries(statuses)) {
    const error = new ProxyError(code as ProxyErrorCode, "message");
    assert.deepEqual([error.name, error.status, "status" in error], ["ProxyError", status, status !== undefined]);
    assert.equal(errorResponse(new Request(SITE), error).status, status ?? 500);
  }
  const cause = new ProxyError("ERR_PROXY_BODY", "message");
  assert.equal(proxyErrorOf("ERR_PROXY_INTERNAL", "other", cause), cause);
});

test.web("errorResponse() has the form of an agent's response only for a POST", async () => {
  const error = new ProxyError("ERR_PROXY_TIMEOUT", "message");
  const got = errorResponse(new Request(SITE), error);
  const plain = { "cache-control": "no-store", "content-type": "application/json" };
  assert.deepEqual(Object.fromEntries(got.headers), plain);
  assert.equal(await got.text(), '{"error":"message"}');
  const posted = errorResponse(new Request(SITE, { method: "POST" }), error);
  assert.deepEqual(Object.fromEntries(posted.headers), plain);
  assert.match(
    await posted.text(),
    /^\{"v":"2","error":\{"code":"IntegrationFailed","message":"message"\},"requestId":"\d{13}\.[0-9a-z]{6}","products":\{\}\}$/,
  );
});

test.web("errorResponse() fills up short random digits", async () => {
  const { random } = Math;
  Math.random = () => 0.5;
  try {
    const response = errorResponse(new Request(SITE, { method: "POST" }), new ProxyError("ERR_PROXY_TIMEOUT", ""));
    assert.match(JSON.parse(await response.text()).requestId, /^\d{13}\.i00000$/);
  } finally {
    Math.random = random;
  }
});

test.web("statusResponse() shows what is configured, and lets no page include it", async () => {
  const lines = [
    ["Proxy secret: set", "Proxy secret: missing"],
    ["Client address: known", "Client address: unknown"],
    ["Sealed results: opened", "Sealed results: only forwarded"],
  ];
  for (let bits = 0; bits < 8; bits++) {
    const [hasSecret, hasClientAddress, opensSealedResults] = [0, 1, 2].map((bit) => (bits >> bit & 1) === 1);
    const status = { hasSecret, hasClientAddress, opensSealedResults } as Parameters<typeof statusResponse>[1];
    const response = statusResponse("GET", status);
    assert.deepEqual(Object.fromEntries(response.headers), {
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "content-type": "text/html; charset=utf-8",
      "x-content-type-options": "nosniff",
      "x-robots-tag": "noindex",
    });
    const text = await response.text();
    assert.match(text, /^<!doctype html>/);
    const isComplete = hasSecret === true && hasClientAddress === true;
    assert.ok(text.includes(`The configuration is ${isComplete ? "complete" : "not complete"}.`), text);
    lines.forEach(([yes, no], bit) => assert.ok(text.includes(`<li>${(bits >> bit & 1) === 1 ? yes : no}</li>`), text));
  }
});

test.requests("boundBody() refuses a used body, drops one that cannot be sent, and counts one without a length", async () => {
  const abort = () => assert.fail("aborted");
  const used = new Request(SITE, { method: "POST", body: "x" });
  await used.text();
  assert.throws(() => boundBody(used, 1, abort), {
    code: "ERR_PROXY_BODY",
    message: "Cannot forward request: other code has read its body. Call the proxy first, or with request.clone()",
  });
  const none = boundBody(new Request(SITE, { method: "POST" }), 1, abort);
  assert.deepEqual([none.stream, none.fault()], [null, undefined]);
  const firefox = Object.defineProperty(new Request(SITE, { method: "POST" }), "body", { value: undefined });
  assert.equal(boundBody(firefox, 1, abort).stream, null);
  let pulls = 0;
  const body = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 });
  boundBody(Object.defineProperty(new Request(SITE, { method: "POST" }), "body", { value: body }), 1, abort);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(pulls, 0); // not before fetch reads
});

test.servers("boundBody() trusts a declared length of digits only", async () => {
  const message = "Cannot forward request: its body is over maxRequestBytes";
  const bounded = (length: string, most = 3) => {
    const request = new Request(SITE, { method: "POST", body: "1234", headers: { "content-length": length } });
    return { request, bound: () => boundBody(request, most, () => {}) };
  };
  const declared = bounded("4");
  assert.throws(declared.bound, { code: "ERR_PROXY_TOO_LARGE", status: 413, message });
  const fitting = bounded("3");
  const unchanged = fitting.bound();
  assert.equal(unchanged.stream, fitting.request.body);
  assert.equal(unchanged.fault(), undefined);
  const long = bounded("12345", 99999);
  assert.equal(long.bound().stream, long.request.body);
  for (const length of ["3 ", "x3", "3x", "", "1".repeat(16), "-1"].filter((value) => value.trim() === value)) {
    const { stream, fault } = bounded(length).bound();
    await assert.rejects(new Response(stream).text());
    assert.equal(fault()?.message, message, length);
  }
});

test.requests("boundBody() aborts the request when its body fails or is not of bytes, and passes on a cancellation", async () => {
  let aborts = 0;
  const bodies = [
    new ReadableStream({ pull: (controller) => controller.enqueue("text") }),
    new ReadableStream({ pull: (controller) => controller.error(new Error("connection reset")) }),
  ];
  for (const body of bodies) {
    const request = Object.defineProperty(new Request(SITE, { method: "POST" }), "body", { value: body });
    const { stream } = boundBody(request, 9, () => aborts++);
    await assert.rejects(
      stream!.getReader().read(),
      body === bodies[0] // a body has a stream
        ? { name: "TypeError", message: "Request body must be a stream of bytes" }
        : { message: "connection reset" },
    );
  }
  assert.equal(aborts, 2);
  let reason: unknown;
  const body = new ReadableStream({ cancel: (given) => void (reason = given) });
  const request = Object.defineProperty(new Request(SITE, { method: "POST" }), "body", { value: body });
  await boundBody(request, 9, () => aborts++).stream?.cancel("left");
  assert.equal(reason, "left");
});

test.requests("askUpstream() says why there is no response", async () => {
  const ask = async (answer: () => Response | Promise<Response>, timeoutMs = 1000): Promise<unknown> => {
    const options = { fetch: () => Promise.resolve().then(answer), maxRequestBytes: 9, timeoutMs };
    return await askUpstream(new Request(SITE), new URL("https://api.fpjs.io"), new Headers(), options)
      .then(() => assert.fail("answered"), (error: unknown) => error);
  };
  const unreachable = "Cannot forward request: Fingerprint could not be reached";
  const odd = await ask(() => ({ status: 101, body: null }) as Response);
  assert.ok(odd instanceof ProxyError);
  assert.deepEqual([odd.code, odd.message, String(odd.cause)], [
    "ERR_PROXY_UPSTREAM",
    unreachable,
    "TypeError: Cannot use response: not a final status",
  ]);
  const late = await ask(() => new Promise(() => {}), 5);
  assert.ok(late instanceof ProxyError);
  assert.deepEqual([late.code, late.message], ["ERR_PROXY_TIMEOUT", "Cannot forward request: no response in time"]);
});

test.requests("askUpstream() passes on the method, and a body with half duplex", async () => {
  const asked: RequestInit[] = [];
  const options = {
    fetch: (_url: string, init: RequestInit) => Promise.resolve(asked.push(init)).then(() => new Response()),
    maxRequestBytes: 9,
    timeoutMs: 1000,
  };
  const ask = (init: RequestInit) =>
    askUpstream(new Request(SITE, init), new URL("https://api.fpjs.io"), new Headers(), options);
  await ask({ method: "POST", body: "x" });
  await ask({ method: "DELETE" });
  const [posted, deleted] = asked as (RequestInit & { duplex?: string })[];
  assert.deepEqual([posted?.method, posted?.redirect, posted?.duplex], ["POST", "manual", "half"]);
  assert.deepEqual([deleted?.method, "duplex" in deleted!, "body" in deleted!], ["DELETE", false, false]); // asked twice
});

test.any("parsePath() and parseOrigin() say what they accept", () => {
  assert.throws(() => parsePath("mountPath", 1 as unknown as string), {
    message: "mountPath must be a path, got number",
  });
  assert.throws(() => parsePath("mountPath", "a"), {
    message: "mountPath must be a path such as /metrics, of letters, digits and the characters . _ ~ -",
  });
  assert.throws(() => parseOrigin("baseUrl", "xhttps://a.test"), { name: "RangeError" });
  assert.throws(() => parseOrigin("baseUrl", 1 as unknown as string), {
    message: "baseUrl must be an origin, got number",
  });
});

test.servers("createFingerprintProxy() uses the global fetch, a secret of one character, and the paths of agents v3", async () => {
  const asked: string[] = [];
  const fetch = (url: string) => Promise.resolve(asked.push(`${url}`)).then(() => new Response("answer"));
  await withGlobals({ fetch }, async () => {
    const proxy = createFingerprintProxy({
      mountPath: "/metrics",
      proxySecret: "x",
      clientAddress: () => "192.0.2.1",
      agentPaths: { download: "/a", result: "/b" },
      unsealer: { open: () => Promise.reject(new Error("not called")) },
      onEvent: () => {},
    });
    assert.equal(await (await proxy(new Request(`${SITE}a?apiKey=k`))).text(), "answer");
    assert.match(await (await proxy(new Request(`${SITE}status`))).text(), /Sealed results: opened/);
  });
  assert.deepEqual(asked, ["https://api.fpjs.io/web/v3/k?apiKey=k"]);
});

test.servers("createFingerprintProxy() says which setting is missing", async () => {
  const failing = () => Promise.reject(new Error("the store is down"));
  const wrong: readonly (readonly [given: object, code: ProxyErrorCode, message: string, cause: string])[] = [
    [{ proxySecret: () => " x" }, "ERR_PROXY_SECRET", "the proxy secret is missing", "undefined"],
    [{ proxySecret: failing }, "ERR_PROXY_SECRET", "the proxy secret is missing", "Error: the store is down"],
    [{ clientAddress: () => "x" }, "ERR_PROXY_ADDRESS", "the client's address is not an IP address", "undefined"],
    [{ clientAddress: failing }, "ERR_PROXY_ADDRESS", "the client's address is missing", "Error: the store is down"],
    [
      { baseUrl: () => "x" },
      "ERR_PROXY_INTERNAL",
      "the proxy failed",
      "RangeError: baseUrl must be an origin such as https://api.fpjs.io",
    ],
  ];
  for (const [given, code, message, cause] of wrong) {
    const { proxy, errors } = stage(given);
    await proxy(post("/metrics/"), { waitUntil: () => {} });
    await until(() => errors.length > 0);
    const error = errors[0] as ProxyError;
    const expected = [code, `Cannot forward request: ${message}`, cause];
    assert.deepEqual([error.code, error.message, String(error.cause)], expected);
  }
  const { proxy, errors } = stage();
  await proxy(request("/metrics/"), { waitUntil: () => assert.fail("closed") });
  await until(() => errors.length > 0);
  const { message, cause } = errors[0] as ProxyError;
  assert.equal(message, "Cannot keep the runtime alive: the context's waitUntil threw");
  assert.equal((cause as Error).message, "closed");
});
