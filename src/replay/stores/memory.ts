/**
 * A replay store in the memory of this process.
 *
 * @module
 */

import { checkFunction, ownProperties } from "../../options.ts";
import type { ReplayStore } from "../store.ts";
import { createExpiryQueue, type Mark } from "./expiry-queue.ts";

/** Options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The most ids to remember: 1 to 16,777,216. 100,000 by default, about 20 MB of real ids. That suffices for 500
   * events a second with the guard's defaults.
   */
  readonly maxIds?: number | undefined;
  /** The time, in milliseconds. `Date.now` by default. */
  readonly now?: (() => number) | undefined;
}

/** Most entries of a `Map` in V8. */
const LARGEST_MAP = 2 ** 24;

/** Most expired ids that one call removes. As each call adds one id, two suffice to remove all expired ids in time. */
const PURGES_PER_ADD = 2;

/**
 * Creates a store that remembers ids in this process alone: an event passes once in each process, and once more after a
 * restart. It is for a single process, development and tests; several processes need a shared store.
 *
 * While it is full of ids that have not expired, `add()` rejects for new ids, and the guard refuses their events with
 * `ERR_REPLAY_STORE`. It never forgets an id early. Expired ids are removed a few at a time as others are added.
 *
 * @throws {TypeError | RangeError} When an option is wrong.
 *
 * @example Remember up to 1,000 ids
 * ```ts
 * import { memoryStore } from "@unseal/sealed-results/replay";
 * import assert from "node:assert/strict";
 *
 * const store = memoryStore({ maxIds: 1_000 });
 * assert.equal(await store.add("1708102555327.NLOjmg", 120_000), true);
 * assert.equal(await store.add("1708102555327.NLOjmg", 120_000), false);
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): ReplayStore {
  const own = ownProperties(options);
  const { maxIds = 100_000 } = own;
  const now = checkFunction("now", own.now ?? Date.now);
  if (!(Number.isInteger(maxIds) && maxIds >= 1 && maxIds <= LARGEST_MAP)) {
    throw new RangeError(`maxIds must be a whole number from 1 to ${LARGEST_MAP}`);
  }
  const marks = new Map<string, Mark>();
  const queue = createExpiryQueue();

  function forget(mark: Mark): void {
    marks.delete(mark.id);
    queue.remove(mark);
  }

  return Object.freeze({
    // Asynchronous only to fulfil the interface: nothing is awaited between reading and writing.
    // deno-lint-ignore require-await
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      const time = now();
      const found = marks.get(id);
      if (found !== undefined) {
        // The condition is negated, so that an id is not forgotten when the clock returns NaN.
        if (!(found.expiresAt <= time)) return false;
        forget(found);
      }
      // More than one, so that the store shrinks; few, so that no call is slow.
      for (let count = 0; count < PURGES_PER_ADD; count++) {
        const first = queue.first();
        if (first === undefined || !(first.expiresAt <= time)) break;
        forget(first);
      }
      if (marks.size >= maxIds) throw new Error(`Cannot remember id: the store is full of ${maxIds} ids`);
      const mark = { id, token, expiresAt: time + ttlMs, position: 0 };
      marks.set(id, mark);
      queue.insert(mark);
      return true;
    },
    // deno-lint-ignore require-await
    async release(id: string, token: string): Promise<void> {
      const mark = marks.get(id);
      if (mark?.token === token) forget(mark);
    },
  });
}
