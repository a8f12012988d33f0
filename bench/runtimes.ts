/**
 * The runtimes that are measured, and how a script is started on each.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { installedCommand, ROOT } from "../tests/runtimes/project.ts";
import { versionOf } from "../tests/runtimes/run.ts";

/** How to start a script. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** A runtime that is present. */
export interface Runtime {
  readonly name: string;
  readonly kind: "node" | "deno" | "bun" | "workerd";
  readonly version: string;
  /** The command that runs a script; `memory` lets it collect garbage when it wants to, and not before. */
  start(script: string, purpose?: "memory"): Command;
}

/** A runtime that this machine does not have, and what to do about it. */
export interface Absent {
  readonly name: string;
  readonly missing: string;
}

const INSTALL = "not installed: npm ci";
const YOUNG_MEBIBYTES = 256;

/** All runtimes, present or not. */
export function listRuntimes(): (Runtime | Absent)[] {
  const machineMajor = Number(process.versions.node.split(".")[0]);
  const majors = [
    machineMajor,
    ...[22, 24, 26].filter((major) => major !== machineMajor),
  ];
  return [
    ...majors.map((major, index) =>
      index === 0 ? nodeRuntime(major, process.execPath) : nodeRuntime(
        major,
        join(ROOT, `tests/runtimes/node_modules/node${major}/bin/node`),
      )
    ),
    commandRuntime("deno", (script, purpose) => [
      "run",
      "--allow-all",
      "--no-lock",
      "--no-config",
      "--no-prompt",
      ...purpose === "memory" ? [`--v8-flags=--expose-gc,${youngSpace(",")}`] : [],
      script,
    ]),
    commandRuntime("bun", (script) => ["run", script]),
    commandRuntime("workerd", (script) => ["test", writeConfiguration(script)]),
  ];
}

function nodeRuntime(major: number, executable: string): Runtime | Absent {
  const name = `node${major}`;
  if (!existsSync(executable)) {
    return { name, missing: "not installed: npm ci --prefix tests/runtimes" };
  }
  const flags = ["--expose-gc", ...youngSpace(" ").split(" ")];
  return {
    name,
    kind: "node",
    version: versionOf(executable),
    start: (script, purpose) => ({
      command: executable,
      args: purpose === "memory" ? [...flags, script] : [script],
    }),
  };
}

/** So much room for new objects that none is collected while their sizes are added up. */
function youngSpace(separator: string): string {
  return [
    `--min-semi-space-size=${YOUNG_MEBIBYTES}`,
    `--max-semi-space-size=${YOUNG_MEBIBYTES}`,
  ].join(separator);
}

function commandRuntime(
  kind: "deno" | "bun" | "workerd",
  argumentsOf: (script: string, purpose?: "memory") => string[],
): Runtime | Absent {
  const command = installedCommand(kind);
  if (command === undefined) return { name: kind, missing: INSTALL };
  const version = versionOf(command);
  return {
    name: kind,
    kind,
    version,
    start: (script, purpose) => ({
      command,
      args: argumentsOf(script, purpose),
    }),
  };
}

/** workerd runs what a configuration beside the script says, here as of its own date: with Node compatibility. */
function writeConfiguration(script: string): string {
  const workerd = installedCommand("workerd");
  const date = workerd === undefined ? "" : versionOf(workerd);
  const file = `${script}.capnp`;
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const unit :Workerd.Config = (services = [(name = "bench", worker = .bench)]);
const bench :Workerd.Worker = (
  modules = [(name = "task.mjs", esModule = embed ${JSON.stringify(basename(script))})],
  compatibilityDate = "${date}",
  compatibilityFlags = ["nodejs_compat"],
);
`,
  );
  return file;
}

/** Starts a line that carries a record. */
const MARK = "@bench ";

/** A line that a task told. */
export interface TaskRecord {
  readonly kind: string;
  readonly value: unknown;
}

const OTHER_OUTPUT_CHARACTERS = 2000;

/** Runs a task to its end and hands out each record as it comes. A task that does not say that it is done has failed. */
export async function runTask(
  { command, args }: Command,
  onRecord: (record: TaskRecord) => void,
): Promise<void> {
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = (): void => void child.kill();
  process.once("exit", end);
  let isDone = false;
  let rest = "";
  const read = (line: string): void => {
    if (!line.startsWith(MARK)) {
      rest = `${rest}${line}\n`.slice(-OTHER_OUTPUT_CHARACTERS);
      return;
    }
    const record: TaskRecord = JSON.parse(line.slice(MARK.length));
    if (record.kind === "done") isDone = true;
    else onRecord(record);
  };
  createInterface({ input: child.stdout }).on("line", read);
  createInterface({ input: child.stderr }).on("line", read);
  const how = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once(
      "close",
      (code, signal) => resolve(signal ?? `exit code ${code}`),
    );
  });
  process.off("exit", end);
  if (!isDone) throw new Error(`${command} ended with ${how}\n${rest}`);
}
