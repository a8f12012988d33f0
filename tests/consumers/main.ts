/**
 * `npm run matrix`: packs the package, and prints a table of the consumers in which it works.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packInto } from "../package/packed.ts";
import { listCells } from "./cells.ts";
import { runCell } from "./run-cell.ts";

/** Selects the cells whose `tool` or `how` contains all of these words: `npm run matrix -- vitest`. */
const words = process.argv.slice(2);

const folder = mkdtempSync(join(tmpdir(), "unseal-matrix-"));
try {
  const consumer = await packInto(folder);
  for (const cell of listCells(consumer.modules)) {
    const { tool, how, needs } = cell;
    if (!words.every((word) => `${tool} ${how}`.includes(word))) continue;
    const fault = needs.path === undefined ? `missing: ${needs.install}` : await runCell(cell, consumer.folder);
    console.log(`${tool.padEnd(20)} ${how.padEnd(44)} ${fault ?? "works"}`);
    if (fault !== undefined) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
