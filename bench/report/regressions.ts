/**
 * `npm run bench -- --check`: compares the ratios of quick runs with the committed ones, so that a release cannot be
 * slower unnoticed.
 *
 * @module
 */

import { geometricMean } from "../statistics.ts";
import type { RuntimeDocument } from "./documents.ts";

/**
 * How many times slower each subject may be. On a machine with eight times as many busy processes as cores, the lowest of
 * three runs was at most 2.3 times slower for `unseal`, which waits for other threads, and 1.3 times for the others. Single
 * cells differed by up to 70.
 */
export const MAX_SLOWDOWNS: Readonly<Record<string, number>> = { unseal: 3, inflate: 2, base64: 2 };

/** A disturbance of the machine ends, and a regression does not: the lowest of some runs counts. */
const MAX_RUNS = 3;

/** How many times slower each subject is than in the committed results, against the same contestants: the mean of its cells. */
export function slowdowns(run: RuntimeDocument, kept: RuntimeDocument): Readonly<Record<string, number>> {
  const ours = run.contestants.filter(({ role }) => role === "ours").map(({ name }) => name);
  return Object.fromEntries(
    Object.keys(MAX_SLOWDOWNS).flatMap((subject) => {
      const factors = run.cells.filter((cell) => cell.subject === subject).flatMap(({ variant, bytes, ratios }) => {
        const before = kept.cells.find((cell) =>
          cell.subject === subject && cell.variant === variant && cell.bytes === bytes
        )?.ratios ?? {};
        return Object.keys(ratios).filter((name) => !ours.includes(name) && name in before)
          .map((name) => before[name]!["ours"]! / ratios[name]!["ours"]!); // every other contestant has a ratio to ours
      });
      return factors.length === 0 ? [] : [[subject, geometricMean(factors)]];
    }),
  );
}

/** Measures again while a subject seems too slow, and returns the lowest slowdowns. */
export async function lowestSlowdowns(
  measure: () => Promise<RuntimeDocument>,
  kept: RuntimeDocument,
): Promise<Readonly<Record<string, number>>> {
  let lowest: Readonly<Record<string, number>> = {};
  for (let runs = 0; runs === 0 || runs < MAX_RUNS && isTooSlow(lowest); runs++) {
    const found = slowdowns(await measure(), kept);
    lowest = Object.fromEntries(
      Object.entries(found).map(([subject, factor]) => [subject, Math.min(factor, lowest[subject] ?? Infinity)]),
    );
  }
  return lowest;
}

/** Whether a subject is slower than it may be, or is missing. */
export function isTooSlow(factors: Readonly<Record<string, number>>): boolean {
  return Object.entries(MAX_SLOWDOWNS).some(([subject, most]) => !((factors[subject] ?? Infinity) <= most));
}
