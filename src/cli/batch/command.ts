/**
 * `unseal batch`: converts an archive of sealed results to NDJSON.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { realpathSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { decodeBase64Portable } from "../../encoding/base64.ts";
import type { NamedKey } from "../../unseal/keyring.ts";
import { type Arguments, CommandError, EXIT, type Option, type Subcommand } from "../command.ts";
import { identityOf, statOf } from "../files.ts";
import { STANDARD } from "../input.ts";
import { KEY_DETAILS, KEY_OPTIONS, readKeys } from "../keys.ts";
import { complain } from "../output.ts";
import { type Checkpoint, checkpointPath, hasCheckpoint, readCheckpoint, type Tally } from "./checkpoint.ts";
import { type Form, formOf } from "./form.ts";
import { keepOf, type KeptColumn } from "./keep.ts";
import type { Place } from "./layout.ts";
import { openParquet, type Parquet, rowsPath } from "./parquet.ts";
import { summaryOf } from "./progress.ts";
import { type BatchPlan, runBatch, type Stopping } from "./run.ts";
import { openSource, type Source } from "./source.ts";

const MAX_JOBS = 256;
/** More threads than this per core only use memory: each takes 16 MB. */
const JOBS_PER_CORE = 2;

export const PLACE_OPTIONS: Readonly<Record<string, Option>> = {
  field: {
    value: "NAME",
    help: "the input is JSON with the sealed result in this field (a.b for a nested one, also in JSON text)",
  },
  column: {
    value: "NAME",
    help: "the input is CSV or Parquet with the sealed result, or JSON for --field, in this column",
  },
  delimiter: { value: "CHAR", help: "what separates the columns: a comma by default, tab for a tab" },
};
export const JOBS_OPTION: Option = { value: "N", short: "j", help: "worker threads; by default one per core" };

export const batch: Subcommand = {
  name: "batch",
  summary: "Opens an archive of sealed results: lines, JSON or CSV to events or a table, of any length.",
  usage: "IN -o OUT [options]",
  details:
    `IN is a file or - for standard input, plain, gzip or zstd: one sealed result per line, or in a field of JSON (lines,
indented, or one array), or in a column of CSV with a header. OUT gets one line per record, in order: the event as it was
sealed, or null if it could not be opened; or with --summary a row of a table, as NDJSON or CSV. A name that ends in .gz is written as gzip. Memory use does not depend on the
length of IN.

IN may also be Parquet with the sealed result in --column, and an OUT that ends in .parquet gets the rows of --summary:
both need DuckDB (npm install @duckdb/node-api), and cannot be resumed.

OUT.checkpoint exists while a batch runs. After any interruption, the same command with --resume continues.

${KEY_DETAILS}`,
  options: {
    output: { value: "OUT", short: "o", help: "the file to write, or - for standard output" },
    ...PLACE_OPTIONS,
    errors: { value: "FILE", help: "list failed records in this file: row number and code, no content" },
    summary: { help: "write one flat row per record instead of its event: see docs/command.md for the columns" },
    v4: { help: "write each event in the shape of v4; with --summary, in a column of the row" },
    keep: {
      value: "COL,…",
      multiple: true,
      help: "with --summary: the rows also have these columns or fields of the input; OLD=NEW renames one",
    },
    "keep-all": { help: "with --summary: the rows also have all other columns of the input" },
    csv: { help: "with --summary: write CSV instead of NDJSON; the default if OUT ends in .csv or .csv.gz" },
    spreadsheet: { help: "with CSV: text that a spreadsheet would take for a formula begins with an apostrophe" },
    check: { help: "also check that each event is JSON with the fields of an event (UTF-8 is always checked)" },
    resume: { help: "continue an interrupted batch" },
    force: { help: "overwrite OUT" },
    jobs: JOBS_OPTION,
    quiet: { short: "q", help: "no progress and no summary" },
    ...KEY_OPTIONS,
  },
  examples: [
    "unseal batch sealed.txt -o events.ndjson --key-file keys.txt",
    "unseal batch export.csv.gz --column sealed_result -o events.ndjson.gz --errors errors.ndjson",
    "unseal batch export.csv.gz --column sealed_result -o events.ndjson.gz --errors errors.ndjson --resume",
    "unseal batch export.csv.gz --column sealed_result --summary --keep-all -o table.csv",
    "unseal batch sealed.parquet --column sealed_result --keep received_at -o table.parquet",
    "unseal batch logs.ndjson.zst --field request.body.sealedResult -o - | jq .event_id",
  ],
  maxPositionals: 1,
  run,
};

