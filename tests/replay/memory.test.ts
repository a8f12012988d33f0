/** The store in memory: exact and bounded, and it forgets no id early. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createReplayGuard, memoryStore } from "../../src/replay/mod.ts";
import { runs } from "../support/runs.ts";
import { mark } from "../support/mark.ts";
import { needsGlobals } from "../support/web.ts";

test("memoryStore() returns true for exactly one of many concurrent calls with an id", async () => {
  const store = memoryStore();
  const answers = await Promise.all(Array.from({ length: 100 }, () => mark(store, "a", 1000)));
  assert.equal(answers.filter((answer) => answer).length, 1);
});

test("memoryStore() accepts an id again when it has expired, and not before", async () => {
  let time = 5_000;
  const store = memoryStore({ now: () => time });
  assert.equal(await mark(store, "a", 100), true);
  time = 5_099;
  assert.equal(await mark(store, "a", 100), false);
  time = 5_100;
  assert.equal(await mark(store, "a", 100), true);
});

test("memoryStore() refuses new ids when it is full, and forgets no fresh id", async () => {
  let time = 0;
  const store = memoryStore({ maxIds: 2, now: () => time });
  assert.equal(await mark(store, "late", 300), true);
  assert.equal(await mark(store, "early", 100), true);
  await assert.rejects(mark(store, "third", 100), { message: "Cannot remember id: the store is full of 2 ids" });
  assert.equal(await mark(store, "late", 300), false);
  assert.equal(await mark(store, "early", 300), false);
  // An id is removed after those that were added before it.
  time = 100;
  await assert.rejects(mark(store, "third", 100));
  time = 300;
  assert.equal(await mark(store, "third", 100), true);
  assert.equal(await mark(store, "early", 100), true);
  await assert.rejects(mark(store, "fourth", 100));
});

test("memoryStore() agrees with a list of every id and its expiry", async () => {
  const step = fc.record({
    id: fc.constantFrom(..."abcdefghijkl"),
    ttlMs: fc.integer({ min: 1, max: 50 }),
    waitMs: fc.integer({ min: 0, max: 12 }),
    isReleased: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 12 }), async (steps, maxIds) => {
      let time = 0;
      const store = memoryStore({ maxIds, now: () => time });
      const model = new Map<string, { addedAt: number; expiresAt: number }>();
      const count = (isCounted: (mark: { addedAt: number; expiresAt: number }) => boolean) =>
        [...model.values()].filter(isCounted).length;
      for (const [index, { id, ttlMs, waitMs, isReleased }] of steps.entries()) {
        time += waitMs;
        const token = `${index}`;
        const answer = await Promise.resolve().then(() => store.add(id, ttlMs, token)).catch(() => "full");
        const found = model.get(id);
        if (found !== undefined && found.expiresAt > time) {
          assert.equal(answer, false);
        } else if (count(({ expiresAt }) => expiresAt > time) >= maxIds) {
          assert.equal(answer, "full");
        } else if (answer === "full") {
          // It is full of ids that were added within the longest time to live.
          assert.ok(count(({ addedAt }) => addedAt > time - 50) >= maxIds);
        } else {
          assert.equal(answer, true);
        }
        if (answer === true) model.set(id, { addedAt: time, expiresAt: time + ttlMs });
        if (!isReleased) continue;
        await store.release?.(id, token);
        if (answer === true) model.delete(id);
      }
    }),
    { numRuns: runs(300) },
  );
});

test("memoryStore() stays fast when it is full and an id expires at each call", async () => {
  let time = 0;
  const count = runs(100_000);
  const store = memoryStore({ maxIds: count, now: () => time });
  // Searching all ids, or passing every removed one, at each call would take 10^10 steps.
  for (let i = 0; i < 2 * count; i++) {
    time = i;
    assert.equal(await mark(store, `${i}`, count), true);
  }
});

test("memoryStore() lets no event pass again after the clock was ahead", needsGlobals("performance"), async () => {
  const { now } = Date;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  try {
    const store = memoryStore();
    const guard = createReplayGuard({ store });
    const event = { event_id: "a", timestamp: Date.now() };
    await guard.check(event);
    aheadMs = 3_600_000;
    assert.equal(await mark(store, "b"), true);
    assert.equal(await mark(store, "c"), true);
    aheadMs = 0;
    await assert.rejects(guard.check(event), { code: "ERR_REPLAY_SEEN" });
  } finally {
    Date.now = now;
  }
});

test("memoryStore() removes few expired ids per call, and all of them in time", async () => {
  let time = 0;
  const count = runs(20_000);
  const store = memoryStore({ maxIds: count, now: () => time });
  for (let i = 0; i < count; i++) await mark(store, `${i}`, 100);
  time = 100;
  const { delete: remove } = Map.prototype;
  let removed = 0;
  Map.prototype.delete = function (key) {
    removed++;
    return remove.call(this, key);
  };
  try {
    for (let i = 0; i < count; i++) {
      const before = removed;
      assert.equal(await mark(store, `new ${i}`, 1_000), true);
      assert.ok(removed - before <= 2, `${removed - before} were removed at once`);
    }
  } finally {
    Map.prototype.delete = remove;
  }
  assert.equal(removed, count);
});

test("memoryStore() does not accept an id early when its clock goes back", async () => {
  let time = 1_000;
  const store = memoryStore({ now: () => time });
  assert.equal(await mark(store, "a", 100), true);
  time = 0;
  assert.equal(await mark(store, "a", 100), false);
  assert.equal(await mark(store, "b", 100), true);
  time = 1_099;
  assert.equal(await mark(store, "a", 100), false);
});

test("memoryStore() throws while its clock returns no finite number, and forgets no id", async () => {
  let time = 0;
  const store = memoryStore({ now: () => time });
  assert.equal(await mark(store, "a", 100), true);
  for (time of [NaN, Infinity, -Infinity]) {
    for (const id of ["a", "b"]) await assert.rejects(mark(store, id, 100), { message: /^now must return a finite/ });
  }
  time = 50;
  assert.equal(await mark(store, "a", 100), false);
  assert.equal(await mark(store, "b", 100), true);
});

test("memoryStore() releases an id only for its own token, and does not fill up with released ids", async () => {
  const store = memoryStore({ maxIds: 2, now: () => 0 });
  for (let i = 0; i < 10; i++) {
    assert.equal(await store.add("a", 100, `${i}`), true);
    for (const token of [`${i + 1}`, "", `${i} `]) await store.release?.("a", token);
    assert.equal(await store.add("a", 100, "other"), false);
    await store.release?.("a", `${i}`);
  }
  assert.equal(await mark(store, "b", 100), true);
  assert.equal(await mark(store, "c", 100), true);
  await store.release?.("unknown", "");
});

test("memoryStore() keeps the new mark of an id whose released mark would have expired", async () => {
  let time = 0;
  const store = memoryStore({ now: () => time });
  await store.add("a", 100, "1");
  assert.equal(await mark(store, "b", 1_000), true); // looks at the first mark of "a"
  await store.release?.("a", "1");
  assert.equal(await store.add("a", 1_000, "2"), true);
  time = 100;
  assert.equal(await mark(store, "c"), true);
  assert.equal(await mark(store, "a"), false);
});

test("memoryStore() refuses invalid options and reads no inherited one", async () => {
  assert.throws(() => memoryStore({ now: 5 as unknown as () => number }), { name: "TypeError", message: /^now / });
  for (const maxIds of [0, -1, 1.5, NaN, Infinity, 2 ** 24 + 1, "5"]) {
    assert.throws(() => memoryStore({ maxIds: maxIds as number }), RangeError);
  }
  assert.throws(() => memoryStore({ max: 5 } as object), { message: /^Unknown option .*; did you mean maxIds\?$/ });
  assert.equal(await mark(memoryStore({ maxIds: 1 }), "a"), true);
  const inherited = memoryStore(Object.create({ maxIds: 1 }) as object);
  assert.equal(await mark(inherited, "a", 1000), true);
  assert.equal(await mark(inherited, "b", 1000), true);
});
