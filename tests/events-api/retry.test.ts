/** How long, how often and after which answers the Events API client asks again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createEventsClient,
  EventsApiError,
  type EventsClientOptions,
  type GetEventOptions,
} from "../../src/events-api/mod.ts";
import { needsGlobals } from "../support/web.ts";

const ID = "1708102555327.NLOjmg";
const EVENT = { event_id: ID, timestamp: 1708102555327 };

const skipped = needsGlobals("Response");
const signals = needsGlobals("Response", "AbortController");

const status = (status: number, headers: Record<string, string> = {}) => () => new Response("", { status, headers });
const found = () => Response.json(EVENT);
const unreachable = (): never => {
  throw new TypeError("connection refused");
};
const broken = () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) }));

/** The outcome of a call to a service that gives these answers, one after the other, the last one for ever. */
async function ask(
  answers: readonly (() => Response)[],
  options: Partial<EventsClientOptions<"v4">> = {},
  call: GetEventOptions = {},
) {
  const waits: number[] = [];
  const realSetTimeout = globalThis.setTimeout;
  const realNow = Date.now;
  const timeoutMs = options.timeoutMs ?? 5000;
  let now = realNow();
  // Pauses end at once, and the clock advances by them.
  globalThis.setTimeout = ((callback: () => void, delay: number) => {
    if (delay === timeoutMs) return realSetTimeout(callback, delay);
    waits.push(delay);
    now += delay;
    return realSetTimeout(callback, 0);
  }) as typeof setTimeout;
  Date.now = () => now;
  let requests = 0;
  const fetch = async () => {
    await undefined;
    return answers[Math.min(requests++, answers.length - 1)]!(); // there is one answer at least
  };
  try {
    const client = createEventsClient({ secretKey: "SECRET", fetch, ...options });
    const outcome = await client.getEvent(ID, call).then(() => "event", (error: unknown) => error);
    assert.ok(outcome === "event" || outcome instanceof EventsApiError, String(outcome));
    return { outcome, requests, waits };
  } finally {
    globalThis.setTimeout = realSetTimeout;
    Date.now = realNow;
  }
}

const codeOf = (outcome: string | EventsApiError) => typeof outcome === "string" ? outcome : outcome.code;

test("getEvent() asks again after 404, 429, 503 and network errors", skipped, async () => {
  for (const answer of [status(404), status(429), status(503), unreachable, broken]) {
    const { outcome, requests } = await ask([answer, answer, found]);
    assert.deepEqual([codeOf(outcome), requests], ["event", 3]);
  }
});

test("getEvent() does not ask again after any other answer", skipped, async () => {
  const others = [
    ...[201, 204, 302, 400, 403, 408, 409, 410, 500, 502, 504].map((code) => () =>
      new Response(code === 204 ? null : "", { status: code, headers: { "retry-after": "0" } })
    ),
    () => new Response("{}"),
    () => Response.json({ ...EVENT, event_id: "1.A" }),
    () => new Response("x".repeat(101)),
  ];
  for (const answer of others) {
    const { outcome, requests } = await ask([answer, found], { maxBodyBytes: 100 });
    assert.notEqual(codeOf(outcome), "event");
    assert.equal(requests, 1);
  }
});

test("getEvent() waits twice as long each time, and gives up after retryForMs", skipped, async () => {
  const { outcome, requests, waits } = await ask([status(404), status(503)]);
  assert.ok(outcome instanceof EventsApiError);
  assert.equal(outcome.serviceStatus, 503);
  assert.equal(requests, waits.length + 1);
  assert.ok(waits.length >= 4 && waits.length <= 5, String(waits));
  waits.forEach((wait, i) => assert.ok(wait >= 100 * 2 ** i && wait <= 200 * 2 ** i, String(waits)));
  assert.ok(waits.reduce((sum, wait) => sum + wait, 0) <= 3000);
});

test("getEvent() sends one request with retryForMs 0", skipped, async () => {
  for (const answer of [status(404), status(429, { "retry-after": "0" }), unreachable]) {
    assert.equal((await ask([answer, found], { retryForMs: 0 })).requests, 1);
  }
});

test("getEvent() waits as long as Retry-After asks, and not at all if that is beyond retryForMs", skipped, async () => {
  const { outcome, waits } = await ask([status(429, { "retry-after": "2" }), found]);
  assert.deepEqual([codeOf(outcome), waits], ["event", [2000]]);
  for (const retryAfter of ["4", "31536000", "999999999", new Date(Date.now() + 3.2e10).toUTCString()]) {
    const { outcome, requests } = await ask([status(429, { "retry-after": retryAfter }), found]);
    assert.ok(outcome instanceof EventsApiError && (outcome.retryAfterMs ?? 0) > 3000);
    assert.equal(requests, 1);
  }
  const { waits: immediate } = await ask([status(429, { "retry-after": "0" }), found]);
  assert.ok(immediate.length === 1 && immediate[0]! >= 100, String(immediate));
});

test("getEvent() ends within timeoutMs, and rather with the last answer", skipped, async () => {
  const { outcome, waits } = await ask([status(404)], { timeoutMs: 500, retryForMs: 60_000 });
  assert.ok(outcome instanceof EventsApiError);
  assert.equal(outcome.serviceStatus, 404);
  assert.ok(waits.reduce((sum, wait) => sum + wait, 0) < 500);
});

test("getEvent() ends a pause when its signal fires or the time is up, and leaves no timer", signals, async () => {
  const controller = new AbortController();
  let requests = 0;
  const client = createEventsClient({
    secretKey: "SECRET",
    fetch: () => {
      if (++requests === 1) queueMicrotask(() => setTimeout(() => controller.abort(), 20));
      return Promise.resolve(new Response("", { status: 429, headers: { "retry-after": "60" } }));
    },
    retryForMs: 120_000,
    timeoutMs: 120_000,
  });
  await assert.rejects(client.getEvent(ID, { signal: controller.signal }), { code: "ERR_EVENTS_API_ABORTED" });
  assert.equal(requests, 1);
});

test("getEvent() without a time limit reads timeoutMs: Infinity", skipped, async () => {
  const { outcome, requests } = await ask([status(503), found], { timeoutMs: Infinity });
  assert.deepEqual([codeOf(outcome), requests], ["event", 2]);
});