async function run(args: Arguments): Promise<number> {
  const [input] = args.positionals;
  const output = args.text("output");
  if (input === undefined) throw new CommandError("batch needs an input: a file, or - for standard input");
  if (output === undefined) throw new CommandError("batch needs an output: -o FILE, or -o - for standard output");
  const place = placeOf(args);
  const form = formOf(args, output);
  const keep = keepOf(args, form);
  const jobs = jobsOf(args.text("jobs"), args.flag("quiet"));
  const keys = readKeys(args);
  const isResuming = args.flag("resume");
  if (isResuming && args.flag("force")) {
    throw new CommandError("--resume and --force exclude each other");
  }
  if (isResuming && input === STANDARD) throw new CommandError("Cannot resume standard input: give a file");
  if (isResuming && output === STANDARD) throw new CommandError("Cannot resume standard output: give a file with -o");
  const errorsPath = args.text("errors");
  const isQuiet = args.flag("quiet");
  refuseSameFile(input, output, errorsPath, form);

  const parquet = await openParquet(input, output, place, form, keep);
  if (isResuming && parquet !== undefined) throw new CommandError("Cannot resume a batch with Parquet: start it again");
  const source = parquet?.source ?? await openSource(input);
  try {
    return await runOn(source, output, errorsPath, args, { place, form, keep, jobs, keys, isQuiet }, parquet);
  } finally {
    source.close();
    parquet?.close();
  }
}

async function runOn(
  source: Source,
  output: string,
  errorsPath: string | undefined,
  args: Arguments,
  given: Pick<BatchPlan, "place" | "form" | "keep" | "jobs" | "keys" | "isQuiet">,
  parquet: Parquet | undefined,
): Promise<number> {
  const { place, form, keep, keys, isQuiet } = given;
  const isResuming = args.flag("resume");
  const check = args.flag("check");
  const gzip = output.endsWith(".gz");
  const isCheckpointed = source.path !== undefined && isRegular(output) && !form.parquet;
  if (isResuming && !isCheckpointed) throw new CommandError("Cannot resume: input and output must be regular files");
  const keyDigests = keys.map(({ id, key }) => [id, digestOf(key)]);
  const options = JSON.stringify({ place, form, keep, check, gzip, errors: errorsPath ?? null, keys: keyDigests });
  const inputPath = source.path === undefined ? "" : realpathSync(source.path);
  const runOf = { input: inputPath, inputBytes: source.bytes, inputModifiedMs: source.modifiedMs, options };
  const isUnfinished = isCheckpointed && hasCheckpoint(output);
  if (isResuming && !isUnfinished && statOf(output) !== undefined) {
    throw new CommandError(
      `Cannot resume: ${output} has no checkpoint. It is complete, or no batch wrote it; --force starts again`,
    );
  }
  const resumed = isResuming && isUnfinished ? readCheckpoint(output) : undefined;
  if (resumed !== undefined) refuseOtherRun(resumed.run, runOf);
  else if (!args.flag("force")) refuseToOverwrite(isUnfinished, output, ...filesBeside(output, errorsPath, form));

  const stopping = stopOnSignals();
  const startedAt = performance.now();
  let kept: readonly KeptColumn[] = [];
  const plan: BatchPlan = {
    ...given,
    source,
    onKept: (columns) => kept = columns,
    output: form.parquet ? rowsPath(output) : output,
    errors: errorsPath,
    check,
    gzip,
    isCheckpointed,
    run: runOf,
    resumed,
    stopping,
  };
  const before = resumed?.tally.records ?? 0;
  let tally: Tally;
  let signal: NodeJS.Signals | undefined;
  try {
    tally = await runBatch(plan);
    ({ signal } = stopping);
    if (signal === undefined) await parquet?.write?.(kept, tally.records);
  } finally {
    stopping.end();
    if (form.parquet) rmSync(rowsPath(output), { force: true });
  }

  if (!isQuiet) {
    complain(summaryOf(tally, tally.records - before, (performance.now() - startedAt) / 1000));
  }
  if (signal !== undefined) {
    const hint = !isCheckpointed ? "" : "; continue with --resume";
    complain(`unseal: interrupted after line ${tally.records}${hint}\n`);
    return exitCodeOf(signal);
  }
  if (tally.failed < tally.records) {
    for (const field of tally.unfound) complain(`unseal: no record has a value for --keep ${field}\n`);
  }
  return tally.failed === 0 ? EXIT.success : EXIT.refused;
}

