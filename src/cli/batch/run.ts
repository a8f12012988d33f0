/**
 * Runs a batch: splits the input, opens the chunks on worker threads, writes the output in order, and updates the
 * checkpoint.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import type { NamedKey } from "../../unseal/keyring.ts";
import { CommandError } from "../command.ts";
import { type Checkpoint, removeCheckpoint, type Tally, writeCheckpoint } from "./checkpoint.ts";
import { cutIntoChunks } from "./chunks.ts";
import { openOnThreads, type PlacedPart } from "./pool.ts";
import { createProgress } from "./progress.ts";
import { csvFields, type Place } from "./records.ts";
import { openSink } from "./sink.ts";
import type { Source } from "./source.ts";

/** The request to stop. Pending output is then still written, and no more input is read. */
export interface Stopping {
  readonly signal: NodeJS.Signals | undefined;
  /** Resolves like the promise, or with `undefined` if a signal arrives first. For one promise at a time. */
  unlessStopped<T>(promise: Promise<T>): Promise<T | undefined>;
}

export interface BatchPlan {
  readonly source: Source;
  /** The path of the output. */
  readonly output: string;
  /** The path of the list of failures, if requested. */
  readonly errors: string | undefined;
  readonly place: { readonly kind: "line" } | { readonly kind: "field"; readonly path: readonly string[] } | {
    readonly kind: "column";
    readonly name: string;
  };
  readonly keys: readonly NamedKey[];
  readonly jobs: number;
  readonly check: boolean;
  readonly gzip: boolean;
  /** Whether there are checkpoints, so that the batch can be resumed. */
  readonly isCheckpointed: boolean;
  readonly run: Checkpoint["run"];
  /** Where an interrupted batch continues. */
  readonly resumed: Checkpoint | undefined;
  readonly stopping: Stopping;
}

const CHUNK_BYTES = 256 * 1024;
/** Room for the base64 text of the largest sealed result, and for other fields. */
const MAX_RECORD_BYTES = 8 * 1024 * 1024;
const CHECKPOINT_MS = 500;
/** Limits of a header in a message: the header of an input that is not CSV may be a record. */
const MOST_NAMES = 20;
const MOST_NAME_CHARACTERS = 40;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** @returns The counts, including those of an interrupted run. */
export async function runBatch(plan: BatchPlan): Promise<Tally> {
  const { source, keys, jobs, check, gzip, isCheckpointed, resumed, stopping } = plan;
  const tally: Tally = resumed?.tally ??
    { records: 0, failed: 0, failures: {}, opened: Object.fromEntries(keys.map(({ id = "" }) => [id, 0])) };
  let position = resumed?.position ?? 0;
  let column = resumed?.column;
  let checkpointedAt = performance.now();

  const chunks = cutIntoChunks(source.read(position), {
    isCsv: plan.place.kind === "column",
    start: position,
    chunkBytes: CHUNK_BYTES,
    maxRecordBytes: MAX_RECORD_BYTES,
    hasHeader: plan.place.kind === "column" && column === undefined,
  });
  if (plan.place.kind === "column" && column === undefined) {
    const header = await stopping.unlessStopped(chunks.next());
    if (stopping.signal !== undefined) return tally;
    column = columnOf(header?.value?.bytes ?? new Uint8Array(0), plan.place.name);
    position = header?.value?.end ?? 0;
  }

  // The output is changed only after its checkpoint exists, so that an unfinished output never looks complete.
  const errors = plan.errors === undefined ? undefined : await openSink(plan.errors);
  saveCheckpoint(resumed?.outputBytes ?? 0, resumed?.errorsBytes ?? 0);
  const output = await openSink(plan.output);
  await output.keep(resumed?.outputBytes ?? 0);
  await errors?.keep(resumed?.errorsBytes ?? 0);

  function saveCheckpoint(outputBytes: number, errorsBytes: number): void {
    if (!isCheckpointed) return;
    writeCheckpoint(plan.output, { run: plan.run, column, position, outputBytes, errorsBytes, tally });
    checkpointedAt = performance.now();
  }

  async function sync(): Promise<void> {
    await output.sync();
    await errors?.sync();
  }

  async function checkpoint(): Promise<void> {
    if (!isCheckpointed) return;
    await sync();
    saveCheckpoint(output.bytes, errors?.bytes ?? 0);
  }

  async function write({ output: lines, records, failures, opened, tag, isLast, written }: PlacedPart<number>) {
    await output.write(lines);
    if (errors !== undefined && failures.length > 0) {
      const rows = failures.map(({ record, ...failure }) =>
        `${JSON.stringify({ line: tally.records + record + 1, ...failure })}\n`
      );
      await errors.write(new TextEncoder().encode(rows.join("")));
    }
    tally.records += records;
    tally.failed += failures.length;
    for (const { code } of failures) tally.failures[code] = (tally.failures[code] ?? 0) + 1;
    opened.forEach((count, key) => {
      const id = keys[key]?.id ?? "";
      tally.opened[id] = (tally.opened[id] ?? 0) + count;
    });
    if (isLast) position = tag;
    written();
  }

  const place: Place = plan.place.kind === "column" ? { kind: "column", index: column ?? 0 } : plan.place;

  async function* tagged() {
    let isFirst = resumed === undefined && plan.place.kind !== "column";
    for (;;) {
      // Standard input may be silent for a long time.
      const next = await stopping.unlessStopped(chunks.next());
      if (next === undefined || next.done === true || stopping.signal !== undefined) return;
      const { bytes, end } = next.value;
      yield { bytes: isFirst ? withoutMark(bytes) : bytes, tag: end };
      isFirst = false;
    }
  }

  const progress = createProgress(tally.records, source.share());
  try {
    const data = { purpose: "unseal batch", keys, place, check, gzip, maxRecordBytes: MAX_RECORD_BYTES } as const;
    for await (const part of openOnThreads(tagged(), jobs, data)) {
      await write(part);
      progress.update(tally, source.share());
      if (part.isLast && performance.now() - checkpointedAt > CHECKPOINT_MS) await checkpoint();
    }
  } finally {
    progress.clear();
  }
  if (stopping.signal !== undefined) await checkpoint();
  else {
    // An empty file is not gzip.
    if (gzip && output.bytes === 0) await output.write(gzipSync(""));
    await sync();
    if (isCheckpointed) removeCheckpoint(plan.output);
  }
  await output.close();
  await errors?.close();
  return tally;
}

function columnOf(header: Uint8Array, name: string): number {
  const names = csvFields(new TextDecoder().decode(header).trimEnd()).map((field) => field.trim());
  const index = names.indexOf(name);
  if (index >= 0) return index;
  const shown = names.slice(0, MOST_NAMES).map((each) => each.slice(0, MOST_NAME_CHARACTERS));
  throw new CommandError(`Cannot read the header: no column ${name} among ${shown.join(", ")}`);
}

/** Removes a byte order mark from the first line. For the header of CSV, TextDecoder removes it. */
function withoutMark(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? bytes.slice(BYTE_ORDER_MARK.length) : bytes;
}
