/**
 * The contract of `src/replay/store.ts`, which each store must keep with its real engine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { FingerprintEvent } from "../../../mod.ts";
import { createReplayGuard, ReplayError, type ReplayGuard, type ReplayStore } from "../../../src/replay/mod.ts";
import { type Absence, needs } from "../../support/absence.ts";
import { mark } from "../../support/mark.ts";
import { type EngineProcess, until } from "./engine.ts";

/** A store's engine, serving. */
export interface ReplayEngine {
  /** Whether it loses its ids when it is killed, because they are in its memory only. */
  readonly isInMemory?: boolean;
  /** Stores over the same data, each with a client or connection of its own. */
  readonly stores: readonly ReplayStore[];
  /** Closes the clients, ends the engine and removes its data. */
  close(): Promise<void>;
}

/** An engine that is a process of its own. */
export interface ReplayEngineProcess extends ReplayEngine {
  readonly process: EngineProcess;
}

/** The guard's time limit in tests without a failing engine: long enough for a busy machine. */
const PATIENCE_MS = 60_000;

/** Registers the tests of one store. Each test starts a new engine without any ids. */
export function testReplayStore(name: string, makeStore: () => Promise<ReplayEngine>, absence?: Absence): void {
  const testEngine = engineTest(name, makeStore, absence);

  testEngine("add() returns true to one of many concurrent calls for an id", async ({ stores }) => {
    const ids = Array.from({ length: 200 }, (_, index) => `id-${index}`);
    const counts = await countMarks(stores, ids.flatMap((id) => [id, id, id]));
    for (const id of ids) assert.equal(counts.get(id), 1, id);
    for (const store of stores) assert.equal(await mark(store, "id-7", 60_000), false);
  });

  testEngine("add() distinguishes any two ids", async ({ stores: [store] }) => {
    const ids = "a A a. ' \" \\ `;-- $1 ?1 % _ {a} * ../a &ttlMs=0 + #".split(" ");
    ids.push(...["~", "!", "{"].map((character) => character.repeat(256)), "a".repeat(255), "a".repeat(256));
    for (const expected of [true, false]) {
      for (const id of ids) assert.equal(await mark(store, id, 60_000), expected, id); // each engine has a store
    }
  });

  testEngine("add() accepts an id again after its ttl, once", async ({ stores }) => {
    const ttlMs = 700;
    const startedAt = Date.now();
    assert.equal(await mark(stores[0], "long", 60_000), true);
    assert.equal(await mark(stores[0], "short", ttlMs), true);
    let marks = 0;
    await until("the id is accepted again", async () => {
      marks = (await countMarks(stores, ["short", "short"])).get("short") ?? 0;
      return marks > 0;
    });
    // The clocks of the engine and of this process may differ by some milliseconds.
    assert.ok(Date.now() - startedAt >= ttlMs - 20);
    assert.equal(marks, 1);
    for (const store of stores) assert.equal(await mark(store, "short", 60_000), false);
    for (const store of stores) assert.equal(await mark(store, "long", 60_000), false);
  });

  testEngine("release() removes a mark only with the token of that mark", async ({ stores }, t) => {
    const [first, last] = [stores[0]!, stores.at(-1)!]; // each engine has a store
    if (first.release === undefined) return t.skip("this store has no release()");
    assert.equal(await first.add("released", 60_000, "token-1"), true);
    for (const token of ["token-2", "", "token-1 ", "%"]) await last.release?.("released", token);
    assert.equal(await last.add("released", 60_000, "token-2"), false);
    await last.release?.("released", "token-1");
    const answers = await Promise.all(stores.map((store, index) => store.add("released", 60_000, `new-${index}`)));
    assert.equal(answers.filter((isNew) => isNew).length, 1);
    // A client of the store may send the first command again.
    await first.release?.("released", "token-1");
    for (const store of stores) assert.equal(await mark(store, "released", 60_000), false);
    await first.release?.("unknown", "token-1");
  });

  testEngine("release() lets one check pass again, on any machine", async ({ stores }, t) => {
    const guards = stores.map((store) => createReplayGuard({ store, timeoutMs: PATIENCE_MS }));
    if (guards[0]?.release === undefined) return t.skip("this store has no release()");
    const event = newEvent();
    for (let round = 0; round < 5; round++) {
      const passes = await Promise.all(
        guards.map((guard) => guard.check(event).then((value) => ({ guard, value }), refused)),
      );
      const [passed, ...more] = passes.filter((pass) => typeof pass === "object");
      assert.ok(passed !== undefined && more.length === 0);
      await passed.guard.release?.(passed.value);
    }
  });

  testEngine("check() accepts one of many checks of an event, on any machine", async ({ stores }) => {
    const ledger = createLedger(stores, PATIENCE_MS);
    const events = Array.from({ length: 100 }, newEvent);
    await Promise.all(events.map((event) => ledger.checkEverywhere(event)));
    await Promise.all(events.map((event) => ledger.checkEverywhere(event)));
    for (const { event_id } of events) assert.equal(ledger.passed(event_id), 1);
    assert.deepEqual([...ledger.codes], ["ERR_REPLAY_SEEN"]);
  });
}

