/**
 * The record of handled events, in a Redis that all machines of the application share.
 *
 * @module
 */

import type { Redis } from "./redis.ts";

/**
 * How long the id of a handled event is kept. A webhook's signature contains no time, so anyone who has seen a webhook
 * can send it again later. Webhooks older than this must be refused, because their ids have expired.
 */
export const KEEP_MS: number = 24 * 60 * 60 * 1000;

/** How long the work for one event may take. Fingerprint repeats a webhook after 5 minutes, when this has passed. */
export const WORK_MS: number = 60 * 1000;

/**
 * `done`: this call did the work. `repeated`: it was done before. `busy`: another call is doing it, or has just failed.
 */
export type Outcome = "done" | "repeated" | "busy";

/**
 * Does the work for an event once. The event is marked as done only after the work: if the work fails or the machine
 * stops, the mark expires and the next delivery of the event does the work. Work that fails half-way is therefore
 * repeated, and must be idempotent.
 */
export async function handleOnce(redis: Redis, id: string, work: () => void | Promise<void>): Promise<Outcome> {
  const key = `visit:${id}`;
  if (await redis.set(key, "working", { PX: WORK_MS, NX: true }) === null) {
    return await redis.get(key) === "done" ? "repeated" : "busy";
  }
  await work();
  await redis.set(key, "done", { PX: KEEP_MS });
  return "done";
}
