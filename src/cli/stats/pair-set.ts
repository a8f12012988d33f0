/**
 * A set of pairs of numbers. It needs a quarter of the memory of a `Set` of numbers that combine them.
 *
 * @module
 */

import { mix } from "./hyperloglog.ts";

export interface PairSet {
  readonly size: number;
  /** Adds a pair of integers from 0 to 2³² − 2. Returns whether it is new. */
  add(first: number, second: number): boolean;
  forEach(visit: (first: number, second: number) => void): void;
}

const FIRST_SLOTS = 1024;

export function createPairSet(): PairSet {
  /** Two elements for each slot: the first number plus one, or 0 in an empty slot, and the second number. */
  let slots = new Uint32Array(2 * FIRST_SLOTS);
  let size = 0;
  // An input that was made for it could otherwise choose pairs that all search the same slots.
  const [seed = 0, otherSeed = 0] = crypto.getRandomValues(new Uint32Array(2));

  /** The index of the pair's slot, or of the empty slot where it belongs. At least half of the slots are empty. */
  function find(first: number, second: number): number {
    const mask = slots.length - 1;
    let at = 2 * mix(mix(first ^ seed) ^ second ^ otherSeed) & mask;
    while (slots[at] !== 0 && (slots[at] !== first + 1 || slots[at + 1] !== second)) at = (at + 2) & mask;
    return at;
  }

  function forEach(visit: (first: number, second: number) => void, all = slots): void {
    for (let at = 0; at < all.length; at += 2) if (all[at] !== 0) visit(all[at]! - 1, all[at + 1]!); // at < all.length
  }

  function put(at: number, first: number, second: number): void {
    slots[at] = first + 1;
    slots[at + 1] = second;
  }

  return {
    get size() {
      return size;
    },
    add(first, second) {
      const at = find(first, second);
      if (slots[at] !== 0) return false;
      put(at, first, second);
      if (++size * 4 > slots.length) {
        const before = slots;
        slots = new Uint32Array(2 * before.length);
        forEach((first, second) => put(find(first, second), first, second), before);
      }
      return true;
    },
    forEach: (visit) => forEach(visit),
  };
}
