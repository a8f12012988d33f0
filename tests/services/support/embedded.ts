/**
 * The engines that run in the process: `node:sqlite`, `bun:sqlite` and Deno KV.
 *
 * @module
 */

import {
  type DenoKvLike,
  denoKvStore,
  type ReplayStore,
  type SqlRun,
  sqlStatements,
  sqlStore,
} from "../../../src/replay/mod.ts";
import type { Absence } from "../../support/absence.ts";

export type EmbeddedKind = "node:sqlite" | "bun:sqlite" | "deno-kv";

/** The parts of Deno that are used here. */
interface DenoGlobal {
  openKv?(path: string): Promise<DenoKvLike & { close(): void }>;
}

/** The parts of `node:sqlite` that are used here. */
interface NodeSqlite {
  DatabaseSync: new (path: string, options: { timeout: number }) => {
    exec(sql: string): void;
    prepare(sql: string): { all(...parameters: unknown[]): unknown[]; run(): { changes: number | bigint } };
    close(): void;
  };
}

/** The parts of `bun:sqlite` that are used here. */
interface BunSqlite {
  Database: new (path: string) => {
    run(sql: string): { changes: number };
    query(sql: string): { all(...parameters: unknown[]): unknown[] };
    close(): void;
  };
}

/** An open database, with its table. */
export interface Embedded {
  readonly store: ReplayStore;
  /** Removes expired marks and returns how many; SQL only. */
  readonly purge?: () => number;
  /** Runs a statement and returns how many rows it changed; SQL only. */
  readonly change?: (sql: string) => number;
  close(): void;
}

const deno = (globalThis as { Deno?: DenoGlobal }).Deno;
const nodeSqlite = await importIfThere<NodeSqlite>("node:sqlite");
const bunSqlite = await importIfThere<BunSqlite>("bun:sqlite");

/** Why an engine is missing in this runtime. */
export const embeddedAbsence: Readonly<Record<EmbeddedKind, Absence | undefined>> = {
  "node:sqlite": absentUnless(nodeSqlite, "this runtime has no node:sqlite"),
  "bun:sqlite": absentUnless(bunSqlite, "this runtime is not Bun"),
  "deno-kv": absentUnless(deno?.openKv, "this runtime is not Deno, or runs without --unstable-kv"),
};

/** Opens a database file, or one in memory. Fails where the engine is missing. */
export async function openEmbedded(kind: EmbeddedKind, file: string): Promise<Embedded> {
  if (kind === "deno-kv") {
    const kv = await deno!.openKv!(file);
    return { store: denoKvStore(kv), close: () => kv.close() };
  }
  const database = kind === "node:sqlite" ? openNodeSqlite(file) : openBunSqlite(file);
  const { createTable, purge } = sqlStatements({ dialect: "sqlite" });
  database.change(createTable);
  return {
    store: sqlStore(database.run, { dialect: "sqlite" }),
    purge: () => database.change(purge),
    change: database.change,
    close: database.close,
  };
}

interface Database {
  readonly run: SqlRun;
  change(sql: string): number;
  close(): void;
}

function openNodeSqlite(file: string): Database {
  const database = new nodeSqlite!.DatabaseSync(file, { timeout: 10_000 });
  database.exec("PRAGMA journal_mode = WAL");
  return {
    run: (sql, parameters) => database.prepare(sql).all(...parameters),
    change: (sql) => Number(database.prepare(sql).run().changes),
    close: () => database.close(),
  };
}

function openBunSqlite(file: string): Database {
  const database = new bunSqlite!.Database(file);
  database.run("PRAGMA busy_timeout = 10000");
  database.run("PRAGMA journal_mode = WAL");
  return {
    run: (sql, parameters) => database.query(sql).all(...parameters),
    change: (sql) => database.run(sql).changes,
    close: () => database.close(),
  };
}

async function importIfThere<Module>(name: string): Promise<Module | undefined> {
  try {
    return await import(name) as Module;
  } catch {
    return undefined;
  }
}

function absentUnless(engine: unknown, reason: string): Absence | undefined {
  return engine === undefined ? { reason, isRequired: false } : undefined;
}
