/**
 * Engines that are npm packages. A small host script loads the engine and the bundle in a separate Node process.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BundleOptions, runBundled } from "./bundle.ts";
import { ROOT, sibling } from "./project.ts";
import type { Launcher } from "./record.ts";
import { run } from "./run.ts";

/** A launcher for the engine in `packageName`. The module `host`, next to this one, runs bundles on the engine. */
export function hostedLauncher(
  name: string,
  packageName: string,
  host: string,
  bundle: Omit<BundleOptions, "suite" | "format">,
): Launcher {
  const launch: Launcher["launch"] = async () => {
    const manifest = join(ROOT, "node_modules", packageName, "package.json");
    if (!existsSync(manifest)) return { missing: "npm ci" };
    const { version }: { version: string } = JSON.parse(readFileSync(manifest, "utf8"));
    const records = await runBundled(
      { ...bundle, format: "iife" },
      (folder) => run(process.execPath, [sibling(host), join(folder, "tests.js")], { cwd: ROOT }),
    );
    return { version, records };
  };
  return { name, launch };
}
