/** The small parts of HTTP: methods, URLs, headers, served responses, contexts, and their messages. */

import assert from "node:assert/strict";
import { BodyError, readBody, tooLarge, unreadable } from "../../src/http/body.ts";
import { checkRequest, isResponse, kindOf } from "../../src/http/fetch-api.ts";
import { fromHeader } from "../../src/http/from-header.ts";
import { deleteConnectionHeaders, foldName, isFramingHeader, isHeaderName } from "../../src/http/headers.ts";
import { keepAlive } from "../../src/http/keep-alive.ts";
import { canSendBody, isForbiddenMethod, isPost } from "../../src/http/methods.ts";
import { checkMethod, makeUrl, UnusableRequest } from "../../src/http/request-url.ts";
import { canHaveBody, servedResponse } from "../../src/http/served-response.ts";
import { withTimeLimit } from "../../src/http/time-limit.ts";
import { portable as test, source, streamOf } from "../support/web.ts";
import { timersDuring } from "../support/globals.ts";

test.any("kindOf() names the class or the type, and never the value", () => {
  const odd = Object.create({ constructor: { name: "a b" } }) as object;
  const long = Object.create({ constructor: { name: "a".repeat(41) } }) as object;
  const kinds: readonly (readonly [value: unknown, kind: string])[] = [
    [null, "null"],
    [undefined, "undefined"],
    ["private", "string"],
    [() => {}, "function"],
    [{}, "an object of class Object"],
    [new Map(), "an object of class Map"],
    [Object.create(null), "an object"],
    [Object.create({ constructor: undefined }), "an object"],
    [Object.create({ constructor: { name: 7 } }), "an object"],
    [odd, "an object"],
    [long, "an object"],
    [Object.create({ constructor: { name: "a".repeat(40) } }), `an object of class ${"a".repeat(40)}`],
    [Object.create({ constructor: { name: "!a" } }), "an object"],
    [Object.create({ constructor: { name: "a!" } }), "an object"],
  ];
  for (const [value, kind] of kinds) assert.equal(kindOf(value), kind);
});

test.any("checkRequest() accepts what has the members of a Request, and names what to use for anything else", () => {
  const headers = { get: () => null };
  const request = { method: "POST", headers, text: () => "" };
  assert.equal(checkRequest(request), request as unknown);
  const message = "request must be a Request, got an object of class Object. With Express, Fastify, Koa, Nest or " +
    "node:http use nodeListener(handle) of @unseal/sealed-results/node-http; with Hono pass context.req.raw";
  for (const missing of ["method", "headers", "text"]) {
    assert.throws(() => checkRequest({ ...request, [missing]: undefined }), { name: "TypeError", message });
  }
  assert.throws(() => checkRequest({ ...request, headers: {} }), { message });
  for (const value of [null, undefined]) assert.throws(() => checkRequest(value), { message: /^request must be a R/ });
});

test.any("isResponse() needs a status and headers", () => {
  const headers = { has: () => false };
  assert.equal(isResponse({ status: 200, headers }), true);
  for (
    const value of [null, undefined, {}, { status: "200", headers }, { status: 200 }, { status: 200, headers: {} }]
  ) {
    assert.equal(isResponse(value), false);
  }
});

test.any("isPost(), canSendBody() and isForbiddenMethod() compare the whole method in any case", () => {
  const matching = (matches: (method: string) => boolean): string[] => {
    const methods = ["POST", "post", "GET", "head", "CONNECT", "trace", "Track", "PUT"];
    return [...methods, "XPOST", "POSTX", "GETX", "XHEAD", "XTRACK", "CONNECTX"].filter(matches);
  };
  assert.deepEqual(matching((method) => isPost({ method } as Request)), ["POST", "post"]);
  assert.deepEqual(matching((method) => !canSendBody({ method } as Request)), ["GET", "head"]);
  assert.deepEqual(matching(isForbiddenMethod), ["CONNECT", "trace", "Track"]);
});

test.any("checkMethod() refuses a forbidden method with 501", () => {
  assert.equal(checkMethod("PUT"), "PUT");
  const expected = { name: "UnusableRequest", status: 501, message: "Cannot handle the method TRACE" };
  assert.throws(() => checkMethod("TRACE"), expected);
});

test.urls("makeUrl() joins its parts without letting one change another", () => {
  const made: readonly (readonly [scheme: string, host: string, target: string, url: string])[] = [
    ["HTTPS", "a.test", "/b?c", "https://a.test/b?c"],
    ["http", "a-b_c~d.test:8080", "b/c", "http://a-b_c~d.test:8080/b/c"],
    ["http", "[2001:DB8::1]:1", "?a", "http://[2001:db8::1]:1/?a"],
    ["http", "a.test", "//evil.test/", "http://a.test//evil.test/"],
    ["http", "a.test", "@evil.test", "http://a.test/@evil.test"],
    ["http", "a.test", "#a", "http://a.test/#a"],
    ["http", "127.0.0.1:12345", "", "http://127.0.0.1:12345/"],
  ];
  for (const [scheme, host, target, url] of made) assert.equal(makeUrl(scheme, host, target), url);
  const hosts = [
    "",
    "a b",
    "a/b",
    "a@b",
    "a?b",
    "a:b",
    "a:123456",
    "a:",
    "[a",
    "[::1]x",
    "x[::1]",
    "[g::1]",
    "a:1x",
    "a:99999",
  ];
  const expected = {
    name: "UnusableRequest",
    status: 400,
    message: "Cannot read request: its host or target is malformed",
  };
  for (const host of hosts) assert.throws(() => makeUrl("http", host, "/"), expected, host);
  assert.ok(new UnusableRequest(400, "") instanceof Error);
});

