/**
 * Runs a batch: splits the input, opens the chunks on worker threads, writes the output in order, and updates the
 * checkpoint.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import type { NamedKey } from "../../unseal/keyring.ts";
import { CommandError, fileError } from "../command.ts";
import { complain } from "../output.ts";
import { type Checkpoint, openCheckpoint, type Tally } from "./checkpoint.ts";
import { cutIntoChunks } from "./chunks.ts";
import type { Form } from "./form.ts";
import type { Keep, KeptColumn } from "./keep.ts";
import { isEnough, type Layout, layoutOf, type Place } from "./layout.ts";
import { headerOf } from "./lines.ts";
import { openHere, openOnThreads, type PlacedPart, type TaggedChunks } from "./pool.ts";
import { createProgress } from "./progress.ts";
import { openSink, type Sink } from "./sink.ts";
import { peek, skipped, type Source } from "./source.ts";
import type { BatchWorkerData } from "./worker.ts";

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
  readonly place: Place;
  readonly keys: readonly NamedKey[];
  readonly jobs: number;
  readonly check: boolean;
  readonly form: Form;
  readonly keep: Keep | undefined;
  /** Receives the columns that the rows keep of the input. */
  readonly onKept?: (kept: readonly KeptColumn[]) => void;
  readonly gzip: boolean;
  readonly isQuiet: boolean;
  /** Whether there are checkpoints, so that the batch can be resumed. */
  readonly isCheckpointed: boolean;
  readonly run: Checkpoint["run"];
  /** Where an interrupted batch continues. */
  readonly resumed: Checkpoint | undefined;
  readonly stopping: Stopping;
}

export const CHUNK_BYTES: number = 256 * 1024;
/** Room for the base64 text of the largest sealed result, and for other fields. */
export const MAX_RECORD_BYTES: number = 8 * 1024 * 1024;
const CHECKPOINT_MS = 500;

/** Where the input continues after a chunk. */
type Tag = Pick<Layout, "position" | "line">;

let threadEntry: URL | undefined;

/** Sets the module that worker threads run. Without it, a batch runs on the main thread. */
export function runThreadsWith(entry: URL): void {
  threadEntry = entry;
}

/**
 * @returns The counts, including those of an interrupted run.
 * @throws {CommandError} When a file fails. After a fault of the input, the records before it are in the output.
 */
export async function runBatch(plan: BatchPlan): Promise<Tally> {
  const sinks: Sink[] = [];
  try {
    return await runWith(plan, sinks);
  } finally {
    for (const sink of sinks) await sink.close();
  }
}

