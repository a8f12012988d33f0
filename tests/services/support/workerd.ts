/**
 * Starts a real workerd, whose Durable Objects store their data on disk.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { absenceOf, program } from "../../runtimes/programs.ts";
import { installedCommand } from "../../runtimes/project.ts";
import type { Absence } from "../../support/absence.ts";
import { workerdConfiguration } from "../../support/workerd.ts";
import { type EngineProcess, engineProcess, freePorts, removeFolder, temporaryFolder } from "./engine.ts";

export interface WorkerdServer {
  /** The address of the Worker of `replay-worker.ts`. */
  readonly url: string;
  readonly process: EngineProcess;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

export interface WorkerdOptions {
  /** By default the newest date that this workerd supports, which is its version. */
  readonly compatibilityDate?: string;
  /** Whether the objects' storage is SQLite or the older key-value storage. */
  readonly enableSql: boolean;
}

const workerd = program("workerd");

export const workerdAbsence: Absence | undefined = absenceOf(workerd);

/** Starts a workerd with the Worker of `replay-worker.ts`. */
export async function startWorkerd(options: WorkerdOptions): Promise<WorkerdServer> {
  const folder = temporaryFolder();
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, "config.capnp");
  const process = engineProcess({
    command: workerd.path!, // tests are skipped without it
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
    execFileSync(installedCommand("esbuild")!, [
      worker,
      "--bundle",
      "--format=esm",
      `--outfile=${join(folder, "worker.js")}`,
    ], {
      stdio: "ignore",
    });
    mkdirSync(join(folder, "storage"));
    writeFileSync(config, configuration(folder, port, options));
    await process.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url, process, close };
}

function configuration(folder: string, port: number, { enableSql, compatibilityDate }: WorkerdOptions): string {
  return workerdConfiguration("worker.js", {
    ...(compatibilityDate !== undefined && { compatibilityDate }),
    address: `127.0.0.1:${port}`,
    services: [`(name = "storage", disk = (path = "${join(folder, "storage")}", writable = true))`],
    bindings: ['(name = "REPLAY", durableObjectNamespace = "ReplayObject")'],
    fields: [
      `durableObjectNamespaces = [(className = "ReplayObject", uniqueKey = "replay", enableSql = ${enableSql})]`,
      'durableObjectStorage = (localDisk = "storage")',
    ],
  });
}
