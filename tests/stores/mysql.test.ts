/** The SQL store on a real MariaDB, through `mysql2` and `mariadb`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createPool as createMariadbPool } from "mariadb";
import { createPool } from "mysql2/promise";
import { type SqlRun, sqlStatements, sqlStore } from "../../src/replay/mod.ts";
import { needs } from "../support/absence.ts";
import { mark } from "../support/mark.ts";
import { until } from "../services/support/engine.ts";
import { mariadbAbsence, startMariadb } from "../services/support/mariadb.ts";
import { type ReplayEngineProcess, testReplayStoreProcess } from "../services/support/replay-contract.ts";

interface Connections {
  readonly run: SqlRun;
  close(): Promise<unknown>;
}

function openMysql2(url: string): Connections {
  const pool = createPool({ uri: url, connectionLimit: 4, connectTimeout: 30_000 });
  return {
    run: async (sql, parameters) => (await pool.execute(sql, parameters))[0],
    close: () => pool.end(),
  };
}

function openMariadb(url: string): Connections {
  const { hostname, port } = new URL(url);
  const pool = createMariadbPool({
    ...{ host: hostname, port: Number(port), user: "root", database: "test" },
    ...{ connectionLimit: 4, acquireTimeout: 30_000, initializationTimeout: 30_000 },
  });
  return {
    run: (sql, parameters) => pool.execute(sql, parameters),
    close: () => pool.end(),
  };
}

const engineOf = (...open: ((url: string) => Connections)[]) => async (): Promise<ReplayEngineProcess> => {
  const { url, process, close } = await startMariadb();
  const connections = open.map((each) => each(url));
  await connections[0]!.run(sqlStatements({ dialect: "mysql" }).createTable, []); // open is not empty
  return {
    stores: connections.map(({ run }) => sqlStore(run, { dialect: "mysql" })),
    process,
    async close() {
      // Closing a pool waits for its queries, which a killed server never answers.
      const closed = connections.map((each) => each.close().catch(() => {}));
      await close();
      await Promise.all(closed);
    },
  };
};

testReplayStoreProcess("sqlStore(mysql2)", engineOf(openMysql2, openMysql2), mariadbAbsence);
testReplayStoreProcess("sqlStore(mariadb)", engineOf(openMariadb, openMariadb, openMysql2), mariadbAbsence);

test("sqlStatements() create and purge a table of any name in any mode of MariaDB", needs(mariadbAbsence), async () => {
  const { url, close } = await startMariadb();
  const { run, close: closePool } = openMysql2(url);
  try {
    await run("CREATE SCHEMA app", []);
    await run("SET GLOBAL sql_mode = 'ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES'", []);
    for (const table of ["app.seen", "Seen", "order", "app.SELECT", `_${"a".repeat(62)}`]) {
      const options = { dialect: "mysql", table } as const;
      const { createTable, purge } = sqlStatements(options);
      await run(createTable, []);
      await run(createTable, []);
      const store = sqlStore(run, options);
      assert.equal(await mark(store, "long"), true);
      assert.equal(await mark(store, "short", 50), true);
      await until(
        "something is purged",
        async () => (await run(purge, []) as { affectedRows: number }).affectedRows > 0,
      );
      assert.equal(await mark(store, "long"), false);
      assert.equal(await mark(store, "short"), true);
    }
  } finally {
    await closePool();
    await close();
  }
});

test("sqlStore() remembers an id when MariaDB's local time goes back by an hour", needs(mariadbAbsence), async () => {
  const { url, close } = await startMariadb();
  const pool = createPool({ uri: url, connectionLimit: 1 });
  const run: SqlRun = async (sql, parameters) => (await pool.execute(sql, parameters))[0];
  try {
    await run(sqlStatements({ dialect: "mysql" }).createTable, []);
    const store = sqlStore(run, { dialect: "mysql" });
    // Both times of 02:59:59, and then 03:00.
    const summer = Date.UTC(2026, 9, 25, 0, 59, 59) / 1000;
    const winter = Date.UTC(2026, 9, 25, 1, 59, 59) / 1000;
    const at = (time: number) => pool.query(`SET timestamp = ${time}`);
    await at(summer);
    assert.equal(await mark(store, "a", 5_000), true);
    for (const time of [summer + 1, summer + 4]) {
      await at(time);
      assert.equal(await mark(store, "a"), false, `${time}`);
    }
    await at(winter);
    assert.equal(await mark(store, "a", 5_000), true);
    for (const time of [winter + 1, winter + 4]) {
      await at(time);
      assert.equal(await mark(store, "a"), false, `${time}`);
    }
  } finally {
    await pool.end();
    await close();
  }
});
