/**
 * The values of the kept columns in a record.
 *
 * @module
 */

import type { Keep, PlacedColumn } from "./keep.ts";
import { firstName, memberAt, membersWithin } from "./members.ts";
import { csvText } from "./records.ts";

/** A value of a kept column: text, the text of a JSON value, or `null` if the record lacks it. */
export type KeptValue = { readonly text: string } | { readonly json: string } | null;

/** The kept columns of a record, in order, by their names in the output. */
export type Kept = readonly (readonly [name: string, value: KeptValue])[];

/**
 * The kept columns of a CSV record.
 *
 * @param valueAt Returns the field of an index as it is written, `undefined` if the record has fewer.
 */
export function keptOfCsv(columns: readonly PlacedColumn[], valueAt: (index: number) => string | undefined): Kept {
  return columns.map(({ name, index }) => [name, csvValue(valueAt(index))]);
}

/** An empty field is `null`, and `""` is empty text. Blanks belong to a field that is not in quotation marks. */
function csvValue(field: string | undefined): KeptValue {
  if (field === undefined) return null;
  if (field.startsWith('"')) return { text: csvText(field) };
  const text = field.replace(/\r$/, ""); // of CR LF
  return text === "" ? null : { text };
}

/**
 * The kept fields of a JSON record.
 *
 * @param json Valid JSON, without blanks around it.
 * @param sealed The path of the sealed result.
 * @returns `undefined` when a field cannot be kept under its name, because the output has another column of that name.
 */
export function keptOfJson({ columns, all, taken }: Keep, json: string, sealed: string): Kept | undefined {
  const members = membersWithin(json);
  const kept: [string, KeptValue][] = columns.map(({ from, name }) => [name, jsonValue(memberAt(members, from))]);
  if (!all || members === undefined) return kept;
  const others = new Set(columns.map(({ from }) => from)).add(firstName(members, sealed) ?? sealed);
  for (const [name, value] of members) {
    if (others.has(name)) continue;
    if (taken.includes(name.toLowerCase())) return undefined;
    kept.push([name, jsonValue(value)]);
  }
  return kept;
}

function jsonValue(json: string | undefined): KeptValue {
  return json === undefined || json === "null" ? null : { json };
}

/** The kept columns of a record that lacks all of them. */
export function keptOfNothing(columns: readonly { readonly name: string }[]): Kept {
  return columns.map(({ name }) => [name, null]);
}