/** Reads the options that name the place of the sealed result: `PLACE_OPTIONS`. */
export function placeOf(args: Arguments): Place {
  const [field, column, given] = [args.text("field"), args.text("column"), args.text("delimiter")];
  if (given !== undefined && column === undefined) throw new CommandError("--delimiter needs --column");
  const delimiter = given === undefined ? "," : given === "tab" || given === "\\t" ? "\t" : given;
  if (!/^[ -~\t]$/.test(delimiter) || delimiter === '"') {
    throw new CommandError("--delimiter must be one ASCII character other than a quotation mark, or tab");
  }
  return { field, column, delimiter: delimiter.charCodeAt(0) };
}

export function jobsOf(text: string | undefined, isQuiet: boolean): number {
  const most = Math.min(MAX_JOBS, JOBS_PER_CORE * coreCount());
  if (text === undefined) return Math.min(most, coreCount());
  const jobs = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (jobs < 1 || jobs > MAX_JOBS) throw new CommandError(`--jobs must be a whole number from 1 to ${MAX_JOBS}`);
  if (jobs > most && !isQuiet) {
    complain(`unseal: ${most} jobs instead of ${jobs}: more are not faster on ${coreCount()} cores\n`);
  }
  return Math.min(jobs, most);
}

/** Deno requires a permission for Node's function, but not for the web's property. */
function coreCount(): number {
  const { navigator } = globalThis as { navigator?: { readonly hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? availableParallelism();
}

/** Whether a path is, or will be, a regular file. A pipe or device has no content to resume or to overwrite. */
function isRegular(path: string): boolean {
  if (path === STANDARD) return false;
  return statOf(path)?.isFile() ?? true;
}

/** The other files that a batch writes. */
function filesBeside(output: string, errors: string | undefined, form: Form): string[] {
  return [...errors === undefined ? [] : [errors], ...form.parquet ? [rowsPath(output)] : []];
}

function refuseSameFile(input: string, output: string, errors: string | undefined, form: Form): void {
  const files = [input, output, checkpointPath(output), ...filesBeside(output, errors, form)]
    .filter((path) => path !== STANDARD).map(identityOf).filter((identity) => identity !== undefined);
  if (new Set(files).size < files.length || (output === STANDARD && errors === STANDARD)) {
    throw new CommandError("Input, output, errors and checkpoint must be different files");
  }
}

/** Identifies a key in a checkpoint. A key has 256 random bits, so it cannot be guessed from its digest. */
function digestOf(key: NamedKey["key"]): string {
  const raw = typeof key === "string" ? decodeBase64Portable(key) ?? "" : key as Uint8Array; // checked by readKeys()
  return createHash("sha256").update("unseal batch\0").update(raw).digest("base64").slice(0, 22);
}

function refuseOtherRun(before: Checkpoint["run"], now: Checkpoint["run"]): void {
  if (before.options !== now.options) {
    throw new CommandError("Cannot resume: the options or the keys have changed");
  }
  const isSame = before.input === now.input && before.inputBytes === now.inputBytes &&
    before.inputModifiedMs === now.inputModifiedMs;
  if (!isSame) throw new CommandError("Cannot resume: the input has changed");
}

function refuseToOverwrite(isUnfinished: boolean, output: string, ...others: readonly string[]): void {
  if (isUnfinished) {
    throw new CommandError(`${checkpointPath(output)} exists: --resume continues that batch, --force starts again`);
  }
  const existing = [output, ...others].find((path) => statOf(path)?.isFile() === true);
  if (existing !== undefined) throw new CommandError(`${existing} exists: --force overwrites it`);
}

/** The first signal ends the batch after the pending output; the second one ends the process. */
function stopOnSignals(): Stopping & { end(): void } {
  let signal: NodeJS.Signals | undefined;
  let stop = () => {};
  const onSignal = (name: NodeJS.Signals) => {
    if (signal !== undefined) process.exit(exitCodeOf(name));
    signal = name;
    stop();
  };
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    get signal() {
      return signal;
    },
    // Promise.race() with one promise of the signal would keep every result until the end.
    unlessStopped(promise) {
      return new Promise((resolve, reject) => {
        stop = () => resolve(undefined);
        if (signal !== undefined) stop();
        promise.then(resolve, reject);
      });
    },
    end() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
}
