/**
 * Reads a record: its sealed result and its kept columns.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { PlacedKeep } from "./keep.ts";
import { type Kept, keptOfCsv, keptOfJson, keptOfNothing } from "./kept.ts";
import { csvText, type Found, sealedIn } from "./records.ts";
import type { Format } from "./scanner.ts";

/** The sealed result of a record or the reason why it is missing, and the record's kept columns. */
export type ReadRecord = Found & { readonly kept: Kept };

export interface RecordPlace {
  readonly format: Format;
  /** The index of the sealed result's column, in CSV. */
  readonly column: number | undefined;
  /** The path of the sealed result's field in each record, or in the column. */
  readonly field: string | undefined;
  readonly keep: PlacedKeep | undefined;
  readonly maxRecordBytes: number;
}

/** @returns `undefined` for the blanks after the last JSON value. */
export type RecordReader = (
  text: Buffer,
  start: number,
  end: number,
  fieldEnds: readonly number[],
) => ReadRecord | undefined;

const [COMMA, CLOSE_BRACKET] = [0x2c, 0x5d];

export function createRecordReader({ format, column, field, keep, maxRecordBytes }: RecordPlace): RecordReader {
  const nothing = keptOfNothing(keep?.columns ?? []);
  const read = column === undefined ? readJsonOrLine : readCsv;
  return (text, start, end, fieldEnds) =>
    end - start > maxRecordBytes ? { fault: "ERR_LINE_TOO_LONG", kept: nothing } : read(text, start, end, fieldEnds);

  function readCsv(text: Buffer, start: number, end: number, fieldEnds: readonly number[]): ReadRecord {
    const fieldAt = (index: number): string | undefined => {
      const from = index === 0 ? start : (fieldEnds[index - 1] ?? end) + 1;
      return from > end ? undefined : text.toString("utf8", from, fieldEnds[index] ?? end);
    };
    const value = csvText(fieldAt(column!) ?? ""); // only called for CSV
    const isEmpty = value === "" && text.toString("latin1", start, end).trim() === "";
    if (isEmpty) return { fault: "ERR_LINE_EMPTY", kept: nothing };
    if (keep !== undefined && hasMore(text, end, fieldEnds, keep.width)) {
      return { fault: "ERR_LINE_COLUMNS", kept: nothing };
    }
    const kept = keep === undefined ? nothing : keptOfCsv(keep.columns, fieldAt);
    return value === "" ? { fault: "ERR_LINE_FIELD", kept } : { ...sealedIn(value, field), kept };
  }

  /** Whether a record has a value behind the columns of the header. */
  function hasMore(text: Buffer, end: number, fieldEnds: readonly number[], width: number): boolean {
    const last = fieldEnds[width - 1];
    if (last === undefined || last + 1 >= end) return false;
    const delimiter = format.kind === "csv" ? String.fromCharCode(format.delimiter) : "";
    return text.toString("latin1", last + 1, end).replaceAll(delimiter, "").replaceAll('"', "").trim() !== "";
  }

  function readJsonOrLine(text: Buffer, start: number, end: number): ReadRecord | undefined {
    const last = format.kind === "array" ? text[end - 1] : undefined;
    const isSeparated = last === COMMA || last === CLOSE_BRACKET;
    const record = text.toString(field === undefined ? "latin1" : "utf8", start, isSeparated ? end - 1 : end).trim();
    if (record === "") {
      return format.kind === "lines" || last === COMMA ? { fault: "ERR_LINE_EMPTY", kept: nothing } : undefined;
    }
    const found = sealedIn(record, field);
    // After ERR_LINE_JSON the record may be no JSON. --keep needs --field here.
    if (keep === undefined || field === undefined || ("fault" in found && found.fault === "ERR_LINE_JSON")) {
      return { ...found, kept: nothing };
    }
    const kept = keptOfJson(keep, record, field);
    return kept === undefined ? { fault: "ERR_LINE_COLUMNS", kept: nothing } : { ...found, kept };
  }
}
