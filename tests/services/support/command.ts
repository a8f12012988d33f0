/**
 * Starts the command `unseal` as a child process, on every runtime that it supports.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { absenceOf, listNodes, program } from "../../runtimes/programs.ts";
import { builtFile, ROOT } from "../../runtimes/project.ts";
import { findCommand } from "../../runtimes/run.ts";
import type { Absence } from "../../support/absence.ts";

const SOURCE = join(ROOT, "src/cli/mod.ts");

/** A runtime and the arguments that start the command on it. */
export interface Started {
  readonly runtime: string;
  readonly absence: Absence | undefined;
  readonly command: string;
  readonly args: readonly string[];
}

/** Deno has only the permissions that `docs/command.md` states. */
const DENO = ["run", "--no-prompt", "--allow-env=UNSEAL_KEYS,OTHER_KEYS", "--allow-read", "--allow-write", SOURCE];

/** The Node that runs the tests. */
export const node: Started = { runtime: "Node", absence: undefined, command: process.execPath, args: [SOURCE] };

/** The oldest release of Node, which runs the output of `tsc`, the Node that runs the tests, Deno and Bun. */
export const RUNTIMES: readonly Started[] = [
  ...listNodes().filter(({ name }) => name === "node20.0").map((node) => ({
    runtime: node.name,
    absence: absenceOf(node),
    command: node.path ?? "",
    args: [builtFile("src/cli/mod.ts")],
  })),
  node,
  { runtime: "Deno", absence: absenceOf(program("deno")), command: program("deno").path ?? "", args: DENO },
  { runtime: "Bun", absence: absenceOf(program("bun")), command: program("bun").path ?? "", args: [SOURCE] },
];

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Standard input does not end after `input`. */
  readonly keepsInputOpen?: boolean;
  readonly cwd?: string;
}

/** Starts the command. */
export function startCommand(started: Started, args: readonly string[], surroundings: Surroundings = {}): Running {
  return startProcess(started.command, [...started.args, ...args], surroundings);
}

/** Runs the command to its end. */
export function runCommand(started: Started, args: readonly string[], surroundings?: Surroundings): Promise<Ended> {
  return startCommand(started, args, surroundings).ended;
}

/**
 * Runs the command at a pseudo-terminal, which `script` of util-linux creates. All output is in `stdout`.
 *
 * @throws When `script` itself fails. The shell prints the command's exit code as the last line, so that a failure of
 * `script`, which can lose output when its standard input ends, is not taken for one of the command.
 */
export async function runAtTerminal(
  started: Started,
  args: readonly string[],
  surroundings?: Surroundings,
): Promise<Ended> {
  const words = [started.command, ...started.args, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  const line = `${words.join(" ")}; printf '\\n<ended %s>\\n' "$?"`;
  const { child, ended } = startProcess("script", ["--quiet", "--command", line, "/dev/null"], {
    ...surroundings,
    env: { TERM: "xterm", SHELL: "/bin/sh", ...surroundings?.env },
    keepsInputOpen: true,
  });
  child.once("exit", () => child.stdin?.end());
  const { code, stderr, stdout } = await ended;
  const end = /\r\n<ended (\d+)>\r\n$/.exec(stdout.toString("latin1"));
  if (end === null) throw new Error(`script failed with exit code ${code}: ${stderr}`);
  return { code: Number(end[1]), signal: null, stderr, stdout: stdout.subarray(0, end.index) };
}

export const scriptAbsence: Absence | undefined = findCommand("script") === undefined
  ? { reason: "script is not installed: apt-get install bsdutils", isRequired: true }
  : undefined;

function startProcess(
  command: string,
  args: readonly string[],
  { env, input, keepsInputOpen, cwd }: Surroundings,
): Running {
  const { PATH = "", HOME = "", NODE_COMPILE_CACHE } = process.env;
  const environment = { PATH, HOME, NODE_COMPILE_CACHE, ...env };
  const child = spawn(command, args, { cwd: cwd ?? ROOT, env: environment, stdio: "pipe" });
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => void stdout.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
  child.stdin.on("error", () => {}); // the command may end without reading
  child.stdin.write(input ?? "");
  if (keepsInputOpen !== true) child.stdin.end();
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout: Buffer.concat(stdout), stderr }));
  });
  return { child, ended };
}
