/**
 * Starts, stops, kills and pauses real engines.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A process of an engine, which can be started again after it was killed. */
export interface EngineProcess {
  /** Starts the engine and waits until it accepts requests. */
  start(): Promise<void>;
  /** Ends it with SIGKILL, without any chance to clean up. */
  kill(): Promise<void>;
  /** Stops it from running, while its connections stay open. */
  pause(): void;
  resume(): void;
}

export interface EngineCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Environment variables in addition to those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The file for its output. */
  readonly log: string;
  /** Whether it accepts requests. A rejection means no. */
  readonly isServing: () => Promise<boolean>;
}

const START_TIMEOUT_MS = 60_000;

const running = new Set<number>();
// Engines end when the test runner does.
process.on("exit", () => running.forEach(killSilently));

/** Describes an engine; `start` starts it. */
export function engineProcess({ command, args, env, log, isServing }: EngineCommand): EngineProcess {
  let pid: number | undefined;
  let exited: Promise<void> = Promise.resolve();

  return {
    async start() {
      const output = openSync(log, "a");
      const child = spawn(command, args, { stdio: ["ignore", output, output], env: { ...process.env, ...env } });
      let isRunning = true;
      exited = new Promise<void>((resolve) => {
        child.once("error", () => resolve());
        child.once("exit", () => resolve());
      }).then(() => {
        isRunning = false;
        if (child.pid !== undefined) running.delete(child.pid);
      });
      pid = child.pid;
      if (pid !== undefined) running.add(pid);
      await until(`${command} serves`, async () => {
        if (!isRunning) throw new Error(`${command} has ended:\n${readFileSync(log, "utf8").slice(-2000)}`);
        return await isServing().catch(() => false);
      }, START_TIMEOUT_MS);
    },
    async kill() {
      if (pid === undefined) return;
      const children = childrenOf(pid);
      killSilently(pid);
      await exited;
      // PostgreSQL serves from child processes, which end a little later.
      children.forEach(killSilently);
    },
    pause: () => void (pid !== undefined && process.kill(pid, "SIGSTOP")),
    resume: () => void (pid !== undefined && process.kill(pid, "SIGCONT")),
  };
}

/** Where an engine runs. */
export interface EnginePlace {
  /** A temporary folder, for its data. */
  readonly folder: string;
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** `http://127.0.0.1:<port>`, unless the engine has another protocol. */
  readonly url: string;
}

/** An engine that serves. */
export interface RunningEngine extends EnginePlace {
  readonly process: EngineProcess;
  /** Kills it and removes its folder. */
  close(): Promise<void>;
}

/**
 * Starts an engine, whose output goes to the folder's `log`.
 *
 * @param describe Returns the command, and may prepare the folder.
 */
export async function startEngine(
  describe: (place: EnginePlace) => EngineDescription | Promise<EngineDescription>,
): Promise<RunningEngine> {
  const folder = temporaryFolder();
  const [port = 0] = await freePorts(1);
  const place = { folder, port, url: `http://127.0.0.1:${port}` };
  let process: EngineProcess | undefined;
  const close = async (): Promise<void> => {
    await process?.kill();
    removeFolder(folder);
  };
  try {
    process = engineProcess({ ...await describe(place), log: join(folder, "log") });
    await process.start();
    return { ...place, process, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type EngineDescription = Omit<EngineCommand, "log">;

/** Waits until `condition` is true, checking it every 20 ms. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms until ${what}`);
    await delay(20);
  }
}

/** Free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () =>
      new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => resolve(server));
      })),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port); // they listen on TCP
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A new folder outside of the project. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "unseal-replay-"));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The child processes of `pid`; none on systems without `/proc`. */
function childrenOf(pid: number): number[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc").map(Number).filter((each) => {
    try {
      // "<pid> (<name>) <state> <parent> …", and a name may hold anything.
      const status = readFileSync(`/proc/${each}/stat`, "utf8");
      return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]) === pid;
    } catch {
      return false;
    }
  });
}

function killSilently(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
