/**
 * Reads an archive as rows: sealed results, which the threads of a batch open, or events that are opened already.
 *
 * @module
 */

import { EVENT_COLUMNS, type EventRow, toErrorRow } from "../../event/row.ts";
import type { NamedKey } from "../../unseal/keyring.ts";
import { type Chunk, cutIntoChunks } from "../batch/chunks.ts";
import type { Form } from "../batch/form.ts";
import { type Layout, layoutOf, type Place } from "../batch/layout.ts";
import { createRecordReader, type RecordReader } from "../batch/record-reader.ts";
import { begin, CHUNK_BYTES, MAX_RECORD_BYTES, openChunks } from "../batch/run.ts";
import { createScanner, type Format } from "../batch/scanner.ts";
import { skipped, type Source } from "../batch/source.ts";
import { CommandError, EXIT, fileError } from "../command.ts";
import { rowOfJson, rowOfTexts } from "./row-values.ts";

/** The form of a batch whose lines are rows, as NDJSON. */
export const ROWS: Form = { summary: true, v4: false, csv: false, parquet: false, spreadsheet: false };

/** The beginning of the CSV that `unseal batch --summary` writes. */
const CSV_START = "row,event_id,time,";

export interface Reading {
  readonly place: Place;
  readonly jobs: number;
  readonly isQuiet: boolean;
  /** Returns the keys. It is called only for a sealed archive. */
  keys(): readonly NamedKey[];
}

/** How the records of an archive are read: opened by threads, or parsed, because they are opened already. */
type Kind = "sealed" | "json" | "csv";

/**
 * Yields the rows of an archive in order, some at a time. A record without an event is a row with the code of its error.
 *
 * @throws {CommandError} When the archive cannot be read to its end.
 */
export async function* readRows(source: Source, reading: Reading): AsyncGenerator<readonly EventRow[]> {
  const { layout, content } = await begin(source, reading.place, (head) => findLayout(head, reading.place));
  const { format, position, line, kind } = layout;
  const keys = kind === "sealed" ? reading.keys() : [];
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
    for await (
      const rows of kind === "sealed" ? openedRows(chunks, layout, keys, reading) : parsedRows(chunks, layout)
    ) {
      yield rows;
      records += rows.length;
    }
  } catch (error) {
    const { message, exitCode } = fileError("read", source.name, error);
    if (exitCode === EXIT.usage) throw new CommandError(`Cannot read ${source.name}: ${message}`);
    throw new CommandError(`${message}\nStopped after line ${records}, without a result`, exitCode);
  }
}

/**
 * Without `--field` and `--column`, JSON is opened events, or `null` for those that could not be opened; and CSV is the rows of
 * `unseal batch --summary`.
 */
function findLayout(head: Uint8Array, place: Place): Layout & { readonly kind: Kind } {
  const isNamed = place.field !== undefined || place.column !== undefined;
  const start = new TextDecoder().decode(head.subarray(0, 1024)); // it removes a byte order mark
  if (!isNamed && /^\s*(?:\[\s*)?(?:\{|null\s*(?:[\n,\]]|$))/.test(start)) {
    return { ...layoutOf(head, { ...place, field: "" }, undefined), kind: "json" };
  }
  if (!isNamed && start.startsWith(CSV_START)) {
    const columns = EVENT_COLUMNS.map(({ name }) => ({ from: name, name }));
    return { ...layoutOf(head, { ...place, column: "row" }, { columns, all: false, taken: [] }), kind: "csv" };
  }
  return { ...layoutOf(head, place, undefined), kind: "sealed" };
}

/** Opens sealed results. */
async function* openedRows(
  chunks: AsyncIterable<Chunk>,
  { format, column, keep }: Layout,
  keys: readonly NamedKey[],
  { place: { field }, jobs, isQuiet }: Reading,
): AsyncGenerator<EventRow[]> {
  const data = {
    purpose: "unseal batch",
    keys,
    ...{ format, column, field, keep, maxRecordBytes: MAX_RECORD_BYTES },
    check: false,
    form: ROWS,
    gzip: false,
  } as const;
  for await (const { output, written } of openChunks(tagged(chunks), data, jobs, isQuiet)) {
    yield recordsIn(output, { kind: "lines" }).map(rowOfJson);
    written();
  }
}

async function* tagged(chunks: AsyncIterable<Chunk>) {
  for await (const { bytes, before } of chunks) yield { bytes, before, tag: undefined };
}

/** Parses events or rows that are opened already. */
async function* parsedRows(chunks: AsyncIterable<Chunk>, layout: Layout & { kind: Kind }): AsyncGenerator<EventRow[]> {
  const { format, column, keep, kind } = layout;
  const readRecord = createRecordReader({ format, column, field: undefined, keep, maxRecordBytes: MAX_RECORD_BYTES });
  let isFirst = true;
  for await (const { bytes } of chunks) {
    const rows = kind === "csv"
      ? rowsOfCsv(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), format, readRecord)
      : recordsIn(bytes, format).map(rowOfJson);
    if (isFirst && rows.length > 0 && rows.every(({ error }) => error === "ERR_EVENT_SHAPE")) {
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

function rowsOfCsv(chunk: Buffer, format: Format, readRecord: RecordReader): EventRow[] {
  const scanner = createScanner(format);
  const rows: EventRow[] = [];
  for (let start = 0; start < chunk.length;) {
    const end = scanner.find(chunk, start, chunk.length, 0) || chunk.length;
    const record = readRecord(chunk, start, end, scanner.fieldEnds);
    if (record !== undefined) rows.push("fault" in record ? toErrorRow(record.fault) : rowOfTexts(record.kept));
    start = end;
  }
  return rows;
}

const [SPACE, COMMA, CLOSE_BRACKET] = [0x20, 0x2c, 0x5d];
