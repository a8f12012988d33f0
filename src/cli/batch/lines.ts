/**
 * The lines of a batch's output: an event, or a row as NDJSON or CSV (RFC 4180).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import type { FingerprintEvent } from "../../event/event.ts";
import { EVENT_COLUMNS, type EventRow, toErrorRow, toRow } from "../../event/row.ts";
import { UpgradeError } from "../../event/upgrade/errors.ts";
import { upgradeEvent } from "../../event/upgrade/upgrade.ts";
import { UnsealError } from "../../unseal/errors.ts";
import { parseEvent } from "../../unseal/parse-event.ts";
import type { OpenedBytes } from "../../unseal/unsealer.ts";
import { columnsOf, type Form } from "./form.ts";
import type { Kept, KeptValue } from "./kept.ts";
import { scanRow } from "./scan-row.ts";

/** Makes the output's line of each record, without its line break. */
export interface Lines {
  /** @throws {UnsealError | UpgradeError} When the record has no line. */
  open(sealed: string, row: number, kept: Kept): Uint8Array;
  /** The line of a record that failed. */
  fail(code: string, row: number, kept: Kept): Uint8Array;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const NULL = Buffer.from("null");

/** RFC 4180 ends the records of CSV with CR LF. */
export function lineEndOf({ csv }: Form): string {
  return csv ? "\r\n" : "\n";
}

/** What precedes the lines: the header of CSV, after a byte order mark for spreadsheets. */
export function headerOf(form: Form, kept: readonly { readonly name: string }[]): string {
  if (!form.csv) return "";
  const names = [...columnsOf(form), ...kept.map(({ name }) => name)];
  return `${form.spreadsheet ? "\ufeff" : ""}${names.map((name) => csvCell(name, form)).join(",")}${lineEndOf(form)}`;
}

/**
 * @param open Opens a sealed result. Its bytes, and a line that it returns, are memory that the next call reuses.
 * @param check Whether each event must be JSON of a v3 or v4 shape. Rows and events of v4 always are.
 */
export function createLines(form: Form, open: (sealed: string) => OpenedBytes, check: boolean): Lines {
  if (form.summary) return rows(form, open);
  if (form.v4) {
    return {
      open(sealed) {
        const { bytes } = open(sealed);
        return upgraded(parseEvent(bytes), bytes);
      },
      fail: (error, row) => Buffer.from(JSON.stringify({ row, error })),
    };
  }
  return {
    open(sealed) {
      const { bytes } = open(sealed);
      if (check) parseEvent(bytes);
      else if (decodeUtf8(bytes) === undefined) {
        throw new UnsealError("ERR_EVENT_UTF8", "Cannot decode event: not UTF-8");
      }
      return onOneLine(bytes);
    },
    fail: () => NULL,
  };
}

function rows(form: Form, open: (sealed: string) => OpenedBytes): Lines {
  const write = form.csv ? csvRow : jsonRow;
  return {
    open(sealed, row, kept) {
      const { bytes, keyId } = open(sealed);
      if (!form.v4) return Buffer.from(write(form, row, readRow(bytes, keyId), undefined, kept));
      const event = parseEvent(bytes);
      const json = form.parquet ? jsonText(upgradeEvent(event)) : Buffer.from(upgraded(event, bytes)).toString();
      return Buffer.from(write(form, row, toRow(event, keyId), wellFormed(json), kept));
    },
    fail: (code, row, kept) => Buffer.from(write(form, row, toErrorRow(code), form.v4 ? "null" : undefined, kept)),
  };
}

/** The row of an event, from its JSON in UTF-8. */
export function readRow(bytes: Uint8Array, keyId: string): EventRow {
  return scanRow(bytes, keyId) ?? toRow(parseEvent(bytes), keyId);
}

/** The JSON of an event in the shape of v4, on one line. That of a v4 event is unchanged. */
function upgraded(event: FingerprintEvent, bytes: Uint8Array): Uint8Array {
  const newer = upgradeEvent(event);
  return newer === event ? onOneLine(bytes) : Buffer.from(jsonText(newer));
}

/** @throws {UpgradeError} When the event is nested too deeply. */
function jsonText(event: FingerprintEvent): string {
  try {
    return JSON.stringify(event);
  } catch {
    throw new UpgradeError("ERR_UPGRADE_SHAPE", "Cannot write event: it is nested too deeply");
  }
}

/** Escapes in JSON: a whole surrogate pair, half of one, or any other. */
const ESCAPE = /\\(?:ud[89ab]..\\ud[c-f]..|(ud[89a-f]..)|.)/gi;

/** Replaces half of a surrogate pair by U+FFFD: for one of them, a database ends the query over the whole table. */
function wellFormed(json: string): string {
  return /\\ud/i.test(json) ? json.replace(ESCAPE, (escape, half) => half ? "\\ufffd" : escape) : json;
}

type WriteRow = (form: Form, row: number, values: EventRow, event: string | undefined, kept: Kept) => string;

const jsonRow: WriteRow = (_form, row, values, event, kept) => {
  const last = kept.map(([name, value]) => `,${JSON.stringify(name)}:${jsonOf(value)}`).join("");
  const middle = event === undefined ? "" : `,"event":${event}`;
  return wellFormed(`{"row":${row},${JSON.stringify(values).slice(1, -1)}${middle}${last}}`);
};

const csvRow: WriteRow = (form, row, values, event, kept) => {
  const cells = [row, ...EVENT_COLUMNS.map(({ name }) => values[name])];
  if (event !== undefined) cells.push(event === "null" ? null : event);
  return [...cells, ...kept.map(([, value]) => textOf(value))].map((cell) => csvCell(cell, form)).join(",");
};

function jsonOf(value: KeptValue): string {
  if (value === null) return "null";
  return "json" in value ? value.json.replace(/[\r\n]/g, " ") : JSON.stringify(value.text);
}

/** Text as it is, and any other JSON as JSON. */
function textOf(value: KeptValue): string | null {
  if (value === null) return null;
  if ("text" in value) return value.text;
  return value.json.startsWith('"') ? JSON.parse(value.json) as string : wellFormed(value.json); // a string
}

/** Text that a spreadsheet may take for a formula, beside numbers. */
const FORMULA = /^'*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?$/i;

/**
 * A field of CSV. `null` is empty, and empty text is `""`.
 *
 * Visitors choose some of an event's text. For a spreadsheet, text that it could take for a formula begins with an
 * apostrophe; one more if it has some already, so that removing one restores the text.
 */
export function csvCell(value: string | number | boolean | null, { spreadsheet }: Pick<Form, "spreadsheet">): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = spreadsheet && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return text === "" || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Replaces line breaks by spaces. In JSON, both occur only between tokens, with the same meaning. */
function onOneLine(bytes: Uint8Array): Uint8Array {
  if (bytes.includes(LINE_FEED) || bytes.includes(CARRIAGE_RETURN)) {
    bytes.forEach((byte, index) => {
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) bytes[index] = SPACE;
    });
  }
  return bytes;
}
