/**
 * Starts MariaDB, which has the protocol of MySQL.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { absenceOf, program } from "../../runtimes/programs.ts";
import type { Absence } from "../../support/absence.ts";
import { removeFolder, type RunningEngine, startEngine, temporaryFolder } from "./engine.ts";

const mariadb = program("mariadb");

export const mariadbAbsence: Absence | undefined = absenceOf(mariadb);

const OPTIONS: readonly string[] = [
  ...["--no-defaults", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M"],
  // MariaDB refuses to run as root unless it is told to.
  ...(process.getuid?.() === 0 ? ["--user=root"] : []),
];

/** The data of a new server, which takes seconds to create and is therefore copied. */
let newData: string | undefined;

/**
 * Starts a MariaDB that writes each commit to disk, in a time zone with summer time.
 *
 * @returns Its `url` is a connection string; the database is empty.
 */
export async function startMariadb(): Promise<RunningEngine> {
  const engine = await startEngine(({ folder, port }) => {
    const data = join(folder, "data");
    newData ??= createData();
    cpSync(newData, data, { recursive: true });
    return {
      command: mariadb.path!, // tests are skipped without it
      args: [
        ...[...OPTIONS, `--datadir=${data}`, `--port=${port}`, "--bind-address=127.0.0.1"],
        `--socket=${join(folder, "socket")}`,
      ],
      env: { TZ: "Europe/Berlin" },
      isServing: () => greets(port),
    };
  });
  return { ...engine, url: `mysql://root@127.0.0.1:${engine.port}/test` };
}

function createData(): string {
  const folder = temporaryFolder();
  process.once("exit", () => removeFolder(folder));
  const options = [...OPTIONS, `--datadir=${folder}`, "--auth-root-authentication-method=normal"];
  execFileSync("mariadb-install-db", options, { stdio: "ignore" });
  return folder;
}

/** Whether the server sends its greeting. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("data", (data) => {
      resolve(data[4] === 10); // the protocol's version
      socket.destroy();
    });
  });
}
