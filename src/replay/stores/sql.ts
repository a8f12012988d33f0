/**
 * A replay store in an SQL database: PostgreSQL, MySQL, MariaDB, SQLite, Cloudflare D1.
 *
 * @module
 */

import { checkedOptions } from "../../checked-options.ts";
import { checkFunction } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/** The SQL dialect. MariaDB uses MySQL's, D1 uses SQLite's. */
export type SqlDialect = "postgres" | "mysql" | "sqlite";

/** Options of {@linkcode sqlStore} and {@linkcode sqlStatements}. */
export interface SqlOptions {
  /** The dialect. */
  readonly dialect: SqlDialect;
  /**
   * The table, `unseal_seen_events` by default: at most 63 letters, digits and underscores, optionally after a schema
   * and a dot. The name is quoted, and therefore case-sensitive in PostgreSQL.
   */
  readonly table?: string | undefined;
}

/**
 * Runs one statement outside of any transaction, so that it is committed when this function returns.
 *
 * @param sql The statement; its parameters are `$1`, `$2` for PostgreSQL, and `?` for the others.
 * @param parameters Their values, which the server or the driver must bind.
 * @returns The rows that the statement returns, in an array; anything when it returns no rows. Or a promise of it.
 * @throws When the statement fails.
 */
export type SqlRun = (sql: string, parameters: (string | number)[]) => unknown;

/** The statements that you run yourself. */
export interface SqlStatements {
  /** Creates the table if it does not exist. Run it when you deploy. */
  readonly createTable: string;
  /** Removes expired ids. Run it regularly, for example each minute or each hour. */
  readonly purge: string;
}

/** What differs between the dialects. */
interface Dialect {
  /** The quotation mark of a name. */
  readonly quote: string;
  /** The database's clock in Unix milliseconds: one clock for all machines. */
  readonly now: string;
  /** The columns of a table. They distinguish any two ids and any two tokens. */
  readonly columns: string;
}

const TEXT_COLUMNS = "id text NOT NULL PRIMARY KEY, expires_at bigint NOT NULL, token text NOT NULL";

const DIALECTS: Readonly<Record<SqlDialect, Dialect>> = {
  postgres: {
    quote: '"',
    // `now()` is constant within a transaction.
    now: "CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)",
    columns: TEXT_COLUMNS,
  },
  mysql: {
    quote: "`",
    // Constant within a statement. UNIX_TIMESTAMP(NOW(3)) would go back by an hour at the end of summer time.
    now: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
    // Text would be compared without case or trailing blanks. Without the index, `purge` would lock every row.
    columns: "id varbinary(256) NOT NULL PRIMARY KEY, expires_at bigint NOT NULL, token varbinary(64) NOT NULL, " +
      "INDEX (expires_at)",
  },
  sqlite: {
    quote: '"',
    // The days since noon in Greenwich on 24 November 4714 BC, of which the Unix epoch is 2440587.5.
    // unixepoch('subsec') is for SQLite 3.42 and later.
    now: "CAST((julianday('now') - 2440587.5) * 86400000 AS integer)",
    columns: TEXT_COLUMNS,
  },
};

/**
 * Returns the statements that create and purge the store's table.
 *
 * @param options The dialect and the table.
 * @throws {TypeError} When an option is invalid.
 *
 * @example Create the table in a migration
 * ```ts
 * import { sqlStatements } from "@unseal/sealed-results/replay";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   sqlStatements({ dialect: "postgres", table: "app.seen" }).createTable,
 *   'CREATE TABLE IF NOT EXISTS "app"."seen" ' +
 *     "(id text NOT NULL PRIMARY KEY, expires_at bigint NOT NULL, token text NOT NULL)",
 * );
 * ```
 */
export function sqlStatements(options: SqlOptions): SqlStatements {
  const { dialect: { columns, now }, table } = checkSqlOptions(options);
  return Object.freeze({
    createTable: `CREATE TABLE IF NOT EXISTS ${table} (${columns})`,
    purge: `DELETE FROM ${table} WHERE expires_at <= ${now}`,
  });
}

