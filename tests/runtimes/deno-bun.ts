/**
 * Deno and Bun, whose own runners run `entry.ts`.
 *
 * Deno's portable tests may only read the project and its vectors; all others have all permissions.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Launcher, recordsOf, type SuiteRecord } from "./record.ts";
import { program } from "./programs.ts";
import { ROOT, testFiles } from "./project.ts";
import { run, versionOf } from "./run.ts";

const DENO_PERMISSIONS = {
  portable: [`--allow-read=${ROOT},${join(dirname(ROOT), "shared")}`, "--allow-env=UNSEAL_TEST_FILES"],
  node: ["--allow-all"],
  stores: ["--allow-all", "--unstable-kv"],
};
type RunSuite = keyof typeof DENO_PERMISSIONS;

/** Bun is the only runner with a default time limit for tests, of five seconds. */
const BUN_TIMEOUT_MS = 5 * 60_000;

/** The arguments before the file. */
const OPTIONS = {
  deno: (suite: RunSuite): readonly string[] => [
    ...["test", "--config=deno.json", "--no-check", "--no-prompt"],
    "--import-map=tests/runtimes/deno-import-map.json",
    ...DENO_PERMISSIONS[suite],
  ],
  bun: (): readonly string[] => ["test", `--timeout=${BUN_TIMEOUT_MS}`, "--preload=./tests/runtimes/bun-preload.ts"],
};

export const denoLauncher: Launcher = launcherOf("deno", "deno", ["portable", "node"]);
export const denoStoresLauncher: Launcher = launcherOf("stores-deno", "deno", ["stores"]);
export const bunLauncher: Launcher = launcherOf("bun", "bun", ["portable", "node"]);
export const bunStoresLauncher: Launcher = launcherOf("stores-bun", "bun", ["stores"]);

function launcherOf(name: string, runtime: keyof typeof OPTIONS, suites: readonly RunSuite[]): Launcher {
  const launch: Launcher["launch"] = async () => {
    const { path, install } = program(runtime);
    if (path === undefined) return { missing: install };
    const records: SuiteRecord[] = [];
    for (const suite of suites) {
      const env = { UNSEAL_TEST_FILES: JSON.stringify(testFiles(suite)) };
      const ended = await run(path, [...OPTIONS[runtime](suite), "./tests/runtimes/entry.ts"], { cwd: ROOT, env });
      records.push(...recordsOf(ended, suite));
    }
    return { version: versionOf(path), records };
  };
  return { name, launch };
}
