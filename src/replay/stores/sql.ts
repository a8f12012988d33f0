/**
 * A replay store in an SQL database: PostgreSQL, SQLite, Cloudflare D1.
 *
 * @module
 */

import { ownProperties } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/** The SQL dialect. D1 uses SQLite's. */
export type SqlDialect = "postgresql" | "sqlite";

/** Options of {@linkcode sqlStore} and {@linkcode sqlStatements}. */
export interface SqlOptions {
  /** The dialect; `postgresql` by default. */
  readonly dialect?: SqlDialect | undefined;
  /**
   * The table, `unseal_seen_events` by default: at most 63 letters, digits and underscores, optionally after a schema
   * and a dot. The name is quoted, and therefore case-sensitive in PostgreSQL.
   */
  readonly table?: string | undefined;
}

/**
 * Runs one statement outside of any transaction, so that it is committed when this function returns.
 *
 * @param sql The statement; its parameters are `$1`, `$2` for PostgreSQL, and `?` for SQLite.
 * @param parameters Their values.
 * @returns The rows that the statement returns, of any type.
 * @throws When the statement fails.
 */
export type SqlRun = (
  sql: string,
  parameters: (string | number)[],
) => Promise<readonly unknown[]> | readonly unknown[];

/** The statements for the store's table. */
export interface SqlStatements {
  /** Creates the table if it does not exist. Run it when you deploy. */
  readonly createTable: string;
  /** Remembers an id; returns one row if it was new. Run by {@linkcode sqlStore}. */
  readonly add: string;
  /** Forgets an id that has a certain token. Run by {@linkcode sqlStore}. */
  readonly release: string;
  /** Removes expired ids. Run it regularly, for example each minute or each hour. */
  readonly purge: string;
}

/** The database's clock in Unix milliseconds: one clock for all machines. */
const NOW: Readonly<Record<SqlDialect, string>> = {
  // `now()` is constant within a transaction.
  postgresql: "CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)",
  // The days since noon in Greenwich on 24 November 4714 BC, of which the Unix epoch is 2440587.5. unixepoch('subsec')
  // is for SQLite 3.42 and later.
  sqlite: "CAST((julianday('now') - 2440587.5) * 86400000 AS integer)",
};

const PARAMETERS: Readonly<Record<SqlDialect, readonly [first: string, ttlMs: string, second: string, third: string]>> =
  {
    postgresql: ["$1", "CAST($2 AS bigint)", "$2", "$3"],
    sqlite: ["?", "?", "?", "?"],
  };

/**
 * Returns the statements for a table.
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
 *   sqlStatements({ table: "app.seen" }).createTable,
 *   'CREATE TABLE IF NOT EXISTS "app"."seen" ' +
 *     "(id text NOT NULL PRIMARY KEY, expires_at bigint NOT NULL, token text NOT NULL DEFAULT '')",
 * );
 * ```
 */
export function sqlStatements(options: SqlOptions = {}): SqlStatements {
  const { dialect = "postgresql", table = "unseal_seen_events" } = ownProperties(options);
  if (!Object.hasOwn(NOW, dialect)) throw new TypeError('dialect must be "postgresql" or "sqlite"');
  const quoted = quoteTable(table);
  const now = NOW[dialect];
  const [first, ttlMs, second, third] = PARAMETERS[dialect];
  return Object.freeze({
    createTable: `CREATE TABLE IF NOT EXISTS ${quoted} ` +
      `(id text NOT NULL PRIMARY KEY, expires_at bigint NOT NULL, token text NOT NULL DEFAULT '')`,
    add: `INSERT INTO ${quoted} AS mark (id, expires_at, token) VALUES (${first}, ${now} + ${ttlMs}, ${third}) ` +
      `ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, token = excluded.token ` +
      `WHERE mark.expires_at <= ${now} RETURNING id`,
    release: `DELETE FROM ${quoted} WHERE id = ${first} AND token = ${second}`,
    purge: `DELETE FROM ${quoted} WHERE expires_at <= ${now}`,
  });
}

/**
 * Creates a store that remembers ids in an SQL table. One statement inserts a new id or renews an expired one, and
 * returns no row for any other id. Ids expire by the database's clock.
 *
 * The table needs `createTable` once and `purge` regularly, both of {@linkcode sqlStatements}. It holds some minutes of
 * traffic, so it needs no further index. If PostgreSQL loses an id, the guard accepts its event again while it is
 * fresh:
 *
 * - With `synchronous_commit = off`, PostgreSQL loses commits shortly before a crash; measured, 23 of 200 events passed
 *   again. Leave it on for this statement's connection.
 * - A standby with asynchronous replication that takes over lacks the last ids. `synchronous_standby_names` with
 *   `synchronous_commit = on` waits for the standby.
 * - A pool that queues without a limit runs statements long after the guard has given up: the event was refused, but
 *   its id is marked. Give the pool a `connectionTimeoutMillis` (pg) below the guard's `timeoutMs`.
 *
 * | driver | `run` |
 * | --- | --- |
 * | `pg` | `async (sql, parameters) => (await pool.query(sql, parameters)).rows` |
 * | Bun's SQL | `(sql, parameters) => db.unsafe(sql, parameters)` |
 * | `node:sqlite` | `(sql, parameters) => db.prepare(sql).all(...parameters)` |
 * | `bun:sqlite` | `(sql, parameters) => db.query(sql).all(...parameters)` |
 * | D1 | `async (sql, parameters) => (await db.prepare(sql).bind(...parameters).all()).results` |
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
 *   const { createTable, purge } = sqlStatements();
 *   await pool.query(createTable);
 *   setInterval(() => pool.query(purge).catch(() => {}), 60_000);
 *   return createReplayGuard({
 *     store: sqlStore(async (sql, parameters) => (await pool.query(sql, parameters)).rows),
 *   });
 * }
 * ```
 */
export function sqlStore(run: SqlRun, options: SqlOptions = {}): ReplayStore {
  if (typeof run !== "function") throw new TypeError("run must be a function");
  const { add, release } = sqlStatements(options);

  return Object.freeze({
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      const rows = await run(add, [id, ttlMs, token]);
      if (Array.isArray(rows) && rows.length <= 1) return rows.length === 1;
      throw new TypeError("run must return an array of one row or none, got something else");
    },
    async release(id: string, token: string): Promise<void> {
      await run(release, [id, token]);
    },
  });
}

function quoteTable(table: string): string {
  if (typeof table === "string" && /^(?:[a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,62}$/i.test(table)) {
    return table.split(".").map((name) => `"${name}"`).join(".");
  }
  throw new TypeError("table must be a name of letters, digits and underscores, or two with a dot between");
}
