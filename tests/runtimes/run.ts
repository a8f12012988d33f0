/**
 * Starts a runtime as a child process, in its own process group so that its child processes can be ended, too.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./project.ts";

/** Longer than the slowest row takes on a busy machine. A single test that hangs fails earlier, at its own limit. */
export const RUNTIME_TIMEOUT_MS = 30 * 60_000;

const TAIL_CHARACTERS = 3000;

/** Where Node 24 and later keep compiled code, so that not every process compiles the same TypeScript again. */
const COMPILE_CACHE = join(ROOT, ".build/compile-cache");

/** How long a runtime may take to remove its lock files. */
const GRACE_MS = 2000;

export interface Ended {
  /** Standard output. Other output is only shown as a tail. */
  readonly output: string;
  /** Test runners report a failed test by exit code 1. Every other unsuccessful end is a crash. */
  readonly exitCode: number | undefined;
  /** A description of the failure, with the end of the output; `undefined` after exit code 0. */
  readonly trouble: string | undefined;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the process, which counts as success. */
  readonly until?: Promise<unknown>;
  readonly timeoutMs?: number;
}

/** Runs a command to its end. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  // Deno uses colours with every value of FORCE_COLOR, "0" included.
  const environment = {
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...process.env,
    ...options.env,
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
  };
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  let tail = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.push(text);
    tail = (tail + text).slice(-TAIL_CHARACTERS);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (tail = (tail + text).slice(-TAIL_CHARACTERS)));

  const timeoutMs = options.timeoutMs ?? RUNTIME_TIMEOUT_MS;
  let ending: "done" | "timeout" | undefined;
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  const end = (reason: "done" | "timeout"): void => {
    ending ??= reason;
    endGroup(child.pid, "SIGTERM");
    killTimer ??= setTimeout(() => endGroup(child.pid, "SIGKILL"), GRACE_MS);
  };
  const endWithUs = (): void => endGroup(child.pid, "SIGTERM");
  const timer = setTimeout(() => end("timeout"), timeoutMs);
  process.once("exit", endWithUs);
  void options.until?.then(() => end("done"));
  const how = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(`could not start: ${error.message}`));
    child.once(
      "close",
      (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}`),
    );
  });
  clearTimeout(timer);
  clearTimeout(killTimer);
  process.off("exit", endWithUs);

  const bad = ending === "timeout" ? `still ran after ${timeoutMs / 1000} s` : ending === "done" ? undefined : how;
  return {
    output: output.join(""),
    exitCode: ending === undefined ? child.exitCode ?? undefined : undefined,
    trouble: bad === undefined ? undefined : `${command} ${bad}\n${withoutRecords(tail)}`,
  };
}

function endGroup(id: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (id !== undefined) process.kill(-id, signal);
  } catch {
    // The process had ended by itself.
  }
}

function withoutRecords(text: string): string {
  return text.split("\n").filter((line) => !line.startsWith("@unseal ")).join("\n").trim();
}

/**
 * The path of a command: an absolute path unchanged, or the place of a name on `PATH`; `undefined` when it is missing.
 */
export function findCommand(...names: (string | undefined)[]): string | undefined {
  const folders = ["", ...(process.env["PATH"] ?? "").split(delimiter)];
  return names.filter((name) => name !== undefined && name !== "")
    .flatMap((name) => folders.map((folder) => join(folder, name ?? "")))
    .find((file) => file.startsWith("/") && existsSync(file));
}

/** The first version number in the output of a command. */
export function versionOf(command: string, ...args: string[]): string {
  const { stdout } = spawnSync(command, args.length > 0 ? args : ["--version"], { encoding: "utf8" });
  return /\d+(?:[.-]\d+)+/.exec(stdout ?? "")?.[0] ?? "?";
}
