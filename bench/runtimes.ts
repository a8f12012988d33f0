/**
 * The runtimes that are measured, and how a script is started on each.
 *
 * @module
 */

import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { installedCommand, ROOT } from "../tests/runtimes/project.ts";
import { run, versionOf } from "../tests/runtimes/run.ts";
import { MARK } from "./settings.ts";

/** A runtime that this machine has. */
export interface Runtime {
  readonly name: string;
  readonly kind: "node" | "deno" | "bun" | "workerd";
  readonly version: string;
  readonly executable: string;
  /** The arguments that run a script. With `memory`, it collects garbage when the script asks for it, and not before. */
  argumentsOf(script: string, purpose?: "memory"): readonly string[];
}

const YOUNG_MEBIBYTES = 256;
/** So much room for new objects that none is collected while their sizes are added up. */
const MEMORY_FLAGS = [
  "--expose-gc",
  `--min-semi-space-size=${YOUNG_MEBIBYTES}`,
  `--max-semi-space-size=${YOUNG_MEBIBYTES}`,
];
const DENO_FLAGS = ["--allow-all", "--no-lock", "--no-config", "--no-prompt"];

/** All runtimes; without a version where one is missing. */
export function listRuntimes(): (Runtime | { readonly name: string; readonly missing: string })[] {
  const machineMajor = Number(process.versions.node.split(".")[0]);
  const nodes = [machineMajor, ...[22, 24, 26].filter((major) => major !== machineMajor)].map((major) => {
    const installed = join(ROOT, `tests/runtimes/node_modules/node${major}/bin/node`);
    return runtimeOf(
      "node",
      `node${major}`,
      major === machineMajor ? process.execPath : installed,
      (script, purpose) => purpose === "memory" ? [...MEMORY_FLAGS, script] : [script],
    );
  });
  return [
    ...nodes,
    runtimeOf("deno", "deno", installedCommand("deno"), (script, purpose) => [
      "run",
      ...DENO_FLAGS,
      ...purpose === "memory" ? [`--v8-flags=${MEMORY_FLAGS.join(",")}`] : [],
      script,
    ]),
    runtimeOf("bun", "bun", installedCommand("bun"), (script) => ["run", script]),
    runtimeOf("workerd", "workerd", installedCommand("workerd"), (script) => ["test", writeConfiguration(script)]),
  ];
}

function runtimeOf(
  kind: Runtime["kind"],
  name: string,
  executable: string | undefined,
  argumentsOf: Runtime["argumentsOf"],
): ReturnType<typeof listRuntimes>[number] {
  if (executable === undefined || !existsSync(executable)) {
    return { name, missing: `npm ci${kind === "node" ? " --prefix tests/runtimes" : ""}` };
  }
  return { name, kind, version: versionOf(executable), executable, argumentsOf };
}

/** workerd runs what a configuration beside the script says; its compatibility date is the newest that it knows. */
function writeConfiguration(script: string): string {
  const file = `${script}.capnp`;
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const unit :Workerd.Config = (services = [(name = "bench", worker = .bench)]);
const bench :Workerd.Worker = (
  modules = [(name = "task.mjs", esModule = embed ${JSON.stringify(basename(script))})],
  compatibilityDate = "${versionOf(installedCommand("workerd") ?? "workerd")}",
  compatibilityFlags = ["nodejs_compat"],
);
`,
  );
  return file;
}

/** Runs a script to its end and returns its standard output. */
export async function runScript(runtime: Runtime, script: string, purpose?: "memory"): Promise<string> {
  const { output, trouble } = await run(runtime.executable, runtime.argumentsOf(script, purpose), { cwd: ROOT });
  if (trouble !== undefined) throw new Error(`${runtime.name}: ${trouble}`);
  return output;
}

/** Runs a task and returns its results. A task that does not print that it is done has failed. */
export async function runTask<Result>(runtime: Runtime, script: string, purpose?: "memory"): Promise<Result[]> {
  const lines = (await runScript(runtime, script, purpose)).split("\n").filter((line) => line.startsWith(MARK));
  const records = lines.map((line): { kind: string; value: Result } => JSON.parse(line.slice(MARK.length)));
  if (records.pop()?.kind !== "done") throw new Error(`${runtime.name} ended before its task was done`);
  return records.map(({ value }) => value);
}
