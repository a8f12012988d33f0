/**
 * The work of a worker thread of a batch: it opens the records of a chunk, one after the other.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type MessagePort, parentPort } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { UnsealError, type UnsealErrorCode } from "../../unseal/errors.ts";
import type { NamedKey } from "../../unseal/keyring.ts";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import { createSyncUnsealer } from "../../unseal/unseal.ts";
import type { InflateReason } from "../../inflate/errors.ts";
import { nodeCipher } from "../../node-cipher/mod.ts";
import { csvText, type Found, type RecordFault, sealedIn } from "./records.ts";
import { createScanner, type Format } from "./scanner.ts";

/** The `workerData` of a worker thread. */
export interface BatchWorkerData {
  readonly purpose: "unseal batch";
  readonly keys: readonly NamedKey[];
  readonly format: Format;
  /** The index of the sealed result's column, in CSV. */
  readonly column: number | undefined;
  /** The path of the sealed result's field in each record, or in the column. */
  readonly field: string | undefined;
  /** Whether to check that each event is JSON of a v3 or v4 shape. */
  readonly check: boolean;
  readonly gzip: boolean;
  readonly maxRecordBytes: number;
}

export function isBatchWorkerData(data: unknown): data is BatchWorkerData {
  return (data as BatchWorkerData | null)?.purpose === "unseal batch";
}

/** A record that was not opened. It contains no part of the record. */
export interface Failure {
  /** The record's place in its part, from 0. */
  readonly record: number;
  readonly code: UnsealErrorCode | RecordFault;
  readonly reason?: InflateReason;
}

/** The result of a chunk, or of a part of a chunk with much output. */
export interface Part {
  /** One line for each record. */
  readonly output: Uint8Array<ArrayBuffer>;
  readonly records: number;
  readonly failures: readonly Failure[];
  /** How many records each key opened, in the order of the keys. */
  readonly opened: readonly number[];
  readonly isLast: boolean;
}

/**
 * A message to a worker: a chunk to open, or the permission to produce the next part because the last one was written.
 */
export type WorkerMessage = { readonly chunk: Uint8Array<ArrayBuffer> } | "written";

/** A part ends when its output reaches this length, because a small chunk can inflate to gigabytes. */
const PART_BYTES = 4 * 1024 * 1024;
const GZIP_LEVEL = 6;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;
const NULL_LINE = Buffer.from("null\n");

/** Opens chunks until the main thread terminates this thread. */
export function serve(data: BatchWorkerData): void {
  const port = parentPort!; // only called in a worker thread
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let isBusy = false;
  let resume: (() => void) | undefined;
  const openChunk = createChunkOpener(data);

  port.on("message", (message: WorkerMessage) => {
    if (message === "written") resume?.();
    else {
      waiting.push(message.chunk);
      if (!isBusy) void work();
    }
  });

  async function work(): Promise<void> {
    isBusy = true;
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      for (const part of openChunk(chunk)) {
        post(port, part);
        if (!part.isLast) await new Promise<void>((resolve) => resume = resolve);
      }
    }
    isBusy = false;
  }
}

function post(port: MessagePort, part: Part): void {
  port.postMessage(part, [part.output.buffer]);
}

/** Returns the function that opens a chunk, part by part. */
export function createChunkOpener(
  { keys, format, column, field, check, gzip, maxRecordBytes }: Omit<BatchWorkerData, "purpose">,
): (chunk: Uint8Array<ArrayBuffer>) => Generator<Part> {
  const unsealer = createSyncUnsealer({ keys, cipher: nodeCipher() });
  let output = Buffer.alloc(PART_BYTES);

  return function* openChunk(chunk) {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let failures: Failure[] = [];
    let records = 0;
    let length = 0;
    let before = unsealer.usage();
    const scanner = createScanner(format);

    function part(isLast: boolean): Part {
      const written = output.subarray(0, length);
      const usage = unsealer.usage();
      const made: Part = {
        // Each part is a gzip member of its own; a gzip file may consist of several.
        output: new Uint8Array(gzip && length > 0 ? gzipSync(written, { level: GZIP_LEVEL }) : written),
        records,
        failures,
        opened: usage.map(({ opened }, key) => opened - (before[key]?.opened ?? 0)),
        isLast,
      };
      [failures, records, length, before] = [[], 0, 0, usage];
      if (output.length > 2 * PART_BYTES) output = Buffer.alloc(PART_BYTES);
      return made;
    }

    for (let start = 0; start < text.length;) {
      const next = scanner.find(text, start, text.length, 0) || text.length;
      const event = openRecord(text, start, next, scanner.fieldEnds);
      start = next;
      if (event === undefined) continue;
      const line = event instanceof Uint8Array ? event : NULL_LINE;
      const needed = length + line.length + 1;
      if (needed > output.length) {
        const larger = Buffer.alloc(Math.max(needed, 2 * output.length));
        larger.set(output.subarray(0, length));
        output = larger;
      }
      output.set(line, length);
      length += line.length;
      if (event instanceof Uint8Array) output[length++] = LINE_FEED;
      else failures.push({ record: records, ...event });
      records++;
      if (length >= PART_BYTES && start < text.length) yield part(false);
    }
    yield part(true);
  };

  /** The event of a record, as one line without its line break, or the reason why it is missing. */
  function openRecord(
    text: Buffer,
    start: number,
    end: number,
    fieldEnds: readonly number[],
  ): Uint8Array | Omit<Failure, "record"> | undefined {
    if (end - start > maxRecordBytes) return { code: "ERR_LINE_TOO_LONG" };
    const found = foundIn(text, start, end, fieldEnds);
    if (found === undefined) return undefined;
    if ("fault" in found) return { code: found.fault };
    try {
      const bytes = check ? unsealer.open(found.sealed).bytes : unsealer.openBytes(found.sealed).bytes;
      if (!check && decodeUtf8(bytes) === undefined) return { code: "ERR_EVENT_UTF8" };
      return onOneLine(bytes);
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error;
      return { code: error.code, ...error.reason !== undefined && { reason: error.reason } };
    }
  }

  /** What a record has for a sealed result; `undefined` for the blanks after the last JSON value. */
  function foundIn(text: Buffer, start: number, end: number, fieldEnds: readonly number[]): Found | undefined {
    if (column !== undefined) {
      const from = column === 0 ? start : (fieldEnds[column - 1] ?? end) + 1; // beyond the end without such a column
      const value = csvText(text.toString("utf8", from, fieldEnds[column] ?? end));
      if (value !== "") return sealedIn(value, field);
      return { fault: text.toString("latin1", start, end).trim() === "" ? "ERR_LINE_EMPTY" : "ERR_LINE_FIELD" };
    }
    const last = format.kind === "array" ? text[end - 1] : undefined;
    const isSeparated = last === COMMA || last === CLOSE_BRACKET;
    const record = text.toString(field === undefined ? "latin1" : "utf8", start, isSeparated ? end - 1 : end);
    if (record.trim() !== "") return sealedIn(record, field);
    return format.kind === "lines" || last === COMMA ? { fault: "ERR_LINE_EMPTY" } : undefined;
  }
}

/** Replaces line breaks by spaces. In JSON, both occur only between tokens, with the same meaning. */
function onOneLine(bytes: Uint8Array): Uint8Array {
  if (bytes.includes(LINE_FEED) || bytes.includes(CARRIAGE_RETURN)) {
    bytes.forEach((byte, index) => {
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) bytes[index] = SPACE;
    });
  }
  return bytes;
}
