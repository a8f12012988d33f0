/**
 * Deno: portable tests may only read the project and its vectors; the others have all permissions.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Launcher, recordsOf, resultOf, type SuiteRecord } from "./record.ts";
import { program } from "./programs.ts";
import { ROOT, testFiles } from "./project.ts";
import { run, versionOf } from "./run.ts";

const PERMISSIONS = {
  portable: [`--allow-read=${ROOT},${join(dirname(ROOT), "shared")}`, "--allow-env=UNSEAL_TEST_FILES"],
  node: ["--allow-all"],
  stores: ["--allow-all", "--unstable-kv"],
};

export const denoLauncher: Launcher = launcherOf("deno", ["portable", "node"]);
export const denoStoresLauncher: Launcher = launcherOf("stores-deno", ["stores"]);

function launcherOf(name: string, suites: readonly (keyof typeof PERMISSIONS)[]): Launcher {
  const launch: Launcher["launch"] = async () => {
    const { path: deno, install } = program("deno");
    if (deno === undefined) return { runtime: name, missing: install };
    const startedAt = Date.now();
    const records: SuiteRecord[] = [];
    for (const suite of suites) {
      const files = testFiles(suite);
      if (files.length === 0) continue;
      const options = [
        "test",
        "--config=deno.json",
        "--no-check",
        "--no-prompt",
        "--import-map=tests/runtimes/deno-import-map.json",
      ];
      const args = [...options, ...PERMISSIONS[suite], "tests/runtimes/entry.ts"];
      records.push(
        ...recordsOf(await run(deno, args, { cwd: ROOT, env: { UNSEAL_TEST_FILES: JSON.stringify(files) } }), suite),
      );
    }
    return resultOf(name, versionOf(deno), startedAt, records);
  };
  return { name, launch };
}
