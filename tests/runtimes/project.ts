/**
 * The paths of the project and its tests, for code that runs from the sources or from `.build/`.
 *
 * @module
 */

import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Suite } from "./record.ts";

const here = dirname(fileURLToPath(import.meta.url));
const codeRoot = dirname(dirname(here));

/** The project's folder. */
export const ROOT: string = basename(codeRoot) === ".build" ? dirname(codeRoot) : codeRoot;

/** The suites that are named folders; every other folder of `tests/` mirrors one of `src/` and is portable. */
const FOLDERS: Record<Exclude<Suite, "portable">, readonly string[]> = {
  node: ["tests/node"],
  page: ["tests/page"],
  services: ["tests/services"],
  nginx: ["tests/nginx"],
  stores: ["tests/stores"],
  project: ["tests/package", "tests/types", "tests/docs", "tests/bench"],
  consumers: ["tests/consumers", "tests/frameworks"],
};

/** The test files of a suite, as paths from the project's folder. The sources decide: `.build/` keeps removed ones. */
export function testFiles(suite: Suite): string[] {
  const folders = suite === "portable" ? portableFolders() : FOLDERS[suite];
  return folders.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
    readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".test.ts")).sort()
      .map((name) => `${folder}/${name}`)
  );
}

function portableFolders(): string[] {
  const others = Object.values(FOLDERS).flat();
  return readdirSync(join(ROOT, "tests"), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    .map(({ name }) => `tests/${name}`).filter((folder) => !others.includes(folder)).sort();
}

/** The output of `tsc -p tests/tsconfig.json` for a source file. */
export function builtFile(source: string): string {
  return join(ROOT, ".build", source.replace(/\.ts$/, ".js"));
}

/** A module next to this one, in the form (`.ts` or `.js`) that the running Node can load. */
export function sibling(name: string): string {
  return join(here, name + extname(fileURLToPath(import.meta.url)));
}

/** A command that `npm ci` installed. */
export function installedCommand(name: string): string | undefined {
  const file = join(ROOT, "node_modules/.bin", name);
  return existsSync(file) ? file : undefined;
}
