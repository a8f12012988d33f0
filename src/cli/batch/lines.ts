/**
 * The lines of a batch's output: an event or a row.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import type { FingerprintEvent } from "../../event/event.ts";
import { toErrorRow, toRow } from "../../event/row.ts";
import { UpgradeError } from "../../event/upgrade/errors.ts";
import { upgradeEvent } from "../../event/upgrade/upgrade.ts";
import { UnsealError } from "../../unseal/errors.ts";
import { parseEvent } from "../../unseal/parse-event.ts";
import type { OpenedBytes } from "../../unseal/unsealer.ts";
import type { Form } from "./form.ts";
import { bytesOf } from "./json-values.ts";
import type { Kept } from "./kept.ts";
import { endOfRow, rowOf, wellFormed } from "./row-text.ts";
import { createRowWriter } from "./row-writer.ts";

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
  const writeRow = createRowWriter(form);
  /** The ends of rows that keep no columns, by the ids of the keys. */
  const ends = new Map<string, Uint8Array>();
  const endOf = (keyId: string, kept: Kept): Uint8Array => {
    if (kept.length > 0) return bytesOf(endOfRow(form, keyId, kept));
    const end = ends.get(keyId) ?? bytesOf(endOfRow(form, keyId, kept));
    ends.set(keyId, end);
    return end;
  };
  return {
    open(sealed, row, kept) {
      const { bytes, keyId } = open(sealed);
      if (!form.v4) {
        return writeRow(bytes, row, endOf(keyId, kept)) ??
          Buffer.from(rowOf(form, row, toRow(parseEvent(bytes), keyId), undefined, kept));
      }
      const event = parseEvent(bytes);
      const json = form.parquet ? jsonOf(upgradeEvent(event)) : Buffer.from(upgraded(event, bytes)).toString();
      return Buffer.from(rowOf(form, row, toRow(event, keyId), wellFormed(json), kept));
    },
    fail: (code, row, kept) => Buffer.from(rowOf(form, row, toErrorRow(code), form.v4 ? "null" : undefined, kept)),
  };
}

/** The JSON of an event in the shape of v4, on one line. That of a v4 event is unchanged. */
function upgraded(event: FingerprintEvent, bytes: Uint8Array): Uint8Array {
  const newer = upgradeEvent(event);
  return newer === event ? onOneLine(bytes) : Buffer.from(jsonOf(newer));
}

/** @throws {UpgradeError} When the event is nested too deeply. */
function jsonOf(event: FingerprintEvent): string {
  try {
    return JSON.stringify(event);
  } catch {
    throw new UpgradeError("ERR_UPGRADE_SHAPE", "Cannot write event: it is nested too deeply");
  }
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
