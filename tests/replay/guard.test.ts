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
  type ReplayGuard,
  type ReplayGuardOptions,
  type ReplayStore,
} from "../../src/replay/mod.ts";
import { runs } from "../support/runs.ts";
import { needsGlobals } from "../support/web.ts";

const NOW = 1_795_000_000_000;
const hasUrls = typeof URL === "function";

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

test("check() compares the claimed id and address", async () => {
  for (const event of [v3(), v4()]) {
    const id = event.products === undefined ? "id-4" : "id-3";
    for (const ip of ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:201"]) await guardOf().check(event, { id, ip });
    for (const other of ["id-5", "ID-4", "", `${id} `, null, undefined]) {
      await refuses(guardOf().check(event, { id: other }), "ERR_REPLAY_MISMATCH", "id");
    }
    for (const other of ["192.0.2.2", "", "192.0.2.1, 192.0.2.1", "192.0.2.01", "::192.0.2.1", null, undefined]) {
      await refuses(guardOf().check(event, { id, ip: other }), "ERR_REPLAY_MISMATCH", "ip");
    }
  }
  // Text that is not an address matches no claim, not even an equal one.
  await refuses(guardOf().check(v4({ ip_address: "" }), { ip: "" }), "ERR_REPLAY_MISMATCH", "ip");
  await refuses(guardOf().check(v4({ ip_address: "x" }), { ip: "x" }), "ERR_REPLAY_MISMATCH", "ip");
});

test("check() accepts a claimed ip that equals any address of the event, which may have one of each version", async () => {
  const info = { v4: { address: "203.0.113.7" }, v6: { address: "2001:db8::7" } };
  const events = [
    v4({ ip_address: "2001:db8::7", ip_info: info }),
    v4({ ip_address: "203.0.113.7", ip_info: info }),
    v3({ ip: "2001:db8::7" }, { ipInfo: { data: info } }),
  ];
  for (const event of events) {
    for (const ip of ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::7", "[2001:DB8:0::7]:443"]) {
      await guardOf().check(event, { ip });
    }
    for (const ip of ["203.0.113.8", "2001:db8::8", "::203.0.113.7", ""]) {
      await refuses(guardOf().check(event, { ip }), "ERR_REPLAY_MISMATCH", "ip");
    }
  }
  // Of an incomplete event, the signals are not used.
  const incomplete = { ...events[0], incremental_identification_status: "partially_completed" } as FingerprintEvent;
  await refuses(guardOf().check(incomplete, { ip: "203.0.113.7" }), "ERR_REPLAY_MISMATCH", "ip");
});

test("check() says that a claimed ip is missing or not an address, instead of that it differs", async () => {
  const reasons: [RegExp, ...ips: (string | null | undefined)[]][] = [
    [/: the claimed ip is missing$/, undefined, null, ""],
    [/: the claimed ip is a list of addresses: fromHeader\(\) selects one$/, "203.0.113.9, 192.0.2.1"],
    [/: the claimed ip is not an IP address$/, "unknown"],
    [/: differs from the claimed ip$/, "192.0.2.2"],
  ];
  for (const [message, ...ips] of reasons) {
    for (const ip of ips) {
      assert.match((await refuses(guardOf().check(v4(), { ip }), "ERR_REPLAY_MISMATCH", "ip")).message, message);
    }
  }
  for (const ip of ["192.0.2.1:51234", "[::ffff:192.0.2.1]:443"]) await guardOf().check(v4(), { ip });
});

test("check() compares the claimed origin", needsGlobals("URL"), async () => {
  for (const origin of ["https://shop.example", "https://SHOP.example:443/other#x", "https://user@shop.example"]) {
    await guardOf().check(v4(), { origin });
    await guardOf().check(v3(), { origin });
  }
  const others = [
    ...["http://shop.example", "https://shop.example:8443", "https://shop.example.evil", "https://evil/shop.example"],
    ...["shop.example", "//shop.example", "null", "", "https://", "file:///shop.example", null, undefined],
  ];
  for (const origin of others) await refuses(guardOf().check(v4(), { origin }), "ERR_REPLAY_MISMATCH", "origin");
  const opaque = ["null", "file:///a", "data:,a", "about:blank", "app://shop.example", "blob:https://shop.example/1"];
  for (const url of opaque) {
    for (const origin of [url, "null", "https://shop.example"]) {
      await refuses(guardOf().check(v4({ url }), { origin }), "ERR_REPLAY_MISMATCH", "origin");
    }
  }
});

test("check() refuses a claim whose field the event lacks", async () => {
  const bare = v4({ ip_address: undefined, url: undefined });
  await refuses(guardOf().check(bare, { ip: "192.0.2.1" }), "ERR_REPLAY_MISMATCH", "ip");
  await refuses(guardOf().check(bare, { origin: "https://shop.example" }), "ERR_REPLAY_MISMATCH", "origin");
  await guardOf().check(bare, { id: "id-4" });
  await guardOf().check(bare, {});
});

test("check() compares every claim that is present, and names the first that does not match", async () => {
  const wrong = { id: "x", ip: "x", origin: "x", linkedId: "x" };
  await refuses(guardOf().check(v4(), wrong), "ERR_REPLAY_MISMATCH", "id");
  await refuses(guardOf().check(v4(), { ...wrong, id: "id-4" }), "ERR_REPLAY_MISMATCH", "ip");
  await refuses(guardOf().check(v4(), { ...wrong, id: "id-4", ip: "192.0.2.1" }), "ERR_REPLAY_MISMATCH", "origin");
});

test("check() compares the claimed linkedId", async () => {
  for (const event of [v3({ linkedId: "session-1" }), v4({ linked_id: "session-1" })]) {
    await guardOf().check(event, { linkedId: "session-1" });
    for (const linkedId of ["session-2", "SESSION-1", "session-1 ", "", null, undefined]) {
      await refuses(guardOf().check(event, { linkedId }), "ERR_REPLAY_MISMATCH", "linkedId");
    }
  }
  for (const event of [v3(), v4(), v3({ linkedId: "" }), v4({ linked_id: "" }), v4({ linkedId: "session-1" })]) {
    for (const linkedId of ["session-1", "", "undefined", null, undefined]) {
      await refuses(guardOf().check(event, { linkedId }), "ERR_REPLAY_MISMATCH", "linkedId");
    }
  }
});

test("check() rejects claims that are not a plain object of known names, instead of leaving one uncompared", async () => {
  const claim = { ip: "203.0.113.9" };
  class Inherited {
    get ip(): string {
      return claim.ip;
    }
  }
  const wrong: unknown[] = [
    ...[null, 0, "", "203.0.113.9", true, Symbol("ip"), () => claim],
    ...[[], [["ip", claim.ip]], new Map([["ip", claim.ip]]), new Set(["ip"]), Promise.resolve(claim), new Date(0)],
    ...[new Inherited(), Object.create(claim), Object.create(Object.create(null, { ip: { value: claim.ip } }))],
    ...[{ ipAddress: claim.ip }, { IP: claim.ip }, { linked_id: "x" }, { [Symbol("ip")]: claim.ip }],
    Object.defineProperty({}, "ipAddress", { value: claim.ip, enumerable: false }),
    ...(hasUrls ? [new URL("https://shop.example"), new URLSearchParams({ ip: claim.ip })] : []),
    ...(typeof Headers === "function" ? [new Headers({ ip: claim.ip })] : []),
    ...(typeof Request === "function" ? [new Request("https://shop.example")] : []),
  ];
  for (const claims of wrong) {
    await assert.rejects(guardOf().check(v4(), claims as EventClaims), { name: "TypeError", message: /^claims must / });
  }
});

test("check() compares claims without a prototype, claims that are not enumerable, and getters", async () => {
  const hidden = (ip: string): EventClaims => Object.defineProperty({}, "ip", { value: ip, enumerable: false });
  const bare = (ip: string): EventClaims => Object.assign(Object.create(null) as object, { ip });
  const computed = (ip: string): EventClaims => ({
    get ip() {
      return ip;
    },
  });
  for (const claim of [hidden, bare, computed]) {
    await guardOf().check(v4(), claim("192.0.2.1"));
    await refuses(guardOf().check(v4(), claim("192.0.2.2")), "ERR_REPLAY_MISMATCH", "ip");
  }
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

test("check() marks an id for longer than the event could pass on any machine", async () => {
  const options = fc.record({
    maxAgeMs: fc.integer({ min: 1, max: 200_000 }),
    clockSkewMs: fc.integer({ min: 0, max: 60_000 }),
    timeoutMs: fc.integer({ min: 1, max: 5_000 }),
  });
  await fc.assert(
    fc.asyncProperty(options, fc.double({ min: 0, max: 1, noNaN: true }), async (own, fraction) => {
      const { maxAgeMs, clockSkewMs, timeoutMs } = own;
      const ageMs = Math.round(fraction * (maxAgeMs + clockSkewMs)) - clockSkewMs;
      const ttls: number[] = [];
      const store: ReplayStore = { add: (_, ttlMs) => Promise.resolve(ttls.push(ttlMs) > 0) };
      await guardOf({ ...own, store }).check(v4({ timestamp: NOW - ageMs }));
      const [ttlMs = 0] = ttls;
      assert.ok(Number.isInteger(ttlMs));
      // Our clock may be ahead by the skew and another machine's behind by it: there the event is fresh for twice the skew
      // longer, and then its store has timeoutMs to answer.
      const lastMarkMs = maxAgeMs - Math.min(ageMs, 0) + 2 * clockSkewMs + timeoutMs;
      assert.ok(ttlMs > lastMarkMs, `${ttlMs} ${lastMarkMs}`);
      assert.ok(ttlMs <= lastMarkMs + 1, `${ttlMs} ${lastMarkMs}`);
    }),
    { numRuns: runs(300) },
  );
});

test("check() accepts an event at most once, for any times and clocks of two machines", async () => {
  const skewMs = 50;
  const scenario = fc.record({
    ageMs: fc.integer({ min: -60, max: 120 }),
    offsets: fc.tuple(fc.integer({ min: -skewMs, max: skewMs }), fc.integer({ min: -skewMs, max: skewMs })),
    waits: fc.array(fc.tuple(fc.nat(60), fc.boolean()), { minLength: 1, maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ ageMs, offsets, waits }) => {
      let time = NOW;
      const store = memoryStore({ now: () => time });
      const guards = offsets.map((offset) =>
        guardOf({ store, maxAgeMs: 100, clockSkewMs: skewMs, now: () => time + offset })
      );
      let passed = 0;
      for (const [waitMs, first] of waits) {
        time += waitMs;
        const check = guards[first ? 0 : 1]!.check(v4({ timestamp: NOW - ageMs }));
        await check.then(() => passed++, (error) => assert.ok(error instanceof ReplayError));
      }
      assert.ok(passed <= 1);
    }),
    { numRuns: runs(500) },
  );
});

test("check() never lets an event pass again when the clock was wrong for a while", async () => {
  for (const jumpMs of [-29_000, 60_000, 90_000, 119_000]) {
    let elapsedMs = 0;
    let errorMs = jumpMs;
    const guard = guardOf({ store: memoryStore({ now: () => elapsedMs }), now: () => NOW + elapsedMs + errorMs });
    await guard.check(v4());
    errorMs = 0;
    for (; elapsedMs <= 150_000; elapsedMs += 1_000) await assert.rejects(guard.check(v4()), ReplayError);
  }
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

test("check() and release() work with a synchronous store", async () => {
  const tokens = new Map<string, string>();
  const guard = guardOf({
    store: {
      add: (id, _ttlMs, token) => !tokens.has(id) && tokens.set(id, token).size > 0,
      release: (id, token) => void (tokens.get(id) === token && tokens.delete(id)),
    },
  });
  const passed = await guard.check(v4());
  await refuses(guard.check(v4()), "ERR_REPLAY_SEEN");
  await guard.release?.(passed);
  await guard.check(v4());
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

test("release() lets check() pass the event once more, and accepts only a result of check()", async () => {
  const guard = guardOf();
  const passed = await guard.check(v4());
  await refuses(guard.check(v4()), "ERR_REPLAY_SEEN");
  await guard.release?.(passed);
  const again = await guard.check(v4());
  await refuses(guard.check(v4()), "ERR_REPLAY_SEEN");
  // The result of the first check() does not remove the mark of the second.
  for (const other of [passed, { ...again }, {}, null, undefined, "id-4"]) {
    await assert.rejects(async () => await guard.release?.(other as typeof passed), { name: "TypeError" });
    await refuses(guard.check(v4()), "ERR_REPLAY_SEEN");
  }
  await assert.rejects(async () => await guardOf().release?.(again), { name: "TypeError" });
  await guard.release?.(again);
  await guard.check(v4());
});

test("release() does not remove the mark of a later pass when it is delayed or repeated", async () => {
  const inner = memoryStore({ now: () => NOW });
  const commands: (() => unknown)[] = [];
  const store: ReplayStore = {
    add: inner.add,
    release: async (id, token) => {
      const command = () => inner.release?.(id, token);
      commands.push(command);
      await command();
    },
  };
  const guard = guardOf({ store });
  await guard.release?.(await guard.check(v4()));
  await guard.check(v4()); // the second pass, which keeps its mark
  // The client of the store sends the command again after a lost connection.
  for (const command of commands) await command();
  await refuses(guard.check(v4()), "ERR_REPLAY_SEEN");
});

test("release() rejects with ERR_REPLAY_STORE when the store fails, and is missing when the store has no release()", async () => {
  const errors: unknown[] = [];
  const failing = guardOf({
    store: { add: () => Promise.resolve(true), release: () => Promise.reject(new Error("redis://user:hunter2@host")) },
    onError: (error) => errors.push(error),
  });
  const passed = await failing.check(v4());
  await refuses(failing.release!(passed), "ERR_REPLAY_STORE"); // its store has release
  assert.equal(errors.length, 1);
  await assert.rejects(failing.release!(passed), { name: "TypeError" }); // its store has release
  const without = guardOf({ store: { add: () => Promise.resolve(true) } });
  assert.equal(without.release, undefined);
});

test("check() passes a unique token to the store for each event", async () => {
  const tokens = new Set<string>();
  const store: ReplayStore = {
    add: (_id, _ttlMs, token = "") => {
      tokens.add(token);
      return Promise.resolve(true);
    },
  };
  const guards = [guardOf({ store }), guardOf({ store })];
  for (let i = 0; i < 1_000; i++) await guards[i % 2]!.check(v4()); // two guards
  assert.equal(tokens.size, 1_000);
  for (const token of tokens) assert.match(token, /^[!-~]{1,64}$/);
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

function guardOf(options: Partial<ReplayGuardOptions> = {}): ReplayGuard {
  return createReplayGuard({ store: memoryStore({ now: () => NOW }), now: () => NOW, ...options });
}

function v4(fields: Readonly<Record<string, unknown>> = {}): FingerprintEvent {
  return {
    event_id: "id-4",
    timestamp: NOW,
    ip_address: "192.0.2.1",
    url: "https://shop.example/cart?x",
    ...fields,
  } as FingerprintEvent;
}

function v3(fields: Readonly<Record<string, unknown>> = {}, products: object = {}): FingerprintEvent {
  const data = { requestId: "id-3", timestamp: NOW, ip: "192.0.2.1", url: "https://shop.example/cart?x", ...fields };
  return { products: { identification: { data }, ...products } } as FingerprintEvent;
}

async function refuses(check: Promise<unknown>, code: ReplayErrorCode, claim?: string): Promise<ReplayError> {
  const error = await check.then(() => assert.fail(`Passed, expected ${code}`), (reason: unknown) => reason);
  return assertRefusal(error, code, claim);
}

function assertRefusal(error: unknown, code: ReplayErrorCode, claim?: string): ReplayError {
  assert.ok(error instanceof ReplayError, String(error));
  assert.equal(error.name, "ReplayError");
  assert.equal(error.code, code);
  assert.equal(error.claim, claim);
  assert.equal("claim" in error, claim !== undefined);
  return error;
}
