import assert from "node:assert/strict";
import { test } from "node:test";
import { absenceOf } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { programOf, RUNTIMES } from "./support/servers.ts";
import { soak } from "./support/soak.ts";

// The short form of `npm run soak`.
for (const runtime of RUNTIMES) {
  test(`On ${runtime} the proxy loses and doubles no event of 1,000 requests, one in ten hostile, 64 at once`, async (t) => {
    if (skipIfAbsent(t, absenceOf(programOf(runtime)))) return;
    const { events, hostile } = await soak(runtime, { warmUp: 0, requests: 1_000, atOnce: 64 });
    assert.ok(events >= 900);
    assert.equal(Object.keys(hostile).length, 10);
  });
}
