/**
 * Measures one runtime: runs its tasks one after the other and puts the results into a document.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { ROOT } from "../tests/runtimes/project.ts";
import { bundleTask } from "./bundle.ts";
import { type ColdScript, measureColdStart } from "./cold-start.ts";
import type { Contestant } from "./contestant.ts";
import type { Payload } from "./payloads.ts";
import type { Cell, ColdStart, LatencyCell, Machine, RuntimeDocument } from "./report/documents.ts";
import { runTask, type Runtime } from "./runtimes.ts";
import type { TaskSettings } from "./settings.ts";

/** The subjects and the precision of a measurement. */
export interface Plan {
  /** Where scripts are written. */
  readonly folder: string;
  readonly payloads: readonly Payload[];
  readonly contestants: readonly Contestant[];
  readonly coldScripts: readonly ColdScript[];
  readonly mode: "full" | "quick";
  readonly settings: Omit<TaskSettings, "task">;
}

export const machine: Machine = {
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}, ${process.arch}`,
};

/** The versions of the library and of all contestants, by package. */
export function packageVersions(): Record<string, string> {
  const read = (file: string): { name: string; version: string; dependencies: Record<string, string> } =>
    JSON.parse(readFileSync(join(ROOT, file), "utf8"));
  const { name, version } = read("package.json");
  const { echarts: _draws, ...contestants } = read("bench/package.json").dependencies;
  return { [name]: version, ...contestants };
}

/** Measures everything on a runtime, or only the cases when subjects are named. */
export async function measureRuntime(runtime: Runtime, plan: Plan): Promise<RuntimeDocument> {
  const { mode, settings, contestants } = plan;
  const { name, kind, version } = runtime;
  const cells = await runCollecting<Cell>(runtime, plan, { task: "cases" });
  const latency: LatencyCell[] = [];
  let coldStart: ColdStart | null = null;
  // workerd's clock ticks once in a millisecond, and `workerd test` starts a server, not a script.
  if (settings.subjects.length === 0 && kind !== "workerd") {
    latency.push(...await measureLatency(runtime, plan, "idle"), ...await measureLatency(runtime, plan, "busy"));
    coldStart = await measureColdStart(runtime, plan.coldScripts, settings.coldStartLaunches);
  }
  const info = contestants.map(({ name, role, colour, chartName }) => ({
    name,
    role,
    ...colour && { colour },
    ...chartName !== undefined && { chartName },
  }));
  return {
    runtime: name,
    version,
    mode,
    date: new Date().toISOString(),
    machine,
    packages: packageVersions(),
    contestants: info,
    cells,
    latency,
    coldStart,
  };
}

async function runCollecting<Result>(
  runtime: Runtime,
  { folder, payloads, settings }: Plan,
  task: Partial<TaskSettings> & Pick<TaskSettings, "task">,
): Promise<Result[]> {
  const script = join(folder, `${runtime.name}.mjs`);
  const start = runtime.kind === "workerd" ? "export" : "run";
  writeFileSync(script, await bundleTask({ ...settings, ...task }, payloads, start));
  return await runTask<Result>(runtime, script);
}

async function measureLatency(runtime: Runtime, plan: Plan, host: LatencyCell["host"]): Promise<LatencyCell[]> {
  const { latency } = plan.settings;
  // Without pauses, the same time suffices for ten times as many operations.
  const operations = latency.operations * (host === "busy" ? 10 : 1);
  const release = host === "busy" ? occupyOtherCores() : () => {};
  try {
    return await runCollecting(runtime, plan, { task: "latency", latency: { ...latency, host, operations } });
  } finally {
    release();
  }
}

/** Spins on every core but one until the returned function is called. */
function occupyOtherCores(): () => void {
  const spinners = Array.from(
    { length: Math.max(1, availableParallelism() - 1) },
    () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  const release = (): void => spinners.forEach((spinner) => spinner.kill("SIGKILL"));
  process.once("exit", release);
  return () => {
    process.off("exit", release);
    release();
  };
}
