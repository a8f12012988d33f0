/**
 * Calls of a replay store.
 *
 * @module
 */

import type { ReplayStore } from "../../src/replay/mod.ts";

/** Adds an id with a token of its own, as each check of the guard does. */
export async function mark(store: ReplayStore | undefined, id: string, ttlMs = 60_000): Promise<boolean> {
  return await store!.add(id, ttlMs, `token-${Math.random()}`); // each engine has a store
}
