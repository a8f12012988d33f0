/**
 * Writes the row of an event from its JSON as bytes. The text of the row's columns is copied where it is the same in
 * both, and no other value of the event is created.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { botResult } from "../../event/fields.ts";
import { EVENT_COLUMNS } from "../../event/row.ts";
import { parseTime, type TimeParts, timeParts } from "../../event/time.ts";
import type { Form } from "./form.ts";
import { bytesOf, hasAt } from "./json-values.ts";
import { csvCell, jsonText } from "./row-text.ts";
import { scanRow, VALUES } from "./scan-row.ts";

/**
 * Writes a row.
 *
 * @param json The event's JSON: authentic, but otherwise unchecked.
 * @param row The number of the row.
 * @param end What follows the columns of the event: `endOfRow()`.
 * @returns The row, in memory that the next call reuses. `undefined` when the text is not an event, or one that only
 * `JSON.parse` reads.
 */
export type RowWriter = (json: Uint8Array, row: number, end: Uint8Array) => Uint8Array | undefined;

/** Memory for the rows of most events. */
const ROW_BYTES = 64 * 1024;
/**
 * More than a row has besides the end and text of the event: its number, and names, times, numbers and flags. Encoded
 * text is at most as long as the event's, or longer by an apostrophe.
 */
const OTHER_BYTES = 1024;

const [SPACE, QUOTE, COMMA, BACKSLASH, DIGIT_0, DELETE] = [0x20, 0x22, 0x2c, 0x5c, 0x30, 0x7f];

/** The results of bot detections as events have them. */
const BOT_RESULTS = ["bad", "good", "not_detected", "notDetected"].map((text) => ({
  json: bytesOf(JSON.stringify(text)),
  result: botResult(text),
}));

export function createRowWriter(form: Form): RowWriter {
  const { csv, spreadsheet } = form;
  const { starts, ends } = VALUES;
  const [start, nothing, mark] = csv ? ["", "", ""] : ['{"row":', "null", '"'];
  const columns = EVENT_COLUMNS.map(({ name, type }) => ({
    before: bytesOf(csv ? "," : `,"${name}":`),
    type: name === "bot" ? name : type,
  }));
  /** 1 for a byte that is the same in the row. Text in CSV with one of the others may need quotation marks. */
  const isSame = Uint8Array.from(
    { length: 256 },
    (_, byte) =>
      byte === BACKSLASH || csv && (byte < SPACE || byte >= DELETE || byte === QUOTE || byte === COMMA) ? 0 : 1,
  );
  const memory = Buffer.alloc(ROW_BYTES);

  return (json, row, end) => {
    const cells = scanRow(json);
    if (cells === undefined) return undefined;
    const most = json.length + end.length + OTHER_BYTES;
    const out = most > memory.length ? Buffer.alloc(most) : memory;
    let at = writeAscii(out, 0, start);
    at = writeAscii(out, at, String(row));
    for (let column = 0; column < cells.length; column++) {
      const index = cells[column]!;
      const { before, type } = columns[column]!; // EVENT_COLUMNS has two more
      at = writeBytes(out, at, before);
      if (type === "VARCHAR") {
        at = VALUES.isText(index) ? writeText(out, at, json, index) : writeAscii(out, at, nothing);
      } else if (type === "BOOLEAN") {
        at = writeAscii(out, at, `${VALUES.flag(index) ?? nothing}`);
      } else if (type === "DOUBLE") {
        at = writeAscii(out, at, `${VALUES.number(index) ?? nothing}`);
      } else if (type === "TIMESTAMP") {
        const parts = timeParts(VALUES.number(index) ?? parseTime(VALUES.text(index)));
        at = parts === undefined ? writeAscii(out, at, nothing) : writeTime(out, at, parts);
      } else {
        const bot = botAt(json, index);
        at = writeAscii(out, at, bot === undefined ? nothing : mark + bot + mark);
      }
    }
    return out.subarray(0, writeBytes(out, at, end));
  };

  function writeText(out: Buffer, at: number, json: Uint8Array, index: number): number {
    const from = starts[index]! + 1 - mark.length;
    const to = ends[index]! - 1 + mark.length;
    // CSV marks empty text, and blanks at an end.
    let isCopied = !csv || !(spreadsheet || from === to || json[from] === SPACE || json[to - 1] === SPACE);
    let next = at;
    for (let place = from; isCopied && place < to; place++) {
      const byte = json[place]!;
      out[next++] = byte;
      isCopied = isSame[byte] === 1;
    }
    if (isCopied) return next;
    const text = VALUES.text(index)!; // only called for text
    return at + out.write(csv ? csvCell(text, form) : jsonText(text), at);
  }

  function writeTime(out: Uint8Array, at: number, { date, inDay }: TimeParts): number {
    at = writeAscii(out, at, mark);
    at = writeAscii(out, at, date);
    at = writeAscii(out, at, "00:00:00.000Z");
    writeDigits(out, at - 11, inDay / 3_600_000);
    writeDigits(out, at - 8, inDay / 60_000 % 60);
    writeDigits(out, at - 5, inDay / 1000 % 60);
    writeDigits(out, at - 1, inDay % 1000);
    return writeAscii(out, at, mark);
  }
}

function botAt(json: Uint8Array, index: number): string | undefined {
  if (!VALUES.isText(index)) return undefined;
  for (const { json: text, result } of BOT_RESULTS) if (hasAt(json, VALUES.starts[index]!, text)) return result;
  return botResult(VALUES.text(index)); // it may have escapes
}

function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index);
  return at + text.length;
}

function writeBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let index = 0; index < bytes.length; index++) out[at + index] = bytes[index]!;
  return at + bytes.length;
}

/** Writes the digits of a number below 1000 over zeros that end before `end`. */
function writeDigits(out: Uint8Array, end: number, number: number): void {
  for (let rest = number | 0; rest > 0; rest = rest / 10 | 0) out[--end] = DIGIT_0 + rest % 10;
}
