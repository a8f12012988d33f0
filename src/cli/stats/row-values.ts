/**
 * Reads one record of an opened archive as a row.
 *
 * @module
 */

import { parseJson } from "../../encoding/json.ts";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import { isEvent } from "../../event/event.ts";
import { botResult, flag, number, read, text } from "../../event/fields.ts";
import { EVENT_COLUMNS, type EventRow, toErrorRow, toRow } from "../../event/row.ts";
import { formatTime, parseTime } from "../../event/time.ts";
import { isWebhookEvent } from "../../event/webhook.ts";
import type { Kept } from "../batch/kept.ts";
import { MAX_RECORD_BYTES } from "../batch/run.ts";

/** The row of a record, which is an event, a row of `unseal batch --summary`, or `null`. */
export function rowOfJson(record: Uint8Array): EventRow {
  if (record.length > MAX_RECORD_BYTES) return toErrorRow("ERR_LINE_TOO_LONG");
  const json = decodeUtf8(record);
  if (json === undefined) return toErrorRow("ERR_EVENT_UTF8");
  const value = parseJson(json);
  if (value === null || json.trim() === "") return toErrorRow("ERR_LINE_EMPTY");
  if (value === undefined) return toErrorRow("ERR_LINE_JSON");
  const error = errorOf(value);
  if (error !== undefined) return toErrorRow(error);
  if (isRow(value)) return checkedRow(value);
  return isEvent(value) || isWebhookEvent(value) ? toRow(value) : toErrorRow("ERR_EVENT_SHAPE");
}

/** The code of a record that could not be opened, in a row of `unseal batch` with `--summary` or `--v4`. */
function errorOf(value: unknown): string | undefined {
  return isRow(value) || typeof read(value, "row") === "number" ? text(read(value, "error")) : undefined;
}

/** Whether a value is a row of `EVENT_COLUMNS`, and not an event. */
function isRow(value: unknown): boolean {
  return ["event_id", "time", "visitor_id", "error"].every((name) => read(value, name) !== undefined);
}

/** The row of a record of CSV, as `unseal batch --summary` writes it: texts by the names of the columns. */
export function rowOfTexts(texts: Kept): EventRow {
  const types = new Map<string, string>(EVENT_COLUMNS.map(({ name, type }) => [name, type]));
  const values = texts.map(([name, value]) => {
    const text = value !== null && "text" in value ? value.text : null;
    const type = types.get(name);
    if (text === null || type === "VARCHAR" || type === "TIMESTAMP") return [name, text];
    return [name, type === "DOUBLE" ? Number(text) : text === "true" ? true : text === "false" ? false : null];
  });
  const row: unknown = Object.fromEntries(values);
  const error = errorOf(row);
  return error === undefined ? checkedRow(row) : toErrorRow(error);
}

/** A row, in which a value of another type is `null`. */
function checkedRow(row: unknown): EventRow {
  const textOf = (name: keyof EventRow) => text(read(row, name)) ?? null;
  const flagOf = (name: keyof EventRow) => flag(read(row, name)) ?? null;
  const timeOf = (name: keyof EventRow) => formatTime(parseTime(read(row, name)));
  const numberOf = (name: keyof EventRow) => number(read(row, name)) ?? null;
  return {
    event_id: textOf("event_id"),
    time: timeOf("time"),
    visitor_id: textOf("visitor_id"),
    linked_id: textOf("linked_id"),
    bot: botResult(read(row, "bot")) ?? null,
    vpn: flagOf("vpn"),
    proxy: flagOf("proxy"),
    tor: flagOf("tor"),
    tampering: flagOf("tampering"),
    incognito: flagOf("incognito"),
    suspect_score: numberOf("suspect_score"),
    country: textOf("country"),
    asn: textOf("asn"),
    ip: textOf("ip"),
    url: textOf("url"),
    confidence: numberOf("confidence"),
    first_seen: timeOf("first_seen"),
    last_seen: timeOf("last_seen"),
    replayed: flagOf("replayed"),
    key_id: textOf("key_id"),
    error: null,
  };
}
