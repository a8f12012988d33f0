/** The listener on the HTTP/1.1 server of Node itself. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request as httpRequest, type RequestListener } from "node:http";
import { test } from "node:test";
import { nodeListener } from "../../src/node-http/mod.ts";
import { handler, SEALED_TEXT } from "../support/handler.ts";
import { deferred } from "../support/web.ts";
import { converse, type Handle, isAnswer, listening, serving } from "./node-http-server.ts";

test("nodeListener() passes the method, the URL, all headers and the address", async () => {
  const handle: Handle = (request, { remoteAddr }) =>
    Response.json({
      method: request.method,
      url: request.url,
      headers: [...request.headers].filter(([name]) => name.startsWith("x-")),
      address: remoteAddr.hostname,
      hasPort: typeof remoteAddr.port === "number",
    });
  await serving(handle, async (url, port) => {
    const head = "Host: Shop.example:81\r\nX-One: 1\r\nx-one: 2\r\nConnection: close\r\n\r\n";
    const answer = await converse(port, `DELETE /a/../b?c=%20d HTTP/1.1\r\n${head}`);
    assert.deepEqual(JSON.parse(/\{.*\}/.exec(answer)?.[0] ?? ""), {
      method: "DELETE",
      url: "http://shop.example:81/b?c=%20d",
      headers: [["x-one", "1, 2"]],
      address: "127.0.0.1",
      hasPort: true,
    });
    assert.equal((await fetch(url)).status, 200);
  });
});

test("nodeListener() refuses targets and hosts that would change the URL's host", async () => {
  await serving((request: Request) => new Response(request.url), async (_url, port) => {
    const urlOf = async (target: string, host: string): Promise<string | undefined> => {
      const text = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const answer = await converse(port, text);
      return /^HTTP\/1.1 200[^]*\r\n\r\n(?:[0-9a-f]+\r\n)?(\S+)/.exec(answer)?.[1] ??
        /^HTTP\/1.1 (\d+)/.exec(answer)?.[1];
    };
    assert.equal(await urlOf("//evil.example/x", "shop.example"), "http://shop.example//evil.example/x");
    assert.equal(await urlOf("/\\evil.example/x", "shop.example"), "http://shop.example//evil.example/x");
    assert.equal(await urlOf("@evil.example/x", "shop.example").catch(() => "400"), "400");
    assert.equal(await urlOf("http://other.example/x?y", "shop.example"), "http://other.example/x?y");
    assert.equal(await urlOf("/x", "[::1]:8080"), "http://[::1]:8080/x");
    assert.equal(await urlOf("/x", "shop.example:8"), "http://shop.example:8/x");
    const hosts = ["a@evil.example", "shop.example/x", "shop.example?", "shop.example#", "a b", "a:99999", "[::1"];
    for (const host of hosts) assert.equal(await urlOf("/x", host), "400", host);
    assert.match(await converse(port, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), /^HTTP\/1.1 501 /);
    // Bun keeps the first open, and refuses the second itself.
    if ("Bun" in globalThis) return;
    assert.match(await converse(port, "GET /x HTTP/1.0\r\n\r\n", () => false), /http:\/\/localhost\/x$/);
    assert.match(await converse(port, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), /http:\/\/a\/\*/);
  });
});

test("nodeListener() sends the status, headers, cookies and body of a response", async () => {
  const handle: Handle = (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/empty") return new Response(null, { status: 204 });
    const headers = new Headers({ "x-own": "1", trailer: "x-later", "transfer-encoding": "chunked" });
    headers.append("set-cookie", "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT");
    headers.append("set-cookie", "b=2");
    return new Response("the body", { status: 418, statusText: "Teapot", headers });
  };
  await serving(handle, async (url) => {
    const response = await fetch(url);
    assert.equal(response.status, 418);
    // Deno's node:http does not send its own.
    if (!("Deno" in globalThis)) assert.equal(response.statusText, "Teapot");
    assert.equal(response.headers.get("x-own"), "1");
    assert.equal(response.headers.get("trailer"), null);
    assert.deepEqual(response.headers.getSetCookie(), ["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"]);
    assert.equal(await response.text(), "the body");
    const head = await fetch(url, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [418, ""]);
    const empty = await fetch(`${url}/empty`);
    assert.deepEqual([empty.status, await empty.text()], [204, ""]);
  });
});

