import assert from "node:assert/strict";
import { type LambdaContext, lambdaHandler, type LambdaResponse } from "../../src/lambda/mod.ts";
import { createFingerprintProxy } from "../../src/proxy/mod.ts";
import { toBase64, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";
import { serverRequests, testWith } from "../support/web.ts";
import { FUNCTION_URL, HTTP_API, LOAD_BALANCER, LOAD_BALANCER_MULTI, REST_API } from "./events.ts";

const test = testWith(serverRequests);

const EVENTS: Readonly<Record<string, object>> = {
  "a REST API": REST_API,
  "an HTTP API": HTTP_API,
  "a function URL": FUNCTION_URL,
  "a load balancer": LOAD_BALANCER,
  "a load balancer with multi-value headers": LOAD_BALANCER_MULTI,
};

const URLS: Readonly<Record<string, string>> = {
  "a REST API": "https://70ixmpl4fl.execute-api.us-east-2.amazonaws.com/metrics/result?region=eu&a=1&a=%C3%BC%20%26",
  "an HTTP API": "https://70ixmpl4fl.execute-api.us-east-2.amazonaws.com/metrics/result?region=eu&a=1&a=%C3%BC%20%26",
  "a function URL": "https://id.lambda-url.us-west-2.on.aws/metrics/result?region=eu&a=1&a=%C3%BC%20%26",
  "a load balancer": "http://lambda-alb-123578498.us-east-2.elb.amazonaws.com/metrics/result?region=eu&a=%C3%BC%20%26",
  "a load balancer with multi-value headers":
    "https://lambda-alb-123578498.us-east-2.elb.amazonaws.com/metrics/result?region=eu&a=1&a=%C3%BC%20%26",
};

/** What `handle` receives. */
async function received(event: object): Promise<{ request: Request; context: LambdaContext; body: Uint8Array }> {
  const calls: [Request, LambdaContext, Uint8Array][] = [];
  const handler = lambdaHandler(async (request, context) => {
    calls.push([request, context, new Uint8Array(await request.arrayBuffer())]);
    return new Response();
  });
  const { statusCode } = await handler(event, "invocation");
  assert.equal(statusCode, 200);
  const [request, context, body] = calls[0]!; // the status is that of handle
  return { request, context, body };
}

const answer = (event: object, respond: () => Response): Promise<LambdaResponse> => lambdaHandler(respond)(event);

for (const [name, event] of Object.entries(EVENTS)) {
  test(`lambdaHandler() passes the request of ${name}`, async () => {
    const { request, context, body } = await received(event);
    assert.equal(request.method, "POST");
    assert.equal(request.url, URLS[name]);
    assert.equal(request.headers.get("cookie"), "cookie1; cookie2");
    assert.equal(request.headers.get("content-type"), "text/plain");
    assert.match(request.headers.get("x-own") ?? "", name === "a load balancer" ? /^b$/ : /^a, ?b$/);
    assert.deepEqual(body, utf8("text with ü"));
    // Never the entry that the client wrote.
    assert.equal(context.remoteAddr.hostname, name === "a function URL" ? "2001:db8::1" : "192.0.2.1");
    assert.equal(context.event, event);
    assert.equal(context.invocation, "invocation");

    const bytes = Uint8Array.of(0x9e, 0x85, 0xdc, 0xed, 0, 255);
    const binary = await received({ ...event, body: toBase64(bytes), isBase64Encoded: true });
    assert.deepEqual(binary.body, bytes);
    for (const none of [null, undefined, ""]) {
      assert.equal((await received({ ...event, body: none, isBase64Encoded: true })).body.length, 0);
    }
  });

  test(`lambdaHandler() answers in the form of ${name}`, async () => {
    const headers = new Headers({ "content-type": "application/json", "connection": "close", "content-length": "6" });
    for (const cookie of ["_iidt=a; Secure", "b=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT", "c=2"]) {
      headers.append("set-cookie", cookie);
    }
    const cookies = headers.getSetCookie();
    const response = await answer(event, () => new Response('{"ü":1}', { status: 201, statusText: "Made", headers }));
    const common = { statusCode: 201, body: '{"ü":1}', isBase64Encoded: false };
    const multi = { "content-type": ["application/json"], "set-cookie": cookies };
    const expected: Readonly<Record<string, LambdaResponse>> = {
      "a REST API": { ...common, multiValueHeaders: multi },
      "an HTTP API": { ...common, headers: { "content-type": "application/json" }, cookies },
      "a function URL": { ...common, headers: { "content-type": "application/json" }, cookies },
      "a load balancer": {
        ...common,
        statusDescription: "201 Made",
        headers: {
          "content-type": "application/json",
          "set-cookie": cookies[0]!, // three were appended
          "Set-cookie": cookies[1]!,
          "sEt-cookie": cookies[2]!,
        },
      },
      "a load balancer with multi-value headers": {
        ...common,
        statusDescription: "201 Made",
        multiValueHeaders: multi,
      },
    };
    assert.deepEqual(response, expected[name]);
  });
}

test("lambdaHandler() sends text as text, and anything else as base64", async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index * 7);
  const binary = await answer(HTTP_API, () => new Response(bytes));
  assert.deepEqual([binary.body, binary.isBase64Encoded], [toBase64(bytes), true]);
  const encoded = await answer(HTTP_API, () => new Response("abc", { headers: { "content-encoding": "br" } }));
  assert.deepEqual([encoded.body, encoded.isBase64Encoded], [toBase64(utf8("abc")), true]);
  const marked = await answer(HTTP_API, () => new Response("\uFEFFabc"));
  assert.deepEqual([marked.body, marked.isBase64Encoded], ["\uFEFFabc", false]);
  const none = await answer(HTTP_API, () => new Response(null, { status: 204 }));
  assert.deepEqual([none.statusCode, none.body, none.isBase64Encoded], [204, "", false]);
});

