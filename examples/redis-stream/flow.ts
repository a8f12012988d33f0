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
  // Without a listener, a lost connection would end the process. The client connects again.
  return createClient({ url }).on("error", console.error).connect();
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

/**
 * Claims entries that other workers, or this one before a restart, did not finish within `idleMs`. An entry that was
 * claimed before is claimed alone: if it crashes its workers, the entries beside it are not refused with it.
 */
export async function takeAbandoned(redis: Redis, worker: string, idleMs: number): Promise<Entry[]> {
  const pending = await redis.xPendingRange(STREAM, GROUP, "-", "+", BATCH_ENTRIES, { IDLE: idleMs });
  const [first] = pending;
  if (first === undefined) return [];
  const chosen = first.deliveriesCounter > 1 ? [first] : pending.filter((each) => each.deliveriesCounter === 1);
  const claimed = await redis.xClaim(STREAM, GROUP, worker, idleMs, chosen.map(({ id }) => id));
  return claimed.filter((message) => message !== null).map(({ id, message }) => ({
    id,
    sealed: message["sealed"] ?? "",
    deliveries: first.deliveriesCounter + 1, // the same for all chosen ones
  }));
}

/** Keeps entries that take longer from being claimed by other workers. It does not count as a delivery. */
export async function hold(redis: Redis, worker: string, entries: readonly Entry[]): Promise<void> {
  await redis.xClaimJustId(STREAM, GROUP, worker, 0, entries.map(({ id }) => id));
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
