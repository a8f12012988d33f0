/**
 * A worker: reads sealed results from the stream, opens them, and stores the events. Start any number of workers on any
 * number of machines: `node worker.ts`, on Node 22.18 or later.
 *
 * `REDIS_URL`, `DATABASE_URL` and `FINGERPRINT_KEYS` (base64, separated by commas) come from the environment. SIGTERM
 * ends it after the current batch.
 *
 * @module
 */

import { createUnsealer, UnsealError } from "@unseal/sealed-results";
import { toRow } from "@unseal/sealed-results/event";
import { nodeCipher } from "@unseal/sealed-results/node-cipher";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { Pool } from "pg";
import { connectRedis, createGroup, type Entry, finish, hold, park, takeAbandoned, takeNew } from "./flow.ts";
import { createTable, insert, isDataFault, type Row } from "./sink.ts";

/** An entry that was opened. */
interface Opened {
  readonly entry: Entry;
  readonly row: Row;
}

/** After this time, the worker of an unfinished entry counts as dead. It is longer than any batch takes. */
const idleMs = Number(process.env["IDLE_MS"] ?? 30_000);
/** An entry that has crashed this many workers is refused instead of crashing another one. */
const MOST_DELIVERIES = 5;

const unsealer = createUnsealer({
  keys: (process.env["FINGERPRINT_KEYS"] ?? "").split(","),
  cipher: nodeCipher(),
});
const redis = await connectRedis(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379");
const pool = new Pool({ connectionString: process.env["DATABASE_URL"] });
// Without a listener, a restart of PostgreSQL would end the process through an idle connection.
pool.on("error", console.error);
const worker = `${hostname()}-${randomUUID()}`;

let isEnding = false;
process.once("SIGTERM", () => isEnding = true);
process.once("SIGINT", () => isEnding = true);

await createTable(pool);
await createGroup(redis);
let lookAt = 0;
while (!isEnding) {
  const isTimeToLook = Date.now() >= lookAt;
  if (isTimeToLook) lookAt = Date.now() + idleMs / 2;
  const abandoned = isTimeToLook ? await takeAbandoned(redis, worker, idleMs) : [];
  await handle(abandoned.length > 0 ? abandoned : await takeNew(redis, worker));
  if (abandoned.length > 0) lookAt = 0; // there may be more
}
await pool.end();
redis.destroy();

/**
 * Opens a batch, stores its events, and only then finishes its entries. After a crash in between, they are delivered
 * again.
 */
async function handle(entries: readonly Entry[]): Promise<void> {
  const opened: Opened[] = [];
  for (const entry of entries) {
    const refusal = entry.deliveries > MOST_DELIVERIES ? "too-many-deliveries" : await open(entry, opened);
    if (refusal !== undefined) await park(redis, entry, refusal);
  }
  await keep(opened);
}

/**
 * Inserts events and finishes their entries. Waits while the database is unavailable, and refuses events that it
 * rejects.
 */
async function keep(opened: readonly Opened[]): Promise<void> {
  try {
    await insert(pool, opened.map(({ row }) => row));
    await finish(redis, opened.map(({ entry }) => entry));
  } catch (error) {
    if (!isDataFault(error)) {
      if (isEnding) throw error;
      console.error(error);
      await hold(redis, worker, opened.map(({ entry }) => entry));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return await keep(opened);
    }
    const [only] = opened;
    if (only !== undefined && opened.length === 1) return await park(redis, only.entry, "refused-by-database");
    const middle = Math.ceil(opened.length / 2);
    await keep(opened.slice(0, middle));
    await keep(opened.slice(middle));
  }
}

/** Opens an entry into `opened`, or returns the code of its refusal. */
async function open(entry: Entry, opened: Opened[]): Promise<string | undefined> {
  try {
    const { event, bytes, keyId } = await unsealer.open(entry.sealed);
    const columns = toRow(event, keyId);
    if (columns.event_id === null) return "no-id";
    opened.push({
      entry,
      row: { columns, json: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString() },
    });
    return undefined;
  } catch (error) {
    if (error instanceof UnsealError) return error.code;
    throw error;
  }
}