test("nodeListener() streams both bodies with back-pressure", async () => {
  let most = 0;
  const handle: Handle = async (request) => {
    assert.ok(request.body);
    let length = 0;
    for await (const chunk of request.body) {
      length += chunk.length;
      most = Math.max(most, chunk.length);
    }
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent === length) return controller.close();
        sent += 65536;
        controller.enqueue(new Uint8Array(65536).fill(7));
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "x-length": `${length}` } });
  };
  await serving(handle, async (url) => {
    const body = new Uint8Array(128 * 65536).fill(7);
    const response = await fetch(url, { method: "POST", body });
    assert.equal(response.headers.get("x-length"), `${body.length}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    assert.equal(bytes.length, body.length);
    assert.ok(bytes.every((byte) => byte === 7));
    assert.ok(most < body.length);
  });
});

test("nodeListener() sends the headers before a late body", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const handle: Handle = () => new Response(readable, { headers: { "content-type": "text/event-stream" } });
  await serving(handle, async (url) => {
    const response = await fetch(url);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode("data: 1\n\n")).then(() => writer.close());
    assert.equal(await response.text(), "data: 1\n\n");
  });
});

test("nodeListener() serves the handler of sealed results with its limits of size and time", async () => {
  await serving(handler({ maxBodyBytes: 64 * 1024, bodyTimeoutMs: 1000 }), async (url, port) => {
    const response = await fetch(url, { method: "POST", body: SEALED_TEXT });
    assert.equal(response.status, 200);
    assert.equal((await response.json() as { source: string }).source, "sealed");
    assert.equal((await fetch(url)).status, 405);
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n";
    const chunk = `4000\r\n${"A".repeat(0x4000)}\r\n`;
    const endless = `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(64)}`;
    assert.match(await converse(port, endless), /^HTTP\/1.1 413 [^]*ERR_REQUEST_TOO_LARGE/);
    const lying = `${head}Content-Length: 99999999\r\n\r\nAAAA`;
    assert.match(await converse(port, lying), /^HTTP\/1.1 413 /);
    const slow = await converse(port, `${head}Content-Length: 100\r\n\r\nAAAA`);
    assert.match(slow, /^HTTP\/1.1 408 [^]*connection: close[^]*ERR_REQUEST_TIMEOUT/i);
  });
});

test("nodeListener() uses a body parser's result: bytes, text, or re-serialised JSON", async () => {
  type Left = { readonly type: string; readonly body: unknown; readonly rawBody?: unknown };
  let left: Left | undefined;
  const echo = nodeListener(async (request) =>
    Response.json({ text: await request.text(), length: request.headers.get("content-length") })
  );
  const parse: RequestListener = async (request, response) => {
    for await (const _ of request) { /* A parser reads it all. */ }
    const next = (error?: unknown): void => void response.writeHead(500).end(String(error));
    await echo(Object.assign(request, left), response, next);
  };
  await listening(parse, async (url) => {
    const cases: [Left, status: number, text: string | RegExp][] = [
      [{ type: "application/json", body: { sealedResult: "AAAA" } }, 200, '{"sealedResult":"AAAA"}'],
      [{ type: "application/vnd.x+json; charset=utf-8", body: [1, null] }, 200, "[1,null]"],
      [{ type: "application/json", body: null }, 200, "null"],
      [{ type: "application/json", body: { a: 1 }, rawBody: Buffer.from('{ "a": 1 }') }, 200, '{ "a": 1 }'],
      [{ type: "text/plain", body: "AAAA" }, 200, "AAAA"],
      [{ type: "application/octet-stream", body: Buffer.from("bytes") }, 200, "bytes"],
      [{ type: "application/octet-stream", body: new Uint8Array([65]) }, 200, "A"],
      [{ type: "text/plain", body: undefined }, 500, /^TypeError: Cannot read request body: other code has read it/],
      [{ type: "text/plain", body: {} }, 500, /^TypeError: Cannot read request body/],
      [{ type: "application/x-www-form-urlencoded", body: { a: "1 +", b: "" } }, 200, "a=1+%2B&b="],
      [{ type: "application/x-www-form-urlencoded", body: { a: ["1"] } }, 500, /^TypeError: Cannot read request body/],
      [{ type: "application/x-www-form-urlencoded", body: null }, 500, /^TypeError: Cannot read request body/],
    ];
    for (const [given, status, expected] of cases) {
      left = given;
      const headers = { "content-type": given.type };
      const response = await fetch(url, { method: "POST", body: "what was sent", headers });
      assert.equal(response.status, status);
      if (typeof expected !== "string") assert.match(await response.text(), expected);
      else assert.deepEqual(await response.json(), { text: expected, length: null });
    }
  });
});

test("nodeListener() reads the stream itself if no parser has read it, even if the request has a body property", async () => {
  const echo = nodeListener(async (request) => new Response(await request.text()));
  // Express 4 sets {} also for bodies that it does not read.
  const parse: RequestListener = (request, response) => void echo(Object.assign(request, { body: {} }), response);
  await listening(parse, async (url) => {
    const response = await fetch(url, { method: "POST", body: "AAAA", headers: { "content-type": "text/plain" } });
    assert.equal(await response.text(), "AAAA");
  });
});

test("nodeListener() reports a getter of the body that throws, and a request with an encoding, as mistakes of the application", async () => {
  const errors: [unknown, string | undefined][] = [];
  const fault = new Error("no body parser is installed");
  const onRequest = nodeListener(() => assert.fail("called"), {
    onError: (error, { request, context }) => errors.push([error, request?.url ?? context.remoteAddr.hostname]),
  });
  const parse: RequestListener = async (request, response) => {
    if (request.url === "/encoding") request.setEncoding("utf8");
    else for await (const _ of request) { /* Other code reads it all. */ }
    const get = (): never => {
      throw fault;
    };
    Object.defineProperties(request, { body: { get }, rawBody: { get } });
    await onRequest(request, response);
  };
  await listening(parse, async (url) => {
    for (const path of ["/getter", "/encoding"]) {
      assert.equal((await fetch(url + path, { method: "POST", body: "AAAA" })).status, 500);
    }
  });
  assert.equal(errors.length, 2);
  assert.deepEqual(errors[0], [fault, "127.0.0.1"]);
  assert.match(String(errors[1]?.[0]), /^TypeError: Cannot read request body: other code has called setEncoding\(\)/);
});

test("nodeListener() sends no content-length with a response that can have no body", async () => {
  const errors: unknown[] = [];
  const handle: Handle = (request) =>
    new Response(null, {
      status: Number(new URL(request.url).pathname.slice(1)),
      headers: { "content-length": "9", "etag": '"a"', "transfer_encoding": "chunked" },
    });
  await serving(handle, async (_url, port) => {
    for (const status of [204, 205, 304]) {
      const text = `GET /${status} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      const answer = await converse(port, text, () => false);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(answer, /\r\netag: "a"\r\n/i);
      assert.doesNotMatch(answer, /content-length: 9|transfer_encoding/i);
    }
  }, { onError: (error) => errors.push(error) });
  assert.deepEqual(errors, []);
});

