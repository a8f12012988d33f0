/**
 * A Redis stream that proxies append sealed results to, and that any number of workers read as one group.
 *
 * An entry is delivered at least once. Redis keeps it as pending for its worker until it is finished. If that takes too
 * long, another worker claims it.
 *
 * @module
 */

import { createClient } from "redis";

/** A connection. */
export type Redis = Awaited<ReturnType<typeof connectRedis>>;

export function connectRedis(url: string) {
  return createClient({ url }).connect();
}

/** An entry of the stream. */
export interface Entry {
  readonly id: string;
  /** The sealed result as base64 text. */
  readonly sealed: string;
  /** How often it has been delivered, this time included. */
  readonly deliveries: number;
}

const STREAM = "fingerprint:sealed";
const REFUSED = "fingerprint:refused";
const GROUP = "unsealers";
const BATCH_ENTRIES = 200;
/** How long a worker that finds nothing waits for new entries. */
const WAIT_MS = 500;
/** How many refused entries are kept for inspection. */
const MOST_REFUSED = 10_000;

/** Appends a sealed result. For the proxy or the endpoint that received it. */
export async function append(redis: Redis, sealed: string): Promise<void> {
  await redis.xAdd(STREAM, "*", { sealed });
}

/** Creates the group, once for all workers; it begins with the first entry of the stream. */
export async function createGroup(redis: Redis): Promise<void> {
  try {
    await redis.xGroupCreate(STREAM, GROUP, "0", { MKSTREAM: true });
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw error;
  }
}

/**
 * Reads entries that were never delivered, and waits a moment for some. It needs a connection of its own, which it
 * blocks.
 */
export async function takeNew(redis: Redis, worker: string): Promise<Entry[]> {
  const streams = await redis.xReadGroup(GROUP, worker, { key: STREAM, id: ">" }, {
    COUNT: BATCH_ENTRIES,
    BLOCK: WAIT_MS,
  }) as { messages: Message[] }[] | null; // the client's type also covers other reply formats
  return (streams?.[0]?.messages ?? []).map(({ id, message }) => ({
    id,
    sealed: message["sealed"] ?? "",
    deliveries: 1,
  }));
}

/** Claims entries that other workers, or this one before a restart, did not finish within `idleMs`. */
export async function takeAbandoned(redis: Redis, worker: string, idleMs: number): Promise<Entry[]> {
  const { messages } = await redis.xAutoClaim(STREAM, GROUP, worker, idleMs, "0-0", { COUNT: BATCH_ENTRIES });
  const claimed = messages.filter((message) => message !== null);
  const [first, last] = [claimed[0]?.id, claimed.at(-1)?.id];
  if (first === undefined || last === undefined) return [];
  const pending = await redis.xPendingRange(STREAM, GROUP, first, last, BATCH_ENTRIES, { consumer: worker });
  const deliveries = new Map(pending.map(({ id, deliveriesCounter }) => [id, deliveriesCounter]));
  return claimed.map(({ id, message }) => ({
    id,
    sealed: message["sealed"] ?? "",
    deliveries: deliveries.get(id) ?? 1,
  }));
}

/** Finishes entries: they are no longer pending, and their memory is freed. */
export async function finish(redis: Redis, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const ids = entries.map(({ id }) => id);
  await redis.multi().xAck(STREAM, GROUP, ids).xDel(STREAM, ids).exec();
}

/** Finishes an entry that can never be opened, and moves it to another stream with the code of its refusal. */
export async function park(redis: Redis, { id, sealed }: Entry, code: string): Promise<void> {
  await redis.multi()
    .xAdd(REFUSED, "*", { id, sealed, code }, {
      TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: MOST_REFUSED },
    })
    .xAck(STREAM, GROUP, id)
    .xDel(STREAM, id)
    .exec();
}

interface Message {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}
