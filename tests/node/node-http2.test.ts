/** The listener on the HTTP/2 server of Node itself. */

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2Server,
} from "node:http2";
import { listenLocally } from "../support/local-server.ts";
import { FRAME, RawHttp2Client } from "../support/raw-http2.ts";
import { test } from "node:test";
import { nodeListener } from "../../src/node-http/mod.ts";
import { deferred } from "../support/web.ts";

interface Served {
  readonly client: ClientHttp2Session;
  readonly server: Http2Server;
  readonly port: number;
  /** Resolves when the listener of the first request does. */
  readonly ended: Promise<void>;
}

/** Serves a function over HTTP/2 while `run` runs. */
async function serving(
  handle: Parameters<typeof nodeListener>[0],
  run: (served: Served) => Promise<void>,
): Promise<void> {
  const ended = deferred<void>();
  const listener = nodeListener(handle);
  const server = createHttp2Server((request, response) => void listener(request, response).then(ended.resolve));
  const { url, port, stop } = await listenLocally(server);
  const client = connectHttp2(url);
  client.on("error", () => {});
  try {
    await run({ client, server, port, ended: ended.promise });
  } finally {
    client.destroy();
    void stop();
  }
}

test("nodeListener() serves HTTP/2, and removes headers that HTTP/2 forbids", async () => {
  await serving(async (request, { remoteAddr }) => {
    const seen = [request.method, request.url, await request.text(), request.headers.get("x-a"), remoteAddr.hostname];
    return new Response(seen.join(" "), {
      headers: { "connection": "close", "keep-alive": "timeout=5", "x-own": "1" },
    });
  }, async ({ client, port }) => {
    const stream = client.request({ ":method": "POST", ":path": "/p?q", "x-a": "b" });
    stream.end("AAAA");
    const [head] = await once(stream, "response") as [Record<string, unknown>];
    let text = "";
    for await (const chunk of stream.setEncoding("utf8")) text += chunk as string;
    assert.equal(text, `POST http://127.0.0.1:${port}/p?q AAAA b 127.0.0.1`);
    assert.equal(head["x-own"], "1");
    assert.equal(head["connection"], undefined);
    // The body is never read, and the response is still sent.
    const unread = client.request({ ":method": "TRACE", ":path": "/" });
    unread.on("error", () => {});
    const [refused] = await once(unread, "response") as [Record<string, unknown>];
    assert.equal(refused[":status"], 501);
    unread.destroy();
  });
});

test("nodeListener() ends a body with an error when an HTTP/2 client resets its stream", async () => {
  const outcome = deferred<string>();
  await serving(async (request) => {
    await request.text().then(() => outcome.resolve("read"), () => outcome.resolve("broken off"));
    return new Response("not received");
  }, async ({ port }) => {
    // The client of node:http2 ends a stream before it resets it.
    const client = await RawHttp2Client.connect(port);
    client.startPost(1, "/");
    client.send(FRAME.DATA, 1, new Uint8Array(4));
    setTimeout(() => client.send(FRAME.RST_STREAM, 1, Uint8Array.of(0, 0, 0, 8)), 100); // CANCEL
    assert.equal(await outcome.promise, "broken off");
    client.close();
  });
});

test("nodeListener() aborts the signal and ends when an HTTP/2 client resets before the response", async () => {
  for (const body of ["stream", "text", "none"]) {
    const isAborted = deferred<void>();
    const isCancelled = deferred<void>();
    const bodies: Record<string, () => ReadableStream | string | null> = {
      stream: () => new ReadableStream({ cancel: () => isCancelled.resolve() }),
      text: () => "not received",
      none: () => null,
    };
    await serving(async (request) => {
      request.signal.addEventListener("abort", () => isAborted.resolve());
      await isAborted.promise;
      return new Response(bodies[body]?.());
    }, async ({ client, ended }) => {
      const stream = client.request({ ":method": "POST", ":path": "/" }, { endStream: false });
      stream.on("error", () => {});
      setTimeout(() => stream.close(8), 50); // CANCEL
      await isAborted.promise;
      await ended;
      if (body === "stream") await isCancelled.promise;
    });
  }
});

test("nodeListener() cancels a response and ends when an HTTP/2 client resets while it reads", async () => {
  const isAborted = deferred<void>();
  const isCancelled = deferred<void>();
  await serving((request) => {
    request.signal.addEventListener("abort", () => isAborted.resolve());
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65536)),
      cancel: () => isCancelled.resolve(),
    });
    return new Response(body);
  }, async ({ client, ended }) => {
    const stream = client.request({ ":path": "/" });
    stream.on("error", () => {});
    await once(stream, "data");
    stream.close(8); // CANCEL
    await Promise.all([isAborted.promise, isCancelled.promise, ended]);
  });
});

test("nodeListener() does not abort the signal after a response over HTTP/2", async () => {
  let signal: AbortSignal | undefined;
  await serving((request) => {
    signal = request.signal;
    return new Response("whole");
  }, async ({ client, ended }) => {
    const stream = client.request({ ":path": "/" });
    stream.resume();
    await once(stream, "close");
    await ended;
  });
  assert.equal(signal?.aborted, false);
});

