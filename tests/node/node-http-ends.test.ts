/** How the listener ends an exchange: disconnects, failures, and work after the response. */

import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { type NodeContext, nodeListener } from "../../src/node-http/mod.ts";
import { deferred } from "../support/web.ts";
import { converse, type Handle, listening, serving } from "./node-http-server.ts";

test("nodeListener() closes a connection whose body continues after the response", async () => {
  await serving(() => new Response("done"), async (_url, port) => {
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nAAAA";
    // Resolves when the server closes, because the condition is never true.
    assert.match(await converse(port, head, () => false), /^HTTP\/1.1 200 [^]*done/);
  });
});

test("nodeListener() keeps the connection when the body was read, or arrives after the response", async () => {
  await serving((request) => new Response(request.method), async (_url, port, server) => {
    let connections = 0;
    server.on("connection", () => connections++);
    const text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nAAAA".repeat(20);
    const answers = await converse(port, text, (answer) => answer.split("HTTP/1.1 200").length === 21);
    assert.equal(answers.split("HTTP/1.1 200").length, 21);
    assert.equal(connections, 1);
  });
});

test("nodeListener() aborts the signal and cancels the response when the client disconnects", async () => {
  let isAborted = false;
  const isCancelled = deferred<void>();
  const handle: Handle = (request) => {
    request.signal.addEventListener("abort", () => isAborted = true);
    const pull = (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(65536));
    return new Response(new ReadableStream({ pull, cancel: () => isCancelled.resolve() }));
  };
  await serving(handle, async (_url, port) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "data");
    socket.resetAndDestroy();
    await isCancelled.promise;
  });
  assert.ok(isAborted);
});

test("nodeListener() ends a request's body with an error when the client disconnects, and does not abort after the response", async () => {
  const errors: unknown[] = [];
  const ended = deferred<string>();
  let signal: AbortSignal | undefined;
  const handle: Handle = async (request) => {
    if (request.method === "GET") {
      signal = request.signal;
      return new Response("whole");
    }
    await request.text().then(() => ended.resolve("read"), (error: Error) => ended.resolve(error.name));
    return new Response("not received");
  };
  await serving(handle, async (url, port) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nAAAA");
    setTimeout(() => socket.resetAndDestroy(), 50);
    assert.notEqual(await ended.promise, "read");
    assert.equal(await (await fetch(url, { headers: { connection: "close" } })).text(), "whole");
  }, { onError: (error) => errors.push(error) });
  assert.equal(signal?.aborted, false);
  assert.deepEqual(errors, []);
});

test("nodeListener() answers 500 when handle fails, passes the error to onError and to next, and continues", async () => {
  const errors: unknown[] = [];
  const failures: Record<string, () => unknown> = {
    "/throws": () => {
      throw new Error("a private matter");
    },
    "/rejects": () => Promise.reject(new Error("a private matter")),
    "/nothing": () => undefined,
    "/object": () => ({ status: 200 }),
    "/error": () => Response.error(),
    "/header": () => new Response("a private matter", { headers: { "x-bad": "\u0080\u00ff" } }),
    "/text": () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue("text") })),
    "/breaks": () => new Response(new ReadableStream({ pull: () => Promise.reject(new Error("a private matter")) })),
  };
  const handle = ((request) => failures[new URL(request.url).pathname]!()) as Handle; // only paths in failures are requested
  await serving(handle, async (url) => {
    for (const path of Object.keys(failures).filter((path) => path !== "/header")) {
      const response = await fetch(url + path);
      assert.deepEqual([response.status, await response.text()], [500, ""], path);
      assert.equal(response.headers.get("cache-control"), "no-store");
    }
    assert.equal((await fetch(`${url}/header`)).status, 200);
  }, { onError: (error, { request }) => errors.push(request === undefined ? "no request" : error) });
  assert.equal(errors.length, Object.keys(failures).length - 1);
  assert.match(String(errors[2]), /TypeError: handle must return a Response, got undefined/);
  assert.match(String(errors[3]), /TypeError: handle must return a Response, got an object of class Object/);

  const throwing = nodeListener(failures["/throws"] as Handle);
  const express: RequestListener = (request, response) =>
    void throwing(request, response, (error) => response.writeHead(503).end((error as Error).message));
  await listening(express, async (url) => assert.equal((await fetch(url)).status, 503));
});

test("nodeListener() closes the connection when a body fails after its start", async () => {
  const handle: Handle = () => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (pulls++ > 0) throw new Error("broken");
        controller.enqueue(new Uint8Array(10));
      },
    }, { highWaterMark: 0 });
    return new Response(body);
  };
  await serving(handle, async (url) => {
    await assert.rejects(async () => await (await fetch(url)).arrayBuffer());
  });
});

test("nodeListener() aborts the signal when the client disconnects before the listener is called", async () => {
  const isAborted = deferred<boolean>();
  const isCancelled = deferred<boolean>();
  const late = nodeListener((request) => {
    isAborted.resolve(request.signal.aborted);
    return new Response(new ReadableStream({ cancel: () => isCancelled.resolve(true) }));
  });
  const afterMiddleware: RequestListener = (request, response) => {
    response.once("close", () => setTimeout(() => void late(request, response), 10));
  };
  await listening(afterMiddleware, async (_url, port) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nAAAA");
    setTimeout(() => socket.resetAndDestroy(), 50);
    assert.equal(await isAborted.promise, true);
    assert.equal(await isCancelled.promise, true);
  });
});

test("nodeListener() settles when the work of waitUntil has ended, and reports its failures to onError", async () => {
  const errors: unknown[] = [];
  const work = deferred<void>();
  const onRequest = nodeListener((_request, { waitUntil }: NodeContext) => {
    waitUntil(work.promise);
    waitUntil(Promise.reject(new Error("work failed")));
    return new Response("answered");
  }, { onError: (error) => errors.push(error) });
  await listening(onRequest, async (url) => {
    assert.equal(await (await fetch(url)).text(), "answered");
    let isSettled = false;
    const settled = onRequest.settled().then(() => isSettled = true);
    await fetch(url);
    assert.equal(isSettled, false);
    work.resolve(undefined);
    await settled;
  });
  assert.deepEqual(errors.map(String), ["Error: work failed", "Error: work failed"]);
  await onRequest.settled();
});
