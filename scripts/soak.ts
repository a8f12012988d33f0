/**
 * `npm run soak`: requests to the proxy and the endpoint on each runtime, one in ten hostile, over loopback only, after a
 * warm-up. `npm run soak -- deno bun` runs it on these.
 *
 * `--minutes=30` keeps the load up for that long and writes `bench/results/soak.json`; the default is one round.
 *
 * It fails when an event is lost or doubled, when a status is wrong, when the server's memory or its number of open files
 * grows, or when it closes connections instead of answering.
 *
 * @module
 */

import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { absenceOf } from "../tests/runtimes/programs.ts";
import { programOf, RUNTIMES } from "../tests/services/support/servers.ts";
import { type RoundResult, type Soak, startSoak } from "../tests/services/support/soak.ts";
import { keepResult, today } from "../tests/support/kept-results.ts";

/** The allowance for garbage that is not collected yet. A leak of the bodies alone would take 60 MiB and more. */
const MAX_GROWTH_MEGABYTES = 48;
/** The allowance for connections that are just being closed. */
const MAX_MORE_FILES = 32;
/** The allowance for kept connections that a server closes at the moment of a request. */
const MAX_RESENT_SHARE = 1 / 1000;

/**
 * Requests after which a runtime's heap no longer grows. workerd had 154 MiB resident after 2,000 requests, 208 after
 * 10,000, 293 after 30,000 and 291 after 40,000.
 */
const WARM_UP_REQUESTS: Readonly<Record<(typeof RUNTIMES)[number], number>> = {
  node: 10_000,
  deno: 10_000,
  bun: 10_000,
  workerd: 30_000,
};

const ROUND = { requests: 10_000, atOnce: 64 };
/** With `--minutes`: a round of a thousand requests to each every ten seconds, so that several runtimes can run at once. */
const PACED_ROUND = { requests: 1_000, atOnce: 16 };
const PACE_MS = 10_000;

// Servers are stopped at "exit", which a signal alone does not cause.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const { values: { minutes }, positionals: names } = parseArgs({
  options: { minutes: { type: "string" } },
  allowPositionals: true,
});
const unknown = names.filter((name) => !RUNTIMES.some((runtime) => runtime === name));
if (unknown.length > 0) throw new Error(`Unknown runtime ${unknown.join(", ")}: there are ${RUNTIMES.join(", ")}`);

const runtimes = RUNTIMES.filter((runtime) => names.length === 0 || names.includes(runtime));
// With --minutes all at once: what is measured is growth over time, not speed.
if (minutes === undefined) { for (const runtime of runtimes) await run(runtime); }
else await Promise.all(runtimes.map(run));

async function run(runtime: (typeof RUNTIMES)[number]): Promise<void> {
  const absence = absenceOf(programOf(runtime));
  if (absence !== undefined) throw new Error(absence.reason);
  const soak = await startSoak(runtime);
  try {
    const { atOnce } = minutes === undefined ? ROUND : PACED_ROUND;
    await soak.run({ requests: WARM_UP_REQUESTS[runtime], atOnce });
    const result = await measure(soak, Number(minutes ?? 0));
    console.log(`${runtime}: ${JSON.stringify(result)}`);
    if (minutes !== undefined) {
      const host = `${cpus()[0]?.model}, ${cpus().length} cores`;
      keepResult("soak", runtime, { date: today(), host, ...result });
    }
    const { residentMegabytes: [before, , after], openFiles: [filesBefore, filesAfter], requests, resent } = result;
    if (after - before > MAX_GROWTH_MEGABYTES || filesAfter - filesBefore > MAX_MORE_FILES) {
      console.error(`${runtime}: memory or open files have grown`);
      process.exitCode = 1;
    }
    if (resent > MAX_RESENT_SHARE * requests) {
      console.error(`${runtime}: ${resent} requests had to be sent again`);
      process.exitCode = 1;
    }
  } catch (error) {
    throw new Error(`${runtime} failed`, { cause: error });
  } finally {
    await soak.stop();
  }
}

/** One round, or as many as the minutes allow. */
async function measure(soak: Soak, minutes: number) {
  const round = minutes === 0 ? ROUND : PACED_ROUND;
  const deadline = Date.now() + 60_000 * minutes;
  const [memoryBefore, filesBefore] = [soak.residentBytes(), soak.openFiles()];
  let [most, events, hostile, resent, rounds] = [memoryBefore, 0, 0, 0, 0];
  let first: RoundResult["milliseconds"] | undefined;
  let last: RoundResult["milliseconds"];
  do {
    const pause = minutes === 0 ? undefined : delay(PACE_MS);
    const result = await soak.run(round);
    rounds++;
    first ??= result.milliseconds;
    last = result.milliseconds;
    events += result.events;
    resent += result.resent;
    hostile += Object.values(result.hostile).reduce((total, count) => total + count, 0);
    most = Math.max(most, soak.residentBytes());
    await pause;
  } while (Date.now() < deadline);
  return {
    minutes,
    requests: 2 * rounds * round.requests,
    hostile,
    events,
    resent,
    residentMegabytes: [memoryBefore, most, soak.residentBytes()].map(megabytes) as [number, number, number],
    openFiles: [filesBefore, soak.openFiles()] as [number, number],
    proxyMilliseconds: { first: percentiles(first.proxy), last: percentiles(last.proxy) },
    endpointMilliseconds: { first: percentiles(first.endpoint), last: percentiles(last.endpoint) },
  };
}

/** The median, and the 99th percentile. */
function percentiles(milliseconds: readonly number[]): [number, number] {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(10 * sorted[Math.floor(share * (sorted.length - 1))]!) / 10;
  return [at(0.5), at(0.99)];
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
