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
import { type RunningEngine, startEngine } from "./engine.ts";

export interface WorkerdOptions {
  /** By default the newest date that this workerd supports, which is its version. */
  readonly compatibilityDate?: string;
  /** Whether the objects' storage is SQLite or the older key-value storage. */
  readonly enableSql: boolean;
}

const workerd = program("workerd");

export const workerdAbsence: Absence | undefined = absenceOf(workerd);

/** Starts a workerd with the Worker of `replay-worker.ts`, at `url`. */
export async function startWorkerd(options: WorkerdOptions): Promise<RunningEngine> {
  return await startEngine(({ folder, port, url }) => {
    const worker = fileURLToPath(new URL(`./replay-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
    const bundle = [worker, "--bundle", "--format=esm", `--outfile=${join(folder, "worker.js")}`];
    execFileSync(installedCommand("esbuild")!, bundle, { stdio: "ignore" }); // npm ci installs it
    mkdirSync(join(folder, "storage"));
    const config = join(folder, "config.capnp");
    writeFileSync(config, configuration(folder, port, options));
    return {
      command: workerd.path!, // tests are skipped without it
      args: ["serve", config],
      isServing: async () => (await fetch(`${url}/held`, { signal: AbortSignal.timeout(1_000) })).ok,
    };
  });
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
