/**
 * A real workerd, with Durable Objects that keep what they store on disk.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EngineProcess, engineProcess, findCommand, freePorts, removeFolder, temporaryFolder } from "./engine.ts";
import type { Absence } from "./replay-contract.ts";

export interface WorkerdServer {
  /** Where the Worker of `replay-worker.ts` listens. */
  readonly url: string;
  readonly process: EngineProcess;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** On which workerd, as it were. */
export interface WorkerdOptions {
  /** By default the newest that this workerd knows: its version is that date. */
  readonly compatibilityDate?: string;
  /** Whether the objects' storage is SQLite, or of the older kind. */
  readonly enableSql: boolean;
}

const workerd = findCommand("workerd");
const esbuild = findCommand("esbuild");

export const workerdAbsence: Absence | undefined = workerd === undefined || esbuild === undefined
  ? { reason: "workerd is not installed", isRequired: true }
  : undefined;

/** Starts a workerd with the Worker of `replay-worker.ts`. */
export async function startWorkerd(options: WorkerdOptions): Promise<WorkerdServer> {
  const folder = temporaryFolder();
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, "config.capnp");
  const process = engineProcess({
    command: workerd!, // tests are skipped without it
    args: ["serve", config],
    log: join(folder, "log"),
    isServing: async () => (await fetch(`${url}/held`, { signal: AbortSignal.timeout(1_000) })).ok,
  });
  const close = async () => {
    await process.kill();
    removeFolder(folder);
  };
  try {
    const worker = fileURLToPath(new URL(`./replay-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
    execFileSync(esbuild!, [worker, "--bundle", "--format=esm", `--outfile=${join(folder, "worker.js")}`], {
      stdio: "ignore",
    });
    mkdirSync(join(folder, "storage"));
    const newest = execFileSync(workerd!, ["--version"]).toString().trim().split(" ").at(-1) ?? "";
    writeFileSync(config, configuration(folder, port, { compatibilityDate: newest, ...options }));
    await process.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url, process, close };
}

function configuration(folder: string, port: number, options: Required<WorkerdOptions>): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "storage", disk = (path = "${join(folder, "storage")}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${options.compatibilityDate}",
  bindings = [(name = "REPLAY", durableObjectNamespace = "ReplayObject")],
  durableObjectNamespaces = [(className = "ReplayObject", uniqueKey = "replay", enableSql = ${options.enableSql})],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
