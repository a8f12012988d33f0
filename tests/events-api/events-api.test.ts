/** The Events API client without a network: the requests it sends, and the result of each answer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  createEventsClient,
  EventsApiError,
  type EventsApiErrorCode,
  type EventsApiServiceCode,
  type EventsClient,
  type EventsClientOptions,
  type GetEventOptions,
} from "../../src/events-api/mod.ts";
import { runs } from "../support/runs.ts";
import { needsGlobals } from "../support/web.ts";
import { timersDuring, withGlobals } from "../support/globals.ts";

const SECRET = "SECRETkey0123456789";
const ID = "1708102555327.NLOjmg";
const V4 = { event_id: ID, timestamp: 1708102555327, bot: "bad" };
const V3 = { products: { identification: { data: { requestId: ID, timestamp: 1708102555327 } } } };

const never = new Promise<never>(() => {});

const skipped = needsGlobals("Response");
const signals = needsGlobals("Response", "AbortController");

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client whose `fetch` returns `answer`, and the requests that it has sent. */
function clientFor<Version extends "v4" | "v3" = "v4">(
  answer: (url: string) => Response | Promise<Response>,
  options: Partial<EventsClientOptions<Version>> = {},
) {
  const sent: Sent[] = [];
  const client: EventsClient = createEventsClient({
    secretKey: SECRET,
    fetch: async (url, init) => {
      sent.push({ url, init });
      return await answer(url);
    },
    retryForMs: 0,
    ...options,
  });
  return { client, sent };
}

function refusal(code: EventsApiErrorCode, more: Partial<EventsApiError> = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof EventsApiError, String(error));
    const { serviceStatus, serviceCode, retryAfterMs } = error;
    const expected = { serviceStatus: undefined, serviceCode: undefined, retryAfterMs: undefined, ...more };
    assert.deepEqual({ code: error.code, serviceStatus, serviceCode, retryAfterMs }, { code, ...expected });
    assert.equal(error.cause, undefined);
    assertSecretless(error);
    return true;
  };
}

/** Asserts that no property of an error, which a log could print, contains the key or the URL. */
function assertSecretless(error: Error): void {
  const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
  for (const text of [JSON.stringify(error), String(error), ...own]) {
    assert.ok(!text.includes(SECRET) && !text.includes("fpjs.io"), text);
  }
}

/** Answers any v4 request with the event of its id. */
function answerEvent(url: string): Response {
  const [, , , id = ""] = new URL(url).pathname.split("/");
  return Response.json({ ...V4, event_id: decodeURIComponent(id) });
}

const headersOf = ({ init }: Sent): unknown => Object.fromEntries(new Headers(init.headers));

test("getEvent() sends a bearer token to v4, at the host of the region", skipped, async () => {
  const hosts = { us: "api.fpjs.io", eu: "eu.api.fpjs.io", ap: "ap.api.fpjs.io" };
  for (const [region, host] of Object.entries(hosts) as ["us" | "eu" | "ap", string][]) {
    const { client, sent } = clientFor(() => Response.json(V4), { region });
    assert.deepEqual(await client.getEvent(ID), V4);
    const [request] = sent;
    assert.ok(request !== undefined && sent.length === 1);
    assert.equal(request.url, `https://${host}/v4/events/${ID}`);
    assert.equal(request.init.method, "GET");
    assert.equal(request.init.redirect, "manual");
    assert.deepEqual(headersOf(request), { accept: "application/json", authorization: `Bearer ${SECRET}` });
  }
});

test("getEvent() sends the header Auth-API-Key to v3", skipped, async () => {
  const { client } = clientFor(() => Response.json(V3), { version: "v3" });
  assert.deepEqual(await client.getEvent(ID), V3);
  const { client: eu, sent } = clientFor(() => Response.json(V3), { version: "v3", region: "eu" });
  await eu.getEvent(ID);
  assert.equal(sent[0]?.url, `https://eu.api.fpjs.io/events/${ID}`);
  assert.deepEqual(headersOf(sent[0]!), { accept: "application/json", "auth-api-key": SECRET }); // It sent one.
});

test("getEvent() keeps the path of baseUrl", skipped, async () => {
  for (const baseUrl of ["http://127.0.0.1:3000/fp", new URL("http://127.0.0.1:3000/fp/")]) {
    const { client, sent } = clientFor(() => Response.json(V4), { baseUrl, region: "ap" });
    await client.getEvent(ID);
    assert.equal(sent[0]?.url, `http://127.0.0.1:3000/fp/v4/events/${ID}`);
  }
});

