/** The packed package in every kind of consumer; `npm run matrix` prints the same as a table. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { installPacked } from "../package/packed.ts";
import { absenceOf } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { listCells } from "./cells.ts";
import { runCell } from "./run-cell.ts";

const { folder, modules } = await installPacked();

for (const cell of listCells(modules)) {
  const { tool, how, needs } = cell;
  test(`the packed package works in ${tool} (${how})`, async (t) => {
    if (skipIfAbsent(t, absenceOf(needs))) return;
    assert.equal(await runCell(cell, folder), undefined);
  });
}
