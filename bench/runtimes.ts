/**
 * The measured runtimes, and the commands that start a script on each.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { listRuntimes, type Program } from "../tests/runtimes/programs.ts";
import { ROOT } from "../tests/runtimes/project.ts";
import { run, versionOf } from "../tests/runtimes/run.ts";
import { workerdConfiguration } from "../tests/support/workerd.ts";
import { RUNTIMES } from "./report/documents.ts";
import { MARK } from "./settings.ts";

/** A runtime that this machine has. */
export interface Runtime {
  readonly name: string;
  readonly kind: "node" | "deno" | "bun" | "workerd";
  readonly version: string;
  readonly executable: string;
}

/** All runtimes that can be measured, installed or not. */
export function listPrograms(): Program[] {
  return listRuntimes().filter(({ name }) => name in RUNTIMES);
}

/** The runtime of a program; `undefined` when it is not installed. */
export function runtimeOf({ name, kind, path }: Program): Runtime | undefined {
  if (path === undefined || kind === "browser" || kind === "engine") return undefined;
  return { name, kind, version: versionOf(path), executable: path };
}

function argumentsOf({ kind, version }: Runtime, script: string): string[] {
  if (kind === "bun") return ["run", script];
  if (kind === "workerd") return ["test", writeConfiguration(script, version)];
  if (kind === "node") return [script];
  return ["run", "--allow-all", "--no-lock", "--no-config", "--no-prompt", script];
}

/** workerd needs a configuration next to the script; the compatibility date is the newest that it knows. */
function writeConfiguration(script: string, date: string): string {
  const file = `${script}.capnp`;
  writeFileSync(
    file,
    workerdConfiguration(basename(script), { compatibilityDate: date, compatibilityFlags: ["nodejs_compat"] }),
  );
  return file;
}

/** Runs a script to its end and returns its standard output. */
export async function runScript(runtime: Runtime, script: string): Promise<string> {
  const { output, trouble } = await run(runtime.executable, argumentsOf(runtime, script), { cwd: ROOT });
  if (trouble !== undefined) throw new Error(`${runtime.name}: ${trouble}`);
  return output;
}

/** Runs a task and returns its results. A task that does not print that it is done has failed. */
export async function runTask<Result>(runtime: Runtime, script: string): Promise<Result[]> {
  const lines = (await runScript(runtime, script)).split("\n").filter((line) => line.startsWith(MARK));
  const records = lines.map((line): { kind: string; value: Result } => JSON.parse(line.slice(MARK.length)));
  if (records.pop()?.kind !== "done") throw new Error(`${runtime.name} ended before its task was done`);
  return records.map(({ value }) => value);
}
