/**
 * The checkpoint of a batch: how much of its output is complete. It is a file next to the output, replaced atomically.
 *
 * @module
 */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CommandError, fileError } from "../command.ts";

export interface Checkpoint {
  /** The properties of a run that must be the same when the batch continues. */
  readonly run: {
    readonly input: string;
    readonly inputBytes: number;
    readonly inputModifiedMs: number;
    /** The options that the output depends on. */
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

/** The checkpoint of an output; `undefined` when it has no checkpoint. */
export function readCheckpoint(output: string): Checkpoint | undefined {
  const path = checkpointPath(output);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new CommandError(`Cannot resume: ${path} is not a checkpoint`);
    throw fileError("read", path, error);
  }
}

/** Replaces the checkpoint. If the process is killed at any time, either the old or the new checkpoint exists. */
export function writeCheckpoint(output: string, checkpoint: Checkpoint): void {
  const path = checkpointPath(output);
  try {
    writeFileSync(`${path}.new`, JSON.stringify(checkpoint));
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw fileError("write", path, error);
  }
}

export function removeCheckpoint(output: string): void {
  rmSync(checkpointPath(output), { force: true });
}
