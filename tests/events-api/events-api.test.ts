/** The requests that the Events API client sends, and its options. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createEventsClient, type EventsClientOptions, type GetEventOptions } from "../../src/events-api/mod.ts";
import { runs } from "../support/runs.ts";
import { withGlobals } from "../support/globals.ts";
import {
  answerEvent,
  assertSecretless,
  clientFor,
  ID,
  refusal,
  SECRET,
  type Sent,
  skipped,
  V3,
  V4,
} from "./client-for.ts";

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

test("getEvent() passes options without a prototype to fetch, so that pollution has no effect", skipped, async () => {
  const { client, sent } = clientFor(answerEvent);
  await client.getEvent(ID);
  const { init } = sent[0]!; // It sent one.
  assert.equal(Object.getPrototypeOf(init), null);
  assert.equal(Object.getPrototypeOf(init.headers), null);
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

test("createEventsClient() returns a client that does not show its key", skipped, () => {
  const { client } = clientFor(() => Response.json(V4));
  assert.deepEqual(Reflect.ownKeys(client), ["getEvent", "analyze"]);
  assert.ok(Object.isFrozen(client));
  const v3 = createEventsClient({ secretKey: SECRET, version: "v3" });
  assert.deepEqual(Reflect.ownKeys(v3), ["getEvent"]);
  assert.ok(!`${JSON.stringify(client)}${client.getEvent}`.includes(SECRET));
});
