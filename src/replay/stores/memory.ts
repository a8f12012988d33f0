/**
 * A replay store in the memory of this process.
 *
 * @module
 */

import { checkedOptions } from "../../checked-options.ts";
import { checkFunction } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/** Options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The most ids to remember: 1 to 16,777,216. 100,000 by default, about 20 MB of real ids. That suffices for 500
   * events a second with the guard's defaults.
   */
  readonly maxIds?: number | undefined;
  /**
   * The time, in milliseconds since any moment. `performance.now` by default, which cannot be set, or `Date.now` in a
   * runtime without it.
   */
  readonly now?: (() => number) | undefined;
}

interface Mark {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: number;
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
 * `ERR_REPLAY_STORE`. It never forgets an id early. Ids are removed in the order in which they were added, a
 * few at a time as others are added: an id with a long time to live holds back those that were added after it.
 *
 * @throws {TypeError | RangeError} When an option is wrong.
 *
 * @example Remember up to 1,000 ids
 * ```ts
 * import { memoryStore } from "@unseal/sealed-results/replay";
 * import assert from "node:assert/strict";
 *
 * const store = memoryStore({ maxIds: 1_000 });
 * assert.equal(store.add("1708102555327.NLOjmg", 120_000, "token-1"), true);
 * assert.equal(store.add("1708102555327.NLOjmg", 120_000, "token-2"), false);
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): ReplayStore {
  const own = checkedOptions(options, { maxIds: 1, now: 1 });
  const { maxIds = 100_000 } = own;
  const now = checkFunction("now", own.now ?? systemClock());
  if (!(Number.isInteger(maxIds) && maxIds >= 1 && maxIds <= LARGEST_MAP)) {
    throw new RangeError(`maxIds must be a whole number from 1 to ${LARGEST_MAP}`);
  }
  const marks = new Map<string, Mark>();
  // All marks in the order of their insertion. The iterator is kept, because a new one would pass every removed entry.
  let queue = marks.values();
  let first: Mark | undefined;

  /** Removes the first marks that have expired: more than one, so that the store shrinks; few, so that no call is slow. */
  function removeExpired(time: number): void {
    for (let count = 0; count < PURGES_PER_ADD; count++) {
      first ??= queue.next().value;
      // At its end, an iterator stays there, whatever is added.
      if (first === undefined) {
        queue = marks.values();
        return;
      }
      if (marks.get(first.id) === first) {
        if (first.expiresAt > time) return;
        marks.delete(first.id);
      }
      first = undefined;
    }
  }

  return Object.freeze({
    add(id: string, ttlMs: number, token: string): boolean {
      const time = now();
      // A mark of the time NaN would never expire.
      if (!Number.isFinite(time)) throw new TypeError("now must return a finite number");
      const found = marks.get(id);
      if (found !== undefined) {
        if (found.expiresAt > time) return false;
        marks.delete(id);
      }
      removeExpired(time);
      if (marks.size >= maxIds) throw new Error(`Cannot remember id: the store is full of ${maxIds} ids`);
      marks.set(id, { id, token, expiresAt: time + ttlMs });
      return true;
    },
    release(id: string, token: string): void {
      if (marks.get(id)?.token === token) marks.delete(id);
    },
  });
}

/** A clock that cannot be set, if available: when the time is set ahead, an id would be forgotten early. */
function systemClock(): () => number {
  return typeof performance === "object" ? () => performance.now() : Date.now;
}