test("getEvent() calls fetch without a receiver, and reads the global fetch at each call", skipped, async () => {
  const receivers: unknown[] = [];
  const options = {
    secretKey: SECRET,
    fetch(this: unknown) {
      receivers.push(this);
      return Promise.resolve(Response.json(V4));
    },
  };
  await createEventsClient(options).getEvent(ID);
  assert.deepEqual(receivers, [undefined]);

  const client = createEventsClient({ secretKey: SECRET });
  const fetch = () => Promise.resolve(Response.json({ ...V4, instrumented: true }));
  const event = await withGlobals({ fetch }, () => client.getEvent(ID));
  assert.equal((event as { instrumented?: boolean }).instrumented, true);
});

test("getEvent() encodes any id as one path segment", skipped, async () => {
  const prefix = "https://api.fpjs.io/v4/events/";
  const { client, sent } = clientFor(answerEvent);
  for (
    const id of ["a/b", "../visitors/x", "..\\x", "%2e%2e", "%2e", "...", "a?b=c", "a#b", "\r\nx: y", "é", "a b", ";"]
  ) {
    await client.getEvent(id);
    const { url } = sent.at(-1)!; // It has just sent one.
    assert.equal(new URL(url).href, url);
    assert.equal(decodeURIComponent(url.slice(prefix.length)), id);
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), async (id) => {
      if (id === "." || id === "..") return;
      await client.getEvent(id);
      const { url } = sent.at(-1)!; // It has just sent one.
      const { pathname, search, hash, host } = new URL(url);
      assert.deepEqual([host, search, hash], ["api.fpjs.io", "", ""]);
      const [, version, events, segment, ...rest] = pathname.split("/");
      assert.deepEqual([version, events, decodeURIComponent(segment ?? ""), rest], ["v4", "events", id, []]);
    }),
    { numRuns: runs(300) },
  );
});

test("getEvent() refuses an invalid id, and sends no request", skipped, async () => {
  const { client, sent } = clientFor(answerEvent);
  const bad: readonly unknown[] = ["", ".", "..", "\ud800", "a\udc00", "x".repeat(1025), undefined, null, 7, {}, [ID]];
  for (const id of bad) await assert.rejects(client.getEvent(id as string), refusal("ERR_EVENTS_API_REQUEST"));
  assert.equal(sent.length, 0);
  await client.getEvent("x".repeat(1024));
});

test("createEventsClient() refuses options of a wrong type or range, without the secret", skipped, () => {
  const bad: readonly [option: string, name: "TypeError" | "RangeError", ...values: unknown[]][] = [
    ["secretKey", "TypeError", undefined, null, "", 7, [SECRET], `${SECRET}\n`, ` ${SECRET}`, `${SECRET} `],
    ["secretKey", "TypeError", `${SECRET}é`, `a\0${SECRET}`],
    ["region", "TypeError", "", "US", "global", "__proto__", "toString", 7],
    ["version", "TypeError", "", "v5", "V4", 4],
    ["baseUrl", "TypeError", "", "api.fpjs.io", "/v4", "ftp://a.b", "file:///etc", "javascript:0", 7, null],
    ["baseUrl", "TypeError", `https://u:${SECRET}@a.b`, "https://u@a.b", "https://a.b/?c", "https://a.b/#c"],
    ["baseUrl", "TypeError", `https://[${SECRET}`],
    ["fetch", "TypeError", null, "fetch", {}],
    ["timeoutMs", "TypeError", "5000", {}],
    ["timeoutMs", "RangeError", 0, -1, 0.5, NaN, 2 ** 31],
    ["retryForMs", "TypeError", "3000", {}],
    ["retryForMs", "RangeError", -1, 0.5, NaN, Infinity, 2 ** 31],
    ["maxBodyBytes", "TypeError", "1"],
    ["maxBodyBytes", "RangeError", -1, 0.5, NaN],
  ];
  for (const [option, name, ...values] of bad) {
    for (const value of values) {
      assert.throws(() => createEventsClient({ secretKey: SECRET, [option]: value }), (error: Error) => {
        assert.equal(error.name, name, `${option}: ${String(value)}`);
        assert.ok(error.message.startsWith(`${option} `), error.message);
        assertSecretless(error);
        return true;
      });
    }
  }
});

