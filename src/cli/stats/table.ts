/**
 * Statistics as tables of text, with bars at a terminal.
 *
 * @module
 */

import { bold, dim, forTerminal, grouped, red } from "../output.ts";
import { type Counts, METRICS } from "./counts.ts";
import { notesOf, selectGroups, shareOf, signalRows } from "./shown.ts";
import type { Breakdown, Statistics } from "./statistics.ts";
import type { Count } from "./visitors.ts";

/** A cell: its text, which is padded, and then the style. */
interface Cell {
  readonly text: string;
  readonly isNumber?: boolean;
  readonly style?: (text: string) => string;
}

/** A label is cut after this many characters; in a narrow terminal earlier, so that bars fit beside it. */
const [MAX_LABEL, MAX_NARROW_LABEL] = [40, 24];
const NARROW_COLUMNS = 120;
const [MIN_BAR, MAX_BAR] = [8, 40];
/** The counts of a group that fit into a line. */
const SHOWN_METRICS = METRICS.filter(({ name }) => ["bad_bots", "vpn_events"].includes(name));

/**
 * @param top The most groups of a breakdown.
 * @param columns The width of the terminal; `undefined` for no bars.
 */
export function renderTables(statistics: Statistics, top: number, columns: number | undefined): string {
  const { records, events, failed, visitors, firstTime, lastTime, failures, keys, breakdowns } = statistics;
  const times = firstTime === undefined ? "" : `, from ${shownTime(firstTime)} to ${shownTime(lastTime ?? "")} UTC`;
  const failing = failed === 0 ? "" : red(`${grouped(failed)} of ${grouped(records)} records failed`);
  const heading = `${bold(`${grouped(events)} events, ${countText(visitors)} visitors`)}${times}\n${
    failing === "" ? "" : `${failing}\n`
  }`;
  const sections = [
    events === 0 ? "" : signalTable(statistics),
    ...breakdowns.filter(({ groups }) => groups.length > 0).map((each) => breakdownTable(each, top, columns)),
    pairTable("key", "events", keys),
    pairTable("failed", "records", failures),
    notesOf(visitors, breakdowns).map((note) => `${dim(note)}\n`).join(""),
  ];
  return [heading, ...sections].filter((section) => section !== "").join("\n");
}

function signalTable(statistics: Statistics): string {
  return render([
    titles(["signal"], ["events", "share", "unknown"]),
    ...signalRows(statistics).map(({ name, yes, unknown }): Cell[] => [
      { text: name },
      numberCell(grouped(yes)),
      numberCell(shareOf(yes, statistics.events - unknown)),
      numberCell(unknown === 0 ? "" : grouped(unknown)),
    ]),
  ]);
}

function breakdownTable(breakdown: Breakdown, top: number, columns: number | undefined): string {
  const { groups, rest } = selectGroups(breakdown, top);
  const names = breakdown.dimensions.map(({ name }) => name);
  const rows = [
    ...groups.map(({ values, ...group }) => ({ labels: values.map((value) => labelOf(value, columns)), ...group })),
    ...rest === undefined ? [] : [{ ...rest, labels: [rest.label, ...names.slice(1).map(() => "")] }],
  ];
  const lines = [
    titles(names, ["events", "visitors", ...SHOWN_METRICS.flatMap(({ title }) => [title, ""])]),
    ...rows.map(({ labels, counts, visitors }): Cell[] => [
      ...labels.map((text) => ({ text })),
      numberCell(grouped(counts.events)),
      numberCell(visitors === undefined ? "" : countText(visitors)),
      ...SHOWN_METRICS.flatMap(({ name }) => [
        numberCell(grouped(counts[name])),
        { ...numberCell(shareOf(counts[name], counts.events)), style: dim },
      ]),
    ]),
  ];
  const room = columns === undefined ? 0 : Math.min(MAX_BAR, columns - widthOf(lines) - 3);
  if (room < MIN_BAR) return render(lines);
  const most = Math.max(...groups.map(({ counts }) => counts.events));
  const bars = rows.map(({ counts }, index) => index < groups.length ? barOf(counts, most, room) : "");
  return render(lines, ["", ...bars]);
}

/** A bar of all events, which begins with the bad bots. */
function barOf({ events, bad_bots: badBots }: Counts, most: number, room: number): string {
  const length = Math.max(1, Math.round(events / most * room));
  const bad = Math.min(length, Math.ceil(badBots / most * room));
  return `${red("█".repeat(bad))}${"█".repeat(length - bad)}`;
}

function pairTable(name: string, counted: string, pairs: readonly (readonly [string, number])[]): string {
  if (pairs.length === 0) return "";
  return render([
    titles([name], [counted]),
    ...pairs.map(([text, count]) => [{ text: labelOf(text) }, numberCell(grouped(count))]),
  ]);
}

function titles(labels: readonly string[], numbers: readonly string[]): Cell[] {
  return [
    ...labels.map((text) => ({ text, style: bold })),
    ...numbers.map((text) => ({ ...numberCell(text), style: bold })),
  ];
}

function numberCell(text: string): Cell {
  return { text, isNumber: true };
}

function render(rows: readonly (readonly Cell[])[], ends: readonly string[] = []): string {
  const widths = widthsOf(rows);
  return rows.map((row, index) => {
    const cells = row.map(({ text, isNumber, style }, column) => {
      const width = widths[column] ?? 0;
      const padded = isNumber === true ? text.padStart(width) : text.padEnd(width);
      return style === undefined || text === "" ? padded : style(padded);
    });
    return `${cells.join("  ")}${ends[index] === undefined ? "" : `   ${ends[index]}`}`.trimEnd() + "\n";
  }).join("");
}

function widthsOf(rows: readonly (readonly Cell[])[]): number[] {
  return rows[0]?.map((_, column) => rows.reduce((most, row) => Math.max(most, row[column]?.text.length ?? 0), 0)) ??
    [];
}

function widthOf(rows: readonly (readonly Cell[])[]): number {
  return widthsOf(rows).reduce((sum, width) => sum + width + 2, -2);
}

/** A value on one line, with control characters escaped. */
function labelOf(value: string | null, columns = NARROW_COLUMNS): string {
  const shown = value === null ? "–" : visible(value);
  const most = columns < NARROW_COLUMNS ? MAX_NARROW_LABEL : MAX_LABEL;
  return shown.length <= most ? shown : `${shown.slice(0, most - 1)}…`;
}

/** Escapes control characters, also line breaks and those that change the direction of text. */
export function visible(text: string): string {
  return forTerminal(text.replace(/[\r\n\t]/g, (character) => JSON.stringify(character).slice(1, -1)), {});
}

export function countText({ count, standardError }: Count): string {
  return `${standardError > 0 ? "~" : ""}${grouped(count)}`;
}

/** A time in ISO 8601 as people read it: `2026-11-29 10:00:00`. */
export function shownTime(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}
