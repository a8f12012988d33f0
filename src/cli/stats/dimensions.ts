/**
 * What events can be grouped by.
 *
 * @module
 */

import type { EventRow } from "../../event/row.ts";
import { nearest } from "../../nearest.ts";
import { CommandError } from "../command.ts";

/** A column of groups. */
export interface Dimension {
  readonly name: string;
  /** Whether its values are times, which are shown in their order instead of by their number of events. */
  readonly isTime: boolean;
  /** The value of a row; `null` where it is unknown. */
  of(row: EventRow): string | null;
}

/** The names of the columns that group as they are. */
const COLUMNS = [
  "bot",
  "vpn",
  "proxy",
  "tor",
  "tampering",
  "incognito",
  "suspect_score",
  "country",
  "asn",
  "replayed",
  "key_id",
] as const satisfies readonly (keyof EventRow)[];

const DIMENSIONS: readonly Dimension[] = [
  // A time is text such as 2026-11-29T10:00:00.000Z.
  { name: "month", isTime: true, of: ({ time }) => time?.slice(0, 7) ?? null },
  { name: "day", isTime: true, of: ({ time }) => time?.slice(0, 10) ?? null },
  { name: "hour", isTime: true, of: ({ time }) => time === null ? null : `${time.slice(0, 13)}:00Z` },
  ...COLUMNS.map((name): Dimension => ({
    name,
    isTime: false,
    of: ({ [name]: value }) => value === null ? null : String(value),
  })),
  // The query and the fragment often belong to one visit only.
  { name: "page", isTime: false, of: ({ url }) => url?.split(/[?#]/, 1)[0] ?? null },
];

export const DIMENSION_NAMES: readonly string[] = DIMENSIONS.map(({ name }) => name);

const MAX_BREAKDOWNS = 4;
const MAX_DIMENSIONS = 4;

/**
 * Parses the values of `--by`, each of which is a breakdown: names that are separated by commas.
 *
 * @throws {CommandError} When a name is unknown or given twice, or when there are too many.
 */
export function parseBreakdowns(texts: readonly string[]): readonly (readonly Dimension[])[] {
  if (texts.length > MAX_BREAKDOWNS) throw new CommandError(`--by can be given ${MAX_BREAKDOWNS} times at most`);
  return texts.map((text) => {
    const names = text.split(",").map((name) => name.trim());
    if (names.length > MAX_DIMENSIONS) throw new CommandError(`--by takes ${MAX_DIMENSIONS} columns at most`);
    if (new Set(names).size < names.length) throw new CommandError("--by names a column twice");
    return names.map((name) => DIMENSIONS.find((each) => each.name === name) ?? refuse(name));
  });
}

function refuse(name: string): never {
  const near = name === "url" ? "page" : nearest(name, DIMENSION_NAMES);
  const shown = JSON.stringify(name.slice(0, 40));
  throw new CommandError(
    `--by cannot group by ${shown}: ${
      near === undefined ? `the columns are ${DIMENSION_NAMES.join(", ")}` : `did you mean ${near}?`
    }`,
  );
}
