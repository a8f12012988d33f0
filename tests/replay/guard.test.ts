/** The guard: one code for each reason, checked in order, and a refusal whenever the store fails. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FingerprintEvent } from "../../mod.ts";
import { summarize } from "../../src/event/mod.ts";
import {
  createReplayGuard,
  type EventClaims,
  memoryStore,
  ReplayError,
  type ReplayErrorCode,
  type ReplayGuardOptions,
  type ReplayStore,
} from "../../src/replay/mod.ts";
import { runs } from "../support/runs.ts";
import { needsGlobals } from "../support/web.ts";
import { assertRefusal, guardOf, NOW, refuses, v3, v4 } from "./guards.ts";

test("check() returns the summary of an event of either version", async () => {
  const guard = guardOf();
  const event = v4({ identification: { visitor_id: "v" } });
  const summary = await guard.check(event);
  assert.deepEqual(summary, summarize(event));
  assert.deepEqual([summary.id, summary.timestamp, summary.visitorId], ["id-4", NOW, "v"]);
  const { id, timestamp } = await guard.check(v3({ timestamp: undefined, time: "2026-11-18T11:06:40Z" }));
  assert.equal(id, "id-3");
  assert.equal(timestamp, NOW);
});

test("check() refuses an event that was used before", async () => {
  const guard = guardOf();
  for (const event of [v3(), v4()]) {
    await guard.check(event);
    await refuses(guard.check(event), "ERR_REPLAY_SEEN");
    await refuses(guard.check(JSON.parse(JSON.stringify(event))), "ERR_REPLAY_SEEN");
  }
});

test("check() accepts one of many simultaneous checks on two guards of one store", async () => {
  const store = memoryStore({ now: () => NOW });
  const guards = [guardOf({ store }), guardOf({ store })];
  const checks = Array.from({ length: 100 }, (_, index) => guards[index % 2]!.check(v4()));
  const settled = await Promise.allSettled(checks);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
  for (const each of settled) if (each.status === "rejected") assertRefusal(each.reason, "ERR_REPLAY_SEEN");
});

test("check() refuses an event without a usable id or time", async () => {
  const incomplete: unknown[] = [
    ...[
      undefined,
      null,
      0,
      "text",
      [],
      {},
      { products: {} },
      { products: null },
      { products: [] },
      Object.create(v4()),
    ],
    ...["", undefined, 5, "a b", "a\n", "\0", "é", "\ud800", "a".repeat(257), "a".repeat(5_000_000)]
      .map((event_id) => v4({ event_id })),
    ...[undefined, null, "1795000000000", NaN, Infinity, -Infinity, {}].map((timestamp) => v4({ timestamp })),
    v3({ requestId: null }),
    v3({ timestamp: null, time: "yesterday" }),
    { products: { identification: { error: { code: "Failed" } } } },
  ];
  for (const event of incomplete) {
    await refuses(guardOf().check(event as FingerprintEvent), "ERR_REPLAY_INCOMPLETE");
  }
  await guardOf().check(v4({ event_id: "~".repeat(256) }));
});

test("check() refuses an event older than maxAgeMs or further ahead than clockSkewMs, to the millisecond", async () => {
  const ages: [ageMs: number, options: Partial<ReplayGuardOptions>, code?: ReplayErrorCode][] = [
    [120_000, {}],
    [120_001, {}, "ERR_REPLAY_STALE"],
    [-30_000, {}],
    [-30_001, {}, "ERR_REPLAY_FUTURE"],
    [1, { maxAgeMs: 1 }],
    [2, { maxAgeMs: 1 }, "ERR_REPLAY_STALE"],
    [0, { clockSkewMs: 0 }],
    [-1, { clockSkewMs: 0 }, "ERR_REPLAY_FUTURE"],
    [1e300, {}, "ERR_REPLAY_STALE"],
    [-1e300, {}, "ERR_REPLAY_FUTURE"],
  ];
  for (const [ageMs, options, code] of ages) {
    const check = guardOf(options).check(v4({ timestamp: NOW - ageMs }));
    if (code === undefined) await check;
    else await refuses(check, code);
  }
});

test("check() refuses every event when now() returns NaN", async () => {
  await refuses(guardOf({ now: () => NaN }).check(v4()), "ERR_REPLAY_STALE");
});

test("check() refuses an event that is flagged as replayed", async () => {
  await refuses(guardOf().check(v4({ replayed: true })), "ERR_REPLAY_FLAGGED");
  await refuses(guardOf().check(v3({ replayed: true })), "ERR_REPLAY_FLAGGED");
  await guardOf().check(v4({ replayed: false }));
  await guardOf().check(v3());
});

test("check() checks in the documented order and marks last, so that a refused event is not used up", async () => {
  const marked: string[] = [];
  let time = NOW;
  const guard = guardOf({
    now: () => time,
    store: { add: (id) => Promise.resolve(marked.push(id) === 1) },
  });
  const bad = { replayed: true, timestamp: NOW - 200_000 };
  await refuses(guard.check(v4({ ...bad, event_id: "" }), { id: "x" }), "ERR_REPLAY_INCOMPLETE");
  await refuses(guard.check(v4(bad), { id: "x" }), "ERR_REPLAY_STALE");
  await refuses(guard.check(v4({ replayed: true }), { id: "x" }), "ERR_REPLAY_FLAGGED");
  await refuses(guard.check(v4(), { id: "x" }), "ERR_REPLAY_MISMATCH", "id");
  time = NOW - 40_000;
  await refuses(guard.check(v4()), "ERR_REPLAY_FUTURE");
  time = NOW;
  assert.deepEqual(marked, []);
  await guard.check(v4(), { id: "id-4" });
  await refuses(guard.check(v4(), { id: "id-4" }), "ERR_REPLAY_SEEN");
});

test("check() does not compute a summary that it is given", async () => {
  const event = v4();
  const summary = summarize(event);
  const unreadable = new Proxy(event, {
    getOwnPropertyDescriptor: () => assert.fail("The event was read"),
    get: () => assert.fail("The event was read"),
  });
  const guard = guardOf();
  assert.equal(await guard.check(unreadable, { id: "id-4" }, summary), summary);
  await refuses(guard.check(unreadable, {}, summarize(event)), "ERR_REPLAY_SEEN");
  await guard.release?.(summary);
  await guard.check(unreadable, undefined, summarize(event));
});

test("check() accepts the output of a schema that keeps the event's id and time", async () => {
  const event: { readonly event_id: string; readonly timestamp: number; readonly plan: "free" | "paid" } = {
    event_id: "id-5",
    timestamp: NOW,
    plan: "paid",
  };
  assert.equal((await guardOf().check(event)).id, "id-5");
  const checks: ((event: { readonly event_id: string; readonly timestamp: number }) => Promise<unknown>)[] = [];
  checks.push(guardOf().check);
});

test("check() refuses when the store throws, rejects or returns no boolean, and reports that to onError only", async () => {
  const secret = "redis://user:hunter2@10.0.0.5";
  const fails = (error: unknown): never => {
    throw error;
  };
  const stores: (() => unknown)[] = [
    () => fails(new Error(secret)),
    ...[new Error(secret), secret, undefined].map((error) => () => Promise.reject(error)),
    ...[undefined, null, 0, 1, "OK", "true", {}, [], new Boolean(true)].map((answer) => () => Promise.resolve(answer)),
    () => ({ then: () => fails(new Error(secret)) }),
  ];
  for (const add of stores) {
    const reported: [error: ReplayError, details: unknown][] = [];
    const guard = guardOf({
      store: { add: add as ReplayStore["add"] },
      onError: (error, details) => {
        reported.push([error, details]);
        return Promise.reject(new Error("ignored"));
      },
    });
    const error = await refuses(guard.check(v4()), "ERR_REPLAY_STORE");
    assert.equal(reported.length, 1);
    const [inner, details] = reported[0]!; // its length is 1
    assertRefusal(inner, "ERR_REPLAY_STORE");
    assert.ok("cause" in inner);
    assert.doesNotMatch(inner.message, /hunter2|id-4/);
    assert.deepEqual(details, { request: undefined, context: undefined, summary: summarize(v4()) });
    assert.deepEqual(Object.keys(error).sort(), ["code", "name"]);
    assert.equal("cause" in error, false);
    assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /hunter2|id-4/);
  }
  const add = () => Promise.reject(new Error());
  const throwing = guardOf({ store: { add }, onError: () => fails(new Error("ignored")) });
  await refuses(throwing.check(v4()), "ERR_REPLAY_STORE");
});

test("check() refuses when the store does not answer within timeoutMs", needsGlobals("setTimeout"), async () => {
  const answers: { resolve(isNew: boolean): void; reject(error: Error): void }[] = [];
  const add = () => new Promise<boolean>((resolve, reject) => void answers.push({ resolve, reject }));
  const reported: unknown[] = [];
  const guard = guardOf({ store: { add }, timeoutMs: 10, onError: ({ cause }) => reported.push(cause) });
  await refuses(guard.check(v4()), "ERR_REPLAY_STORE");
  await refuses(guard.check(v4()), "ERR_REPLAY_STORE");
  assert.match(String(reported[0]), /Store took longer than 10 ms/);
  answers[0]!.resolve(true);
  answers[1]!.reject(new Error("late, and handled"));
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("check() refuses an answer that took longer than timeoutMs by the clock, even when the timer has not fired", async () => {
  let time = NOW;
  const add = () => {
    time += 2_001;
    return Promise.resolve(true);
  };
  await refuses(guardOf({ store: { add }, now: () => time }).check(v4()), "ERR_REPLAY_STORE");
});

test("check() rejects hostile events and claims with a code", async () => {
  const name = fc.constantFrom(
    ...["products", "identification", "data", "requestId", "event_id", "timestamp", "ip_address", "url", "replayed"],
    ...["__proto__", "constructor", "toString"],
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, NOW, NaN, "id", "192.0.2.1", "https://a.example", "::", "\ud800"),
      fc.string(),
      fc.dictionary(name, tie("value")),
      fc.array(tie("value"), { maxLength: 2 }),
    ),
  }));
  const claims = fc.record({ id: value, ip: value, origin: value, linkedId: value }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(value, claims, async (event, claimed) => {
      try {
        await guardOf().check(event as unknown as FingerprintEvent, claimed as EventClaims);
      } catch (error) {
        assert.ok(error instanceof ReplayError);
        assert.match(error.code, /^ERR_REPLAY_/);
      }
    }),
    { numRuns: runs(500) },
  );
});

test("createReplayGuard() names an invalid option", () => {
  const store = memoryStore();
  const wrong: [options: unknown, error: typeof TypeError | typeof RangeError, message: RegExp][] = [
    [{}, TypeError, /^store /],
    [undefined, TypeError, /^options /],
    [{ store: {} }, TypeError, /^store /],
    [Object.create({ store }), TypeError, /^store /],
    [{ store, now: 5 }, TypeError, /^now /],
    [{ store, onError: {} }, TypeError, /^onError /],
    [{ store, maxAge: 5 }, TypeError, /^Unknown option maxAge; did you mean maxAgeMs\?$/],
    [{ store, onStoreError() {} }, TypeError, /^Unknown option onStoreError/],
    [{ guard: store }, TypeError, /^Unknown option guard$/],
    [{ store, maxAgeMs: 0 }, RangeError, /^maxAgeMs /],
    [{ store, timeoutMs: 0 }, RangeError, /^timeoutMs /],
  ];
  for (const name of ["maxAgeMs", "clockSkewMs", "timeoutMs"]) {
    wrong.push([{ store, [name]: "5" }, TypeError, new RegExp(`^${name} `)]);
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 31]) {
      wrong.push([{ store, [name]: value }, RangeError, new RegExp(`^${name} `)]);
    }
  }
  for (const [options, error, message] of wrong) {
    assert.throws(() => createReplayGuard(options as ReplayGuardOptions), { name: error.name, message });
  }
});
