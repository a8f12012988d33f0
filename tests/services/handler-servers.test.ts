import assert from "node:assert/strict";
import { connect } from "node:net";
import { toBase64 } from "../support/bytes.ts";
import { key, sealEvent } from "../support/seal.ts";
import { type RunningServer, RUNTIMES } from "./support/servers.ts";
import { until } from "./support/engine.ts";
import { testOn } from "./support/serving.ts";
import { assertProblem } from "../support/handler.ts";

const APP = "tests/services/support/handler-app.ts";

const sealedText = (id: string): string => toBase64(sealEvent({ event_id: id, timestamp: 1708102555327 }, key(1)));

/** Sealed with another key. */
const FOREIGN = toBase64(sealEvent({ event_id: "1.a", timestamp: 1 }, key(2)));

interface Seen {
  readonly events: number;
  readonly errors: Readonly<Record<string, number>>;
}

async function seenBy({ url }: RunningServer): Promise<Seen> {
  return await (await fetch(`${url}/seen`)).json() as Seen;
}

/** Writes pieces of a request. Resolves with the answer when it is complete, the server closes, or `waitMs` has passed. */
function converse({ url }: RunningServer, pieces: readonly string[], waitMs = 60_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isWhole = (): boolean => /^HTTP\/1.1 [2-5]\d\d[^]*\r\n\r\n\{[^]*\}/.test(answer);
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (isWhole()) socket.destroy();
    });
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(answer);
    });
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        await new Promise((next) => setTimeout(next, 5));
      }
      timer = setTimeout(() => socket.destroy(), waitMs);
    })();
  });
}

/** Writes a part of a request, and resets the connection after `waitMs`. */
function reset({ url }: RunningServer, text: string, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => resolve());
    socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), waitMs));
  });
}

