/**
 * `--keep` and `--keep-all`: which other columns of the input the rows have, and under which names.
 *
 * @module
 */

import { type Arguments, CommandError } from "../command.ts";
import { columnsOf, type Form } from "./form.ts";

/** A column of the input. */
export interface KeptColumn {
  /** Its name in the input; in JSON, the path of a field. */
  readonly from: string;
  /** Its name in the output. */
  readonly name: string;
}

/** The columns to keep, as the options name them. */
export interface Keep {
  readonly columns: readonly KeptColumn[];
  /** Whether all other columns are kept, too. */
  readonly all: boolean;
  /** The names that no further column can have, in lower case, because SQL ignores case. */
  readonly taken: readonly string[];
}

/** A name, or two with `=` between them. A name in quotation marks is written as in CSV. */
const ITEM = /(?:"((?:[^"]|"")*)"|([^",=]*))(?:=(?:"((?:[^"]|"")*)"|([^",=]*)))?(,|$)/y;

/**
 * @returns `undefined` when nothing is kept.
 * @throws {CommandError} When names are malformed, given twice, or names of the output's own columns.
 */
export function keepOf(args: Arguments, form: Form): Keep | undefined {
  const all = args.flag("keep-all");
  const columns = args.list("keep").flatMap(parseNames);
  if (!all && columns.length === 0) return undefined;
  if (!form.summary) throw new CommandError("--keep and --keep-all need --summary; --v4 adds the whole event to it");
  if (args.text("column") === undefined && args.text("field") === undefined) {
    throw new CommandError("--keep and --keep-all need --column or --field: a line has no other columns");
  }
  if (all && form.csv && args.text("column") === undefined) {
    throw new CommandError("--keep-all cannot write CSV from JSON, which has no header: name the fields with --keep");
  }
  const twice = columns.find(({ from }, place) => columns.findIndex((other) => other.from === from) < place);
  if (twice !== undefined) throw new CommandError(`--keep names ${twice.from} twice`);
  const taken = columnsOf(form);
  for (const { from, name } of columns) {
    refuseTaken(from, name, taken);
    taken.push(name.toLowerCase());
  }
  return { columns, all, taken };
}

/** @throws {CommandError} When the output has a column `name` already. */
function refuseTaken(from: string, name: string, taken: readonly string[]): void {
  if (!taken.includes(name.toLowerCase())) return;
  throw new CommandError(
    `the column ${name} is also one of the output: keep it under another name, --keep ${quoted(from)}=NAME`,
  );
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'"${name.replaceAll('"', '""')}"'`;
}

function parseNames(list: string): KeptColumn[] {
  const columns: KeptColumn[] = [];
  for (ITEM.lastIndex = 0;;) {
    const found = ITEM.exec(list);
    const [, quotedFrom, plainFrom, quotedName, plainName, separator] = found ?? [];
    const from = nameIn(quotedFrom, plainFrom);
    const name = nameIn(quotedName, plainName) ?? from;
    if (from === undefined || name === undefined || name === "" || (from === "" && plainFrom !== undefined)) {
      throw new CommandError(
        "--keep takes names separated by commas, each alone or as OLD=NEW. Put a name with a comma, an equals sign or a " +
          `quotation mark in quotation marks: --keep 'a,"b, c"=d'`,
      );
    }
    columns.push({ from, name });
    if (separator === "") return columns;
  }
}

function nameIn(quotedName: string | undefined, plainName: string | undefined): string | undefined {
  return (quotedName?.replaceAll('""', '"') ?? plainName)?.trim();
}

/** A kept column and its index in the header of CSV; 0 for a field of JSON. */
export interface PlacedColumn extends KeptColumn {
  readonly index: number;
}

/** The kept columns of an input whose beginning was read. */
export interface PlacedKeep extends Keep {
  readonly columns: readonly PlacedColumn[];
  /** The number of columns in the header of CSV; 0 for JSON. */
  readonly width: number;
}

/** The kept fields of JSON, which has no header. */
export function placeFields(keep: Keep): PlacedKeep {
  return { ...keep, columns: keep.columns.map((column) => ({ ...column, index: 0 })), width: 0 };
}

/**
 * Finds the kept columns of CSV by its header.
 *
 * @param sealed The index of the column with the sealed result, which `--keep-all` leaves out.
 * @param indexOf Finds a name, and throws when it is missing or repeated.
 * @throws {CommandError} When a column cannot be kept under its name.
 */
export function placeColumns(
  keep: Keep,
  names: readonly string[],
  sealed: number,
  indexOf: (name: string) => number,
): PlacedKeep {
  const named = keep.columns.map((column) => ({ ...column, index: indexOf(column.from) }));
  const taken = [...keep.taken];
  const others = !keep.all ? [] : names.flatMap((name, index) => {
    if (index === sealed || named.some((column) => column.index === index)) return [];
    if (name === "") {
      throw new CommandError(`its header has no name for column ${index + 1}: list the columns to keep with --keep`);
    }
    indexOf(name);
    refuseTaken(name, name, taken);
    taken.push(name.toLowerCase());
    return [{ from: name, name, index }];
  });
  return {
    ...keep,
    columns: [...named, ...others].sort((one, other) => keep.all ? one.index - other.index : 0),
    width: names.length,
  };
}
