/**
 * The work of a worker thread of a batch: it opens the records of a chunk, one after the other.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type MessagePort, parentPort } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { UpgradeError, type UpgradeErrorCode } from "../../event/upgrade/errors.ts";
import { UnsealError, type UnsealErrorCode } from "../../unseal/errors.ts";
import type { NamedKey } from "../../unseal/keyring.ts";
import { createPipeline } from "../../unseal/pipeline.ts";
import { now } from "../../unseal/unseal.ts";
import type { OpenedBytes } from "../../unseal/unsealer.ts";
import type { InflateReason } from "../../inflate/errors.ts";
import { nodeCipher } from "../../node-cipher/mod.ts";
import type { Form } from "./form.ts";
import { createLines, lineEndOf } from "./lines.ts";
import { createRecordReader, type ReadRecord, type RecordPlace } from "./record-reader.ts";
import type { RecordFault } from "./records.ts";
import { createScanner } from "./scanner.ts";

/** The `workerData` of a worker thread. */
export interface BatchWorkerData extends RecordPlace {
  readonly purpose: "unseal batch";
  readonly keys: readonly NamedKey[];
  /** Whether to check that each event is JSON of a v3 or v4 shape. */
  readonly check: boolean;
  readonly form: Form;
  readonly gzip: boolean;
}

export function isBatchWorkerData(data: unknown): data is BatchWorkerData {
  return (data as BatchWorkerData | null)?.purpose === "unseal batch";
}

/** A record that was not opened. It contains no part of the record. */
export interface Failure {
  /** The record's place in its part, from 0. */
  readonly record: number;
  readonly code: UnsealErrorCode | UpgradeErrorCode | RecordFault;
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
  /** The kept fields of JSON for which no record of this thread has had a value. */
  readonly unfound: readonly string[];
  readonly isLast: boolean;
}

/**
 * A message to a worker: a chunk to open, or the permission to produce the next part because the last one was written.
 */
export type WorkerMessage = { readonly chunk: Uint8Array<ArrayBuffer>; readonly before: number } | "written";

/** A part ends when its output reaches this length, because a small chunk can inflate to gigabytes. */
const PART_BYTES = 4 * 1024 * 1024;
const GZIP_LEVEL = 6;
/** More than most events have. */
const EVENT_BYTES = 64 * 1024;

/** Opens chunks until the main thread terminates this thread. */
export function serve(data: BatchWorkerData): void {
  const port = parentPort!; // only called in a worker thread
  const waiting: Exclude<WorkerMessage, "written">[] = [];
  let isBusy = false;
  let resume: (() => void) | undefined;
  const openChunk = createChunkOpener(data);

  port.on("message", (message: WorkerMessage) => {
    if (message === "written") resume?.();
    else {
      waiting.push(message);
      if (!isBusy) void work();
    }
  });

  async function work(): Promise<void> {
    isBusy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (const part of openChunk(next.chunk, next.before)) {
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

/** Returns the function that opens a chunk, part by part. `preceding` is the number of records before the chunk. */
export function createChunkOpener(
  { keys, check, form, gzip, ...place }: Omit<BatchWorkerData, "purpose">,
): (chunk: Uint8Array<ArrayBuffer>, preceding: number) => Generator<Part> {
  const { unsealer, run } = createPipeline({ keys, cipher: nodeCipher() }, now);
  // One piece of memory for all events: a new ArrayBuffer for each takes time.
  const memory = new Uint8Array(EVENT_BYTES);
  const copy = (json: Uint8Array): Uint8Array<ArrayBuffer> => {
    if (json.length > memory.length) return new Uint8Array(json);
    memory.set(json);
    return memory.subarray(0, json.length);
  };
  const open = (sealed: string) => run(sealed, copy, (bytes, keyId): OpenedBytes => ({ bytes, keyId }));
  const lines = createLines(form, open, check);
  const lineEnd = Buffer.from(lineEndOf(form));
  const readRecord = createRecordReader(place);
  let output = Buffer.alloc(PART_BYTES);
  // A field that is missing in JSON looks like one that is empty. In CSV, the header has all columns.
  let unfound = place.format.kind === "csv"
    ? []
    : (place.keep?.columns ?? []).map(({ from }, index) => ({ from, index }));

  return function* openChunk(chunk, preceding) {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let failures: Failure[] = [];
    let row = preceding;
    let records = 0;
    let length = 0;
    let before = unsealer.usage();
    const scanner = createScanner(place.format);

    function part(isLast: boolean): Part {
      const written = output.subarray(0, length);
      const usage = unsealer.usage();
      const made: Part = {
        // Each part is a gzip member of its own; a gzip file may consist of several.
        output: new Uint8Array(gzip && length > 0 ? gzipSync(written, { level: GZIP_LEVEL }) : written),
        records,
        failures,
        opened: usage.map(({ opened }, key) => opened - (before[key]?.opened ?? 0)),
        unfound: unfound.map(({ from }) => from),
        isLast,
      };
      [failures, records, length, before] = [[], 0, 0, usage];
      if (output.length > 2 * PART_BYTES) output = Buffer.alloc(PART_BYTES);
      return made;
    }

    for (let start = 0; start < text.length;) {
      const next = scanner.find(text, start, text.length, 0) || text.length;
      const record = readRecord(text, start, next, scanner.fieldEnds);
      start = next;
      if (record === undefined) continue;
      if (unfound.length > 0) unfound = unfound.filter(({ index }) => record.kept[index]?.[1] === null);
      const { line, ...failure } = lineOf(record, ++row);
      if (failure.code !== undefined) failures.push({ record: records, ...failure, code: failure.code });
      const needed = length + line.length + lineEnd.length;
      if (needed > output.length) {
        const larger = Buffer.alloc(Math.max(needed, 2 * output.length));
        larger.set(output.subarray(0, length));
        output = larger;
      }
      output.set(line, length);
      output.set(lineEnd, length + line.length);
      length = needed;
      records++;
      if (length >= PART_BYTES && start < text.length) yield part(false);
    }
    yield part(true);
  };

  /** The line of a record, and the reason if it failed. */
  function lineOf(record: ReadRecord, row: number): Partial<Omit<Failure, "record">> & { readonly line: Uint8Array } {
    const { kept } = record;
    if ("fault" in record) return { line: lines.fail(record.fault, row, kept), code: record.fault };
    try {
      return { line: lines.open(record.sealed, row, kept) };
    } catch (error) {
      if (error instanceof UpgradeError) return { line: lines.fail(error.code, row, kept), code: error.code };
      if (!(error instanceof UnsealError)) throw error;
      const { code, reason } = error;
      return { line: lines.fail(code, row, kept), code, ...reason !== undefined && { reason } };
    }
  }
}
