/**
 * Times contestants against each other, in one process and in shuffled rounds.
 *
 * Nothing is timed before all contestants have given equal outputs. Then whole batches are timed, as some clocks tick
 * once in a millisecond: each round has one batch of every contestant, in an order of its own, so that what disturbs the
 * machine disturbs all of them. Orders come from a seed; nothing here knows which runtime it is on.
 *
 * @module
 */

import { type Case, type Entrant, qualify } from "./contest.ts";
import { randomNumbers, shuffled } from "./random.ts";
import { type CaseResult, quartiles, rounded, type Timing } from "./results.ts";

export interface HarnessSettings {
  readonly seed: number;
  /** How long each contestant runs before it is timed: engines optimise while they warm up. */
  readonly warmUpMs: number;
  readonly batchMs: number;
  /** What the timed rounds of a case may take, roughly; twice that where the clock is coarse. */
  readonly caseBudgetMs: number;
  readonly minRounds: number;
  readonly maxRounds: number;
}

/** Where outputs go, so that no engine can see that nobody wants them. */
export const sink: { last: unknown } = { last: undefined };

/** Gives the function that measures a case. It reads the clock's tick once, and makes batches long enough for it. */
export function createHarness(
  settings: HarnessSettings,
): <Input, Output>(contest: Case<Input, Output>) => Promise<CaseResult> {
  const tickMs = clockTickMs();
  const batchMs = Math.max(settings.batchMs, 20 * tickMs);
  const budgetMs = settings.caseBudgetMs * (batchMs > settings.batchMs ? 2 : 1);

  return async function measure<Input, Output>(contest: Case<Input, Output>): Promise<CaseResult> {
    const { subject, variant, bytes, inputs, concurrency = 1 } = contest;
    const { entrants, refused } = await qualify(contest);
    const random = randomNumbers(settings.seed);
    const batch = (entrant: Entrant<Input>) => timeBatch(entrant, inputs, concurrency);

    /** Warms up, and finds how many passes make a batch. Returns what that takes. */
    async function calibrate(entrant: Entrant<Input>): Promise<number> {
      for (let spent = 0;; entrant.passes *= 2) {
        const first = await batch(entrant);
        // Of two equal runs the slower one was disturbed; a long one outlasts what disturbs it.
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
        // Disturbed or not, a batch is never shorter than what the clock can tell.
        const ms = Math.max(await batch(entrant), tickMs);
        entrant.times.push(ms * 1000 / (entrant.passes * inputs.length));
      }
    }
    return { subject, variant, bytes, rounds, timings: timingsOf(entrants), refused };
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

function timingsOf(entrants: readonly Entrant<never>[]): Record<string, Timing> {
  const ours = entrants.filter(({ isOurs }) => isOurs);
  return Object.fromEntries(entrants.map(({ name, times }) => {
    const against = ours.map((own) => [own.name, quartiles(times.map((time, round) => time / own.times[round]!))]);
    return [name, { min: rounded(Math.min(...times)), ...quartiles(times), against: Object.fromEntries(against) }];
  }));
}

/** The smallest step that the clock is seen to take: a millisecond in workerd, and about nothing elsewhere. */
function clockTickMs(): number {
  let smallest = Infinity;
  for (let seen = 0, last = performance.now(), reads = 0; seen < 5 && reads < 1e8; reads++) {
    const now = performance.now();
    if (now === last) continue;
    smallest = Math.min(smallest, now - last);
    last = now;
    seen++;
  }
  if (smallest === Infinity) throw new Error("The clock stands still");
  return smallest;
}
