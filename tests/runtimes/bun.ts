/**
 * Bun.
 *
 * @module
 */

import { type Launcher, recordsOf, resultOf, type Suite, type SuiteRecord } from "./record.ts";
import { program } from "./programs.ts";
import { ROOT, testFiles } from "./project.ts";
import { run, versionOf } from "./run.ts";

/** Bun is the only runner with a default time limit for tests, of five seconds. */
const TEST_TIMEOUT_MS = 5 * 60_000;

export const bunLauncher: Launcher = launcherOf("bun", ["portable", "node"]);
export const bunStoresLauncher: Launcher = launcherOf("stores-bun", ["stores"]);

function launcherOf(name: string, suites: readonly Suite[]): Launcher {
  const launch: Launcher["launch"] = async () => {
    const { path: bun, install } = program("bun");
    if (bun === undefined) return { runtime: name, missing: install };
    const startedAt = Date.now();
    const records: SuiteRecord[] = [];
    for (const suite of suites) {
      const files = testFiles(suite);
      if (files.length === 0) continue;
      const args = ["test", `--timeout=${TEST_TIMEOUT_MS}`, "--preload=./tests/runtimes/bun-preload.ts"];
      const ended = await run(bun, [...args, "./tests/runtimes/entry.ts"], {
        cwd: ROOT,
        env: { UNSEAL_TEST_FILES: JSON.stringify(files) },
      });
      records.push(...recordsOf(ended, suite));
    }
    return resultOf(name, versionOf(bun), startedAt, records);
  };
  return { name, launch };
}
