/**
 * The destination of events: a table of PostgreSQL.
 *
 * The event's id is the primary key, so that an event that is delivered twice is stored once. A replay guard would be
 * wrong here: it marks an id before the work is done, and refuses events that are older than two minutes.
 *
 * @module
 */

import type { EventSummary } from "@unseal/sealed-results";
import type { Pool } from "pg";

/** An event to store. */
export interface Row {
  readonly summary: EventSummary;
  /** The event's JSON as it was sealed. */
  readonly json: string;
}

export async function createTable(pool: Pool): Promise<void> {
  await pool.query(`CREATE TABLE IF NOT EXISTS events (
    id text PRIMARY KEY,
    happened_at timestamptz,
    visitor_id text,
    bot text,
    event json NOT NULL -- jsonb refuses \\u0000, which a visitor's tag may have
  )`);
}

/** Inserts events in one statement, either all or none. Events with existing ids are not changed. */
export async function insert(pool: Pool, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = [
    rows.map(({ summary }) => summary.id),
    rows.map(({ summary }) => summary.timestamp === undefined ? null : new Date(summary.timestamp).toISOString()),
    rows.map(({ summary }) => summary.visitorId ?? null),
    rows.map(({ summary }) => summary.bot ?? null),
    rows.map(({ json }) => json),
  ];
  await pool.query(
    `INSERT INTO events (id, happened_at, visitor_id, bot, event)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::json[])
     ON CONFLICT (id) DO NOTHING`,
    columns,
  );
}

/** Whether PostgreSQL refused the data itself (SQLSTATE class 22), as it would at every further attempt. */
export function isDataFault(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("22");
}