test("nodeListener() uses the whole path when a router has removed its prefix", async () => {
  const echo = nodeListener((request) => new Response(new URL(request.url).pathname));
  const mount: RequestListener = (request, response) => {
    void echo(Object.assign(request, { originalUrl: request.url, url: "/" }), response);
  };
  await listening(mount, async (url) => assert.equal(await (await fetch(`${url}/mount/path`)).text(), "/mount/path"));
});

test("nodeListener() sends only a body whose length is its content-length", async () => {
  const bodyOf = (...chunks: string[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });
  // The client would read bytes after the body as the next response.
  const next = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  const bodies: Record<string, () => ReadableStream<Uint8Array> | null> = {
    "/equal": () => bodyOf("AA", "AAA"),
    "/longer": () => bodyOf("AAAAAA"),
    "/longer-later": () => bodyOf("AAAAA", next),
    "/shorter": () => bodyOf("AAA"),
    "/absent": () => null,
  };
  const errors: unknown[] = [];
  const handle: Handle = (request) =>
    new Response(bodies[new URL(request.url).pathname]?.(), { headers: { "content-length": "5" } });
  await serving(handle, async (_url, port) => {
    const isWhole = (answer: string) => /^HTTP[^]*\r\n\r\n(?:AAAAA|0\r\n\r\n)$/.test(answer) || isAnswer(answer);
    const ask = (path: string) => converse(port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, isWhole);
    assert.match(await ask("/equal"), /^HTTP\/1.1 200 [^]*AAAAA$/);
    assert.equal(errors.length, 0);
    assert.match(await ask("/longer"), /^HTTP\/1.1 500 /);
    assert.ok(!(await ask("/longer-later")).includes(next));
    assert.doesNotMatch(await ask("/shorter"), /AAAA/);
    assert.match(await ask("/absent"), /^HTTP\/1.1 500 /);
    assert.ok(errors.length >= 3 && errors.every((error) => error instanceof TypeError));
    const head = await converse(port, "HEAD /longer HTTP/1.1\r\nHost: a\r\n\r\n", (text) => text.endsWith("\r\n\r\n"));
    assert.match(head, /^HTTP\/1.1 200 [^]*content-length: 5/i);
  }, { onError: (error) => errors.push(error) });
});

