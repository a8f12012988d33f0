/**
 * Runs each target of `npm run fuzz` once over the inputs that are kept for it, and over those it starts from.
 *
 * @module
 */

import assert from "node:assert/strict";
import test from "node:test";
import { readCorpus, TARGETS } from "../fuzz/targets.ts";

for (const [name, load] of Object.entries(TARGETS)) {
  test(`the fuzz target ${name} accepts every input that is kept`, async () => {
    const { seeds, fuzz } = await load();
    const kept = readCorpus(name);
    assert.ok(kept.length > 0, "npm run fuzz with --save keeps inputs");
    for (const input of [...seeds, ...kept]) {
      try {
        await fuzz(input);
      } catch (error) {
        assert.fail(`${Buffer.from(input).toString("base64")}: ${error instanceof Error ? error.stack : error}`);
      }
    }
  });
}
