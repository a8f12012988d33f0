/**
 * The order of contestants.
 *
 * @module
 */

import type { RandomNumbers } from "../tests/support/random.ts";

/** A shuffled copy (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: RandomNumbers): Item[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [copy[last], copy[other]] = [copy[other]!, copy[last]!]; // other <= last < copy.length
  }
  return copy;
}
