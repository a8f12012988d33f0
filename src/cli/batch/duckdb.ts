/**
 * DuckDB, which reads and writes Parquet. It is no dependency of this package: who needs Parquet installs it.
 *
 * @module
 */

import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { CommandError, EXIT } from "../command.ts";

/** The version that is tested; a test compares it with that of `examples/duckdb`. */
export const DUCKDB_PACKAGE = "@duckdb/node-api";
export const DUCKDB_VERSION = "1.5.5-r.5";

/** What is used of a connection of `@duckdb/node-api`. */
export interface Connection {
  runAndReadAll(
    sql: string,
    values?: Readonly<Record<string, string>>,
  ): Promise<{ getRowObjectsJson(): Record<string, unknown>[] }>;
  stream(
    sql: string,
    values: Readonly<Record<string, string>>,
  ): Promise<{ fetchChunk(): Promise<{ readonly rowCount: number; getColumns(): unknown[][] } | null> }>;
  closeSync(): void;
}

interface Duckdb {
  readonly DuckDBInstance: {
    create(
      path: string,
      options: Readonly<Record<string, string>>,
    ): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
}

const SETTINGS = {
  memory_limit: "1GB",
  // The worker threads need the cores, and the order of the rows needs no care.
  threads: "1",
  // Nothing is fetched from a network.
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
};

/**
 * Opens a database in memory.
 *
 * @param path The Parquet file, for messages.
 * @throws {CommandError} When DuckDB is not installed, or cannot be loaded.
 */
export async function connectDuckdb(path: string): Promise<{ readonly connection: Connection; close(): void }> {
  const instance = await loadDuckdb(path).DuckDBInstance.create(":memory:", SETTINGS);
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Loads the package that is installed beside this one, or in the user's project. */
function loadDuckdb(path: string): Duckdb {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    let require: ReturnType<typeof createRequire>;
    let found: string;
    try {
      require = createRequire(from); // refuses the address of a module from a network
      found = require.resolve(DUCKDB_PACKAGE);
    } catch {
      continue;
    }
    try {
      return require(found);
    } catch (error) {
      const { message } = error as Error;
      throw new CommandError(`Cannot open ${path}: ${DUCKDB_PACKAGE} is installed, but does not load: ${message}`);
    }
  }
  throw new CommandError(
    `Cannot open ${path}: Parquet needs DuckDB, which is not installed (ERR_DUCKDB_MISSING)\n` +
      `npm install ${DUCKDB_PACKAGE}@${DUCKDB_VERSION}`,
  );
}

/** The name of a column in SQL. It may contain any character. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The name of one file: DuckDB expands patterns, and takes some names for addresses. */
export function exactPath(path: string): string {
  return resolve(path).replace(/[*?[]/g, "[$&]");
}

/** Converts an error of DuckDB, most of whose messages quote content. */
export function duckdbError(action: string, path: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const { message } = error as Error;
  const [first = ""] = message.split("\n");
  const isSafe = /^(?:IO|Out of Memory) Error: /.test(first);
  const kind = /^[\w ]{1,40} Error(?=: )/.exec(first)?.[0] ?? "unexpected error";
  return new CommandError(`Cannot ${action} ${path}: DuckDB: ${isSafe ? first : kind}`, EXIT.file);
}
