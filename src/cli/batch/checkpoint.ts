/**
 * The checkpoint of a batch: how much of its output is complete. It is a file next to the output, replaced atomically.
 *
 * @module
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { parseJson } from "../../encoding/json.ts";
import { CommandError, fileError } from "../command.ts";
import { statOf } from "../files.ts";

/** The version of the file's format. Other versions of the package may use another format. */
const VERSION = 1;

export interface Checkpoint {
  /** The properties of a run that must be the same when the batch continues. */
  readonly run: {
    readonly input: string;
    readonly inputBytes: number;
    readonly inputModifiedMs: number;
    /** The options and the digests of the keys that the output depends on. */
    readonly options: string;
  };
  /** The index of the sealed result's column, in CSV. */
  readonly column: number | undefined;
  /** Where the next chunk begins in the input, decompressed. */
  readonly position: number;
  readonly outputBytes: number;
  readonly errorsBytes: number;
  readonly tally: Tally;
}

/** The counts of a batch so far. */
export interface Tally {
  records: number;
  failed: number;
  /** Failures by code. */
  readonly failures: Record<string, number>;
  /** Records opened by each key, by its id. */
  readonly opened: Record<string, number>;
}

export function checkpointPath(output: string): string {
  return `${output}.checkpoint`;
}

export function hasCheckpoint(output: string): boolean {
  return statOf(checkpointPath(output)) !== undefined;
}

/** Reads the checkpoint of an output that has one. */
export function readCheckpoint(output: string): Checkpoint {
  const path = checkpointPath(output);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fileError("read", path, error);
  }
  const value = parseJson(text);
  if (!isCheckpoint(value)) throw new CommandError(`Cannot resume: ${path} is not a checkpoint of this version`);
  return value;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  const { version, run, column, position, outputBytes, errorsBytes, tally } = recordOf(value);
  const { records, failed, failures, opened } = recordOf(tally);
  const counts = [position, outputBytes, errorsBytes, records, failed];
  const byName = [recordOf(failures), recordOf(opened)].flatMap((each) => Object.values(each));
  return version === VERSION && typeof run === "object" && run !== null && typeof failures === "object" &&
    typeof opened === "object" && (column === undefined || isCount(column)) && [...counts, ...byName].every(isCount);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0; // an integer
}

/**
 * Replaces the checkpoint. If the process is killed or the machine stops at any time, either the old or the new
 * checkpoint exists.
 */
export function writeCheckpoint(output: string, checkpoint: Checkpoint): void {
  const path = checkpointPath(output);
  try {
    writeFileSync(`${path}.new`, JSON.stringify({ version: VERSION, ...checkpoint }), { flush: true });
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw fileError("write", path, error);
  }
}

export function removeCheckpoint(output: string): void {
  rmSync(checkpointPath(output), { force: true });
}
