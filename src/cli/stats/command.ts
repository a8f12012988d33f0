/**
 * `unseal stats`: counts what archives contain.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { JOBS_OPTION, jobsOf, PLACE_OPTIONS, placeOf } from "../batch/command.ts";
import { openParquet } from "../batch/parquet.ts";
import { createProgress } from "../batch/progress.ts";
import { openSource } from "../batch/source.ts";
import { type Arguments, CommandError, EXIT, fileError, type Subcommand } from "../command.ts";
import { identityOf, statOf } from "../files.ts";
import { STANDARD } from "../input.ts";
import { KEY_DETAILS, KEY_OPTIONS, readKeys } from "../keys.ts";
import { complain, isDumb, print } from "../output.ts";
import { type Dimension, DIMENSION_NAMES, parseBreakdowns } from "./dimensions.ts";
import { toCsv, toJson } from "./export.ts";
import { notesOf } from "./shown.ts";
import { renderPage } from "./page.ts";
import { type Reading, readRows, ROWS } from "./rows.ts";
import { type Counter, createCounter } from "./statistics.ts";
import { renderTables } from "./table.ts";

/** The most groups of a breakdown that a table and a page show, unless `--top` says otherwise. */
const [TOP_OF_TABLE, TOP_OF_PAGE] = [30, 100];
const MAX_TOP = 10_000;
const DEFAULT_COLUMNS = 80;

export const stats: Subcommand = {
  name: "stats",
  summary: "Counts the events of archives: visitors, bots, VPN, countries, days, keys and failures.",
  usage: "FILE… [options]",
  details:
    `Each FILE, or - for standard input, is an archive of sealed results as unseal batch reads it, or of events that are opened
already, as batch writes them: NDJSON of whole events, or rows of --summary as NDJSON or CSV. Those need no key. All times are UTC.

--by takes columns, separated by commas: ${DIMENSION_NAMES.slice(0, 8).join(", ")},
${DIMENSION_NAMES.slice(8).join(", ")}. Each --by is a table of its own; by default --by day --by country. At most
10,000 groups are counted alone, and later ones together as other. Visitors are counted exactly up to a million, and then
estimated; the output states the standard error. Memory use does not depend on the length of the archives.

${KEY_DETAILS}`,
  options: {
    by: { value: "COL,…", multiple: true, help: "count by these columns" },
    top: { value: "N", help: `show at most N groups: ${TOP_OF_TABLE} by default, ${TOP_OF_PAGE} in a page` },
    json: { help: "print JSON, with all groups" },
    csv: { help: "print the groups of one --by as CSV, all of them; by default --by day" },
    html: {
      value: "FILE",
      help: "also write a page with charts, which needs no network; - prints it instead of tables",
    },
    force: { help: "overwrite the page" },
    ...PLACE_OPTIONS,
    jobs: JOBS_OPTION,
    quiet: { short: "q", help: "no progress" },
    ...KEY_OPTIONS,
  },
  examples: [
    "unseal stats export.csv.gz --column sealed_result --key-file keys.txt",
    "unseal stats events.ndjson.gz --by country,day --csv > countries.csv",
    "unseal stats 2026-*.ndjson --html report.html",
  ],
  maxPositionals: Infinity,
  run,
};