function formOf(fields: Readonly<Record<string, string | Blob>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

const HEAD = "POST /sealed HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";

for (const runtime of RUNTIMES) {
  const test = testOn(runtime, APP);
  test("the handler opens each form of a body", async (server) => {
    const sealed = sealedText("1.a");
    const bytes = sealEvent({ event_id: "1.a", timestamp: 1708102555327 }, key(1)) as Uint8Array<ArrayBuffer>;
    const json = { "content-type": "application/json" };
    const posts: RequestInit[] = [
      { body: sealed },
      { body: bytes },
      { body: new Blob([bytes]) },
      { body: bytes, headers: { "content-type": "application/octet-stream" } },
      { body: JSON.stringify({ sealedResult: sealed }), headers: json },
      { body: JSON.stringify({ sealed_result: sealed, event_id: "1.a" }), headers: json },
      { body: JSON.stringify({ email: "a", sealedResult: sealed }) },
      { body: new URLSearchParams({ email: "a", sealedResult: sealed }) },
      { body: formOf({ email: "a", sealedResult: sealed, photo: new Blob([bytes]) }) },
    ];
    for (const [index, init] of posts.entries()) {
      const response = await fetch(`${server.url}/sealed`, { method: "POST", ...init });
      assert.equal(response.status, 200, `post ${index}`);
      assert.deepEqual(await response.json(), { id: "1.a", keyId: "test", source: "sealed" });
      assert.equal(response.headers.get("cache-control"), "no-store");
    }
    assert.deepEqual(await seenBy(server), { events: posts.length, errors: {} });
  });

  test("the handler answers each refusal with its problem details", async (server) => {
    const post = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
      fetch(`${server.url}/sealed`, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers });
    const sealed = sealedText("1.a");
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
      const response = await fetch(`${server.url}/sealed`, { method });
      assert.equal(response.headers.get("allow"), "POST");
      if (method === "HEAD") assert.equal(response.status, 405);
      else await assertProblem(response, 405, "ERR_REQUEST_METHOD");
    }
    await assertProblem(await post(sealed, { "content-type": "text/html" }), 415, "ERR_REQUEST_TYPE");
    await assertProblem(await post(sealed, { "content-encoding": "gzip" }), 415, "ERR_REQUEST_TYPE");
    await assertProblem(await post("{", { "content-type": "application/json" }), 400, "ERR_REQUEST_BODY");
    await assertProblem(await post(""), 400, "ERR_REQUEST_EMPTY");
    await assertProblem(await post("{", { "content-type": "text/plain" }), 400, "ERR_REQUEST_BODY");
    await assertProblem(
      await post("[".repeat(30_000), { "content-type": "application/json" }),
      400,
      "ERR_REQUEST_BODY",
    );
    await assertProblem(await post("%"), 400, "ERR_SEALED_ENCODING");
    await assertProblem(await post("AAAA"), 400, "ERR_SEALED_TOO_SHORT");
    await assertProblem(await post("A".repeat(400)), 400, "ERR_SEALED_HEADER");
    await assertProblem(await post(FOREIGN), 403, "ERR_NO_KEY_FITS");
    await assertProblem(await post(toBase64(sealEvent({ no: "event" }, key(1)))), 422, "ERR_EVENT_SHAPE");
    await assertProblem(await post("A".repeat(100_000)), 413, "ERR_REQUEST_TOO_LARGE");
    // The server goes on, also for the connections that were refused.
    assert.equal((await post(sealed)).status, 200);
    assert.deepEqual(await seenBy(server), {
      events: 1,
      errors: {
        ERR_REQUEST_METHOD: 5,
        ERR_REQUEST_TYPE: 2,
        ERR_REQUEST_BODY: 3,
        ERR_REQUEST_EMPTY: 1,
        ERR_SEALED_ENCODING: 1,
        ERR_SEALED_TOO_SHORT: 1,
        ERR_SEALED_HEADER: 1,
        ERR_NO_KEY_FITS: 1,
        ERR_EVENT_SHAPE: 1,
        ERR_REQUEST_TOO_LARGE: 1,
      },
    });
  });

  test("the handler answers bodies that never end, are too slow or break off", async (server) => {
    const chunk = `4000\r\n${"A".repeat(0x4000)}\r\n`;
    const endless = [`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, ...Array<string>(64).fill(chunk)];
    assert.match(await converse(server, endless), /^HTTP\/1.1 413 [^]*ERR_REQUEST_TOO_LARGE/);
    const lying = [`${HEAD}Content-Length: 99999999\r\n\r\n`, "AAAA"];
    assert.match(await converse(server, lying), /^HTTP\/1.1 413 [^]*ERR_REQUEST_TOO_LARGE/);
    const partial = [`${HEAD}Content-Length: 100\r\n\r\n`, "AAAA"];
    const slow = [partial[0]!.replace("/sealed", "/impatient"), "AAAA"]; // it has two pieces
    assert.match(await converse(server, slow), /^HTTP\/1.1 408 [^]*ERR_REQUEST_TIMEOUT/);
    await converse(server, partial, 1);
    await until("the broken body is refused", async () => (await seenBy(server)).errors["ERR_REQUEST_BODY"] === 1);
    assert.deepEqual(await seenBy(server), {
      events: 0,
      errors: { ERR_REQUEST_TOO_LARGE: 2, ERR_REQUEST_TIMEOUT: 1, ERR_REQUEST_BODY: 1 },
    });
  });

  test("the handler survives clients that reset at any moment", async (server) => {
    const whole = `${HEAD}Content-Length: 400\r\n\r\n${"A".repeat(400)}`;
    const moments = Array.from({ length: 40 }, (_, index) => Math.ceil((index + 1) * whole.length / 40));
    await Promise.all(moments.map((length, index) => reset(server, whole.slice(0, length), index % 4 * 10)));
    const chunked = `${HEAD}Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n`;
    await Promise.all(["", "4\r\n", "4\r\nAA", "4\r\nAAAA\r\n0"].map((rest) => reset(server, chunked + rest, 20)));
    const response = await fetch(`${server.url}/sealed`, { method: "POST", body: sealedText("1.a") });
    assert.equal(response.status, 200);
    const { events, errors } = await seenBy(server);
    assert.equal(events, 1);
    const codes = Object.keys(errors).filter((code) => code !== "ERR_REQUEST_BODY" && code !== "ERR_SEALED_HEADER");
    assert.deepEqual(codes, []);
  });

  test("the handler accepts one of 50 concurrent posts of the same event", async (server) => {
    const body = sealedText("1.once");
    const posts = Array.from({ length: 50 }, () => fetch(`${server.url}/guarded`, { method: "POST", body }));
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, 1);
    assert.equal(statuses.filter((status) => status === 409).length, 49);
    assert.deepEqual(await seenBy(server), { events: 1, errors: { ERR_REPLAY_SEEN: 49 } });
  });
}