async function runWith(plan: BatchPlan, sinks: Sink[]): Promise<Tally> {
  const { source, keys, place, check, form, gzip, isQuiet, isCheckpointed, resumed, stopping } = plan;
  const tally: Tally = resumed?.tally ??
    {
      records: 0,
      failed: 0,
      failures: {},
      opened: Object.fromEntries(keys.map(({ id = "" }) => [id, 0])),
      unfound: [],
    };
  const layoutFrom = (head: Uint8Array) => layoutOf(head, place, plan.keep);
  const begun = resumed === undefined ? await stopping.unlessStopped(begin(source, place, layoutFrom)) : undefined;
  const layout = resumed?.layout ?? begun?.layout;
  if (layout === undefined) return tally; // stopped
  let { position, line } = layout;
  const fields = layout.format.kind === "csv" ? [] : layout.keep?.columns ?? [];
  if (resumed === undefined) tally.unfound = fields.map(({ from }) => from);

  // The output is changed only after its checkpoint exists, so that an unfinished output never looks complete.
  const errors = plan.errors === undefined ? undefined : await openSink(plan.errors, resumed?.errorsBytes ?? 0);
  if (errors !== undefined) sinks.push(errors);
  const checkpoints = isCheckpointed ? openCheckpoint(plan.output, resumed) : undefined;
  let checkpointedAt = 0;
  saveCheckpoint(resumed?.outputBytes ?? 0, resumed?.errorsBytes ?? 0);
  const output = await openSink(plan.output, resumed?.outputBytes ?? 0).catch((error) => {
    if (resumed === undefined) checkpoints?.remove();
    throw error;
  });
  sinks.push(output);
  const kept = layout.keep?.columns ?? [];
  plan.onKept?.(kept);
  const header = headerOf(form, kept);
  if (output.bytes === 0 && header !== "") await output.write(gzip ? gzipSync(header) : Buffer.from(header));

  function saveCheckpoint(outputBytes: number, errorsBytes: number): void {
    checkpoints?.save({ run: plan.run, layout: { ...layout!, position, line }, outputBytes, errorsBytes, tally }); // not stopped
    checkpointedAt = performance.now();
  }

  async function checkpoint(): Promise<void> {
    if (checkpoints === undefined) return;
    await output.sync();
    await errors?.sync();
    saveCheckpoint(output.bytes, errors?.bytes ?? 0);
  }

  async function write({ output: lines, records, failures, opened, unfound, tag, isLast, written }: PlacedPart<Tag>) {
    checkpoints?.check();
    await output.write(lines);
    if (errors !== undefined && failures.length > 0) {
      const rows = failures.map(({ record, ...failure }) =>
        `${JSON.stringify({ row: tally.records + record + 1, ...failure })}\n`
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
    tally.unfound = tally.unfound.filter((field) => unfound.includes(field));
    if (isLast) ({ position, line } = tag);
    written();
  }

  const { format, column, keep } = layout;
  const chunks = cutIntoChunks(
    begun === undefined ? source.read(position) : skipped(begun.content, position),
    { format, start: position, line, before: tally.records, chunkBytes: CHUNK_BYTES, maxRecordBytes: MAX_RECORD_BYTES },
  );
  /** Why the input ends early. */
  let fault: CommandError | undefined;

  async function* tagged() {
    try {
      for (;;) {
        // Standard input may be silent for a long time.
        const next = await stopping.unlessStopped(chunks.next());
        if (next === undefined || next.done === true || stopping.signal !== undefined) return;
        const { bytes, before, end, line } = next.value;
        yield { bytes, before, tag: { position: end, line } };
      }
    } catch (error) {
      fault = fileError("read", source.name, error);
    }
  }

  const progress = createProgress(tally.records, source.share(), isQuiet);
  try {
    const { field } = place;
    const maxRecordBytes = MAX_RECORD_BYTES;
    const read = { format, column, field, keep, maxRecordBytes };
    const data = { purpose: "unseal batch", keys, ...read, check, form, gzip } as const;
    for await (const part of openChunks(tagged(), data, plan.jobs, isQuiet)) {
      await write(part);
      progress.update(tally, source.share());
      if (part.isLast && performance.now() - checkpointedAt > CHECKPOINT_MS) await checkpoint();
    }
  } finally {
    progress.clear();
  }
  const isComplete = stopping.signal === undefined && fault === undefined;
  // An empty file is not gzip.
  if (isComplete && gzip && output.bytes === 0) await output.write(gzipSync(""));
  await checkpoint();
  if (isComplete) checkpoints?.remove();
  if (fault !== undefined) throw withHint(fault, tally.records, isCheckpointed);
  return tally;
}

/** Opens chunks on threads; in a bundle, on the calling thread. */
export function openChunks<Tag>(
  chunks: TaggedChunks<Tag>,
  data: BatchWorkerData,
  jobs: number,
  isQuiet: boolean,
): AsyncGenerator<PlacedPart<Tag>> {
  if (threadEntry !== undefined) return openOnThreads(threadEntry, chunks, jobs, data);
  if (!isQuiet) complain("unseal: in a bundle, a batch uses one core\n");
  return openHere(chunks, data);
}

function withHint({ message, exitCode }: CommandError, records: number, isCheckpointed: boolean): CommandError {
  const hint = isCheckpointed ? "; the output is incomplete" : "";
  return new CommandError(`${message}\nStopped after line ${records}${hint}`, exitCode);
}

/**
 * Reads the beginning of an input.
 *
 * @param layoutFrom Finds out the layout from the beginning.
 */
export async function begin<Found extends Layout>(
  source: Source,
  place: Place,
  layoutFrom: (head: Uint8Array) => Found,
): Promise<{ readonly layout: Found; readonly content: AsyncIterable<Uint8Array> }> {
  const { head, all } = await peek(source.read(0), (head) => isEnough(head, place));
  try {
    return { layout: layoutFrom(head), content: all };
  } catch (error) {
    if (!(error instanceof CommandError)) throw fileError("read", source.name, error);
    throw new CommandError(`Cannot read ${source.name}: ${error.message}`, error.exitCode);
  }
}
