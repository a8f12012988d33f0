/**
 * Starts PostgreSQL.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { chownSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { absenceOf, program } from "../../runtimes/programs.ts";
import type { Absence } from "../../support/absence.ts";
import { type EngineProcess, engineProcess, freePorts, removeFolder, temporaryFolder } from "./engine.ts";

export interface PostgresServer {
  /** The connection string. */
  readonly url: string;
  readonly process: EngineProcess;
  /** Kills it and removes its data. */
  close(): Promise<void>;
}

const postgres = program("postgres");

export const postgresAbsence: Absence | undefined = absenceOf(postgres);

/** Starts a PostgreSQL with an empty database. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = temporaryFolder();
  const [port = 0] = await freePorts(1);
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const asUser = userCommand(folder);
  const data = join(folder, "data");
  // Tests are skipped when the path is undefined.
  const [initCommand = "", ...initArgs] = [
    ...asUser,
    join(dirname(postgres.path!), "initdb"),
    "-D",
    data,
    "-A",
    "trust",
    "-U",
    "postgres",
    "--no-sync",
  ];
  const [command = "", ...args] = [
    ...[...asUser, postgres.path!, "-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1"],
    ...["-c", "unix_socket_directories=", "-c", "shared_buffers=16MB"],
    // In the folder of its data, which is removed. A killed server leaves the segments of other types behind.
    ...["-c", "dynamic_shared_memory_type=mmap"],
  ];
  const log = join(folder, "log");
  const process = engineProcess({ command, args, log, isServing: () => answersQuery(url) });
  const close = async () => {
    await process.kill();
    removeFolder(folder);
  };
  try {
    execFileSync(initCommand, initArgs, { stdio: "ignore", cwd: folder });
    await process.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url, process, close };
}

/** PostgreSQL refuses to run as root. Root runs it as the user of Debian's package, and makes the folder that user's. */
function userCommand(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const [user = 0, group = 0] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"]).toString()));
  chownSync(folder, user, group);
  // setpriv replaces itself by the command, unlike su and runuser, so that signals reach the command.
  return ["setpriv", `--reuid=${user}`, `--regid=${group}`, "--clear-groups"];
}

async function answersQuery(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
