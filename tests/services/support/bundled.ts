/**
 * Runs programs that import the package by its name, as the examples do, on the sources. They need no build.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../runtimes/project.ts";
import { bundleOf } from "./servers.ts";

/**
 * Bundles a program of the project, without the npm packages that it imports.
 *
 * @param source Its file, from the project's folder.
 * @returns The bundle's file, below `.build/`, from where those packages are found.
 */
export async function bundleProgram(source: string): Promise<string> {
  const contents = `export * from ${JSON.stringify(join(ROOT, source))};`;
  const folder = join(ROOT, ".build/bundles");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${source.replaceAll("/", "-").replace(/\.ts$/, "")}-${process.pid}.mjs`);
  writeFileSync(file, await bundleOf(contents, { platform: "node", packages: "external" }));
  return file;
}
