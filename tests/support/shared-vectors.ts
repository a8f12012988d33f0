/**
 * Published vectors that lie beside the project, in `../shared/vectors/`; tests skip when they are absent.
 *
 * The one support module that reads the disk: bundles replace it by one that has the JSON inside (`tests/runtimes/bundle.ts`).
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";

/** The parsed `<name>.json`, or `undefined` when there is no such file. */
export function sharedVectors(name: string): unknown {
  // As source this module is two folders below the project, and as built code three.
  for (const root of ["../../", "../../../"]) {
    const isProject = existsSync(new URL(`${root}deno.json`, import.meta.url));
    const file = new URL(`${root}../shared/vectors/${name}.json`, import.meta.url);
    if (isProject) return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  }
  return undefined;
}
