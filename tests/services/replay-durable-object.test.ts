/** The Durable Object store in workerd, with storage on disk. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { ReplayStore } from "../../src/replay/mod.ts";
import { needs } from "../support/absence.ts";
import { mark } from "../support/mark.ts";
import { until } from "./support/engine.ts";
import { type ReplayEngineProcess, testReplayStoreProcess } from "./support/replay-contract.ts";
import { startWorkerd, workerdAbsence, type WorkerdOptions } from "./support/workerd.ts";

const WORKERDS: Readonly<Record<string, WorkerdOptions>> = {
  "SQLite storage": { enableSql: true },
  "key-value storage": { enableSql: false },
  "key-value storage, as of 2023": { enableSql: false, compatibilityDate: "2023-03-01" },
};

for (const [name, options] of Object.entries(WORKERDS)) {
  testReplayStoreProcess(
    `durableObjectStore(${name})`,
    async (): Promise<ReplayEngineProcess> => {
      const { url, process, close } = await startWorkerd(options);
      return { stores: [storeOver(url), storeOver(url)], process, close };
    },
    workerdAbsence,
  );

  test(`ReplayObject (${name}) removes expired marks, until none is left`, needs(workerdAbsence), async () => {
    const { url, close } = await startWorkerd(options);
    const held = async () => await (await fetch(`${url}/held`)).json() as Held;
    try {
      const store = storeOver(url, 1);
      assert.deepEqual(await held(), { held: 0, hasAlarm: false, alarmInMs: 0, rings: 0 });
      // Several pages of the storage; one in three stays.
      for (let i = 0; i < 300; i += 20) {
        const ids = Array.from({ length: 20 }, (_, index) => i + index);
        await Promise.all(ids.map((id) => store.add(`${id}`, id % 3 === 0 ? 600_000 : 1, "token")));
      }
      const { alarmInMs: firstInMs, ...before } = await held();
      assert.deepEqual(before, { held: 300, hasAlarm: true, rings: 0 });
      assert.ok(firstInMs > 30_000 && firstInMs <= 60_000, `${firstInMs}`);
      await fetch(`${url}/ring`);
      await until("expired marks are removed", async () => (await held()).held === 100);
      await until("the next alarm is set", async () => (await held()).hasAlarm);
      const { alarmInMs, rings } = await held();
      // An alarm in the past would ring again at once, and for ever.
      assert.ok(alarmInMs > 30_000 && alarmInMs <= 60_000, `${alarmInMs}`);
      assert.equal(rings, 1);
      assert.equal(await mark(store, "0", 600_000), false);
      assert.equal(await mark(store, "1", 1), true);
      for (let id = 0; id < 300; id += 3) await store.release?.(`${id}`, "token");
      await until("nothing is left", async () => {
        await fetch(`${url}/ring`);
        await delay(300);
        return (await held()).held === 0;
      });
      assert.equal((await held()).hasAlarm, false);
    } finally {
      await close();
    }
  });
}

testReplayStoreProcess("sqlStore(SQLite in workerd)", async () => {
  const { url, process, close } = await startWorkerd({ enableSql: true });
  return { stores: [storeOver(url, 1, "sql"), storeOver(url, 1, "sql")], process, close };
}, workerdAbsence);

/** What the object reports. */
interface Held {
  readonly held: number;
  readonly hasAlarm: boolean;
  readonly alarmInMs: number;
  readonly rings: number;
}

/** A store that sends its calls to the store in the Worker. */
function storeOver(url: string, shards = 4, path = "add"): ReplayStore {
  async function ask(parameters: Record<string, string>): Promise<unknown> {
    const query = new URLSearchParams({ ...parameters, shards: String(shards) });
    const response = await fetch(`${url}/${path}?${query}`, { method: "POST" });
    assert.equal(response.status, 200);
    return await response.json();
  }
  return {
    add: async (id, ttlMs, token = "") => await ask({ id, ttlMs: String(ttlMs), token }) as boolean,
    release: async (id, token) => void await ask({ id, token }),
  };
}