test("createEventsClient() reads no option from a polluted prototype", skipped, async () => {
  const prototype = Object.prototype as { baseUrl?: string };
  prototype.baseUrl = "https://attacker.example";
  try {
    const { client, sent } = clientFor(() => Response.json(V4));
    await client.getEvent(ID);
    assert.equal(sent[0]?.url, `https://api.fpjs.io/v4/events/${ID}`);
  } finally {
    delete prototype.baseUrl;
  }
});

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

test("getEvent() sends the ruleset of the client or of the call to v4", skipped, async () => {
  const urlOf = async (options: Partial<EventsClientOptions>, rulesetId?: string): Promise<string> => {
    const { client, sent } = clientFor(answerEvent, options);
    await client.getEvent(ID, { rulesetId });
    return sent[0]!.url; // It sent one.
  };
  const url = `https://api.fpjs.io/v4/events/${ID}`;
  assert.equal(await urlOf({}), url);
  assert.equal(await urlOf({ rulesetId: "D6N9Kbk9HRWrIWGz" }), `${url}?ruleset_id=D6N9Kbk9HRWrIWGz`);
  assert.equal(await urlOf({}, "D6N9Kbk9HRWrIWGz"), `${url}?ruleset_id=D6N9Kbk9HRWrIWGz`);
  assert.equal(await urlOf({ rulesetId: "client" }, "call"), `${url}?ruleset_id=call`);
  assert.equal(await urlOf({ rulesetId: "a&b=c#d/../?" }), `${url}?ruleset_id=a%26b%3Dc%23d%2F..%2F%3F`);
});

test("getEvent() refuses an invalid ruleset, or one with v3, and sends no request", skipped, async () => {
  const { client, sent } = clientFor(answerEvent);
  for (const rulesetId of ["", " ", "a b", "é", "\ud800", "x".repeat(1025), null, 7, ["a"]]) {
    const wrong = { name: "TypeError", message: /^rulesetId / };
    await assert.rejects(client.getEvent(ID, { rulesetId: rulesetId as string }), wrong);
    assert.throws(() => createEventsClient({ secretKey: SECRET, rulesetId: rulesetId as string }), wrong);
  }
  const v3 = { name: "TypeError", message: /^rulesetId must come with version "v4"/ };
  assert.throws(() => createEventsClient({ secretKey: SECRET, rulesetId: "a", version: "v3" }), v3);
  await assert.rejects(clientFor(answerEvent, { version: "v3" }).client.getEvent(ID, { rulesetId: "a" }), v3);
  assert.equal(sent.length, 0);
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

test("getEvent() passes options without a prototype to fetch, so that pollution has no effect", skipped, async () => {
  const { client, sent } = clientFor(answerEvent);
  await client.getEvent(ID);
  const { init } = sent[0]!; // It sent one.
  assert.equal(Object.getPrototypeOf(init), null);
  assert.equal(Object.getPrototypeOf(init.headers), null);
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

test("createEventsClient() and getEvent() refuse unknown options, and name the nearest", skipped, async () => {
  const message = /^Unknown option retryFor; did you mean retryForMs\?$/;
  const options = { secretKey: SECRET, retryFor: 0 } as EventsClientOptions<"v4">;
  assert.throws(() => createEventsClient(options), { name: "TypeError", message });
  const { client, sent } = clientFor(answerEvent);
  const wrong: readonly [options: unknown, RegExp][] = [[{ ruleset_id: "a" }, /rulesetId\?$/]];
  for (const [options, message] of [...wrong, ...[0, null, "a"].map((each) => [each, /^options must be /] as const)]) {
    await assert.rejects(client.getEvent(ID, options as GetEventOptions), { name: "TypeError", message });
  }
  assert.equal(sent.length, 0);
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

test("createEventsClient() returns a client that does not show its key", skipped, () => {
  const { client } = clientFor(() => Response.json(V4));
  assert.deepEqual(Reflect.ownKeys(client), ["getEvent", "analyze"]);
  assert.ok(Object.isFrozen(client));
  const v3 = createEventsClient({ secretKey: SECRET, version: "v3" });
  assert.deepEqual(Reflect.ownKeys(v3), ["getEvent"]);
  assert.ok(!`${JSON.stringify(client)}${client.getEvent}`.includes(SECRET));
});
