/**
 * Node: the machine's own, and the releases that `tests/runtimes/package.json` installs.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Launcher, recordsOf, resultOf, type Suite, type SuiteRecord } from "./record.ts";
import { builtFile, ROOT, sibling, testFiles } from "./project.ts";
import { run, versionOf } from "./run.ts";

/** Names the test that hangs; the launcher's own limit could name only the runtime. */
const TEST_TIMEOUT_MS = 5 * 60_000;

const [machineMajor = 0] = numbersOf(process.versions.node);

interface NodeRelease {
  readonly major: number;
  readonly executable: string;
}

/** The machine's Node, then the installed ones of other major versions. */
const RELEASES: readonly NodeRelease[] = [
  { major: machineMajor, executable: process.execPath },
  ...[22, 24, 26].filter((major) => major !== machineMajor)
    .map((major) => ({ major, executable: join(ROOT, `tests/runtimes/node_modules/node${major}/bin/node`) })),
];

const newest = RELEASES.filter(({ executable }) => existsSync(executable))
  .reduce((newest, release) => release.major > newest.major ? release : newest);

export const nodeLaunchers: readonly Launcher[] = RELEASES.map((release) =>
  launcherOf("", release, ["portable", "node"])
);

/** The tests of services and of the project itself run on one Node, the newest; it has to run TypeScript by itself. */
export const newestNodeLaunchers: readonly Launcher[] = [
  launcherOf("services-", newest, ["services"]),
  launcherOf("project-", newest, ["project"]),
];

function launcherOf(prefix: string, { major, executable }: NodeRelease, suites: readonly Suite[]): Launcher {
  const name = `${prefix}node${major}`;
  const launch: Launcher["launch"] = async () => {
    if (!existsSync(executable)) return { runtime: name, missing: "not installed: npm ci --prefix tests/runtimes" };
    const startedAt = Date.now();
    const version = versionOf(executable);
    if (prefix !== "" && !stripsTypes(version)) {
      return { runtime: name, missing: `Node ${version} does not run TypeScript: npm ci --prefix tests/runtimes` };
    }
    const records: SuiteRecord[] = [];
    for (const suite of suites) {
      const files = testFiles(suite).map((file) => stripsTypes(version) ? join(ROOT, file) : builtFile(file));
      if (files.length === 0) continue;
      const options = ["--test", `--test-reporter=${sibling("node-reporter")}`, `--test-timeout=${TEST_TIMEOUT_MS}`];
      records.push(...recordsOf(await run(executable, [...options, ...files], { cwd: ROOT }), suite));
    }
    return resultOf(name, version, startedAt, records);
  };
  return { name, launch };
}

/** Node runs TypeScript sources by itself from 22.18 on; below, it runs what `tsc` built. */
function stripsTypes(version: string): boolean {
  const [major = 0, minor = 0] = numbersOf(version);
  return major > 22 || (major === 22 && minor >= 18);
}

function numbersOf(version: string): number[] {
  return version.split(".").map(Number);
}
