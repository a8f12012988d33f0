/**
 * Engines that are npm packages. A small host script loads the engine and the bundle in a separate Node process.
 *
 * @module
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BundleOptions, bundleTests } from "./bundle.ts";
import { ROOT, sibling } from "./project.ts";
import { type Launcher, recordsOf, resultOf } from "./record.ts";
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
    if (!existsSync(manifest)) return { runtime: name, missing: "npm ci" };
    const { version }: { version: string } = JSON.parse(readFileSync(manifest, "utf8"));
    const startedAt = Date.now();
    const folder = mkdtempSync(join(tmpdir(), `unseal-${name}-`));
    try {
      const file = join(folder, "tests.js");
      writeFileSync(file, await bundleTests({ ...bundle, suite: "portable", format: "iife" }));
      const ended = await run(process.execPath, [sibling(host), file], { cwd: ROOT });
      return resultOf(name, version, startedAt, recordsOf(ended, "portable"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return { name, launch };
}
