/**
 * Finds the sealed result in a record: the record itself, a column of CSV, or a field of JSON in either.
 *
 * @module
 */

import { parseJson } from "../../encoding/json.ts";

/**
 * Why a record has no sealed result. A list of failures has these beside the codes of opening.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_LINE_EMPTY` | the line is empty, or `null` in opened NDJSON |
 * | `ERR_LINE_JSON` | the line or column is not JSON, and `--field` needs JSON |
 * | `ERR_LINE_FIELD` | the field or column is missing, empty or not a string |
 * | `ERR_LINE_COLUMNS` | a value to keep has no name of its own: the line has more columns than the header, or, with `--keep-all`, a field with the name of an output column |
 * | `ERR_LINE_TOO_LONG` | the line has 8 MiB or more |
 */
export type RecordFault =
  | "ERR_LINE_EMPTY"
  | "ERR_LINE_JSON"
  | "ERR_LINE_FIELD"
  | "ERR_LINE_COLUMNS"
  | "ERR_LINE_TOO_LONG";

/** The sealed result of a record, or the reason why it is missing. */
export type Found = { readonly sealed: string } | { readonly fault: RecordFault };

/** @param field The path of the field; the text is then JSON. */
export function sealedIn(text: string, field: string | undefined): Found {
  const trimmed = text.trim();
  if (field !== undefined) return sealedAt(parseJson(trimmed), field);
  // A JSON string may contain escapes: PHP writes `\/`.
  const value = trimmed.startsWith('"') ? parseJson(trimmed) : trimmed;
  return { sealed: typeof value === "string" ? value : trimmed };
}

/**
 * Follows a path of names, separated by dots. A name may contain dots: the longest one that exists counts. Text on the
 * way is parsed as JSON, because logs contain bodies as text.
 */
function sealedAt(root: unknown, field: string): Found {
  let value = root;
  for (let rest: string | undefined = field; rest !== undefined;) {
    if (typeof value === "string") value = parseJson(value);
    if (typeof value !== "object" || value === null) {
      return { fault: value === root ? "ERR_LINE_JSON" : "ERR_LINE_FIELD" };
    }
    let name: string = rest;
    while (!Object.hasOwn(value, name)) {
      const dot = name.lastIndexOf(".");
      if (dot < 0) return { fault: "ERR_LINE_FIELD" };
      name = name.slice(0, dot);
    }
    value = (value as Record<string, unknown>)[name];
    rest = name.length === rest.length ? undefined : rest.slice(name.length + 1);
  }
  return typeof value === "string" && value !== "" ? { sealed: value } : { fault: "ERR_LINE_FIELD" };
}

/** The text of a CSV field. A quotation mark within an unquoted field is an ordinary character. */
export function csvText(field: string): string {
  const text = field.trim();
  if (!text.startsWith('"')) return text;
  const end = Math.max(1, text.lastIndexOf('"'));
  return text.slice(1, end).replaceAll('""', '"') + text.slice(end + 1);
}
