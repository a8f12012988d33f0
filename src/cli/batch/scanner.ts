/**
 * Finds the ends of records in bytes: of lines, of CSV records (RFC 4180), and of JSON values that span lines.
 *
 * The main thread splits the input into chunks of whole records, and the workers split a chunk into records; both use
 * these scanners.
 *
 * @module
 */

/** How the records of an input are separated. */
export type Format =
  | { readonly kind: "lines" }
  | { readonly kind: "csv"; readonly delimiter: number }
  /** JSON values, one after the other: each ends with its last bracket, and may span lines. */
  | { readonly kind: "values" }
  /** The elements of one JSON array, after its opening bracket. */
  | { readonly kind: "array" };

export interface Scanner {
  /**
   * Continues at `from`, and stops after the first record that ends at `least` or later.
   *
   * @returns The index after the record with its separator; 0 when it does not end before `to`.
   * @throws {ScanError}
   */
  find(bytes: Uint8Array, from: number, to: number, least: number): number;
  /** How many records have ended. */
  readonly records: number;
  /** The number of the current line, from 1; it is not counted for lines. */
  readonly line: number;
  /** The index after each field of the last CSV record. */
  readonly fieldEnds: readonly number[];
  /** What is incomplete if the input ends here. */
  fault(): ScanError | undefined;
}

/** The structure of an input that is broken, so that the records after this place are unknown. */
export class ScanError extends Error {}

const [LINE_FEED, CARRIAGE_RETURN, SPACE, TAB] = [0x0a, 0x0d, 0x20, 0x09];
const [QUOTE, BACKSLASH, COMMA, OPEN_BRACKET, OPEN_BRACE] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];
const [CLOSE_BRACKET, CLOSE_BRACE] = [0x5d, 0x7d];

export function createScanner(format: Format, line = 1): Scanner {
  if (format.kind === "csv") return csvScanner(format.delimiter, line);
  return format.kind === "lines" ? lineScanner() : jsonScanner(format.kind === "array", line);
}

function lineScanner(): Scanner {
  let records = 0;
  return {
    find(bytes, from, to, least) {
      const searched = bytes.subarray(0, to);
      for (let end = from; (end = searched.indexOf(LINE_FEED, end) + 1) > 0;) {
        records++;
        if (end >= least) return end;
      }
      return 0;
    },
    get records() {
      return records;
    },
    line: 0,
    fieldEnds: [],
    fault: () => undefined,
  };
}

function csvScanner(delimiter: number, line: number): Scanner {
  /** Before a field, in an unquoted field, in a quoted one, after a quotation mark in that, or after blanks behind it. */
  let state: "start" | "unquoted" | "quoted" | "quote" | "closed" = "start";
  /** The line where the last quoted field began. */
  let quotedLine = line;
  let fieldEnds: number[] = [];
  let isAtRecord = true;
  let records = 0;
  return {
    find(bytes, from, to, least) {
      if (isAtRecord) fieldEnds = [];
      isAtRecord = false;
      for (let at = from; at < to; at++) {
        const byte = bytes[at];
        if (state === "quoted") {
          if (byte === QUOTE) state = "quote";
          else if (byte === LINE_FEED) line++;
        } else if (byte === LINE_FEED) {
          state = "start";
          line++;
          records++;
          fieldEnds.push(at);
          if (at + 1 >= least) {
            isAtRecord = true;
            return at + 1;
          }
          fieldEnds = [];
        } else if (byte === delimiter) {
          state = "start";
          fieldEnds.push(at);
        } else if (byte === QUOTE && state === "start") [state, quotedLine] = ["quoted", line];
        else if (byte === QUOTE && state === "quote") state = "quoted";
        else if (state === "start" || state === "unquoted") state = "unquoted";
        else if (byte === CARRIAGE_RETURN || byte === SPACE || byte === TAB) state = "closed";
        else {
          // A quotation mark that belongs to no pair makes the next field's opening one a closing one, lines later.
          if (quotedLine < line) {
            throw new ScanError(
              `the quoted field that begins in line ${quotedLine} is followed by text in line ${line}`,
            );
          }
          state = "unquoted";
        }
      }
      return 0;
    },
    get records() {
      return records;
    },
    get line() {
      return line;
    },
    get fieldEnds() {
      return fieldEnds;
    },
    fault: () =>
      state === "quoted" ? new ScanError(`the quoted field that begins in line ${quotedLine} does not end`) : undefined,
  };
}

function jsonScanner(isArray: boolean, line: number): Scanner {
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  /** Whether the array has ended. */
  let isClosed = false;
  let valueLine = line;
  let records = 0;
  return {
    find(bytes, from, to, least) {
      for (let at = from; at < to; at++) {
        const byte = bytes[at];
        if (byte === LINE_FEED) line++;
        if (isEscaped) isEscaped = false;
        else if (isInString) {
          if (byte === BACKSLASH) isEscaped = true;
          else if (byte === QUOTE) isInString = false;
        } else if (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) continue;
        else if (isClosed) throw new ScanError(`text follows the end of the JSON array in line ${line}`);
        else if (byte === QUOTE) isInString = true;
        else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          if (depth++ === 0) valueLine = line;
        } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          if (--depth < 0) {
            if (!isArray || byte === CLOSE_BRACE) throw new ScanError(`a bracket too many in line ${line}`);
            isClosed = true;
            return at + 1;
          }
          if (depth > 0 || isArray) continue;
          records++;
          if (at + 1 >= least) return at + 1;
        } else if (byte === COMMA && depth === 0 && isArray) {
          records++;
          if (at + 1 >= least) return at + 1;
        }
      }
      return 0;
    },
    get records() {
      return records;
    },
    get line() {
      return line;
    },
    fieldEnds: [],
    fault() {
      if (depth > 0 || isInString) return new ScanError(`the JSON value that begins in line ${valueLine} does not end`);
      return isArray && !isClosed ? new ScanError(`the JSON array does not end`) : undefined;
    },
  };
}