test("nodeListener() ends an HTTP/2 stream whose body continues after the response", async () => {
  await serving((request) => answerEarly("refused", request), async ({ client, ended }) => {
    const stream = client.request({ ":method": "POST", ":path": "/" }, { endStream: false });
    stream.on("error", () => {});
    const sending = setInterval(() => stream.write("AAAA"), 50);
    try {
      let text = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      await Promise.all([once(stream, "close"), ended]);
      assert.equal(text, "refused");
    } finally {
      clearInterval(sending);
    }
  });
});

test("nodeListener() resets an HTTP/2 stream whose response breaks off or differs from its content-length", async () => {
  await serving((request) => {
    let pulls = 0;
    const isLong = new URL(request.url).pathname === "/long";
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (pulls++ > 0 && !isLong) throw new Error("broken");
        controller.enqueue(new Uint8Array(10));
      },
    }, { highWaterMark: 0 });
    return new Response(body, isLong ? { headers: { "content-length": "15" } } : {});
  }, async ({ client }) => {
    for (const path of ["/broken", "/long"]) {
      const stream = client.request({ ":path": path });
      let bytes = 0;
      stream.on("data", (chunk: Uint8Array) => bytes += chunk.length);
      await assert.rejects(once(stream, "end"), /INTERNAL_ERROR/);
      assert.ok(bytes <= 10, `${bytes}`);
    }
  });
});

/** Responds with a text after it has read the first chunk of the request's body. */
async function answerEarly(text: string, request: Request): Promise<Response> {
  const reader = request.body?.getReader();
  await reader?.read();
  reader?.cancel().catch(() => {});
  return new Response(text, { status: 413 });
}

test("nodeListener() sends whole responses to many unread HTTP/2 requests of a client that acknowledges no ping", async () => {
  const isRead: Record<string, (request: Request) => Promise<Response>> = {
    "/unread": () => Promise.resolve(new Response("refused")),
    "/begun": (request) => answerEarly("refused", request),
    "/empty": () => Promise.resolve(new Response(null, { status: 204 })),
  };
  for (const [path, handle] of Object.entries(isRead)) {
    await serving(handle, async ({ port }) => {
      const client = await RawHttp2Client.connect(port, { acknowledgesPings: false });
      const ids = Array.from({ length: 60 }, (_, index) => 2 * index + 1);
      for (const id of ids) {
        client.startPost(id, path);
        client.send(FRAME.DATA, id, new Uint8Array(4));
      }
      await client.until(() => ids.every((id) => client.isOver(id)));
      assert.deepEqual(ids.filter((id) => !client.isWhole(id)), [], path);
      client.close();
    });
  }
});

test("nodeListener() sends whole responses to unread HTTP/2 requests while the session closes", async () => {
  const isAsked = deferred<void>();
  const isClosing = deferred<void>();
  await serving(async (request) => {
    const response = await answerEarly("refused", request);
    isAsked.resolve();
    await isClosing.promise;
    return response;
  }, async ({ server, port }) => {
    server.on("session", (session) => void isAsked.promise.then(() => session.close()).then(isClosing.resolve));
    const client = await RawHttp2Client.connect(port);
    client.startPost(1, "/");
    client.send(FRAME.DATA, 1, new Uint8Array(4));
    await client.until(() => client.isOver(1));
    assert.equal(client.isWhole(1), true);
    client.close();
  });
});

test("nodeListener() does not close an unread HTTP/2 request whose response waits for the client's window", async () => {
  const WINDOW_BYTES = 65_535; // RFC 9113 §6.9.2: the initial window of a stream and of a connection
  await serving((request) => answerEarly("x".repeat(WINDOW_BYTES), request), async ({ port }) => {
    const client = await RawHttp2Client.connect(port);
    client.startPost(1, "/");
    client.send(FRAME.DATA, 1, new Uint8Array(4));
    await client.until(() => client.bytesOf(1) === WINDOW_BYTES);
    for (let pings = 0; pings < 5; pings++) await client.ping();
    // Bun's last frame with bytes is also the last of the response; Node's is not.
    assert.equal(client.isOver(1), client.isWhole(1));
    client.send(FRAME.WINDOW_UPDATE, 0, Uint8Array.of(0, 0, 1, 0));
    client.send(FRAME.WINDOW_UPDATE, 1, Uint8Array.of(0, 0, 1, 0));
    await client.until(() => client.isOver(1));
    assert.equal(client.isWhole(1), true);
    client.close();
  });
});

test("nodeListener() ends with an HTTP/2 HEAD request that has an unread body", async () => {
  await serving(() => new Response("left out"), async ({ client, ended }) => {
    const stream = client.request({ ":method": "HEAD", ":path": "/" }, { endStream: false });
    stream.on("error", () => {});
    stream.write("AAAA");
    await Promise.all([once(stream, "response"), ended, once(stream.resume(), "close")]);
  });
});

test("nodeListener() ends with HTTP/2 streams that have ended on both sides before it", async () => {
  for (const path of ["/text", "/empty"]) {
    await serving(() => new Response(path === "/text" ? "whole" : null), async ({ client, ended, server }) => {
      const isClosed = new Promise((resolve) => server.on("stream", (stream) => stream.once("close", resolve)));
      const stream = client.request({ ":method": "POST", ":path": path });
      stream.end("AAAA");
      stream.resume();
      await Promise.all([once(stream, "close"), ended, isClosed]);
    });
  }
});
