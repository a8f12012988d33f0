/**
 * Runs one cell of the matrix.
 *
 * @module
 */

import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { listNodes } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import type { Cell } from "./cells.ts";

let folders = 0;

/**
 * Runs a cell in a new folder below `parent`, in whose `node_modules` the package is installed.
 *
 * @returns A description of the failure; `undefined` for success.
 */
export async function runCell(cell: Cell, parent: string): Promise<string | undefined> {
  const folder = join(parent, `consumer-${folders++}`);
  mkdirSync(folder);
  if (cell.packages !== undefined) {
    const source = join(ROOT, "tests/consumers", cell.packages);
    symlinkSync(join(source, "node_modules"), join(folder, "node_modules"), "dir");
    for (const name of readdirSync(source)) {
      if (name !== "node_modules" && name !== "package-lock.json") copyFileSync(join(source, name), join(folder, name));
    }
  }
  for (const [name, text] of Object.entries(cell.files)) writeFileSync(join(folder, name), text);
  const path = [join(folder, "node_modules/.bin"), dirname(toolNode()), process.env["PATH"]].join(delimiter);
  const { output, trouble } = await run("sh", ["-c", cell.command], { cwd: folder, env: { PATH: path } });
  if (trouble !== undefined) return trouble;
  const { prints } = cell;
  return prints === undefined || output.includes(prints) ? undefined : `Expected "${prints}", got ${output}`;
}

/** Several tools require Node 22 or later, so all of them run on Node 24. */
function toolNode(): string {
  const path = listNodes().find(({ name }) => name === "node24")?.path;
  return path !== undefined && existsSync(path) ? path : process.execPath;
}
