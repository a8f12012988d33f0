/**
 * Measures one runtime: starts its tasks one after the other, and puts what they tell into a document.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { bundleTask } from "./bundle.ts";
import { type ColdScripts, measureColdStart } from "./cold-start.ts";
import { contestantVersions, machine } from "./machine.ts";
import type { Payload } from "./payloads.ts";
import type { CaseResult, ColdStartResult, LatencyResult, MemoryResult, RuntimeDocument } from "./results.ts";
import { runTask, type Runtime } from "./runtimes.ts";
import { SEED, type Task, type TaskSettings } from "./settings.ts";

/** What to measure, and how thoroughly. */
export interface Plan {
  /** Where scripts may be put. */
  readonly folder: string;
  readonly payloads: readonly Payload[];
  readonly coldScripts: ColdScripts;
  readonly mode: "full" | "quick";
  readonly settings: Omit<TaskSettings, "task">;
  /** Told of everything that has ended, in one line. */
  readonly progress: (line: string) => void;
}

/** The state that the process under test finds its host in. */
type Host = LatencyResult["host"];

/** Measures everything on a runtime, or only the cases when some subjects alone are wanted. */
export async function measureRuntime(
  runtime: Runtime,
  plan: Plan,
): Promise<RuntimeDocument> {
  const { mode, settings, progress } = plan;
  const { name, kind, version } = runtime;
  const cases = await runCollecting<CaseResult>(
    runtime,
    plan,
    "cases",
    describeCase,
  );
  const latency: LatencyResult[] = [];
  const memory: MemoryResult[] = [];
  let coldStart: ColdStartResult | null = null;
  const notes: string[] = [];

  if (settings.subjects.length === 0) {
    if (kind === "workerd") {
      notes.push(
        "No latency of single operations: the clock ticks once in a millisecond.",
        "No cold start: `workerd test` starts a server, not a script.",
      );
    } else {
      latency.push(
        ...await measureLatency(runtime, plan, "idle"),
        ...await measureLatency(runtime, plan, "busy"),
      );
      coldStart = await measureColdStart(
        runtime,
        plan.coldScripts,
        settings.coldStartLaunches,
      );
      progress(`cold start: ${describeColdStart(coldStart)}`);
    }
    if (kind === "node" || kind === "deno") {
      memory.push(
        ...await runCollecting<MemoryResult>(
          runtime,
          plan,
          "memory",
          describeMemory,
        ),
      );
    } else {
      notes.push(
        "No memory per operation: the runtime does not count what is allocated between collections.",
      );
    }
  }
  return {
    runtime: name,
    version,
    mode,
    date: new Date().toISOString(),
    seed: SEED,
    machine,
    contestants: contestantVersions(),
    cases,
    latency,
    memory,
    coldStart,
    notes,
  };
}

/** Runs a task and gathers what it tells. */
async function runCollecting<Result>(
  runtime: Runtime,
  { folder, payloads, settings, progress }: Plan,
  task: Task,
  describe: (result: Result) => string,
  more: Partial<TaskSettings> = {},
): Promise<Result[]> {
  const script = join(folder, `${runtime.name}.mjs`);
  const start = runtime.kind === "workerd" ? "export" : "run";
  writeFileSync(
    script,
    await bundleTask({ ...settings, ...more, task }, payloads, start),
  );
  const results: Result[] = [];
  const command = runtime.start(
    script,
    task === "memory" ? "memory" : undefined,
  );
  await runTask(command, ({ value }) => {
    const result = value as Result; // a task tells results of its own kind alone
    results.push(result);
    progress(describe(result));
  });
  if (results.length === 0) throw new Error(`${runtime.name} had nothing to tell of ${task}`);
  return results;
}

async function measureLatency(
  runtime: Runtime,
  plan: Plan,
  host: Host,
): Promise<LatencyResult[]> {
  const { latency } = plan.settings;
  // Back to back, operations take no pauses and can be ten times as many.
  const operations = latency.operations * (host === "busy" ? 10 : 1);
  const more = { latency: { ...latency, host, operations } };
  const stop = host === "busy" ? occupyOtherCores() : () => {};
  try {
    return await runCollecting<LatencyResult>(
      runtime,
      plan,
      "latency",
      describeLatency,
      more,
    );
  } finally {
    stop();
  }
}

/** Spins on every core but one. Returns what ends it. */
function occupyOtherCores(): () => void {
  const spinners = Array.from(
    { length: Math.max(1, availableParallelism() - 1) },
    () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  const stop = (): void => spinners.forEach((spinner) => spinner.kill("SIGKILL"));
  process.once("exit", stop);
  return () => {
    process.off("exit", stop);
    stop();
  };
}

/** A number of bytes in the unit that fits. */
export function bytesText(bytes: number): string {
  if (bytes >= 1024 * 1024) return `${bytes / 1024 / 1024} MB`;
  return bytes >= 1024 ? `${Math.round(bytes / 1024)} KB` : `${bytes} B`;
}

function describeCase(
  { subject, variant, bytes, timings, refused }: CaseResult,
): string {
  const title = `${subject}, ${variant}, ${bytesText(bytes)}`;
  const [first, ...others] = Object.entries(timings);
  if (first === undefined) return title;
  const ratios = others.map(([name, { against }]) => `${name} ${against[first[0]]?.median.toFixed(2)}`);
  const left = Object.entries(refused).map(([name, why]) => `${name} ${why}`);
  return `${title.padEnd(36)} ${first[0]} ${first[1].median} µs; × ${[...ratios, ...left].join(", ")}`;
}

function describeLatency({ host, bytes, timings }: LatencyResult): string {
  const medians = Object.entries(timings).map(([name, { median }]) => `${name} ${median} µs`);
  return `${host} host, ${bytesText(bytes)}: ${medians.join(", ")}`;
}

function describeMemory(
  { subject, bytes, bytesPerOperation }: MemoryResult,
): string {
  const figures = Object.entries(bytesPerOperation).map(([name, figure]) =>
    `${name} ${figure === null ? "?" : `${figure.heap} + ${figure.buffers}`}`
  );
  return `bytes per operation, ${subject}, ${bytesText(bytes)}: ${figures.join(", ")}`;
}

function describeColdStart(
  { inProcess, wholeProcess }: ColdStartResult,
): string {
  return Object.keys(inProcess).map((name) => `${name} ${inProcess[name]?.median} of ${wholeProcess[name]?.median} ms`)
    .join(", ");
}
