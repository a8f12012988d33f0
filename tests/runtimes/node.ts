/**
 * Node: the machine's own, and the releases that `tests/runtimes/package.json` installs.
 *
 * @module
 */

import { join } from "node:path";
import { type Launcher, recordsOf, type Suite, type SuiteRecord } from "./record.ts";
import { listNodes, type Program } from "./programs.ts";
import { builtFile, ROOT, sibling, testFiles } from "./project.ts";
import { run, versionOf } from "./run.ts";

/** The time limit of a test. It reports the test that hangs; the launcher's own limit can only report the runtime. */
const TEST_TIMEOUT_MS = 5 * 60_000;

const nodes = listNodes();

const newest = nodes.filter(({ path }) => path !== undefined)
  .reduce((newest, node) => majorOf(node) > majorOf(newest) ? node : newest);

export const nodeLaunchers: readonly Launcher[] = nodes.map((node) => launcherOf("", node, ["portable", "node"]));

/** Tests of other processes, and those of the project itself, run on the newest Node only. */
export const newestNodeLaunchers: readonly Launcher[] = (["services", "stores", "project", "consumers"] as const)
  .map((suite) => launcherOf(`${suite}-`, newest, [suite]));

function launcherOf(prefix: string, node: Program, suites: readonly Suite[]): Launcher {
  const name = prefix + node.name;
  const { path, install } = node;
  const launch: Launcher["launch"] = async () => {
    if (path === undefined) return { missing: install };
    const version = versionOf(path);
    // Servers, stores and consumers are TypeScript files that Node itself runs.
    if (prefix !== "" && prefix !== "project-" && !stripsTypes(version)) {
      return { missing: "npm ci --prefix tests/runtimes" };
    }
    const records: SuiteRecord[] = [];
    for (const suite of suites) {
      const files = testFiles(suite).map((file) => stripsTypes(version) ? join(ROOT, file) : builtFile(file));
      const options = ["--test", `--test-reporter=${sibling("node-reporter")}`, ...timeoutOption(version)];
      records.push(...recordsOf(await run(path, [...options, ...files], { cwd: ROOT }), suite));
    }
    return { version, records };
  };
  return { name, launch };
}

/** Node below 20.11 has no `--test-timeout`. */
function timeoutOption(version: string): string[] {
  const [major = 0, minor = 0] = numbersOf(version);
  return major > 20 || minor >= 11 ? [`--test-timeout=${TEST_TIMEOUT_MS}`] : [];
}

/** Node releases are named `node<version>`. */
function majorOf({ name }: Program): number {
  return parseInt(name.slice("node".length), 10);
}

/** Node runs TypeScript sources by itself from 22.18 on; below, it runs what `tsc` built. */
function stripsTypes(version: string): boolean {
  const [major = 0, minor = 0] = numbersOf(version);
  return major > 22 || (major === 22 && minor >= 18);
}

function numbersOf(version: string): number[] {
  return version.split(".").map(Number);
}
