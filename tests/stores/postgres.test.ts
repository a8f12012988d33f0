/** The SQL store on a real PostgreSQL, through `pg` and Bun's SQL. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pool } from "pg";
import { type SqlRun, sqlStatements, sqlStore } from "../../src/replay/mod.ts";
import { type Absence, needs } from "../support/absence.ts";
import { mark } from "../support/mark.ts";
import { until } from "../services/support/engine.ts";
import { postgresAbsence, startPostgres } from "../services/support/postgres.ts";
import { type ReplayEngineProcess, testReplayStoreProcess } from "../services/support/replay-contract.ts";

/** The parts of Bun that are used here. */
interface BunSql {
  SQL: new (url: string, options: { max: number }) => {
    unsafe(sql: string, parameters: unknown[]): Promise<unknown[]>;
    close(options: { timeout: number }): Promise<void>;
  };
}

const bun = (globalThis as { Bun?: BunSql }).Bun;
const bunAbsence: Absence | undefined = bun === undefined
  ? { reason: "this runtime is not Bun", isRequired: false }
  : postgresAbsence;

interface Connections {
  readonly run: SqlRun;
  close(): Promise<unknown>;
}

function openPg(url: string): Connections {
  const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 30_000 });
  pool.on("error", () => {});
  return {
    run: async (sql, parameters) => (await pool.query(sql, parameters)).rows,
    close: () => pool.end(),
  };
}

function openBun(url: string): Connections {
  const sql = new bun!.SQL(url, { max: 4 }); // skipped elsewhere
  return {
    run: (text, parameters) => sql.unsafe(text, parameters),
    close: () => sql.close({ timeout: 0 }),
  };
}

const engineOf = (...open: ((url: string) => Connections)[]) => async (): Promise<ReplayEngineProcess> => {
  const { url, process, close } = await startPostgres();
  const connections = open.map((each) => each(url));
  await createTable(url);
  return {
    stores: connections.map(({ run }) => sqlStore(run, { dialect: "postgres" })),
    process,
    async close() {
      // Closing a pool waits for its queries, which a killed server never answers.
      const closed = connections.map((each) => each.close().catch(() => {}));
      await close();
      await Promise.all(closed);
    },
  };
};

testReplayStoreProcess("sqlStore(pg)", engineOf(openPg, openPg), postgresAbsence);
testReplayStoreProcess("sqlStore(Bun's SQL on PostgreSQL)", engineOf(openBun, openBun, openPg), bunAbsence);

test("sqlStatements() create, fill and purge a table of any name on PostgreSQL", needs(postgresAbsence), async () => {
  const { url, close } = await startPostgres();
  const pool = new Pool({ connectionString: url });
  pool.on("error", () => {});
  try {
    await pool.query("CREATE SCHEMA app");
    for (const table of ["app.seen", "Seen", "order", "app.SELECT", `_${"a".repeat(62)}`]) {
      const options = { dialect: "postgres", table } as const;
      const { createTable, purge } = sqlStatements(options);
      await pool.query(createTable);
      await pool.query(createTable);
      const store = sqlStore(async (sql, parameters) => (await pool.query(sql, parameters)).rows, options);
      assert.equal(await mark(store, "long", 60_000), true);
      assert.equal(await mark(store, "short", 50), true);
      let purged: number | null = 0;
      await until("something is purged", async () => {
        purged = (await pool.query(purge)).rowCount;
        return purged !== 0;
      });
      assert.equal(purged, 1);
      assert.equal(await mark(store, "long", 60_000), false);
      assert.equal(await mark(store, "short", 60_000), true);
    }
  } finally {
    await pool.end();
    await close();
  }
});

async function createTable(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url });
  try {
    await pool.query(sqlStatements({ dialect: "postgres" }).createTable);
  } finally {
    await pool.end();
  }
}
