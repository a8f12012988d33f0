/**
 * Finds the sealed result in a record: the whole line, a field of a JSON object, or a column of CSV.
 *
 * @module
 */

import { parseJson } from "../../encoding/json.ts";

/** Where in a record the sealed result is. */
export type Place =
  | { readonly kind: "line" }
  /** A path of property names. */
  | { readonly kind: "field"; readonly path: readonly string[] }
  /** A column, counted from 0. */
  | { readonly kind: "column"; readonly index: number };

/**
 * Why a record has no sealed result. A list of failures has these beside the codes of opening.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_LINE_EMPTY` | the line is empty |
 * | `ERR_LINE_JSON` | the line is not a JSON object, and `--field` needs one |
 * | `ERR_LINE_FIELD` | the field or column is missing, empty or not a string |
 * | `ERR_LINE_TOO_LONG` | the line has 8 MiB or more |
 */
export type RecordFault = "ERR_LINE_EMPTY" | "ERR_LINE_JSON" | "ERR_LINE_FIELD" | "ERR_LINE_TOO_LONG";

/** The sealed result of a record, or the reason why it is missing. */
export function sealedOf(record: string, place: Place): { readonly sealed: string } | { readonly fault: RecordFault } {
  if (record.trim() === "") return { fault: "ERR_LINE_EMPTY" };
  if (place.kind === "line") return { sealed: unquoted(record.trim()) };
  if (place.kind === "column") {
    const sealed = csvFields(record)[place.index]?.trim();
    return sealed === undefined || sealed === "" ? { fault: "ERR_LINE_FIELD" } : { sealed };
  }
  let value = parseJson(record);
  if (typeof value !== "object" || value === null) return { fault: "ERR_LINE_JSON" };
  for (const name of place.path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return { fault: "ERR_LINE_FIELD" };
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === "string" && value !== "" ? { sealed: value } : { fault: "ERR_LINE_FIELD" };
}

/** Removes the quotation marks of a JSON string. Base64 contains no quotation marks or escapes. */
function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

/** The fields of a CSV record (RFC 4180). A quotation mark within an unquoted field is an ordinary character. */
export function csvFields(record: string): string[] {
  const fields: string[] = [];
  for (let start = 0; start <= record.length;) {
    if (record[start] === '"') {
      let end = start + 1;
      while (end < record.length && (record[end] !== '"' || record[end + 1] === '"')) {
        end += record[end] === '"' ? 2 : 1;
      }
      const comma = record.indexOf(",", end);
      const next = comma < 0 ? record.length : comma;
      fields.push(record.slice(start + 1, end).replaceAll('""', '"') + record.slice(end + 1, next).trimEnd());
      start = next + 1;
    } else {
      const comma = record.indexOf(",", start);
      const next = comma < 0 ? record.length : comma;
      fields.push(record.slice(start, next));
      start = next + 1;
    }
  }
  return fields;
}
