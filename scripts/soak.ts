/**
 * `npm run soak`: 10,000 requests to the proxy on each runtime, one in ten hostile, 64 at once, over loopback only,
 * after a warm-up. `npm run soak -- deno bun` runs it on these.
 *
 * It fails when an event is lost or doubled, or when the memory of the proxy grows.
 *
 * @module
 */

import { absenceOf } from "../tests/runtimes/programs.ts";
import { programOf, RUNTIMES } from "../tests/services/support/servers.ts";
import { soak } from "../tests/services/support/soak.ts";

/** The allowance for garbage that is not collected yet. A leak of the bodies alone would take 60 MiB and more. */
const MAX_GROWTH_MEGABYTES = 48;

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

const names = process.argv.slice(2);
const unknown = names.filter((name) => !RUNTIMES.some((runtime) => runtime === name));
if (unknown.length > 0) throw new Error(`Unknown runtime ${unknown.join(", ")}: there are ${RUNTIMES.join(", ")}`);

for (const runtime of RUNTIMES.filter((runtime) => names.length === 0 || names.includes(runtime))) await run(runtime);

async function run(runtime: (typeof RUNTIMES)[number]): Promise<void> {
  const absence = absenceOf(programOf(runtime));
  if (absence !== undefined) throw new Error(absence.reason);
  const { events, errors, residentMegabytesBefore, residentMegabytesAfter, seconds } = await soak(runtime, {
    warmUp: WARM_UP_REQUESTS[runtime],
    requests: 10_000,
    atOnce: 64,
  });
  const growth = residentMegabytesAfter - residentMegabytesBefore;
  console.log(
    `${runtime}: ${events} events, none lost or doubled, in ${seconds.toFixed(1)} s; ` +
      `${residentMegabytesBefore} MiB resident after warm-up, ${residentMegabytesAfter} MiB at the end; ` +
      `errors ${JSON.stringify(errors)}`,
  );
  if (growth > MAX_GROWTH_MEGABYTES) {
    console.error(`${runtime}: memory grew by ${growth} MiB, over ${MAX_GROWTH_MEGABYTES}`);
    process.exitCode = 1;
  }
}
