/** The proxy and the application: events, settings and options. */

import assert from "node:assert/strict";
import type { FingerprintEvent } from "../../mod.ts";
import { createFingerprintProxy } from "../../src/proxy/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { createTestUnsealer, key } from "../support/seal.ts";
import { deferred, portable as test, until } from "../support/web.ts";
import { codes, EVENT, type Given, OPEN, type Options, post, request, SECRET, stage } from "./stage.ts";

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

test.any("createFingerprintProxy() refuses invalid options, and names the mistake", () => {
  const paths = { download: "/a", result: "/b" };
  const wrong: [object, string | RegExp][] = [
    [{ mountPath: undefined }, /^TypeError: mountPath /],
    [{ mountPath: "metrics" }, /^RangeError: mountPath /],
    [{ proxySecret: undefined }, /^TypeError: proxySecret /],
    [
      { proxySecret: "" },
      "TypeError: proxySecret must be text of printable ASCII characters, or a function that returns it, got string",
    ],
    [{ proxySecret: "pri\nvate" }, /^TypeError: proxySecret (?!.*vate)/],
    [{ unsealer: {} }, /^TypeError: unsealer /],
    [{ unsealer: undefined }, "TypeError: onEvent and onBytes must come with unsealer"],
    [{ unsealer: undefined, onEvent: undefined, onBytes: () => {} }, /: onEvent and onBytes must come with unsealer$/],
    [{ onEvent: undefined }, /^TypeError: onEvent /],
    [{ onError: 1 }, "TypeError: onError must be a function, got number"],
    [{ unsealer: undefined, onEvent: undefined, onError: 1 }, "TypeError: onError must be a function, got number"],
    [{ clientAddress: "192.0.2.1" }, /^TypeError: clientAddress /],
    [{ agentPaths: { download: "/a" } }, /^TypeError: agentPaths\.result /],
    [{ agentPaths: { result: "/b" } }, "TypeError: agentPaths.download must be a path, got undefined"],
    [{ agentPaths: { download: "/a", result: "/a" } }, "RangeError: agentPaths must be two different paths"],
    [{ agentPaths: { download: "/b", result: "/b/" } }, "RangeError: agentPaths must be two different paths"],
    [{ agentPaths: { ...paths, download: "/" } }, "RangeError: agentPaths.download must not be / or /status"],
    [{ agentPaths: { ...paths, download: "/status" } }, "RangeError: agentPaths.download must not be / or /status"],
    [{ agentPaths: { ...paths, result: "/status/" } }, "RangeError: agentPaths.result must not be / or /status"],
    [{ agentPaths: { download: "/a", results: "/b" } }, /^TypeError: .*did you mean result\?/],
    [{ agentPaths: null }, "TypeError: agentPaths must be an object, got null"],
    [{ agentPaths: "/a" }, "TypeError: agentPaths must be an object, got string"],
    [{ maxAgentAgeMs: -1 }, /^RangeError: maxAgentAgeMs /],
    [{ maxAgentAgeMs: "1" }, /^TypeError: maxAgentAgeMs /],
    [{ maxAgentAgeSeconds: 1 }, /^TypeError: Unknown option maxAgentAgeSeconds/],
    [{ upstreams: "https://a.test" }, /^TypeError: Unknown option upstreams/],
    [{ integrationName: 1 }, "TypeError: integrationName must be text, got number"],
    ...["a b", "a/b/c", " a/b"].map((integrationName): [object, string] => [
      { integrationName },
      "RangeError: integrationName must be NAME/VERSION",
    ]),
    [{ statusPage: 1 }, /^TypeError: statusPage /],
    [{ omitHeaders: "x-own" }, "TypeError: omitHeaders must be an array of header names, got string"],
    [{ omitHeaders: ["a b"] }, /^TypeError: omitHeaders\[0\] /],
    [{ omitHeaders: ["x", "a b"] }, "TypeError: omitHeaders[1] must be a header name"],
    [{ baseUrl: 1 }, /^TypeError: baseUrl /],
    [{ baseUrl: "a" }, "RangeError: baseUrl must be an origin such as https://api.fpjs.io"],
    [{ baseUrl: "https://a.test/b" }, /^RangeError: baseUrl /],
    [{ fetch: 1 }, /^TypeError: fetch /],
    [{ maxRequestBytes: -1 }, /^RangeError: maxRequestBytes /],
    [{ maxResponseBytes: "1" }, /^TypeError: maxResponseBytes /],
    [{ timeoutMs: 0 }, /^RangeError: timeoutMs /],
    [{ bodyTimeoutMs: 0.5 }, /^RangeError: bodyTimeoutMs /],
  ];
  for (const [given, expected] of wrong) {
    const options = {
      mountPath: "/",
      proxySecret: SECRET,
      clientAddress: () => "192.0.2.1",
      unsealer: { open: () => Promise.reject(new Error("not called")) },
      onEvent: () => {},
      ...given,
    };
    const create = () => createFingerprintProxy(options as unknown as Options);
    if (typeof expected !== "string") assert.throws(create, expected);
    else assert.throws(create, (error) => `${error}` === expected || assert.fail(`${error}`));
  }
});

test.requests("createFingerprintProxy() throws synchronously for anything but a Request, and names the function to use", () => {
  const { proxy, errors } = stage();
  const express = { method: "POST", url: "/metrics/", headers: { host: "www.site.test" }, text: undefined };
  for (const other of [express, undefined, null, "https://www.site.test/metrics/", {}]) {
    assert.throws(() => proxy(other as unknown as Request), /^TypeError: request must be a Request.*nodeListener/);
  }
  assert.deepEqual(errors, []);
});