async function run(args: Arguments): Promise<number> {
  const [isJson, isCsv, page] = [args.flag("json"), args.flag("csv"), args.text("html")];
  if (args.positionals.length === 0) throw new CommandError("stats needs an archive: a file, or - for standard input");
  if (page === STANDARD && (isJson || isCsv)) throw new CommandError("--html - excludes --json and --csv");
  if (isJson && isCsv) throw new CommandError("--json and --csv exclude each other");
  const by = args.list("by");
  if (isCsv && by.length > 1) throw new CommandError("--csv needs one --by");
  const top = topOf(args.text("top"));
  const breakdowns = parseBreakdowns(by.length > 0 ? by : isCsv ? ["day"] : ["day", "country"]);
  let keys: ReturnType<typeof readKeys> | undefined;
  const reading: Reading = {
    place: placeOf(args),
    jobs: jobsOf(args.text("jobs"), args.flag("quiet")),
    isQuiet: args.flag("quiet"),
    keys: () => keys ??= readKeys(args),
  };
  checkFiles(args.positionals, page, args.flag("force"));

  const counter = await count(args.positionals, breakdowns, reading);
  const statistics = counter.statistics(keys?.map(({ id = "" }) => id));
  const printNotes = () =>
    notesOf(statistics.visitors, statistics.breakdowns).map((note) => complain(`unseal: ${note}\n`));
  if (page === STANDARD) await print(renderPage(statistics, args.positionals, top ?? TOP_OF_PAGE));
  else if (isJson) await print(toJson(statistics));
  else if (isCsv) {
    await print(statistics.breakdowns.map(toCsv).join(""));
    printNotes();
  } else {
    const { stdout } = process;
    const columns = stdout.isTTY && !isDumb() ? stdout.columns || DEFAULT_COLUMNS : undefined;
    await print(renderTables(statistics, top ?? TOP_OF_TABLE, columns));
  }
  if (page !== undefined && page !== STANDARD) {
    const content = renderPage(statistics, args.positionals, top ?? TOP_OF_PAGE);
    try {
      writeFileSync(page, content, { flag: args.flag("force") || statOf(page) !== undefined ? "w" : "wx" });
    } catch (error) {
      throw fileError("write", page, error);
    }
  }
  return statistics.failed === 0 ? EXIT.success : EXIT.refused;
}

async function count(
  paths: readonly string[],
  breakdowns: readonly (readonly Dimension[])[],
  reading: Reading,
): Promise<Counter> {
  const counter = createCounter(breakdowns);
  const tally = { records: 0, failed: 0, failures: {}, opened: {}, unfound: [] };
  const progress = createProgress(0, 0, reading.isQuiet);
  try {
    for (const [index, path] of paths.entries()) {
      const parquet = await openParquet(path, STANDARD, reading.place, ROWS, undefined);
      const source = parquet?.source ?? await openSource(path);
      try {
        for await (const rows of readRows(source, reading)) {
          for (const row of rows) {
            counter.add(row);
            tally.records++;
            if (row.error !== null) tally.failed++;
          }
          const share = source.share();
          progress.update(tally, share === undefined ? undefined : (index + share) / paths.length);
        }
      } finally {
        source.close();
        parquet?.close();
      }
    }
  } finally {
    progress.clear();
  }
  return counter;
}

function topOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const top = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (top < 1 || top > MAX_TOP) throw new CommandError(`--top must be a whole number from 1 to ${MAX_TOP}`);
  return top;
}

/** @throws {CommandError} When a file is missing or given twice, or the page would overwrite one. */
function checkFiles(paths: readonly string[], page: string | undefined, isForced: boolean): void {
  const seen = new Set<string>();
  for (const path of paths) {
    const stats = path === STANDARD ? undefined : statOf(path);
    if (path !== STANDARD && stats === undefined) {
      throw new CommandError(`Cannot read ${path}: no such file or directory`, EXIT.file);
    }
    const identity = path === STANDARD ? STANDARD : identityOf(path);
    if (identity === undefined) continue;
    if (seen.has(identity)) throw new CommandError(`${path === STANDARD ? "Standard input" : path} is given twice`);
    seen.add(identity);
  }
  if (page === undefined || page === STANDARD) return;
  if (page === "") throw new CommandError("--html needs the name of a file");
  if (seen.has(identityOf(page) ?? "")) throw new CommandError("The page must be another file than the archives");
  if (statOf(page)?.isDirectory() === true) throw new CommandError(`Cannot write ${page}: is a directory`, EXIT.file);
  if (statOf(page)?.isFile() === true && !isForced) throw new CommandError(`${page} exists: --force overwrites it`);
  if (statOf(dirname(page))?.isDirectory() !== true) {
    throw new CommandError(`Cannot write ${page}: no such folder`, EXIT.file);
  }
}
