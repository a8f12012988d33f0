/**
 * The form of a batch's output: events, or rows of a table as NDJSON or CSV.
 *
 * @module
 */

import { EVENT_COLUMNS } from "../../event/row.ts";
import { type Arguments, CommandError } from "../command.ts";

export interface Form {
  /** One flat row for each record, instead of its event. */
  readonly summary: boolean;
  /** Events in the shape of v4: instead of the event as it was sealed, or in a column of the row. */
  readonly v4: boolean;
  readonly csv: boolean;
  /** Whether the CSV is converted to Parquet at the end. */
  readonly parquet: boolean;
  /** Whether the CSV is for a spreadsheet: see `csvCell`. */
  readonly spreadsheet: boolean;
}

/** Reads the form from the options, and from the name of the output. */
export function formOf(args: Arguments, output: string): Form {
  const [parquet, spreadsheet] = [/\.parquet$/i.test(output), args.flag("spreadsheet")];
  if (parquet && (args.flag("csv") || spreadsheet)) throw new CommandError("--csv and Parquet exclude each other");
  const csv = parquet || args.flag("csv") || /\.csv(?:\.gz)?$/i.test(output);
  const summary = parquet || args.flag("summary"); // Parquet has rows of a table only
  if (csv && !summary) throw new CommandError("CSV needs --summary: an event is no row of a table");
  if (spreadsheet && !csv) throw new CommandError("--spreadsheet needs CSV: --csv, or an OUT that ends in .csv");
  return { summary, v4: args.flag("v4"), csv, parquet, spreadsheet };
}

/** The columns of a row before those of `--keep`. */
export function columnsOf({ v4 }: Form): string[] {
  return ["row", ...EVENT_COLUMNS.map(({ name }) => name), ...v4 ? ["event"] : []];
}
