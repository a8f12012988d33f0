/**
 * Installs examples in a folder outside the project, with the packed package, as a reader would.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";
import type { Absence } from "../support/absence.ts";

/** Node 22.18 and later run the programs of the examples as they are. */
export const typescriptAbsence: Absence | undefined = process.features.typescript
  ? undefined
  : { reason: "this Node cannot run TypeScript: Node 22.18", isRequired: true };

/** Copies `examples/<name>` and installs its packages. Returns the folder, which the caller must remove. */
export function layOutExample(name: string, tarball: string): string {
  const folder = mkdtempSync(join(tmpdir(), `unseal-${name}-`));
  const source = join(ROOT, "examples", name);
  cpSync(source, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  // The example's own packages, and those that the project also has.
  for (const installed of [join(source, "node_modules"), join(ROOT, "node_modules")]) {
    if (!existsSync(installed)) continue;
    for (const entry of readdirSync(installed)) {
      if (!entry.startsWith(".") && !existsSync(join(modules, entry))) {
        symlinkSync(join(installed, entry), join(modules, entry));
      }
    }
  }
  const ours = join(modules, "@unseal/sealed-results");
  mkdirSync(ours, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", ours]);
  return folder;
}