/** Registers the tests of one store, and tests that kill and pause its engine. */
export function testReplayStoreProcess(
  name: string,
  makeStore: () => Promise<ReplayEngineProcess>,
  absence?: Absence,
): void {
  testReplayStore(name, makeStore, absence);
  const testEngine = engineTest(name, makeStore, absence);

  testEngine(
    "check() accepts no event twice when the engine is killed, and accepts new ones after its restart",
    async (engine) => {
      const ledger = createLedger(engine.stores);
      const events: SomeEvent[] = [];
      let isUnderLoad = true;
      const load = Array.from({ length: 8 }, async () => {
        while (isUnderLoad) {
          const event = newEvent();
          events.push(event);
          await ledger.checkEverywhere(event);
          await delay(1);
        }
      });
      try {
        await until("some events have passed", () => ledger.totalPassed() >= 200);
        await engine.process.kill();
        await until("checks fail", () => ledger.storeErrors() >= 40);
      } finally {
        isUnderLoad = false;
      }
      await Promise.all(load);
      assert.deepEqual([...ledger.codes].sort(), ["ERR_REPLAY_SEEN", "ERR_REPLAY_STORE"]);

      await engine.process.start();
      for (let left = 3; left > 0; left--) {
        await until("every machine passes events again", async () => {
          const event = newEvent();
          const passed = await Promise.all(ledger.guards.map((guard) => guard.check(event).then(() => 1, refused)));
          return passed.includes(1) && passed.filter((each) => each === "ERR_REPLAY_SEEN").length === passed.length - 1;
        });
      }
      for (const event of events) await ledger.checkEverywhere(event);
      // An engine in memory forgets once, and so may accept an event once more.
      const most = engine.isInMemory === true ? 2 : 1;
      for (const { event_id } of events) assert.ok(ledger.passed(event_id) <= most, event_id);
    },
  );

  testEngine(
    "check() refuses after timeoutMs while the engine hangs, and accepts new events afterwards",
    async (engine) => {
      const ledger = createLedger(engine.stores, 300);
      const before = newEvent();
      const patient = createReplayGuard({ store: engine.stores[0]!, timeoutMs: PATIENCE_MS }); // each engine has a store
      await patient.check(before);
      // In a cluster only one node is paused, which has a third of the ids.
      const during = Array.from({ length: 40 }, newEvent);
      engine.process.pause();
      try {
        await Promise.all(during.map((event) => ledger.checkEverywhere(event)));
        assert.ok(ledger.storeErrors() > 0);
      } finally {
        engine.process.resume();
      }
      await until("events pass again", async () => {
        const event = newEvent();
        await ledger.checkEverywhere(event);
        return ledger.passed(event.event_id) === 1;
      });
      // Commands that were held back may have marked events that were refused.
      for (const event of during) {
        await ledger.checkEverywhere(event);
        assert.ok(ledger.passed(event.event_id) <= 1);
      }
      await assert.rejects(patient.check(before), { code: "ERR_REPLAY_SEEN" });
    },
  );
}

function engineTest<Engine extends ReplayEngine>(
  name: string,
  makeStore: () => Promise<Engine>,
  absence: Absence | undefined,
): (title: string, body: (engine: Engine, t: Pick<TestContext, "skip">) => Promise<void>) => void {
  return (title, body) =>
    test(`${name}: ${title}`, needs(absence), async (t) => {
      const engine = await makeStore();
      try {
        await body(engine, t);
      } finally {
        await engine.close();
      }
    });
}

export interface SomeEvent {
  readonly event_id: string;
  readonly timestamp: number;
}

let events = 0;

/** An event with the current time and a new id. */
export function newEvent(): SomeEvent & FingerprintEvent {
  const timestamp = Date.now();
  return { event_id: `${timestamp}.${process.pid}.${++events}`, timestamp };
}

/** Adds every id through every store concurrently, and counts the `true` answers of each id. */
async function countMarks(stores: readonly ReplayStore[], ids: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  await Promise.all(ids.flatMap((id) =>
    stores.map(async (store) => {
      const isNew = await mark(store, id, 60_000);
      counts.set(id, (counts.get(id) ?? 0) + (isNew ? 1 : 0));
    })
  ));
  return counts;
}

interface Ledger {
  readonly guards: readonly ReplayGuard[];
  /** The codes of all refusals so far. */
  readonly codes: Set<string>;
  checkEverywhere(event: SomeEvent): Promise<void>;
  passed(id: string): number;
  totalPassed(): number;
  storeErrors(): number;
}

/** Counts the events that the guards of several machines accept. */
function createLedger(stores: readonly ReplayStore[], timeoutMs = 1_500): Ledger {
  const guards = stores.map((store) => createReplayGuard({ store, timeoutMs }));
  const passes = new Map<string, number>();
  const codes = new Set<string>();
  let totalPassed = 0;
  let storeErrors = 0;
  return {
    guards,
    codes,
    async checkEverywhere(event) {
      await Promise.all(guards.map(async (guard) => {
        try {
          await guard.check(event as SomeEvent & FingerprintEvent);
        } catch (error) {
          const code = refused(error);
          codes.add(code);
          if (code === "ERR_REPLAY_STORE") storeErrors++;
          return;
        }
        passes.set(event.event_id, (passes.get(event.event_id) ?? 0) + 1);
        totalPassed++;
      }));
    },
    passed: (id) => passes.get(id) ?? 0,
    totalPassed: () => totalPassed,
    storeErrors: () => storeErrors,
  };
}

function refused(error: unknown): string {
  if (error instanceof ReplayError) return error.code;
  throw error;
}
