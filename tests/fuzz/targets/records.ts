/**
 * The scanners that split the input of `unseal batch` into records, at once and in pieces, against parsers of their own:
 * for CSV one of regular expressions, for JSON `JSON.parse`.
 *
 * @module
 */

import { csvText } from "../../../src/cli/batch/records.ts";
import { createScanner, type Format, ScanError } from "../../../src/cli/batch/scanner.ts";
import { ascii } from "../../support/bytes.ts";

export const seeds: readonly Uint8Array[] = [
  '\0\u0003id,sealed\r\n1,"noXc7Q=="\r\n',
  '\0\u0001a,"b ""c"", d" ,\n"e\r\nf"\t,g"h\n',
  '\0\u0005"a\nb"c,d\n',
  '\0\u0002"a"b,c" "d"\n\n,',
  '\u0001\u0004{"a": "]"}, [1, "\\"}"],\n3]',
  "\u0001\u0004 ] x",
  '\u0002\u0007{"a":\n{}}\u0001[1,[2]]\u0001{"b": "}"}',
].map(ascii);

/** @param data A byte for the format, one for the size of the pieces, and the text. */
export function fuzz(data: Uint8Array): void {
  const [kind = 0, size = 0] = data;
  const text = Buffer.from(data.subarray(2)).toString("latin1");
  if (kind % 3 === 0) fuzzCsv(text, size);
  else if (kind % 3 === 1) fuzzArray(text, size);
  else fuzzValues(text, size);
}

/** The records, each as its text or its fields; and whether the input is broken after them. */
interface Scanned {
  readonly records: readonly (readonly string[])[];
  readonly isBroken: boolean;
}

/** Scans bytes that arrive in pieces of `size`. */
function scan(format: Format, text: string, size: number): Scanned {
  const bytes = Buffer.from(text, "latin1");
  const scanner = createScanner(format);
  const records: string[][] = [];
  try {
    for (let start = 0, from = 0, to = 0; from < bytes.length;) {
      if (from === to) to = Math.min(bytes.length, to + size);
      const end = scanner.find(bytes, from, to, 0);
      from = end === 0 ? to : end;
      if (end === 0) continue;
      const ends = format.kind === "csv" ? scanner.fieldEnds : [end];
      records.push(ends.map((end, index) => text.slice(index === 0 ? start : ends[index - 1]! + 1, end)));
      start = end;
      if (format.kind === "csv" && ends.at(-1) !== end - 1) throw new Error("the last field does not end the record");
    }
  } catch (error) {
    if (error instanceof ScanError) return { records, isBroken: true };
    throw error;
  }
  return { records, isBroken: scanner.fault() !== undefined };
}

/** The same at once and in pieces. */
function scanTwice(format: Format, text: string, size: number): Scanned {
  const scanned = scan(format, text, text.length + 1);
  const inPieces = JSON.stringify(scan(format, text, 1 + size % 64));
  if (inPieces !== JSON.stringify(scanned)) throw new Error("the records in pieces differ");
  return scanned;
}

function fuzzCsv(text: string, size: number): void {
  const format = { kind: "csv", delimiter: 0x2c } as const;
  const { records, isBroken } = scanTwice(format, `${text}\n`, size);
  const found = JSON.stringify([records.map((record) => record.map(csvText)), isBroken]);
  const expected = JSON.stringify(referenceCsv(`${text}\n`));
  if (found !== expected) throw new Error(`the records are ${found}, by the reference ${expected}`);
}

/** RFC 4180, with blanks around fields, and with quotation marks that are no pair as ordinary characters of a line. */
function referenceCsv(text: string): [records: string[][], isBroken: boolean] {
  const records: string[][] = [];
  for (let at = 0; at < text.length;) {
    const record: string[] = [];
    for (let isLast = false; !isLast; at++) {
      const quoted = /"((?:[^"]|"")*)("?)([^,\n]*)/y;
      const plain = /([^,\n]*)/y;
      quoted.lastIndex = plain.lastIndex = at;
      const [whole = "", content = "", end = "", after = ""] = quoted.exec(text) ?? [];
      if (whole !== "" && end === "") return [records, true];
      const isPair = whole !== "" && /^[ \t\r]*$/.test(after);
      if (whole !== "" && !isPair && content.includes("\n")) return [records, true];
      const field = whole !== "" ? whole : plain.exec(text)?.[0] ?? "";
      record.push(isPair ? content.replaceAll('""', '"') : csvText(field));
      at += field.length;
      isLast = text[at] === "\n";
    }
    records.push(record);
  }
  return [records, false];
}

/** An array of JSON has as many records as elements. */
function fuzzArray(text: string, size: number): void {
  const { records, isBroken } = scanTwice({ kind: "array" }, text, size);
  const elements = parsed(`[${text}`);
  if (!Array.isArray(elements)) return;
  if (isBroken) throw new Error("an array of JSON is refused");
  const values = records.map(([record = ""]) => record.trim().slice(0, -1)).filter((record) => record.trim() !== "");
  if (JSON.stringify(values.map(parsed)) !== JSON.stringify(elements)) throw new Error("the array's elements differ");
}

/** JSON objects and arrays one after the other are as many records. */
function fuzzValues(text: string, size: number): void {
  scanTwice({ kind: "values" }, text, size);
  const values = text.split("\u0001").filter((value) => typeof parsed(value) === "object" && parsed(value) !== null);
  const { records, isBroken } = scanTwice({ kind: "values" }, values.join(""), size);
  if (isBroken) throw new Error("values of JSON are refused");
  if (JSON.stringify(records.map(([record = ""]) => parsed(record))) !== JSON.stringify(values.map(parsed))) {
    throw new Error("the values differ");
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
