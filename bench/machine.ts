/**
 * What a reader needs to know of the machine that measures, and of who is measured.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { ROOT } from "../tests/runtimes/project.ts";
import type { Machine } from "./results.ts";

export const machine: Machine = {
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}, ${process.arch}`,
};

/** The versions of all contestants, by package. */
export function contestantVersions(): Record<string, string> {
  const { name, version }: { name: string; version: string } = readJson(
    "package.json",
  );
  const { dependencies }: { dependencies: Record<string, string> } = readJson(
    "bench/package.json",
  );
  // What draws the charts does not compete.
  const { echarts: _, ...contestants } = dependencies;
  return { [name]: version, ...contestants };
}

function readJson<Content>(path: string): Content {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}
