/**
 * Serial latency of the whole operation, one operation at a time by the clock.
 *
 * On an idle host the cores sleep between two operations, as on a machine with little traffic: an operation that uses
 * another thread waits until that thread wakes. On a busy host operations follow each other without a pause, while
 * another process occupies the other cores.
 *
 * @module
 */

import { settings } from "bench:data";
import { sink } from "../harness.ts";
import { randomNumbers } from "../../tests/support/random.ts";
import { shuffled } from "../random.ts";
import type { LatencyCell } from "../report/documents.ts";
import { quantile, rounded } from "../statistics.ts";
import { unsealRunners } from "./events.ts";
import { openedOf } from "./inputs.ts";

const SIZES = [1024, 4096];
const WARM_UP_OPERATIONS = 300;
/** Consecutive operations of one contestant on a busy host. */
const BURST = 20;

export async function* measureLatency(): AsyncGenerator<LatencyCell> {
  const { host, operations, pauseMs } = settings.latency;
  const random = randomNumbers(settings.harness.seed);
  const burst = host === "idle" ? 1 : BURST;
  for (const bytes of SIZES) {
    const sealed = openedOf(bytes, 4).map((each) => each.sealed);
    const inputOf = (index: number) => sealed[index % sealed.length]!; // the index is in range
    const contestants = unsealRunners(4).map(({ name, run }) => ({ name, run, times: [] as number[] }));
    for (const { run } of contestants) {
      for (let i = 0; i < WARM_UP_OPERATIONS; i++) sink.last = await run(inputOf(i));
    }
    for (let done = 0; done < operations; done += burst) {
      for (const { run, times } of shuffled(contestants, random)) {
        if (host === "idle") await new Promise((resolve) => setTimeout(resolve, pauseMs));
        for (let i = done; i < done + burst; i++) {
          const start = performance.now();
          sink.last = await run(inputOf(i));
          times.push((performance.now() - start) * 1000);
        }
      }
    }
    const times = contestants.map(({ name, times }) =>
      [name, [rounded(quantile(times, 0.5)), rounded(quantile(times, 0.95))]] as const
    );
    yield { host, bytes, times: Object.fromEntries(times) };
  }
}
