/**
 * One flat row for each event, for tables: the columns of `unseal batch --summary`, of the DuckDB function and of the
 * Redis example.
 *
 * @module
 */

import type { FingerprintEvent } from "./event.ts";
import { summarize } from "./summary.ts";
import { formatTime } from "./time.ts";
import type { WebhookEvent } from "./webhook.ts";
import type { BotResult } from "./types/shared.ts";

/** One event as a flat row. Each field is `null` where it is unknown, and a time is text in ISO 8601. */
export interface EventRow {
  /** The event's unique id: v3 `requestId`, v4 `event_id`. */
  readonly event_id: string | null;
  /** When it happened, such as `2026-11-29T10:00:00.000Z`. */
  readonly time: string | null;
  /** The visitor id. */
  readonly visitor_id: string | null;
  /** The linked id that the page passed. */
  readonly linked_id: string | null;
  /** `bad`, `good` or `not_detected`. */
  readonly bot: BotResult | null;
  /** Whether a VPN or another anonymizing service is used. */
  readonly vpn: boolean | null;
  /** Whether the address belongs to a public or residential proxy. */
  readonly proxy: boolean | null;
  /** Whether the address belongs to the Tor network. */
  readonly tor: boolean | null;
  /** Whether the browser's or device's attributes were tampered with. */
  readonly tampering: boolean | null;
  /** Whether the browser is in a private mode. */
  readonly incognito: boolean | null;
  /** The sum of the weights of the signals that fired, from 0. */
  readonly suspect_score: number | null;
  /** The country of the address, as an ISO 3166-1 code such as `DE`. */
  readonly country: string | null;
  /** The number of the address's autonomous system, such as `7922`. */
  readonly asn: string | null;
  /** The address that Fingerprint saw. */
  readonly ip: string | null;
  /** The page. Its path and query may be hashed. */
  readonly url: string | null;
  /** How sure the identification is, from 0 to 1. */
  readonly confidence: number | null;
  /** When the visitor was first seen in this workspace. */
  readonly first_seen: string | null;
  /** When the visitor was last seen in this workspace. */
  readonly last_seen: string | null;
  /** Whether Fingerprint found that the agent's request was sent again. */
  readonly replayed: boolean | null;
  /** The id of the key that opened the sealed result. */
  readonly key_id: string | null;
  /** The code of the error of a row that failed; all other fields are then `null`. */
  readonly error: string | null;
}

/** A column of {@linkcode EventRow}. */
export interface EventColumn {
  /** Its name. */
  readonly name: keyof EventRow;
  /** Its type in SQL. A `TIMESTAMP` is in UTC, with milliseconds. */
  readonly type: "VARCHAR" | "BOOLEAN" | "DOUBLE" | "TIMESTAMP";
}

/**
 * The columns of {@linkcode EventRow}, in order.
 *
 * @example Create a table
 * ```ts
 * import { EVENT_COLUMNS } from "@unseal/sealed-results/event";
 * import assert from "node:assert/strict";
 *
 * const sql = `CREATE TABLE events (${EVENT_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ")})`;
 * assert.match(sql, /^CREATE TABLE events \(event_id VARCHAR, time TIMESTAMP, visitor_id VARCHAR, /);
 * ```
 */
export const EVENT_COLUMNS: readonly EventColumn[] = [
  { name: "event_id", type: "VARCHAR" },
  { name: "time", type: "TIMESTAMP" },
  { name: "visitor_id", type: "VARCHAR" },
  { name: "linked_id", type: "VARCHAR" },
  { name: "bot", type: "VARCHAR" },
  { name: "vpn", type: "BOOLEAN" },
  { name: "proxy", type: "BOOLEAN" },
  { name: "tor", type: "BOOLEAN" },
  { name: "tampering", type: "BOOLEAN" },
  { name: "incognito", type: "BOOLEAN" },
  { name: "suspect_score", type: "DOUBLE" },
  { name: "country", type: "VARCHAR" },
  { name: "asn", type: "VARCHAR" },
  { name: "ip", type: "VARCHAR" },
  { name: "url", type: "VARCHAR" },
  { name: "confidence", type: "DOUBLE" },
  { name: "first_seen", type: "TIMESTAMP" },
  { name: "last_seen", type: "TIMESTAMP" },
  { name: "replayed", type: "BOOLEAN" },
  { name: "key_id", type: "VARCHAR" },
  { name: "error", type: "VARCHAR" },
];

/**
 * Returns an event of either version, or the body of a webhook, as a flat row.
 *
 * @param event A v3 or v4 event, or the body of a webhook. The fields are those of {@linkcode summarize}.
 * @param keyId The id of the key that opened the sealed result, if there was one.
 * @returns The row, with its fields in the order of {@linkcode EVENT_COLUMNS}. A time before the year 1 or after 9999 is
 * `null`, because databases do not read it. Text is unchanged, so it may contain lone surrogates; `JSON.stringify`
 * escapes them.
 *
 * @example One row for both versions
 * ```ts
 * import { toRow } from "@unseal/sealed-results/event";
 * import { sampleEventV3, sampleEventV4 } from "@unseal/sealed-results/testing";
 * import assert from "node:assert/strict";
 *
 * for (const event of [sampleEventV3(), sampleEventV4()]) {
 *   const { bot, vpn, country, key_id } = toRow(event, "2026-11");
 *   assert.deepEqual({ bot, vpn, country, key_id }, { bot: "not_detected", vpn: false, country: "DE", key_id: "2026-11" });
 * }
 * ```
 */
export function toRow(event: FingerprintEvent | WebhookEvent, keyId?: string): EventRow {
  const summary = summarize(event);
  return {
    event_id: summary.id ?? null,
    time: formatTime(summary.timestamp),
    visitor_id: summary.visitorId ?? null,
    linked_id: summary.linkedId ?? null,
    bot: summary.bot ?? null,
    vpn: summary.vpn ?? null,
    proxy: summary.proxy ?? null,
    tor: summary.tor ?? null,
    tampering: summary.tampering ?? null,
    incognito: summary.incognito ?? null,
    suspect_score: summary.suspectScore ?? null,
    country: summary.countryCode ?? null,
    asn: summary.asn ?? null,
    ip: summary.ip ?? null,
    url: summary.url ?? null,
    confidence: summary.confidence ?? null,
    first_seen: formatTime(summary.firstSeenAt),
    last_seen: formatTime(summary.lastSeenAt),
    replayed: summary.replayed ?? null,
    key_id: keyId ?? null,
    error: null,
  };
}

/**
 * Returns the row of a sealed result that could not be opened.
 *
 * @param error The code of the error, such as `ERR_NO_KEY_FITS`.
 * @returns A row in which only `error` is not `null`.
 *
 * @example A row that failed
 * ```ts
 * import { toErrorRow } from "@unseal/sealed-results/event";
 * import assert from "node:assert/strict";
 *
 * const { event_id, error } = toErrorRow("ERR_NO_KEY_FITS");
 * assert.deepEqual([event_id, error], [null, "ERR_NO_KEY_FITS"]);
 * ```
 */
export function toErrorRow(error: string): EventRow {
  return { ...toRow({ products: {} }), error };
}