test("lambdaHandler() waits for waitUntil before it answers, and reports a rejection", async () => {
  const done: string[] = [];
  const errors: unknown[] = [];
  const fault = new Error("the queue is full");
  const handler = lambdaHandler((_request, { waitUntil }) => {
    waitUntil(new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => {
      done.push("first");
      waitUntil(new Promise((resolve) => setTimeout(resolve, 5)).then(() => done.push("second")));
    }));
    waitUntil(Promise.reject(fault));
    return new Response("answered");
  }, { onError: (error, { request, context }) => errors.push(error, request?.method, context.invocation) });
  assert.equal((await handler(HTTP_API, "invocation")).body, "answered");
  assert.deepEqual(done, ["first", "second"]);
  assert.deepEqual(errors, [fault, "POST", "invocation"]);
});

test("lambdaHandler() serves the proxy, whose event has arrived when it answers", async () => {
  const sealed = toBase64(sealEvent({ event_id: "1.a", timestamp: 1 }, key(1)));
  const asked: (string | null)[] = [];
  const ids: (string | undefined)[] = [];
  const handler = lambdaHandler(createFingerprintProxy({
    mountPath: "/metrics",
    agentPaths: { download: "/agent", result: "/result" },
    proxySecret: "a-proxy-secret",
    clientAddress: (_request, context) => (context as LambdaContext).remoteAddr.hostname,
    unsealer: createTestUnsealer({ keys: key(1) }),
    onEvent: (_event, { summary }) => ids.push(summary.id),
    fetch: (url, { headers }) => {
      asked.push(url, new Headers(headers).get("fpjs-proxy-client-ip"));
      return Promise.resolve(Response.json({ sealed_result: sealed }));
    },
  }));
  for (const event of Object.values(EVENTS)) {
    const { statusCode, body } = await handler(event);
    assert.deepEqual([statusCode, JSON.parse(body)], [200, { sealed_result: sealed }]);
    assert.deepEqual(ids.splice(0), ["1.a"]);
    const [url, address] = asked.splice(0);
    assert.match(url ?? "", /^https:\/\/eu\.api\.fpjs\.io\/\?region=eu&.*&ii=/);
    assert.equal(address, event === FUNCTION_URL ? "2001:db8::1" : "192.0.2.1");
  }
});

test("lambdaHandler() answers 500 when handle fails, and reports the error", async () => {
  const failures: (() => unknown)[] = [
    () => {
      throw new Error("a private matter");
    },
    () => Promise.reject(new Error("a private matter")),
    () => undefined,
    () => Response.error(),
    () => new Response(new ReadableStream({ pull: () => Promise.reject(new Error("a private matter")) })),
  ];
  for (const event of Object.values(EVENTS)) {
    for (const failure of failures) {
      const errors: unknown[] = [];
      const handler = lambdaHandler(failure as () => Response, { onError: (error) => errors.push(error) });
      const { statusCode, body } = await handler(event);
      assert.deepEqual([statusCode, body, errors.length], [500, "", 1]);
    }
  }
});

test("lambdaHandler() answers malformed requests itself", async () => {
  const cases: [object, status: number][] = [
    [{ ...REST_API, body: "%", isBase64Encoded: true }, 400],
    [{ ...REST_API, httpMethod: "TRACE" }, 501],
    [{ ...LOAD_BALANCER, headers: { host: "evil.test/x" } }, 400],
    [{ ...HTTP_API, headers: { host: "a@evil.test" } }, 400],
  ];
  for (const [event, status] of cases) {
    const errors: unknown[] = [];
    const handler = lambdaHandler(() => assert.fail("called"), { onError: (error) => errors.push(error) });
    assert.equal((await handler(event)).statusCode, status);
    assert.deepEqual(errors, []);
  }
  // No part of an event can change the URL's host.
  for (const path of ["//evil.test/", "@evil.test/", "\\evil.test", "/a?b#c", "/..//evil.test"]) {
    const { request } = await received({ ...HTTP_API, rawPath: path });
    assert.equal(new URL(request.url).host, HTTP_API.headers.host);
    assert.equal(new URL(request.url).search, `?${HTTP_API.rawQueryString}`);
  }
  // An invocation from the console.
  const bare = {
    httpMethod: "GET",
    path: "/a",
    headers: null,
    multiValueHeaders: null,
    requestContext: {},
    body: null,
  };
  assert.equal((await received(bare)).request.url, "https://localhost/a");
});

test("lambdaHandler() rejects an event that is no request, and invalid parameters", async () => {
  const handler = lambdaHandler(() => new Response());
  const others = [undefined, null, 1, {}, [], { Records: [] }, { httpMethod: "GET" }, { requestContext: { http: {} } }];
  for (const event of others) {
    await assert.rejects(handler(event), /^TypeError: lambdaHandler\(handle\) must be invoked/);
  }
  assert.throws(() => lambdaHandler(undefined as never), /^TypeError: handle must be a function/);
  assert.throws(() => lambdaHandler(() => new Response(), { onError: 1 } as never), /^TypeError: onError must be/);
  assert.throws(() => lambdaHandler(() => new Response(), { onerror: 1 } as never), /did you mean onError\?/);
});
