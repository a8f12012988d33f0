/**
 * `unseal batch`: converts an archive of sealed results to NDJSON.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { decodeBase64Portable } from "../../encoding/base64.ts";
import type { NamedKey } from "../../unseal/keyring.ts";
import { type Arguments, CommandError, EXIT, type Subcommand } from "../command.ts";
import { identityOf, statOf } from "../files.ts";
import { STANDARD } from "../input.ts";
import { KEY_DETAILS, KEY_OPTIONS, readKeys } from "../keys.ts";
import { type Checkpoint, checkpointPath, hasCheckpoint, readCheckpoint } from "./checkpoint.ts";
import { summaryOf } from "./progress.ts";
import { type BatchPlan, runBatch, type Stopping } from "./run.ts";
import { openSource } from "./source.ts";

const MAX_JOBS = 256;

export const batch: Subcommand = {
  name: "batch",
  summary: "Opens an archive of sealed results: NDJSON or CSV to NDJSON, of any length.",
  usage: "IN -o OUT [options]",
  details:
    `IN is a file or - for standard input, plain or gzip: one sealed result per line, or in a field of JSON lines, or in a
column of CSV with a header. OUT gets one line per record, in order: the event as it was sealed, or null if it could not
be opened. A name that ends in .gz is written as gzip. Memory use does not depend on the length of IN.

OUT.checkpoint exists while a batch runs. After any interruption, the same command with --resume continues.

${KEY_DETAILS}`,
  options: {
    output: { value: "OUT", short: "o", help: "the file to write, or - for standard output" },
    field: {
      value: "NAME",
      help: "lines are JSON objects with the sealed result in this field (a.b for a nested one)",
    },
    column: { value: "NAME", help: "the input is CSV with the sealed result in this column" },
    errors: { value: "FILE", help: "list failed lines in this file: line number and code, no content" },
    check: { help: "also check that each event is JSON with the fields of an event (UTF-8 is always checked)" },
    resume: { help: "continue an interrupted batch" },
    force: { help: "overwrite OUT" },
    jobs: { value: "N", short: "j", help: "worker threads; by default one per core" },
    quiet: { short: "q", help: "no progress and no summary" },
    ...KEY_OPTIONS,
  },
  examples: [
    "unseal batch sealed.txt -o events.ndjson --key-file keys.txt",
    "unseal batch export.csv.gz --column sealed_result -o events.ndjson.gz --errors errors.ndjson",
    "unseal batch export.csv.gz --column sealed_result -o events.ndjson.gz --errors errors.ndjson --resume",
    "zstdcat logs.zst | unseal batch - --field body.sealedResult -o - | jq .event_id",
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
  const jobs = jobsOf(args.text("jobs"));
  const keys = readKeys(args);
  const isResuming = args.flag("resume");
  if (isResuming && args.flag("force")) {
    throw new CommandError("--resume and --force exclude each other");
  }
  if (isResuming && input === STANDARD) throw new CommandError("Cannot resume standard input: give a file");
  if (isResuming && output === STANDARD) throw new CommandError("Cannot resume standard output: give a file with -o");
  const errorsPath = args.text("errors");
  refuseSameFile(input, output, errorsPath);

  const source = await openSource(input);
  const check = args.flag("check");
  const gzip = output.endsWith(".gz");
  const isCheckpointed = source.path !== undefined && isRegular(output);
  if (isResuming && !isCheckpointed) throw new CommandError("Cannot resume: input and output must be regular files");
  const keyDigests = keys.map(({ id, key }) => [id, digestOf(key)]);
  const options = JSON.stringify({ place, check, gzip, errors: errorsPath ?? null, keys: keyDigests });
  const inputPath = source.path === undefined ? "" : realpathSync(source.path);
  const runOf = { input: inputPath, inputBytes: source.bytes ?? 0, inputModifiedMs: source.modifiedMs ?? 0, options };
  const isUnfinished = isCheckpointed && hasCheckpoint(output);
  if (isResuming && !isUnfinished && statOf(output) !== undefined) {
    process.stderr.write(`unseal: ${output} has no checkpoint: it is complete, nothing to do\n`);
    return EXIT.success;
  }
  const resumed = isResuming && isUnfinished ? readCheckpoint(output) : undefined;
  if (resumed !== undefined) refuseOtherRun(resumed.run, runOf);
  if (!isResuming && !args.flag("force")) refuseToOverwrite(output, isUnfinished, errorsPath);

  const stopping = stopOnSignals();
  const startedAt = performance.now();
  const plan: BatchPlan = {
    source,
    output,
    errors: errorsPath,
    place,
    keys,
    jobs,
    check,
    gzip,
    isCheckpointed,
    run: runOf,
    resumed,
    stopping,
  };
  const before = resumed?.tally.records ?? 0;
  const tally = await runBatch(plan);

  const { signal } = stopping;
  if (!args.flag("quiet")) {
    process.stderr.write(summaryOf(tally, tally.records - before, (performance.now() - startedAt) / 1000));
  }
  if (signal !== undefined) {
    const hint = !isCheckpointed ? "" : "; continue with --resume";
    process.stderr.write(`unseal: interrupted after line ${tally.records}${hint}\n`);
    return exitCodeOf(signal);
  }
  return tally.failed === 0 ? EXIT.success : EXIT.refused;
}

function placeOf(args: Arguments): BatchPlan["place"] {
  const [field, column] = [args.text("field"), args.text("column")];
  if (field !== undefined && column !== undefined) throw new CommandError("--field and --column exclude each other");
  if (field !== undefined) return { kind: "field", path: field.split(".") };
  return column === undefined ? { kind: "line" } : { kind: "column", name: column };
}

function jobsOf(text: string | undefined): number {
  if (text === undefined) return Math.min(MAX_JOBS, coreCount());
  const jobs = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (jobs < 1 || jobs > MAX_JOBS) throw new CommandError(`--jobs must be a whole number from 1 to ${MAX_JOBS}`);
  return jobs;
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

function refuseSameFile(input: string, output: string, errors: string | undefined): void {
  const files = [input, output, checkpointPath(output), ...errors === undefined ? [] : [errors]]
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

function refuseToOverwrite(output: string, isUnfinished: boolean, errors: string | undefined): void {
  if (isUnfinished) {
    throw new CommandError(`${checkpointPath(output)} exists: --resume continues that batch, --force starts again`);
  }
  const existing = [output, errors].find((path) => path !== undefined && statOf(path)?.isFile() === true);
  if (existing !== undefined) throw new CommandError(`${existing} exists: --force overwrites it`);
}

/** The first signal ends the batch after the pending output; the second one ends the process. */
function stopOnSignals(): Stopping {
  let signal: NodeJS.Signals | undefined;
  let stop = () => {};
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (signal !== undefined) process.exit(exitCodeOf(name));
      signal = name;
      stop();
    });
  }
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
  };
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
}
