/**
 * Serial latency of the whole operation, one operation at a time by the clock.
 *
 * On an idle host the cores have gone to sleep between two operations, as on a machine with little traffic: what hands
 * work to another thread waits until that wakes. On a busy host operations follow each other at once while another
 * process takes the other cores.
 *
 * @module
 */

import { settings } from "bench:data";
import { openedOf } from "./cases/opened.ts";
import { unsealContestants } from "./cases/unseal.ts";
import { sink } from "./harness.ts";
import { randomNumbers, shuffled } from "./random.ts";
import { type LatencyResult, quantile, quartiles, rounded } from "./results.ts";

const SIZES = [1024, 4096];
const WARM_UP_OPERATIONS = 300;
/** How many operations of one contestant follow each other on a busy host. */
const BURST = 20;

export async function* measureLatency(): AsyncGenerator<LatencyResult> {
  const { host, operations, pauseMs } = settings.latency;
  const random = randomNumbers(settings.harness.seed);
  for (const bytes of SIZES) {
    const sealed = openedOf(bytes, 4).map((each) => each.sealed);
    const contestants = unsealContestants(4).map(({ name, run }) => ({
      name,
      run,
      times: [] as number[],
    }));
    for (const { run } of contestants) {
      for (let i = 0; i < WARM_UP_OPERATIONS; i++) {
        sink.last = await run(sealed[i % sealed.length]!); // below the length
      }
    }
    const burst = host === "idle" ? 1 : BURST;
    for (let done = 0; done < operations; done += burst) {
      for (const { run, times } of shuffled(contestants, random)) {
        if (host === "idle") {
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
        for (let i = done; i < done + burst; i++) {
          const input = sealed[i % sealed.length]!; // below the length
          const start = performance.now();
          sink.last = await run(input);
          times.push((performance.now() - start) * 1000);
        }
      }
    }
    const timings = contestants.map(({ name, times }) =>
      [name, {
        ...quartiles(times),
        p95: rounded(quantile(times, 0.95)),
      }] as const
    );
    yield { host, bytes, operations, timings: Object.fromEntries(timings) };
  }
}
