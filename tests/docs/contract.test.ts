/** The public contract does not change by accident. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CONTRACT, readContract } from "./contract.ts";

test("the exported symbols and their types are those of tests/docs/contract.json", () => {
  const committed = readFileSync(CONTRACT, "utf8").split("\n");
  const actual = readContract().split("\n");
  const [before, after] = [new Set(committed), new Set(actual)];
  const changes = [
    ...committed.filter((line) => !after.has(line)).map((line) => `- ${line.trim()}`),
    ...actual.filter((line) => !before.has(line)).map((line) => `+ ${line.trim()}`),
  ];
  const advice = "The public contract changed. If that is intended: npm run contract, and say so in CHANGELOG.md.";
  assert.deepEqual(changes, [], `${advice}\n${changes.join("\n")}`);
  // Lines may also have moved, or occur more than once.
  assert.equal(actual.join("\n"), committed.join("\n"), advice);
});
