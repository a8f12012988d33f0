/**
 * Times contestants against each other, in one process and in shuffled rounds.
 *
 * Contestants are timed only after all of them have returned equal outputs. Then whole batches are timed, because some
 * clocks tick once in a millisecond. Each round has one batch of every contestant, in a random order, so that
 * disturbances of the machine affect all of them. Orders come from a seed; this code does not depend on the runtime.
 *
 * @module
 */

import { type Case, type Entrant, qualify } from "./contest.ts";
import { randomNumbers } from "../tests/support/random.ts";
import { shuffled } from "./random.ts";
import type { Cell } from "./report/documents.ts";
import { quantile, quartiles, rounded } from "./statistics.ts";

export interface HarnessSettings {
  readonly seed: number;
  /** How long each contestant runs before it is timed: engines optimise while they warm up. */
  readonly warmUpMs: number;
  readonly batchMs: number;
  /** Roughly how long the timed rounds of a case take; twice that where the clock is coarse. */
  readonly caseBudgetMs: number;
  readonly minRounds: number;
  readonly maxRounds: number;
}

/** Outputs are kept here, so that no engine can remove the work that makes them. */
export const sink: { last: unknown } = { last: undefined };

/** Returns the function that measures a case. Batches are long enough for the clock's tick, which is read once. */
export function createHarness(
  settings: HarnessSettings,
): <Input, Output>(contest: Case<Input, Output>) => Promise<Cell> {
  const tickMs = clockTickMs();
  const batchMs = Math.max(settings.batchMs, 20 * tickMs);
  const budgetMs = settings.caseBudgetMs * (batchMs > settings.batchMs ? 2 : 1);

  return async function measure<Input, Output>(contest: Case<Input, Output>): Promise<Cell> {
    const { subject, variant, bytes, inputs, concurrency = 1 } = contest;
    const { entrants, refused } = await qualify(contest);
    const random = randomNumbers(settings.seed);
    const batch = (entrant: Entrant<Input>) => timeBatch(entrant, inputs, concurrency);

    /** Warms up, and finds how many passes make a batch. Returns the milliseconds of a batch. */
    async function calibrate(entrant: Entrant<Input>): Promise<number> {
      for (let spent = 0;; entrant.passes *= 2) {
        const first = await batch(entrant);
        // The slower of two equal runs was disturbed. A long run is longer than the disturbances.
        const ms = first > 10 * batchMs ? first : Math.min(first, await batch(entrant));
        spent += first + ms;
        if (spent < settings.warmUpMs || ms < batchMs / 2) continue;
        const passMs = ms / entrant.passes;
        entrant.passes = Math.max(1, Math.round(batchMs / passMs));
        return entrant.passes * passMs;
      }
    }

    let roundMs = 0;
    for (const entrant of entrants) roundMs += await calibrate(entrant);
    const rounds = Math.min(Math.max(Math.round(budgetMs / roundMs), settings.minRounds), settings.maxRounds);
    for (let round = 0; round < rounds; round++) {
      for (const entrant of shuffled(entrants, random)) {
        const operations = entrant.passes * inputs.length;
        const cpuStart = cpuMicroseconds();
        // A batch is never shorter than the clock's tick.
        const ms = Math.max(await batch(entrant), tickMs);
        const cpu = cpuMicroseconds() - cpuStart;
        entrant.times.push(ms * 1000 / operations);
        if (cpu > 0) entrant.cpuTimes.push(cpu / operations);
      }
    }
    return { subject, variant, bytes, ...timesOf(entrants), ...Object.keys(refused).length > 0 && { refused } };
  };
}

/** Milliseconds for the passes of a batch. */
async function timeBatch<Input>(
  { run, isAsynchronous, passes }: Entrant<Input>,
  inputs: readonly Input[],
  concurrency: number,
): Promise<number> {
  const start = performance.now();
  for (let pass = 0; pass < passes; pass++) {
    if (!isAsynchronous) {
      for (const input of inputs) sink.last = run(input);
    } else if (concurrency === 1) {
      for (const input of inputs) sink.last = await run(input);
    } else {
      for (let first = 0; first < inputs.length; first += concurrency) {
        sink.last = await Promise.all(inputs.slice(first, first + concurrency).map((input) => run(input)));
      }
    }
  }
  return performance.now() - start;
}

/** CPU time of all threads of the process; 0 where the runtime does not say, as workerd, whose function throws. */
function cpuMicroseconds(): number {
  const { process } = globalThis as { process?: { cpuUsage(): { user: number; system: number } } };
  try {
    const { user, system } = process!.cpuUsage(); // throws without a process, too
    return user + system;
  } catch {
    return 0;
  }
}

function timesOf(entrants: readonly Entrant<never>[]): Pick<Cell, "times" | "cpuTimes" | "ratios"> {
  const ours = entrants.filter(({ isOurs }) => isOurs);
  const times = entrants.map(({ name, times }) => [name, quartiles(times)] as const);
  const cpuTimes = entrants.filter(({ cpuTimes }) => cpuTimes.length > 0)
    .map(({ name, cpuTimes }) => [name, rounded(quantile(cpuTimes, 0.5))] as const);
  const ratios = entrants.map((entrant) => {
    const against = ours.filter((own) => own !== entrant).map((own) => {
      const ratios = entrant.times.map((time, round) => time / own.times[round]!); // all have a time for each round
      return [own.name, rounded(quantile(ratios, 0.5))] as const;
    });
    return [entrant.name, Object.fromEntries(against)] as const;
  });
  return {
    times: Object.fromEntries(times),
    cpuTimes: Object.fromEntries(cpuTimes),
    ratios: Object.fromEntries(ratios),
  };
}

/** The smallest observed step of the clock: a millisecond in workerd, and almost zero elsewhere. */
function clockTickMs(): number {
  let smallest = Infinity;
  for (let seen = 0, last = performance.now(), reads = 0; seen < 5 && reads < 1e8; reads++) {
    const now = performance.now();
    if (now === last) continue;
    smallest = Math.min(smallest, now - last);
    last = now;
    seen++;
  }
  if (smallest === Infinity) throw new Error("The clock does not advance");
  return smallest;
}