/**
 * Creates a store that remembers ids in an SQL table. One statement inserts a new id or renews an expired one; with
 * MySQL a second one reads whose mark the id has. Ids expire by the database's clock.
 *
 * The table needs `createTable` once and `purge` regularly, both of {@linkcode sqlStatements}. It holds some minutes of
 * traffic. If the database loses an id, the guard accepts its event again while it is fresh:
 *
 * - With `synchronous_commit = off`, PostgreSQL loses commits shortly before a crash; measured, 23 of 200 events passed
 *   again. Leave it on for this statement's connection. With MySQL, the same goes for
 *   `innodb_flush_log_at_trx_commit = 1`.
 * - A standby with asynchronous replication that takes over lacks the last ids. `synchronous_standby_names` with
 *   `synchronous_commit = on` waits for the standby.
 * - `run` must reach the primary database, also to read.
 * - A pool that queues without a limit runs statements long after the guard has given up: the event was refused, but
 *   its id is marked. Give the pool a `connectionTimeoutMillis` (pg) or `acquireTimeout` (mariadb) below the guard's
 *   `timeoutMs`.
 *
 * | driver | `dialect` | `run` |
 * | --- | --- | --- |
 * | `pg` | `postgres` | `async (sql, parameters) => (await pool.query(sql, parameters)).rows` |
 * | Bun's SQL | `postgres` | `(sql, parameters) => db.unsafe(sql, parameters)` |
 * | `mysql2/promise` | `mysql` | `async (sql, parameters) => (await pool.execute(sql, parameters))[0]` |
 * | `mariadb` | `mysql` | `(sql, parameters) => pool.execute(sql, parameters)` |
 * | `node:sqlite` | `sqlite` | `(sql, parameters) => db.prepare(sql).all(...parameters)` |
 * | `bun:sqlite` | `sqlite` | `(sql, parameters) => db.query(sql).all(...parameters)` |
 * | D1 | `sqlite` | `async (sql, parameters) => (await db.prepare(sql).bind(...parameters).all()).results` |
 *
 * @param run Runs a statement.
 * @param options The dialect and the table.
 * @throws {TypeError} When an option is invalid.
 *
 * @example With PostgreSQL
 * ```ts
 * import { createReplayGuard, type ReplayGuard, sqlStatements, sqlStore } from "@unseal/sealed-results/replay";
 * import { Pool } from "pg";
 *
 * async function openGuard(connectionString: string): Promise<ReplayGuard> {
 *   const pool = new Pool({ connectionString, connectionTimeoutMillis: 1_500 });
 *   pool.on("error", (error) => console.error("PostgreSQL:", error.message));
 *   const { createTable, purge } = sqlStatements({ dialect: "postgres" });
 *   await pool.query(createTable);
 *   setInterval(() => pool.query(purge).catch(() => {}), 60_000);
 *   const store = sqlStore(async (sql, parameters) => (await pool.query(sql, parameters)).rows, { dialect: "postgres" });
 *   return createReplayGuard({ store });
 * }
 * ```
 */
export function sqlStore(run: SqlRun, options: SqlOptions): ReplayStore {
  checkFunction("run", run);
  const { name, dialect: { now }, table } = checkSqlOptions(options);

  /** Runs a statement that returns one row or none, and returns whether it returned one. */
  async function hasRow(sql: string, parameters: (string | number)[]): Promise<boolean> {
    const rows = await run(sql, parameters);
    if (Array.isArray(rows) && rows.length <= 1) return rows.length === 1;
    throw new TypeError("run must return an array of one row or none, got something else");
  }

  // MySQL's INSERT returns no row, and clients disagree about the rows that it has changed. Assignments run from left
  // to right, so `expires_at` comes last.
  const insert = `INSERT INTO ${table} (id, expires_at, token) VALUES (?, ${now} + CAST(? AS SIGNED), ?) ` +
    `ON DUPLICATE KEY UPDATE token = IF(expires_at <= ${now}, VALUES(token), token), ` +
    `expires_at = IF(expires_at <= ${now}, VALUES(expires_at), expires_at)`;
  const select = `SELECT 1 FROM ${table} WHERE id = ? AND token = ?`;
  const [first, ttlMs, second, third] = name === "postgres"
    ? ["$1", "CAST($2 AS bigint)", "$2", "$3"] as const
    : ["?", "?", "?", "?"] as const;
  const upsert =
    `INSERT INTO ${table} AS mark (id, expires_at, token) VALUES (${first}, ${now} + ${ttlMs}, ${third}) ` +
    `ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, token = excluded.token ` +
    `WHERE mark.expires_at <= ${now} RETURNING id`;
  const remove = `DELETE FROM ${table} WHERE id = ${first} AND token = ${second}`;

  return Object.freeze({
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      if (name !== "mysql") return await hasRow(upsert, [id, ttlMs, token]);
      await run(insert, [id, ttlMs, token]);
      return await hasRow(select, [id, token]);
    },
    async release(id: string, token: string): Promise<void> {
      await run(remove, [id, token]);
    },
  });
}

function checkSqlOptions(options: SqlOptions): { name: SqlDialect; dialect: Dialect; table: string } {
  const { dialect, table = "unseal_seen_events" } = checkedOptions(options, { dialect: 1, table: 1 });
  if (!Object.hasOwn(DIALECTS, dialect)) throw new TypeError('dialect must be "postgres", "mysql" or "sqlite"');
  if (typeof table !== "string" || !/^(?:[a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,62}$/i.test(table)) {
    throw new TypeError("table must be a name of letters, digits and underscores, or two with a dot between");
  }
  const { quote } = DIALECTS[dialect];
  const quoted = table.split(".").map((each) => quote + each + quote).join(".");
  return { name: dialect, dialect: DIALECTS[dialect], table: quoted };
}
