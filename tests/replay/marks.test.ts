/** How long the guard marks an id, and how it removes the mark. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryStore, ReplayError, type ReplayStore } from "../../src/replay/mod.ts";
import { runs } from "../support/runs.ts";
import { guardOf, NOW, refuses, v4 } from "./guards.ts";

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