test("nodeListener() answers 500 with its own reason phrase when a response cannot be sent", async () => {
  const broken = () => new ReadableStream({ start: (controller) => controller.error(new Error("broken")) });
  await serving(() => new Response(broken(), { statusText: "Fine" }), async (_url, port) => {
    const answer = await converse(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(answer, /^HTTP\/1.1 500 Internal Server Error\r\n/);
  });
});

test("nodeListener() does not change a response that other code has sent", async () => {
  let isCancelled = false;
  const late = nodeListener(() => new Response(new ReadableStream({ cancel: () => void (isCancelled = true) })));
  const timedOut: RequestListener = (request, response) => {
    response.writeHead(503).end("too late");
    void late(request, response);
  };
  await listening(timedOut, async (url) => {
    const response = await fetch(url);
    assert.deepEqual([response.status, await response.text()], [503, "too late"]);
  });
  assert.ok(isCancelled);
});

test("nodeListener() throws synchronously for unknown arguments, and names an invalid parameter", () => {
  const onRequest = nodeListener(() => new Response()) as unknown as (...parameters: unknown[]) => unknown;
  for (const parameters of [[], [null], [new Request("https://a.example/")], [{}, {}], [{ raw: {} }, { raw: {} }]]) {
    assert.throws(() => onRequest(...parameters), /^TypeError: nodeListener\(handle\) must be called by node:http/);
  }
  assert.throws(() => nodeListener(undefined as never), /^TypeError: handle must be a function/);
  assert.throws(() => nodeListener(() => new Response(), { onError: 1 as never }), /^TypeError: onError must be a fun/);
  assert.throws(() => nodeListener(() => new Response(), { onerror: 1 } as never), /did you mean onError\?/);
});

test("nodeListener() reads no body before handle does", async () => {
  const started = deferred<IncomingMessage>();
  const read = deferred<void>();
  const echo = nodeListener(async (request) => {
    await read.promise;
    return new Response(await request.text());
  });
  const spy: RequestListener = (request, response) => {
    started.resolve(request);
    void echo(request, response);
  };
  await listening(spy, async (_url, port) => {
    const client = httpRequest({ port, method: "POST" });
    client.end("AAAA");
    const message = await started.promise;
    assert.equal(message.readableDidRead, false);
    read.resolve(undefined);
    const [response] = await once(client, "response") as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    response.resume();
  });
});
