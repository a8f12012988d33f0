/**
 * Reads an archive as rows: sealed results, which the threads of a batch open, or events that are opened already.
 *
 * @module
 */

import { parseJson } from "../../encoding/json.ts";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import { isEvent } from "../../event/event.ts";
import { botResult, flag, isRecord, number, read, text } from "../../event/fields.ts";
import { type EventRow, toErrorRow, toRow } from "../../event/row.ts";
import { formatTime, parseTime } from "../../event/time.ts";
import { isWebhookEvent } from "../../event/webhook.ts";
import type { NamedKey } from "../../unseal/keyring.ts";
import { type Chunk, cutIntoChunks } from "../batch/chunks.ts";
import { type Layout, layoutOf, type Place } from "../batch/layout.ts";
import { begin, CHUNK_BYTES, MAX_RECORD_BYTES, openChunks } from "../batch/run.ts";
import { createScanner, type Format } from "../batch/scanner.ts";
import { skipped, type Source } from "../batch/source.ts";
import { CommandError, fileError } from "../command.ts";

export interface Reading {
  readonly place: Place;
  readonly jobs: number;
  readonly isQuiet: boolean;
  /** Returns the keys. It is called only for a sealed archive. */
  keys(): readonly NamedKey[];
}

/**
 * Yields the rows of an archive in order, some at a time. A record without an event is a row with the code of its error.
 *
 * @throws {CommandError} When the archive cannot be read to its end.
 */
export async function* readRows(source: Source, reading: Reading): AsyncGenerator<readonly EventRow[]> {
  const { layout, content } = await begin(source, reading.place, (head) => findLayout(head, reading.place));
  const { format, position, line, isOpened } = layout;
  const chunks = cutIntoChunks(skipped(content, position), {
    format,
    start: position,
    line,
    before: 0,
    chunkBytes: CHUNK_BYTES,
    maxRecordBytes: MAX_RECORD_BYTES,
  });
  let records = 0;
  try {
    for await (const rows of isOpened ? parsedRows(chunks, format) : openedRows(chunks, layout, reading)) {
      yield rows;
      records += rows.length;
    }
  } catch (error) {
    const { message, exitCode } = fileError("read", source.name, error);
    throw new CommandError(`${message}\nStopped after line ${records}, without a result`, exitCode);
  }
}

/** JSON without `--field` is opened: events, or `null` for those that could not be opened. */
function findLayout(head: Uint8Array, place: Place): Layout & { readonly isOpened: boolean } {
  const isNamed = place.field !== undefined || place.column !== undefined;
  const start = new TextDecoder().decode(head.subarray(0, 1024)); // it removes a byte order mark
  const isOpened = !isNamed && /^\s*(?:\[\s*)?(?:\{|null\s*(?:[\n,\]]|$))/.test(start);
  return { ...layoutOf(head, isOpened ? { ...place, field: "" } : place, undefined), isOpened };
}

/** Opens sealed results. */
async function* openedRows(
  chunks: AsyncIterable<Chunk>,
  { format, column, keep }: Layout,
  { place: { field }, jobs, isQuiet, keys }: Reading,
): AsyncGenerator<EventRow[]> {
  const data = {
    purpose: "unseal batch",
    keys: keys(),
    ...{ format, column, field, keep, maxRecordBytes: MAX_RECORD_BYTES },
    check: false,
    form: { summary: true, v4: false, csv: false, parquet: false, spreadsheet: false },
    gzip: false,
  } as const;
  for await (const { output, written } of openChunks(tagged(chunks), data, jobs, isQuiet)) {
    yield recordsIn(output, { kind: "lines" }).map(parsedRow);
    written();
  }
}

async function* tagged(chunks: AsyncIterable<Chunk>) {
  for await (const { bytes, before } of chunks) yield { bytes, before, tag: undefined };
}

/** Parses events that are opened already. */
async function* parsedRows(chunks: AsyncIterable<Chunk>, format: Format): AsyncGenerator<EventRow[]> {
  let isFirst = true;
  for await (const { bytes } of chunks) {
    const rows = recordsIn(bytes, format).map(parsedRow);
    if (isFirst && rows.every(({ error }) => error === "ERR_EVENT_SHAPE")) {
      throw new CommandError("its JSON has no events: name the field of the sealed result with --field");
    }
    isFirst = false;
    yield rows;
  }
}

/** The records of a chunk. */
function recordsIn(chunk: Uint8Array, format: Format): Uint8Array[] {
  const scanner = createScanner(format);
  const records: Uint8Array[] = [];
  for (let start = 0; start < chunk.length;) {
    const end = scanner.find(chunk, start, chunk.length, 0) || chunk.length;
    const last = format.kind === "array" ? chunk[end - 1] : undefined;
    const record = chunk.subarray(start, last === COMMA || last === CLOSE_BRACKET ? end - 1 : end);
    // Blanks after the last JSON value are no record.
    if (format.kind === "lines" || last === COMMA || record.some((byte) => byte > SPACE)) records.push(record);
    start = end;
  }
  return records;
}

const [SPACE, COMMA, CLOSE_BRACKET] = [0x20, 0x2c, 0x5d];

/** The row of a record, which is an event, a row of `unseal batch --summary`, or `null`. */
function parsedRow(record: Uint8Array): EventRow {
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
  return isRecord(value) && ["event_id", "time", "visitor_id", "error"].every((name) => Object.hasOwn(value, name));
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
