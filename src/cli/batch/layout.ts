/**
 * Finds out from the beginning of an input how its records are separated, and where they begin.
 *
 * @module
 */

import { CommandError, EXIT } from "../command.ts";
import { type Keep, placeColumns, type PlacedKeep, placeFields } from "./keep.ts";
import { csvText } from "./records.ts";
import { createScanner, type Format } from "./scanner.ts";

/** Where the sealed result is, as the options name it. */
export interface Place {
  readonly column: string | undefined;
  /** The byte that separates the columns. */
  readonly delimiter: number;
  /** The path of a field, in each record or in the column. */
  readonly field: string | undefined;
}

export interface Layout {
  readonly format: Format;
  /** The column's index, in CSV. */
  readonly column: number | undefined;
  /** The columns of the input that the rows keep. */
  readonly keep: PlacedKeep | undefined;
  /** Where the first record begins, and the number of its line. */
  readonly position: number;
  readonly line: number;
}

/** How much of the input is needed at most; the header of CSV must be within it. */
const HEAD_BYTES = 64 * 1024;
/** Limits of a header in a message: the header of an input that is not CSV may be a record. */
const MOST_NAMES = 20;
const MOST_NAME_CHARACTERS = 40;

/** Other formats by their first characters, each with what to do. */
const OTHER_FORMATS: readonly (readonly [start: string, advice: string])[] = [
  ["PAR1", "it is a Parquet file: unseal opens it by its path, with DuckDB"],
  ["PK\u0003\u0004", "it is a zip archive: unzip -p FILE | unseal … -"],
  ["BZh", "it is compressed by bzip2: bzcat FILE | unseal … -"],
  ["\u00fd7zXZ", "it is compressed by xz: xzcat FILE | unseal … -"],
  ["Obj\u0001", "it is an Avro file. Convert it to JSON lines or CSV"],
];

/** Whether `head` suffices: it has a whole line that is not empty, or the whole header of CSV. */
export function isEnough(head: Uint8Array, { column, delimiter }: Place): boolean {
  if (head.length >= HEAD_BYTES) return true;
  if (column !== undefined) {
    return createScanner({ kind: "csv", delimiter }).find(head, markBytes(head), head.length, 0) > 0;
  }
  const start = head.findIndex((byte) => byte > 0x20);
  return start >= 0 && head.indexOf(0x0a, start) >= 0;
}

/** The length of the byte order mark. */
function markBytes(head: Uint8Array): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}

/**
 * @param head The beginning of the input, as `isEnough` wants it.
 * @throws {CommandError} When the input is of another format, or does not fit the options.
 */
export function layoutOf(head: Uint8Array, { column, delimiter, field }: Place, keep: Keep | undefined): Layout {
  const latin1 = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString("latin1");
  const other = OTHER_FORMATS.find(([start]) => latin1.startsWith(start));
  if (other !== undefined) throw refusal(other[1]);
  const start = markBytes(head);
  const first = latin1.slice(start).trimStart().split("\n", 1)[0]!.trimEnd(); // split() returns at least one
  // Behind the header, a visitor may have written any character.
  if ((column === undefined ? latin1 : first).includes("\0")) throw refusal("it is not text");
  // All records would be one line, or the header. An array of JSON needs no lines.
  if (!latin1.includes("\n") && latin1.trim().includes("\r") && (column !== undefined || !first.startsWith("["))) {
    throw refusal("its lines end with CR alone: tr '\\r' '\\n' < FILE | unseal … -");
  }
  if (column !== undefined) {
    const format = { kind: "csv", delimiter } as const;
    const scanner = createScanner(format);
    const end = scanner.find(head, start, head.length, 0) || head.length;
    if (end > HEAD_BYTES) throw refusal(`its header is longer than ${HEAD_BYTES} bytes`);
    const names = headerNames(head.subarray(0, end), start, scanner.fieldEnds);
    const index = columnOf(names, column);
    return {
      format,
      column: index,
      keep: keep && placeColumns(keep, names, index, (name) => columnOf(names, name)),
      position: end,
      line: scanner.line,
    };
  }
  if (first.startsWith("[")) {
    if (field === undefined && !/^\[\s*(?:"|$)/.test(first)) {
      throw refusal("it looks like JSON: name the field with --field");
    }
    const position = latin1.indexOf("[", start) + 1;
    return {
      format: { kind: "array" },
      column: undefined,
      keep: keep && placeFields(keep),
      position,
      line: latin1.slice(0, position).split("\n").length,
    };
  }
  if (field === undefined && first.startsWith("{")) throw refusal("it looks like JSON: name the field with --field");
  if (field === undefined && /[,;\t|]/.test(first) && first.length > 1) {
    throw refusal("its first line looks like the header of CSV: name the column with --column");
  }
  // JSON that is indented begins with a bracket alone.
  return {
    format: { kind: first === "{" ? "values" : "lines" },
    column: undefined,
    keep: keep && placeFields(keep),
    position: start,
    line: 1,
  };
}

function refusal(reason: string): CommandError {
  return new CommandError(reason, EXIT.usage);
}

function headerNames(header: Uint8Array, start: number, fieldEnds: readonly number[]): string[] {
  const starts = [start, ...fieldEnds.map((end) => end + 1)];
  const text = (from: number, to: number) => csvText(new TextDecoder().decode(header.subarray(from, to))).trim();
  return starts.flatMap((from, index) => from < header.length ? [text(from, fieldEnds[index] ?? header.length)] : []);
}

function columnOf(names: readonly string[], name: string): number {
  const index = names.indexOf(name);
  if (index >= 0 && names.indexOf(name, index + 1) < 0) return index;
  if (index >= 0) throw refusal(`its header names several columns ${name}`);
  if (names.every((each) => each === "")) throw refusal("it has no header");
  const shown = names.slice(0, MOST_NAMES).map((each) => each.slice(0, MOST_NAME_CHARACTERS));
  const hint = names.length < 2 && /[;\t|]/.test(names.join()) ? "; --delimiter sets what separates columns" : "";
  throw refusal(`its header has no column ${name} among ${shown.join(", ")}${hint}`);
}
