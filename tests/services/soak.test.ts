import assert from "node:assert/strict";
import { test } from "node:test";
import { absenceOf } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { programOf, RUNTIMES } from "./support/servers.ts";
import { startSoak } from "./support/soak.ts";

// The short form of `npm run soak`.
for (const runtime of RUNTIMES) {
  test(`On ${runtime} proxy and endpoint lose and double no event of 1,000 requests, one in ten hostile, 64 at once`, async (t) => {
    if (skipIfAbsent(t, absenceOf(programOf(runtime)))) return;
    const soak = await startSoak(runtime);
    try {
      const { events, hostile } = await soak.run({ requests: 1_000, atOnce: 64 });
      assert.ok(events >= 900);
      assert.equal(Object.keys(hostile).length, 17);
    } finally {
      await soak.stop();
    }
  });
}
