/**
 * Published vectors next to the project, in `../shared/vectors/`. Tests are skipped when they are missing.
 *
 * This is the only support module that reads the disk. Bundles replace it by one that contains the JSON
 * (`tests/runtimes/bundle.ts`).
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";

/** The parsed `<name>.json`, or `undefined` when the file is missing. */
export function sharedVectors(name: string): unknown {
  // The source of this module is two folders below the project, and the built module three.
  for (const root of ["../../", "../../../"]) {
    const isProject = existsSync(new URL(`${root}deno.json`, import.meta.url));
    const file = new URL(`${root}../shared/vectors/${name}.json`, import.meta.url);
    if (isProject) return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  }
  return undefined;
}
