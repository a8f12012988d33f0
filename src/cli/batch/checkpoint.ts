/**
 * The checkpoint of a batch: how much of its output is complete. It is a file next to the output, replaced atomically.
 *
 * @module
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { parseJson } from "../../encoding/json.ts";
import { CommandError, EXIT, fileError } from "../command.ts";
import { statOf } from "../files.ts";
import type { Layout } from "./layout.ts";

export interface Checkpoint {
  /** Identifies the process that wrote it. */
  readonly owner?: string;
  /** The properties of a run that must be the same when the batch continues. */
  readonly run: {
    readonly input: string;
    readonly inputBytes: number;
    readonly inputModifiedMs: number;
    /** The options and the digests of the keys that the output depends on. */
    readonly options: string;
  };
  /** Where the next chunk begins in the input, decompressed. */
  readonly layout: Layout;
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
  /** The fields of JSON that are kept, and for which no record has had a value. */
  unfound: readonly string[];
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
  const { owner = "", run, layout, outputBytes, errorsBytes, tally } = recordOf(value);
  const { format, column = 0, keep, position, line } = recordOf(layout);
  const { kind, delimiter = 0 } = recordOf(format);
  const { records, failed, failures, opened, unfound } = recordOf(tally);
  const byName = [failures, opened].flatMap((each) => Object.values(recordOf(each)));
  return typeof owner === "string" && typeof run === "object" && run !== null && typeof failures === "object" &&
    typeof opened === "object" && isTexts(unfound) &&
    (keep === undefined || isKeep(keep)) &&
    ["lines", "csv", "values", "array"].includes(kind as string) &&
    [column, delimiter, position, line, outputBytes, errorsBytes, records, failed, ...byName].every(isCount);
}

function isKeep(value: unknown): boolean {
  const { columns, all, taken, width } = recordOf(value);
  return Array.isArray(columns) && typeof all === "boolean" && isTexts(taken) && isCount(width) &&
    columns.map(recordOf).every(({ from, name, index }) => isTexts([from, name]) && isCount(index));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0; // an integer
}

/** The checkpoint file of a running batch. */
export interface CheckpointFile {
  /**
   * Replaces the checkpoint. If the process is killed or the machine stops at any time, either the old or the new
   * checkpoint exists.
   */
  save(checkpoint: Checkpoint): void;
  /** @throws {CommandError} When another process continues this batch, or began it again. */
  check(): void;
  remove(): void;
}

/**
 * Takes over the checkpoint of another process, if there is one. That process stops at its next `check()`.
 */
export function openCheckpoint(output: string, before: Checkpoint | undefined): CheckpointFile {
  const path = checkpointPath(output);
  const owner = crypto.randomUUID();
  let isSaved = false;
  // Each process has a file of its own for the next checkpoint. It is left behind if the process was killed meanwhile.
  if (before?.owner !== undefined && /^[\da-f-]{36}$/.test(before.owner)) {
    rmSync(`${path}.${before.owner}`, { force: true });
  }
  function check(): void {
    let text = "";
    try {
      if (isSaved) text = readFileSync(path, "utf8");
    } catch {
      // The other process has ended, or somebody removed the file.
    }
    if (isSaved && !text.startsWith(`{"owner":"${owner}"`)) {
      throw new CommandError(`Another batch has taken over ${output}: this one has stopped`, EXIT.file);
    }
  }
  return {
    check,
    save(checkpoint) {
      check();
      try {
        writeFileSync(`${path}.${owner}`, JSON.stringify({ owner, ...checkpoint }), { flush: true });
        renameSync(`${path}.${owner}`, path);
      } catch (error) {
        rmSync(`${path}.${owner}`, { force: true });
        throw fileError("write", path, error);
      }
      isSaved = true;
    },
    remove() {
      check();
      rmSync(path, { force: true });
    },
  };
}
