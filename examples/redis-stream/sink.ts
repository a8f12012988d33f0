/**
 * The destination of events: a table of PostgreSQL.
 *
 * The event's id is the primary key, so that an event that is delivered twice is stored once. A replay guard would be
 * wrong here: it marks an id before the work is done, and refuses events that are older than two minutes.
 *
 * @module
 */

import type { EventSummary } from "@unseal/sealed-results/event";
import type { Pool } from "pg";

/** An event to store. */
export interface Row {
  readonly summary: EventSummary;
  /** The event's JSON as it was sealed. */
  readonly json: string;
}

/** Creates the table, once for all workers: without the lock, workers that start together could fail. */
export async function createTable(pool: Pool): Promise<void> {
  await pool.query(`SELECT pg_advisory_xact_lock(7325); CREATE TABLE IF NOT EXISTS events (
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
    rows.map(({ summary }) => summary.timestamp ?? null),
    rows.map(({ summary }) => summary.visitorId ?? null),
    rows.map(({ summary }) => summary.bot ?? null),
    rows.map(({ json }) => json),
  ];
  await pool.query(
    `INSERT INTO events (id, happened_at, visitor_id, bot, event)
     SELECT id, to_timestamp(ms / 1000), visitor_id, bot, event
     FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[], $5::json[]) AS row (id, ms, visitor_id, bot, event)
     ON CONFLICT (id) DO NOTHING`,
    columns,
  );
}

/**
 * Whether PostgreSQL refused the data itself, as it would at every further attempt: SQLSTATE class 22 (data exception)
 * or 54 (limit exceeded, as by an id that is too long for an index).
 */
export function isDataFault(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^(?:22|54)/.test(error.code);
}
