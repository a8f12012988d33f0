/**
 * Parquet, in and out, by DuckDB.
 *
 * An input is read as CSV, column by column as text, so that everything behind it works as for a file of CSV. An output
 * is written as CSV beside it, which DuckDB converts at the end: the end of a Parquet file describes all of its rows.
 *
 * @module
 */

import { closeSync, openSync, readSync, realpathSync, renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { EVENT_COLUMNS } from "../../event/row.ts";
import { CommandError, EXIT, fileError } from "../command.ts";
import { statOf } from "../files.ts";
import { STANDARD } from "../input.ts";
import { connectDuckdb, type Connection, duckdbError, exactPath, identifier, literal } from "./duckdb.ts";
import { columnsOf, type Form } from "./form.ts";
import type { Keep, KeptColumn } from "./keep.ts";
import type { Place } from "./layout.ts";
import type { Source } from "./source.ts";

/** The Parquet files of a batch. */
export interface Parquet {
  /** The input, if it is Parquet. */
  readonly source: Source | undefined;
  /** Converts the CSV of `rowsPath()` to the output, if that is Parquet. */
  readonly write: ((kept: readonly KeptColumn[], records: number) => Promise<void>) | undefined;
  close(): void;
}

interface TableColumn {
  readonly name: string;
  readonly type: string;
}

const MAGIC = "PAR1";
/** Types of columns that are kept as they are: their text is read as the same value. Any other column is kept as text. */
const EXACT_TYPE =
  /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BOOLEAN|DATE|TIME|TIMESTAMP(?:_S|_MS|_NS| WITH TIME ZONE)?|UUID)$/;
