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
import { type RunningEngine, startEngine } from "./engine.ts";

const postgres = program("postgres");

export const postgresAbsence: Absence | undefined = absenceOf(postgres);

const urlOf = (port: number): string => `postgresql://postgres@127.0.0.1:${port}/postgres`;

/** Starts a PostgreSQL with an empty database; its `url` is a connection string. */
export async function startPostgres(): Promise<RunningEngine> {
  const engine = await startEngine(({ folder, port }) => {
    const asUser = userCommand(folder);
    const data = join(folder, "data");
    // Tests are skipped when the path is undefined.
    const initdb = join(dirname(postgres.path!), "initdb");
    const options = ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync"];
    const [initCommand = "", ...initArgs] = [...asUser, initdb, ...options];
    execFileSync(initCommand, initArgs, { stdio: "ignore", cwd: folder });
    const [command = "", ...args] = [
      ...[...asUser, postgres.path!, "-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1"],
      ...["-c", "unix_socket_directories=", "-c", "shared_buffers=16MB"],
      // In the folder of its data, which is removed. A killed server leaves the segments of other types behind.
      ...["-c", "dynamic_shared_memory_type=mmap"],
    ];
    return { command, args, isServing: () => answersQuery(urlOf(port)) };
  });
  return { ...engine, url: urlOf(engine.port) };
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
