/**
 * The packages that the suite installs beside those of the project: `npm run setup` installs all of them.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";
import type { Absence } from "./absence.ts";

/** Describes the packages of a folder, from the project's, when they are not installed. */
export function absenceOfPackages(folder: string): Absence | undefined {
  if (existsSync(join(ROOT, folder, "node_modules"))) return undefined;
  return { reason: `packages are not installed: npm ci --prefix ${folder}`, isRequired: true };
}
