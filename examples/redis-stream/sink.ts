/**
 * The destination of events: a table of PostgreSQL.
 *
 * The event's id is the primary key, so that an event that is delivered twice is stored once. A replay guard would be
 * wrong here: it marks an id before the work is done, and refuses events that are older than two minutes.
 *
 * @module
 */

import { EVENT_COLUMNS, type EventRow } from "@unseal/sealed-results/event";
import type { Pool } from "pg";

/** An event to store. */
export interface Row {
  readonly columns: EventRow;
  /** The event's JSON as it was sealed. */
  readonly json: string;
}

const TYPES = { VARCHAR: "text", TIMESTAMP: "timestamptz", BOOLEAN: "boolean", DOUBLE: "double precision" };
/** The columns of `unseal batch --summary`. Every event was opened, so none has an `error`. */
const COLUMNS = [
  ...EVENT_COLUMNS.filter(({ name }) => name !== "error").map(({ name, type }) => ({ name, type: TYPES[type] })),
  { name: "event", type: "json" }, // jsonb refuses \u0000, which a visitor's tag may have
] as const;

/** Creates the table, once for all workers: without the lock, workers that start together could fail. */
export async function createTable(pool: Pool): Promise<void> {
  const columns = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ");
  await pool.query(
    `SELECT pg_advisory_xact_lock(7325); CREATE TABLE IF NOT EXISTS events (${columns}, PRIMARY KEY (event_id))`,
  );
}

/** Inserts events in one statement, either all or none. Events with existing ids are not changed. */
export async function insert(pool: Pool, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const arrays = COLUMNS.map(({ type }, index) => `$${index + 1}::${type}[]`).join(", ");
  await pool.query(
    `INSERT INTO events (${COLUMNS.map(({ name }) => name).join(", ")})
     SELECT * FROM unnest(${arrays}) ON CONFLICT (event_id) DO NOTHING`,
    COLUMNS.map(({ name }) => rows.map(({ columns, json }) => name === "event" ? json : storable(name, columns[name]))),
  );
}

/** Text of PostgreSQL cannot contain U+0000. An id that contains it is refused, because another id could equal it. */
function storable(name: string, value: string | number | boolean | null): string | number | boolean | null {
  return typeof value === "string" && name !== "event_id" ? value.replaceAll("\0", "\ufffd") : value;
}

/**
 * Whether PostgreSQL refused the data itself, as it would at every further attempt: SQLSTATE class 22 (data exception)
 * or 54 (limit exceeded, as by an id that is too long for an index).
 */
export function isDataFault(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^(?:22|54)/.test(error.code);
}
