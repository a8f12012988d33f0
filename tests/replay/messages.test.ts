/** The messages of refusals, the defaults, and tokens without a `crypto`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createReplayGuard,
  type EventClaims,
  memoryStore,
  type ReplayableEvent,
  type ReplayErrorCode,
  type ReplayGuardOptions,
} from "../../src/replay/mod.ts";
import { checkClaims, CLAIM_NAMES } from "../../src/replay/claims.ts";
import { needsGlobals } from "../support/web.ts";
import { replacing, timersDuring, withGlobals } from "../support/globals.ts";

const NOW = 1_795_000_000_000;
const EVENT = { event_id: "id-4", timestamp: NOW, ip_address: "192.0.2.1", url: "https://shop.example/cart" };

function checkWith(options: Partial<ReplayGuardOptions>, fields: object = {}, claims?: EventClaims): Promise<unknown> {
  const event = { ...EVENT, ...fields } as ReplayableEvent;
  return createReplayGuard({ store: { add: () => true }, now: () => NOW, ...options }).check(event, claims);
}

test("check() says why it refuses an event", async () => {
  const refused: readonly (readonly [code: ReplayErrorCode, message: string, check: () => Promise<unknown>])[] = [
    ["ERR_REPLAY_INCOMPLETE", "no usable id or no time", () => checkWith({}, { event_id: "" })],
    ["ERR_REPLAY_STALE", "older than 120000 ms", () => checkWith({}, { timestamp: NOW - 120_001 })],
    ["ERR_REPLAY_FUTURE", "more than 30000 ms in the future", () => checkWith({}, { timestamp: NOW + 30_001 })],
    ["ERR_REPLAY_FLAGGED", "flagged as replayed", () => checkWith({}, { replayed: true })],
    ["ERR_REPLAY_SEEN", "used before", () => checkWith({ store: { add: () => false } })],
    ["ERR_REPLAY_MISMATCH", "differs from the claimed id", () => checkWith({}, {}, { id: "id-5" })],
    ["ERR_REPLAY_MISMATCH", "the claimed linkedId is missing", () => checkWith({}, {}, { linkedId: null })],
    [
      "ERR_REPLAY_STORE",
      "the replay store failed or was too slow",
      () => checkWith({ store: { add: () => Promise.reject(new Error()) } }),
    ],
  ];
  for (const [code, message, check] of refused) {
    await assert.rejects(check(), { name: "ReplayError", code, message: `Cannot accept event: ${message}` });
  }
});

test("check() names what is wrong with claims", async () => {
  const wrong: readonly (readonly [claims: unknown, message: string])[] = [
    [null, "claims must be a plain object, got null"],
    ["text", "claims must be a plain object, got string"],
    [new Map(), "claims must be a plain object, got object"],
    [{ ipAddress: "" }, "claims must have no other properties than id, ip, origin, linkedId"],
  ];
  for (const [claims, message] of wrong) {
    await assert.rejects(checkWith({}, {}, claims as EventClaims), { name: "TypeError", message });
  }
});

test("check() refuses text that is no address, whatever the event has", async () => {
  const texts = [
    ...["x192.0.2.1", "256.0.2.1", "290.0.2.1", "24x.0.2.1", "1ab.0.2.1", "05.0.2.1", "x.0.2.1", "x.x.x.x"],
    ...["192.0.2.1.", "192.0.2.1.5", "7"],
  ];
  for (const text of texts) {
    await assert.rejects(checkWith({}, { ip_address: text }, { ip: text }), { code: "ERR_REPLAY_MISMATCH" }, text);
  }
  const address = "192.0.2.1";
  await assert.rejects(checkWith({}, { url: address }, { origin: address }), { code: "ERR_REPLAY_MISMATCH" });
});

test("check() compares origins of http, too", needsGlobals("URL"), async () => {
  await checkWith({}, { url: "http://localhost:8080/a" }, { origin: "http://localhost:8080" });
});

test("checkClaims() refuses undefined, and an object whose prototype only looks like Object.prototype", () => {
  const message = "claims must be a plain object, got undefined";
  assert.throws(() => checkClaims(undefined, CLAIM_NAMES), { name: "TypeError", message });
  const lookalike = Object.create({ ip: "203.0.113.9", isPrototypeOf: () => true });
  assert.throws(() => checkClaims(lookalike, CLAIM_NAMES), { name: "TypeError", message: /^claims must be a plain/ });
});

test("check() waits for the store without setTimeout()", replacing("setTimeout"), async () => {
  await withGlobals({ setTimeout: undefined }, () => checkWith({ store: { add: () => Promise.resolve(true) } }));
});

test("onError() gets the fault of a store that returns no boolean or is too slow by the clock", async () => {
  const causes: unknown[] = [];
  let time = NOW;
  const onError: ReplayGuardOptions["onError"] = ({ cause }) => causes.push(String(cause));
  await assert.rejects(checkWith({ onError, store: { add: () => "OK" as unknown as boolean } }));
  const add = () => (time += 2001) > 0;
  await assert.rejects(checkWith({ onError, now: () => time, store: { add } }), { code: "ERR_REPLAY_STORE" });
  assert.deepEqual(causes, [
    "TypeError: store.add() must return a boolean, got another type",
    "Error: Store took longer than 2000 ms",
  ]);
});

test("check() accepts a store that answers after exactly timeoutMs", async () => {
  let time = NOW;
  await checkWith({ now: () => time, timeoutMs: 5, store: { add: () => (time += 5) > 0 } });
});

test("check() marks an id for the defaults of two minutes, 30 seconds of skew and two of the store", async () => {
  const ttls: number[] = [];
  await checkWith({ store: { add: (_id, ttlMs) => ttls.push(ttlMs) > 0 } });
  assert.deepEqual(ttls, [120_000 + 2 * 30_000 + 2_000 + 1]);
});

test("release() says why it fails", async () => {
  const store = { add: () => true, release: () => Promise.reject(new Error("connection reset")) };
  const guard = createReplayGuard({ store, now: () => NOW });
  const passed = await guard.check(EVENT);
  const message = "Cannot release event: the replay store failed or was too slow";
  await assert.rejects(guard.release!(passed), { code: "ERR_REPLAY_STORE", message }); // its store has release
  const again = "passed must be a result of check() that was not released before";
  for (const other of [passed, { ...passed }]) {
    await assert.rejects(guard.release!(other), { name: "TypeError", message: again }); // its store has release
  }
});

test("release() waits no longer than timeoutMs", needsGlobals("setTimeout"), async () => {
  const store = { add: () => true, release: () => new Promise<void>(() => {}) };
  const guard = createReplayGuard({ store, now: () => NOW, timeoutMs: 5 });
  const passed = await guard.check(EVENT);
  await assert.rejects(guard.release!(passed), { code: "ERR_REPLAY_STORE" }); // its store has release
});

test("check() ends its timer when the store has answered", needsGlobals("setTimeout"), async () => {
  const { left } = await timersDuring(() => checkWith({ store: { add: () => Promise.resolve(true) } }));
  assert.deepEqual(left, []);
});

test("check() makes unique tokens without crypto.randomUUID()", replacing("crypto"), async () => {
  for (const crypto of [undefined, {}]) {
    const tokens = new Set<string>();
    await withGlobals({ crypto }, async () => {
      const guard = createReplayGuard({ store: { add: (_id, _ttlMs, token) => tokens.add(token).size > 0 } });
      for (let i = 0; i < 100; i++) await guard.check({ ...EVENT, timestamp: Date.now() });
    });
    assert.equal(tokens.size, 100);
    for (const token of tokens) assert.match(token, /^[0-9a-z]{6,}-[0-9a-z]{2,}$/);
  }
});

test("memoryStore() says what is wrong", () => {
  assert.throws(() => memoryStore({ maxIds: 0 }), { message: "maxIds must be a whole number from 1 to 16777216" });
  memoryStore({ maxIds: 2 ** 24 });
  const message = "now must return a finite number";
  assert.throws(() => memoryStore({ now: () => NaN }).add("a", 1, ""), { name: "TypeError", message });
});
