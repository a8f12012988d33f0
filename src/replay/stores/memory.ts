/**
 * Remembering ids in the memory of this process.
 *
 * @module
 */

import { ownProperties } from "../../options.ts";
import type { ReplayStore } from "../guard.ts";

/** How to remember. */
export interface MemoryStoreOptions {
  /**
   * The most ids to remember: 1 to 16,777,216. 100,000 by default, some 20 MB of real ids, which is 500 events a second with
   * the guard's defaults.
   */
  readonly maxIds?: number;
  /** The time, in milliseconds. `Date.now` by default. */
  readonly now?: () => number;
}

/** As many as a `Set` can hold in V8. */
const LARGEST_SET = 2 ** 24;

interface Mark {
  readonly id: string;
  readonly expiresAt: number;
}

/**
 * Remembers ids in this process alone: an event passes once in each process, and once more after a restart. It is for
 * one process, development and tests; behind several, use a store that they share.
 *
 * Full of ids that have not expired, it takes no new ones: `add()` rejects, and the guard refuses the event with
 * `ERR_REPLAY_STORE`. It never forgets an id early.
 *
 * @throws {RangeError} When `maxIds` is out of range.
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
  const { maxIds = 100_000, now = Date.now } = ownProperties(options);
  if (!(Number.isInteger(maxIds) && maxIds >= 1 && maxIds <= LARGEST_SET)) {
    throw new RangeError(`maxIds must be a whole number from 1 to ${LARGEST_SET}`);
  }
  const ids = new Set<string>();
  // Ids expire in another order than they come in: an older event expires sooner. Each goes in and out once.
  const marks: Mark[] = [];

  return Object.freeze({
    // Asynchronous by contract alone: nothing is awaited between looking and remembering.
    // deno-lint-ignore require-await
    async add(id: string, ttlMs: number): Promise<boolean> {
      const time = now();
      while (marks.length > 0 && marks[0]!.expiresAt <= time) ids.delete(removeEarliest(marks).id);
      if (ids.has(id)) return false;
      if (ids.size >= maxIds) throw new Error(`Memory store is full: ${maxIds} ids have not expired`);
      ids.add(id);
      insert(marks, { id, expiresAt: time + ttlMs });
      return true;
    },
  });
}

/** Adds to a binary heap: no mark expires before its parent, the one at `(index - 1) >> 1`. */
function insert(heap: Mark[], mark: Mark): void {
  let index = heap.length;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (heap[parent]!.expiresAt <= mark.expiresAt) break; // a parent is always there
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = mark;
}

/** Takes the mark that expires first out of a heap that is not empty. */
function removeEarliest(heap: Mark[]): Mark {
  const earliest = heap[0]!; // not empty
  const last = heap.pop()!;
  if (heap.length === 0) return earliest;
  let index = 0;
  for (let child = 1; child < heap.length; child = 2 * index + 1) {
    // Both children are checked to be there.
    if (child + 1 < heap.length && heap[child + 1]!.expiresAt < heap[child]!.expiresAt) child++;
    if (heap[child]!.expiresAt >= last.expiresAt) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
  return earliest;
}
