/** The result of each answer to the Events API client, and of none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createEventsClient,
  EventsApiError,
  type EventsApiServiceCode,
  type EventsClientOptions,
} from "../../src/events-api/mod.ts";
import { needsGlobals } from "../support/web.ts";
import { timersDuring, withGlobals } from "../support/globals.ts";
import { answerEvent, clientFor, ID, refusal, SECRET, skipped, V3, V4 } from "./client-for.ts";

const never = new Promise<never>(() => {});

const signals = needsGlobals("Response", "AbortController");

test("getEvent() reports each status, with the service's own code if the response has one", skipped, async () => {
  const coded = (code: unknown) => JSON.stringify({ error: { code, message: "…" } });
  const documented: readonly (readonly [status: number, serviceCode: EventsApiServiceCode])[] = [
    [400, "request_cannot_be_parsed"],
    [403, "TokenRequired"],
    [429, "429 Too Many Requests"],
    [500, "failed"],
    [408, "request_read_timeout"],
    [408, "RequestReadTimeout"],
    [503, "service_unavailable"],
    [404, "ruleset_not_found"],
  ];
  const undocumented: readonly unknown[] = [
    ...["not_documented", SECRET.slice(0, 8), `no_key_${SECRET.slice(-8)}`, SECRET.toLowerCase()],
    ...[[...SECRET].reverse().join(""), ["failed"], 404, "", "has blanks", "<script>", "failed\n", "x".repeat(65)],
    ...[SECRET, `key_${SECRET}`],
  ];
  const rows: readonly [status: number, body: string, serviceCode?: EventsApiServiceCode][] = [
    ...documented.map(([status, code]): [number, string, EventsApiServiceCode] => [status, coded(code), code]),
    ...undocumented.map((code): [number, string] => [403, coded(code)]),
    ...['{"error":"not found"}', '{"error":null}', "null", "[]", '{"__proto__":{"error":{"code":"failed"}}}']
      .map((body): [number, string] => [404, body]),
    [503, "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"],
    [504, ""],
    [404, `{"error":{"code":"failed"},"padding":"${"x".repeat(20_000)}"}`],
    [201, JSON.stringify(V4)],
    [302, ""],
  ];
  for (const [status, body, serviceCode] of rows) {
    const { client } = clientFor(() =>
      new Response(body, { status, headers: { location: "https://attacker.example" } })
    );
    await assert.rejects(
      client.getEvent(ID),
      refusal("ERR_EVENTS_API_STATUS", { serviceStatus: status, ...(serviceCode && { serviceCode }) }),
    );
  }
});

test("getEvent() reports Retry-After in milliseconds, from seconds and from an HTTP date", skipped, async () => {
  const ask = async (retryAfter: string): Promise<number | undefined> => {
    const { client } = clientFor(() => new Response("", { status: 429, headers: { "retry-after": retryAfter } }));
    const error = await client.getEvent(ID).then(() => undefined, (error: unknown) => error);
    assert.ok(error instanceof EventsApiError);
    assert.equal("retryAfterMs" in error, error.retryAfterMs !== undefined);
    return error.retryAfterMs;
  };
  const rows = [["0", 0], ["7", 7000], ["999999999", 999_999_999_000], ["Wed, 21 Oct 2015 07:28:00 GMT", 0]] as const;
  for (const [retryAfter, milliseconds] of rows) assert.equal(await ask(retryAfter), milliseconds);
  const tomorrow = await ask(new Date(Date.now() + 86_400_000).toUTCString());
  assert.ok(tomorrow !== undefined && tomorrow > 80_000_000 && tomorrow <= 86_400_000, String(tomorrow));
  const others = [
    "",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "9".repeat(400),
    "soon",
    "2099-01-01",
    "Wed, 99 Foo 2015 07:28:00 GMT",
  ];
  for (const other of others) assert.equal(await ask(other), undefined, other);
});

test("getEvent() refuses a response that is not an event", skipped, async () => {
  const event = JSON.stringify(V4);
  const bad = [
    ...["", "null", "{}", "[]", "<html>", `${event},`, `[${event}]`, `\ufeff${event}`, Uint8Array.of(0x22, 0xff, 0x22)],
    ...['{"event_id":"1.a"}', '{"products":[]}', '{"error":{"code":"failed"}}'],
  ];
  for (const body of bad) {
    await assert.rejects(clientFor(() => new Response(body)).client.getEvent(ID), refusal("ERR_EVENTS_API_BODY"));
  }
});

test("getEvent() refuses an event with another id or of another version", skipped, async () => {
  const other = "1708102555327.xxxxxx";
  const data = { requestId: other, timestamp: 1708102555327 };
  const rows: readonly [version: "v4" | "v3", event: unknown][] = [
    ["v4", { ...V4, event_id: other }],
    ["v4", { ...V4, event_id: "" }],
    ["v4", { ...V4, event_id: `${ID} ` }],
    ["v4", { products: { identification: { data } } }],
    ["v4", { products: {} }],
    ["v4", V3],
    ["v3", V4],
    ["v3", { products: { botd: { data: { requestId: other } } } }],
    ["v3", { products: { identification: { data } } }],
    ["v3", { ...V4, event_id: other }],
  ];
  for (const [version, event] of rows) {
    const { client } = clientFor(() => Response.json(event), { version });
    await assert.rejects(client.getEvent(ID), refusal("ERR_EVENTS_API_BODY"));
  }
});

test("getEvent() accepts a v3 event whose identification failed, which may have no id", skipped, async () => {
  const identification = { error: { code: "Failed", message: "…" } };
  for (const botd of [{}, { data: { requestId: ID } }]) {
    const event = { products: { identification, botd } };
    assert.deepEqual(await clientFor(() => Response.json(event), { version: "v3" }).client.getEvent(ID), event);
  }
});

test("getEvent() rejects with a TypeError that names fetch when fetch returns no Response", skipped, async () => {
  const headers = new Headers();
  const odd: readonly unknown[] = [
    ...[undefined, null, 7, "200", {}, [], V4],
    { ok: true, json: () => Promise.resolve(V4) },
    { status: "200", headers, body: null },
    { status: 200, headers: {}, body: null },
    { status: 200, headers },
    { status: 200, headers, body: "text" },
    { status: 404, headers, body: { pipe: () => {} } },
    { status: 404, body: null },
    Object.defineProperty({}, "status", { get: () => assert.fail(SECRET) }),
  ];
  for (const answer of odd) {
    const { client } = clientFor(() => answer as Response);
    await assert.rejects(client.getEvent(ID), { name: "TypeError", message: /^fetch must return a Response / });
  }
  const noPromise = createEventsClient({ secretKey: SECRET, fetch: () => Response.json(V4) as unknown as never });
  assert.deepEqual(await noPromise.getEvent(ID), V4);
  const badHeaders = { status: 429, headers: { get: () => ({ toString: () => assert.fail(SECRET) }) }, body: null };
  const busy = refusal("ERR_EVENTS_API_STATUS", { serviceStatus: 429 });
  await assert.rejects(clientFor(() => badHeaders as never).client.getEvent(ID), busy);
  const broken = { status: 200, headers, body: { getReader: () => ({ read: () => 7, cancel: () => 7 }) } };
  await assert.rejects(clientFor(() => broken as never).client.getEvent(ID), refusal("ERR_EVENTS_API_NETWORK"));
});

test("getEvent() accepts a response of maxBodyBytes and refuses one byte more", skipped, async () => {
  const body = JSON.stringify({ ...V4, tags: { name: "é" } });
  const maxBodyBytes = new Response(body).body === null ? 0 : new TextEncoder().encode(body).length;
  await clientFor(() => new Response(body), { maxBodyBytes }).client.getEvent(ID);
  await assert.rejects(
    clientFor(() => new Response(body), { maxBodyBytes: maxBodyBytes - 1 }).client.getEvent(ID),
    refusal("ERR_EVENTS_API_TOO_LARGE"),
  );
});

test("getEvent() rejects after timeoutMs, even when fetch or body ignore the signal", skipped, async () => {
  const silent = () => new ReadableStream({ pull: () => never });
  for (const answer of [() => never, () => new Response(silent()), () => new Response(silent(), { status: 500 })]) {
    const { client, sent } = clientFor(answer, { timeoutMs: 20 });
    await assert.rejects(client.getEvent(ID), refusal("ERR_EVENTS_API_TIMEOUT"));
    assert.equal(sent[0]?.init.signal?.aborted, "AbortController" in globalThis ? true : undefined);
  }
});

test("getEvent() rejects when its signal fires, and sends no request when it had fired before", signals, async () => {
  const controller = new AbortController();
  const { client, sent } = clientFor(() => never);
  const getting = client.getEvent(ID, { signal: controller.signal });
  controller.abort(new Error(SECRET));
  await assert.rejects(getting, refusal("ERR_EVENTS_API_ABORTED"));
  assert.equal(sent[0]?.init.signal?.aborted, true);
  await assert.rejects(client.getEvent(ID, { signal: controller.signal }), refusal("ERR_EVENTS_API_ABORTED"));
  assert.equal(sent.length, 1);
  for (const signal of [7, {}, null]) {
    const options = { signal: signal as unknown as AbortSignal };
    await assert.rejects(client.getEvent(ID, options), { name: "TypeError", message: /signal/ });
  }
});

test("getEvent() works on an engine without AbortController, time limit included", skipped, async () => {
  await withGlobals({ AbortController: undefined }, async () => {
    const { client, sent } = clientFor(() => Response.json(V4));
    assert.deepEqual(await client.getEvent(ID), V4);
    assert.equal("signal" in sent[0]!.init, false); // It sent one.
    for (const answer of [() => never, () => new Response(new ReadableStream({ pull: () => never }))]) {
      const getting = clientFor(answer, { timeoutMs: 20 }).client.getEvent(ID);
      await assert.rejects(getting, refusal("ERR_EVENTS_API_TIMEOUT"));
    }
  });
});

test("getEvent() leaves no timer, and no listener on its signal", signals, async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...parameters: Parameters<typeof addEventListener>) =>
    addEventListener.apply(signal, (listeners++, parameters));
  signal.removeEventListener = (...parameters: Parameters<typeof removeEventListener>) =>
    removeEventListener.apply(signal, (listeners--, parameters));
  const timeoutMs = 987_654;
  const { started, left } = await timersDuring(async () => {
    const getting = clientFor(() => Response.json(V4), { timeoutMs }).client.getEvent(ID, { signal });
    assert.equal(listeners, 1);
    await getting;
    await assert.rejects(
      clientFor(() => new Response("", { status: 404 }), { timeoutMs }).client.getEvent(ID, { signal }),
    );
  });
  const ofClient = (delay: number) => delay === timeoutMs;
  assert.deepEqual([started.filter(ofClient).length, left.filter(ofClient), listeners], [2, [], 0]);
});

test("getEvent() does not repeat errors of fetch", skipped, async () => {
  const fails = (error: unknown): never => {
    throw error;
  };
  const fetches: NonNullable<EventsClientOptions["fetch"]>[] = [
    () => Promise.reject(new TypeError(`Bearer ${SECRET} to https://api.fpjs.io`, { cause: SECRET })),
    () => fails(new Error(SECRET)),
    () => Promise.reject(SECRET),
  ];
  for (const fetch of fetches) {
    await assert.rejects(clientFor(answerEvent, { fetch }).client.getEvent(ID), refusal("ERR_EVENTS_API_NETWORK"));
  }
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error(SECRET)) });
  await assert.rejects(clientFor(() => new Response(broken)).client.getEvent(ID), refusal("ERR_EVENTS_API_NETWORK"));
});