test.any("isHeaderName() accepts tokens only", () => {
  for (const name of ["x-a", "A9", "!#$%&'*+.^_`|~-"]) assert.equal(isHeaderName(name), true, name);
  for (const name of ["", "a b", " a", "a:", "\u00e4", "a\n", 7, undefined]) assert.equal(isHeaderName(name), false);
  assert.equal(foldName("X_Own_Name"), "x-own-name");
});

const FRAMING = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

test.any("isFramingHeader() knows each header that frames a message", () => {
  for (const name of FRAMING) assert.equal(isFramingHeader(name.toUpperCase().replace("-", "_")), true, name);
  for (const name of ["te", "trailer", "content-length", ""]) assert.equal(isFramingHeader(name), false, name);
});

test.web("deleteConnectionHeaders() removes each header of a connection", () => {
  for (const name of [...FRAMING, "proxy-authenticate", "proxy-authorization", "te", "trailer"]) {
    const headers = new Headers();
    headers.set(name, "x-other");
    headers.set("x-own", "1");
    deleteConnectionHeaders(headers);
    assert.deepEqual([...headers.keys()], ["x-own"], name);
  }
});

test.any("keepAlive() calls waitUntil as a method of the context, and reports its error", async () => {
  const work = Promise.resolve();
  const calls: unknown[] = [];
  const context = {
    waitUntil(this: unknown, given: unknown): void {
      calls.push(this, given);
    },
  };
  const unexpected = () => assert.fail("reported");
  keepAlive(context, work, unexpected);
  assert.deepEqual([calls[0] === context, calls[1] === work, calls.length], [true, true, 2]);
  for (const other of [undefined, null, {}, { waitUntil: 7 }, "text"]) keepAlive(other, work, unexpected);
  const fault = new TypeError("Illegal invocation");
  const errors: unknown[] = [];
  const failing = {
    waitUntil: () => {
      throw fault;
    },
  };
  keepAlive(failing, work, (error) => errors.push(error));
  assert.deepEqual(errors, [fault]);
  await work;
});

test.web("withTimeLimit() ends its timer, and starts none without a limit", async () => {
  const timers = await timersDuring(async () => {
    await withTimeLimit(60_000, () => new Error(), () => Promise.resolve());
    await withTimeLimit(Infinity, () => new Error(), () => Promise.resolve());
  });
  assert.deepEqual(timers, { started: [60_000], left: [] });
});

test.web("readBody() says why it refuses a body, and cancels one that declares too much", async () => {
  const large = "Cannot read body: over 3 bytes";
  const unusable = "Cannot read body: it broke off, was read before or is not a stream of bytes";
  assert.deepEqual([tooLarge(3).message, tooLarge(3).reason], [large, "too-large"]);
  assert.deepEqual([unreadable().message, unreadable().reason], [unusable, "unreadable"]);
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
  await assert.rejects(readBody(source(body, { "content-length": "4" }), 3), { name: "BodyError", message: large });
  assert.ok(isCancelled);
  for (const declared of ["x4", "4x", "1".repeat(17)]) {
    assert.equal((await readBody(source(streamOf([new Uint8Array(3)]), { "content-length": declared }), 3)).length, 3);
  }
  await assert.rejects(readBody({ body: streamOf([]), bodyUsed: true, headers: new Headers() }, 3), BodyError);
  const empty = Array.from({ length: 9_999 }, () => new Uint8Array());
  assert.equal((await readBody(source(streamOf([...empty, new Uint8Array(3)])), 3)).length, 3);
  const endless = streamOf([...empty, new Uint8Array(), new Uint8Array(3)]);
  await assert.rejects(readBody(source(endless), 3), { name: "BodyError", message: unusable });
});

test.any("fromHeader() names its mistakes", () => {
  assert.throws(() => fromHeader("a b"), {
    name: "TypeError",
    message: "name must be the name of a header, got string",
  });
  assert.throws(() => fromHeader("a", { hops: 0 }), {
    name: "RangeError",
    message: "hops must be a whole number from 1",
  });
});

test.any("canHaveBody() knows the statuses without a body", () => {
  const statuses = [101, 199, 200, 204, 205, 206, 304, 305, 599, 600];
  assert.deepEqual(statuses.filter(canHaveBody), [200, 206, 305, 599]);
});

test.web("servedResponse() keeps status, text and body, and no length where there is no body", async () => {
  const upstream = (status: number, body: string | null = null): Response =>
    new Response(body, { status, statusText: "Own text", headers: { "content-length": "5", "x-own": "1" } });
  const served = servedResponse(upstream(201, "abcde"));
  assert.deepEqual([served.status, served.statusText, await served.text()], [201, "Own text", "abcde"]);
  const replaced = servedResponse(upstream(200, "abcde"), streamOf([Uint8Array.of(0x78)]));
  assert.equal(await replaced.text(), "x");
  for (const status of [204, 205, 304]) {
    const empty = servedResponse(upstream(status));
    assert.deepEqual([empty.status, empty.body, [...empty.headers.keys()]], [status, null, ["x-own"]]);
  }
  const last = upstream(599);
  assert.notEqual(servedResponse(last), last);
  for (const status of [101, 600]) {
    const odd = { status, headers: new Headers(), body: null } as Response;
    assert.equal(servedResponse(odd), odd);
  }
});
