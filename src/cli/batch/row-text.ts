/**
 * The rows of a batch as text: NDJSON or CSV (RFC 4180).
 *
 * @module
 */

import { EVENT_COLUMNS, type EventRow } from "../../event/row.ts";
import { columnsOf, type Form } from "./form.ts";
import type { Kept, KeptValue } from "./kept.ts";

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

/** @param event The JSON of the event, for a row that has it in a column. */
export function rowOf(form: Form, row: number, values: EventRow, event: string | undefined, kept: Kept): string {
  if (form.csv) {
    const cells = [row, ...EVENT_COLUMNS.map(({ name }) => values[name])];
    if (event !== undefined) cells.push(event === "null" ? null : event);
    return cells.map((cell) => csvCell(cell, form)).join(",") + csvKept(form, kept);
  }
  const middle = event === undefined ? "" : `,"event":${event}`;
  return wellFormed(`{"row":${row},${JSON.stringify(values).slice(1, -1)}${middle}${jsonKept(kept)}`);
}

/** The end of the row of an event that was opened, from its last two columns on. */
export function endOfRow(form: Form, keyId: string, kept: Kept): string {
  if (form.csv) return `,${csvCell(keyId, form)},${csvKept(form, kept)}`;
  return wellFormed(`,"key_id":${JSON.stringify(keyId)},"error":null${jsonKept(kept)}`);
}

/** A string of JSON. */
export function jsonText(text: string): string {
  return wellFormed(JSON.stringify(text));
}

/** Escapes in JSON: a whole surrogate pair, half of one, or any other. */
const ESCAPE = /\\(?:ud[89ab]..\\ud[c-f]..|(ud[89a-f]..)|.)/gi;

/** Replaces half of a surrogate pair by U+FFFD: for one of them, a database ends the query over the whole table. */
export function wellFormed(json: string): string {
  return /\\ud/i.test(json) ? json.replace(ESCAPE, (escape, half) => half ? "\\ufffd" : escape) : json;
}

function jsonKept(kept: Kept): string {
  return `${kept.map(([name, value]) => `,${JSON.stringify(name)}:${jsonOf(value)}`).join("")}}`;
}

function jsonOf(value: KeptValue): string {
  if (value === null) return "null";
  return "json" in value ? value.json.replace(/[\r\n]/g, " ") : JSON.stringify(value.text);
}

function csvKept(form: Form, kept: Kept): string {
  return kept.map(([, value]) => `,${csvCell(textOf(value), form)}`).join("");
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