const NESTED_TYPE = /[[(]|^JSON$/;
/** More than the longest row: an event of 8 MiB and kept columns of 8 MiB, with every quotation mark doubled. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;
const MOST_NAMES = 20;

/** Whether a file is Parquet. Its name does not matter. */
function isParquet(path: string): boolean {
  if (path === STANDARD || statOf(path)?.isFile() !== true) return false;
  const magic = Buffer.alloc(MAGIC.length);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, magic, 0, magic.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError("read", path, error);
  }
  return magic.toString("latin1") === MAGIC;
}

/** Where the rows of a Parquet output are until all are known. */
export function rowsPath(output: string): string {
  return `${output}.rows.csv`;
}

/**
 * Opens the Parquet files of a batch.
 *
 * @returns `undefined` when neither the input nor the output is Parquet.
 * @throws {CommandError} When DuckDB is not installed, or the input does not fit the options.
 */
export async function openParquet(
  input: string,
  output: string,
  place: Place,
  form: Form,
  keep: Keep | undefined,
): Promise<Parquet | undefined> {
  const isInput = isParquet(input);
  if (!isInput && !form.parquet) return undefined;
  if (form.parquet && statOf(output)?.isFile() === false) {
    throw new CommandError(`Cannot write ${output}: Parquet needs a regular file`);
  }
  const { connection, close } = await connectDuckdb(isInput ? input : output);
  const types = new Map<string, string>();
  try {
    const source = isInput ? await openTable(connection, input, place, keep, types) : undefined;
    return {
      source,
      write: !form.parquet
        ? undefined
        : (kept, records) => writeTable(connection, output, columnsOfTable(form, kept, types), records),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** @param types Receives the types of the columns. */
async function openTable(
  connection: Connection,
  path: string,
  { column }: Place,
  keep: Keep | undefined,
  types: Map<string, string>,
): Promise<Source> {
  const file = exactPath(path);
  const table = "read_parquet($file, hive_partitioning = false)";
  let total = 0;
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table}`, { file });
    for (const { column_name, column_type } of described.getRowObjectsJson()) {
      types.set(`${column_name}`, `${column_type}`);
    }
    const [counted] = (await connection.runAndReadAll(`SELECT count(*) AS rows FROM ${table}`, { file }))
      .getRowObjectsJson();
    total = Number(counted?.["rows"]);
  } catch (error) {
    throw duckdbError("read", path, error);
  }
  const missing = [...column === undefined ? [] : [column], ...keep?.columns.map(({ from }) => from) ?? []]
    .find((name) => !types.has(name));
  if (column === undefined || missing !== undefined) {
    const names = [...types.keys()].slice(0, MOST_NAMES).map((name) => name.slice(0, 40)).join(", ");
    const reason = missing === undefined
      ? "it is Parquet: name the column with --column, of"
      : `it has no column ${missing} among`;
    throw new CommandError(`Cannot read ${path}: ${reason} ${names}`);
  }
  const kept = keep?.all === true ? [...types.keys()] : keep?.columns.map(({ from }) => from) ?? [];
  const names = [column, ...new Set(kept.filter((name) => name !== column))];
  const sql = `SELECT ${
    names.map((name) => textOf(name, types.get(name) ?? "", name === column)).join(", ")
  } FROM ${table}`;
  let rows = 0;
  async function* read() {
    try {
      yield Buffer.from(`${names.map(quoted).join(",")}\n`);
      const result = await connection.stream(sql, { file });
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      ) {
        const [sealed = [], ...others] = chunk.getColumns();
        const lines = sealed.map((text, row) =>
          // The first field is never empty, because an empty line is not a record of CSV.
          [quoted(text ?? ""), ...others.map((values) => values[row] === null ? "" : quoted(values[row]))].join(",")
        );
        rows += chunk.rowCount;
        yield Buffer.from(`${lines.join("\n")}\n`);
      }
    } catch (error) {
      throw duckdbError("read", path, error);
    }
  }
  return {
    path: undefined,
    name: path,
    bytes: 0,
    modifiedMs: 0,
    read,
    share: () => total > 0 ? Math.min(1, rows / total) : undefined,
    close() {},
  };
}

function quoted(text: unknown): string {
  return `"${String(text).replaceAll('"', '""')}"`;
}

/** A column as text. Text of old writers, and sealed results as bytes, are columns of bytes. */
function textOf(name: string, type: string, isSealed: boolean): string {
  const column = identifier(name);
  if (NESTED_TYPE.test(type) && !EXACT_TYPE.test(type)) return `to_json(${column})::VARCHAR`;
  if (type !== "BLOB") return `${column}::VARCHAR`;
  const text = `TRY(decode(${column}))`;
  if (!isSealed) return `coalesce(${text}, ${column}::VARCHAR)`;
  return `CASE WHEN starts_with(hex(${column}), '9E85DCED') THEN base64(${column}) ELSE ${text} END`;
}

/** The names and types of the output's columns. */
function columnsOfTable(form: Form, kept: readonly KeptColumn[], types: ReadonlyMap<string, string>): TableColumn[] {
  const own = new Map<string, string>(EVENT_COLUMNS.map(({ name, type }) => [name, type])).set("row", "BIGINT");
  return [
    ...columnsOf(form).map((name) => ({ name, type: own.get(name) ?? "VARCHAR" })),
    ...kept.map(({ from, name }) => {
      const type = types.get(from) ?? "";
      return { name, type: EXACT_TYPE.test(type) ? type : "VARCHAR" };
    }),
  ];
}

async function writeTable(
  connection: Connection,
  output: string,
  columns: readonly TableColumn[],
  records: number,
): Promise<void> {
  const target = statOf(output) === undefined ? resolve(output) : realpathSync(output);
  const file = `${target}.${crypto.randomUUID()}`;
  const csv = `read_csv($rows, columns = {${columns.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(", ")}},
    header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false,
    max_line_size = ${MAX_ROW_BYTES}, buffer_size = ${2 * MAX_ROW_BYTES}, parallel = false)`;
  const values = columns.map(({ name, type }) => `${identifier(name)}::${type} AS ${identifier(name)}`).join(", ");
  try {
    const copied = await connection.runAndReadAll(
      `COPY (SELECT ${values} FROM ${csv}) TO $file (FORMAT parquet, COMPRESSION zstd)`,
      { rows: exactPath(rowsPath(output)), file },
    );
    const [counted] = copied.getRowObjectsJson();
    const rows = Number(counted?.["Count"]);
    if (rows !== records) {
      throw new CommandError(`Cannot write ${output}: DuckDB read ${rows} of ${records} rows`, EXIT.file);
    }
    renameSync(file, target);
  } catch (error) {
    throw duckdbError("write", output, error);
  } finally {
    rmSync(file, { force: true });
  }
}
