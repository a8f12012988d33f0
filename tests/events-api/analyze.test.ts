/** Requests to `POST /v4/edge`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { summarize } from "../../src/event/mod.ts";
import { type AnalyzeOptions, createEventsClient, type EdgeRequest } from "../../src/events-api/mod.ts";
import { EDGE_V4 } from "../support/complete-events-v4.ts";
import { needsGlobals } from "../support/web.ts";

const SECRET = "SECRETkey0123456789";

const skipped = needsGlobals("Response");

const REQUEST: EdgeRequest = {
  method: "POST",
  url: "https://example.com/login?foo=bar#part",
  headers: [["Host", "example.com"], ["User-Agent", "GPTBot"], ["Accept", "a"], ["Accept", "b"]],
};

async function analyze(
  request: EdgeRequest,
  options: AnalyzeOptions,
  answer: () => Response = () => Response.json(EDGE_V4),
) {
  const sent: { url: string; init: RequestInit }[] = [];
  const client = createEventsClient({
    secretKey: SECRET,
    region: "eu",
    fetch: (url, init) => {
      sent.push({ url, init });
      return Promise.resolve(answer());
    },
  });
  const event = await client.analyze(request, options);
  const [only, ...more] = sent;
  assert.ok(only !== undefined && more.length === 0);
  return { event, url: only.url, init: only.init, body: JSON.parse(String(only.init.body)) };
}

test("analyze() posts the request as the service describes it, and returns the event", skipped, async () => {
  const { event, url, init, body } = await analyze(REQUEST, {
    ip: ["192.0.2.1", "2001:db8::1"],
    linkedId: "order-1",
    tags: { a: 1 },
  });
  assert.deepEqual(event, EDGE_V4);
  assert.equal(summarize(event).botInfo?.identity, "signed");
  assert.equal(url, "https://eu.api.fpjs.io/v4/edge");
  assert.equal(init.method, "POST");
  assert.equal(init.redirect, "manual");
  assert.deepEqual(Object.fromEntries(new Headers(init.headers)), {
    accept: "application/json",
    authorization: `Bearer ${SECRET}`,
    "content-type": "application/json",
  });
  assert.deepEqual(body, {
    headers: [
      { name: "Host", value: "example.com" },
      { name: "User-Agent", value: "GPTBot" },
      { name: "Accept", value: "a" },
      { name: "Accept", value: "b" },
    ],
    method: "POST",
    url: "https://example.com/login?foo=bar",
    ipv4_address: "192.0.2.1",
    ipv6_address: "2001:db8::1",
    linked_id: "order-1",
    tags: { a: 1 },
  });
});

test("analyze() reads a Request, and addresses with brackets, port or zone", skipped, async () => {
  const request = new Request("https://example.com/a", { headers: { "x-a": "1" } });
  const addresses: readonly [ip: string, expected: object][] = [
    ["192.0.2.1:51234", { ipv4_address: "192.0.2.1" }],
    ["::ffff:192.0.2.1", { ipv4_address: "192.0.2.1" }],
    ["[2001:db8::1]:443", { ipv6_address: "2001:db8::1" }],
    ["fe80::1%eth0", { ipv6_address: "fe80::1" }],
  ];
  for (const [ip, expected] of addresses) {
    const { body } = await analyze(request, { ip });
    const headers = [{ name: "x-a", value: "1" }];
    assert.deepEqual(body, { headers, method: "GET", url: "https://example.com/a", ...expected });
  }
});

test("analyze() sends the names of headers with a secret, without their values", skipped, async () => {
  const names = ["Authorization", "cookie", "Proxy-Authorization", "X-Api-Key", "X_API_KEY", "x-csrf-token"]
    .concat("X-Session-Id", "X-Amz-Security-Token", "CF-Access-Client-Secret", "X-Custom");
  const headers = names.map((name) => [name, "s3cr3t"] as const);
  const { body, init } = await analyze({ ...REQUEST, headers }, { ip: "192.0.2.1", secretHeaders: ["x-custom"] });
  assert.deepEqual(body.headers, names.map((name) => ({ name, value: "" })));
  assert.ok(!String(init.body).includes("s3cr3t"));
});

test("analyze() refuses an invalid request or option, and sends nothing", skipped, async () => {
  let requests = 0;
  const client = createEventsClient({
    secretKey: SECRET,
    fetch: () => {
      requests++;
      return Promise.resolve(Response.json(EDGE_V4));
    },
  });
  const ip = "192.0.2.1";
  const bad: readonly [request: unknown, options: unknown, message: RegExp][] = [
    [undefined, { ip }, /^request\.headers /],
    [{ ...REQUEST, headers: undefined }, { ip }, /^request\.headers /],
    [{ ...REQUEST, headers: { host: "a" } }, { ip }, /^request\.headers /],
    [{ ...REQUEST, headers: [] }, { ip }, /^request\.headers /],
    [{ ...REQUEST, headers: [["a"]] }, { ip }, /^request\.headers /],
    [{ ...REQUEST, headers: [["a", 1]] }, { ip }, /^request\.headers /],
    [{ ...REQUEST, headers: ["ab"] }, { ip }, /^request\.headers /],
    [{ ...REQUEST, method: undefined }, { ip }, /^request\.method /],
    [{ ...REQUEST, url: "/login?s3cr3t" }, { ip }, /^request\.url /],
    [{ ...REQUEST, url: "ftp://s3cr3t" }, { ip }, /^request\.url /],
    [REQUEST, {}, /^ip /],
    [REQUEST, { ip: [] }, /^ip /],
    [REQUEST, { ip: "999.1.1.1" }, /^ip is not an IP address/],
    [REQUEST, { ip: "192.0.2.1, 192.0.2.2" }, /^ip is a list/],
    [REQUEST, { ip: [undefined] }, /^ip is missing/],
    [REQUEST, { ip, secretHeaders: "cookie" }, /^secretHeaders /],
    [REQUEST, { ip, signal: {} }, /^signal /],
    [REQUEST, { ip, linked_id: "a" }, /did you mean linkedId\?$/],
    [REQUEST, undefined, /^options must be an object/],
  ];
  for (const [request, options, message] of bad) {
    await assert.rejects(client.analyze(request as EdgeRequest, options as AnalyzeOptions), (error: Error) => {
      assert.equal(error.name, "TypeError");
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /s3cr3t/);
      return true;
    });
  }
  assert.equal(requests, 0);
});

test("analyze() sends one request whatever the answer is, and reports it as getEvent() does", skipped, async () => {
  const fails = async (answer: () => Response, expected: object) =>
    await assert.rejects(analyze(REQUEST, { ip: "192.0.2.1" }, answer), expected);
  await fails(() => new Response("", { status: 503, headers: { "retry-after": "0" } }), { serviceStatus: 503 });
  const unparsed = { error: { code: "request_cannot_be_parsed", message: "unknown field" } };
  await fails(() => Response.json(unparsed, { status: 400 }), { serviceCode: "request_cannot_be_parsed" });
  await fails(() => Response.json({ error: { code: "payload_too_large" } }, { status: 413 }), { serviceStatus: 413 });
  await fails(() => Response.json({ products: {} }), { code: "ERR_EVENTS_API_BODY" });
  await fails(() => new Response("{}"), { code: "ERR_EVENTS_API_BODY" });
});
