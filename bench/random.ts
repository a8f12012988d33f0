/**
 * A repeatable source of numbers, for payloads and for the order of contestants.
 *
 * @module
 */

/** Gives an integer from 0 to below `below`. */
export type RandomNumbers = (below: number) => number;

/** mulberry32: small, and good enough to shuffle with. */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * below);
  };
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: RandomNumbers): Item[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [copy[last], copy[other]] = [copy[other]!, copy[last]!]; // other <= last < copy.length
  }
  return copy;
}
