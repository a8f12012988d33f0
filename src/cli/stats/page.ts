/**
 * Statistics as one page of HTML with charts, which needs no network and runs no script.
 *
 * @module
 */

import { grouped } from "../output.ts";
import { bar, type Column, columnChart } from "./charts.ts";
import { type Content, element, type Markup, styleElement } from "./markup.ts";
import { METRICS } from "./counts.ts";
import { notesOf, selectGroups, shareOf, type ShownGroup, signalRows } from "./shown.ts";
import type { Breakdown, Statistics } from "./statistics.ts";
import { countText, shownTime } from "./table.ts";

/** More columns would be too narrow to see. */
const MAX_COLUMNS = 400;

/**
 * @param names The names of the archives.
 * @param top The most groups of a breakdown.
 */
export function renderPage(statistics: Statistics, names: readonly string[], top: number): string {
  const { events, visitors, firstTime, lastTime, failures, keys, breakdowns } = statistics;
  const times = firstTime === undefined ? "" : `${shownTime(firstTime)} to ${shownTime(lastTime ?? "")} UTC`;
  const title = `Sealed results: ${names.join(", ")}`;
  // Nothing can be loaded or run, even if a value were not escaped.
  const policy = { "http-equiv": "Content-Security-Policy", content: "default-src 'none'; style-src 'unsafe-inline'" };
  const head = [
    element("meta", { charset: "utf-8" }),
    element("meta", policy),
    element("meta", { name: "viewport", content: "width=device-width" }),
    element("title", {}, title),
    styleElement(STYLE),
  ];
  const main = [
    element("h1", {}, "Sealed results"),
    element("p", {}, names.join(", "), element("br"), times),
    tiles(statistics),
    breakdowns.filter(({ groups }) => groups.length > 0).map((each) => breakdownSection(each, top)),
    section("Signals", [
      row("th", "signal", ["events", "share", "unknown"], ""),
      ...signalRows(statistics).map(({ name, yes, unknown }) => {
        const known = events - unknown;
        return row("td", name, [grouped(yes), shareOf(yes, known), grouped(unknown)], bar(yes, 0, known));
      }),
    ]),
    pairSection("Keys", "key", "events", keys),
    pairSection("Failures", "error", "records", failures),
    element(
      "footer",
      {},
      notesOf(visitors, breakdowns).map((note) => element("p", {}, note)),
      element("p", {}, "Made by unseal stats. All times are in UTC."),
    ),
  ];
  return `<!doctype html>\n${element("html", { lang: "en" }, head, element("main", {}, main))}\n`;
}

function tiles({ records, events, failed, visitors, bots, signals }: Statistics): Markup {
  const tile = (title: string, value: string, note: string) =>
    element("div", {}, element("dt", {}, title), element("dd", {}, value), element("dd", { class: "note" }, note));
  const opened = failed === 0 ? "no record failed" : `${grouped(failed)} of ${grouped(records)} records failed`;
  return element(
    "dl",
    {},
    tile("events", grouped(events), opened),
    tile("visitors", countText(visitors), visitors.standardError === 0 ? "counted exactly" : "estimated"),
    tile("bad bots", grouped(bots.bad), shareOf(bots.bad, events - bots.unknown)),
    tile("VPN", grouped(signals.vpn.yes), shareOf(signals.vpn.yes, events - signals.vpn.unknown)),
  );
}

function breakdownSection(breakdown: Breakdown, top: number): Markup {
  const { groups, rest } = selectGroups(breakdown, top);
  const names = breakdown.dimensions.map(({ name }) => name);
  const title = `By ${names.join(", ")}`;
  const most = groups.reduce((most, { counts }) => Math.max(most, counts.events), 0);
  const cells = ({ counts, visitors }: Omit<ShownGroup, "values">) => [
    grouped(counts.events),
    visitors === undefined ? "" : countText(visitors),
    ...METRICS.map(({ name }) => grouped(counts[name])),
  ];
  const legend = ["events", "bad"].map((name) =>
    element("span", { class: `key ${name}` }, name === "bad" ? "bad bots" : name)
  );
  const columns = columnsOf(breakdown);
  return section(
    title,
    [
      row("th", names, ["events", "visitors", ...METRICS.map(({ title }) => title)], legend),
      ...groups.map((group) => {
        const { events, bad_bots } = group.counts;
        return row("td", group.values.map((value) => value ?? "–"), cells(group), bar(events, bad_bots, most));
      }),
      ...rest === undefined ? [] : [row("td", [rest.label, ...names.slice(1).map(() => "")], cells(rest), "")],
    ],
    columns.length > 1 ? columnChart(`Events ${title.toLowerCase()}`, columns) : [],
  );
}

function pairSection(title: string, name: string, counted: string, pairs: readonly (readonly [string, number])[]) {
  if (pairs.length === 0) return [];
  return section(title, [
    row("th", name, [counted], ""),
    ...pairs.map(([text, count]) => row("td", text, [grouped(count)], "")),
  ]);
}

function section(title: string, rows: readonly Markup[], chart: Content = []): Markup {
  return element(
    "section",
    {},
    element("h2", {}, title),
    chart,
    element("div", { class: "scroll" }, element("table", {}, rows)),
  );
}

function row(name: "th" | "td", labels: string | readonly string[], numbers: readonly string[], bar: Content): Markup {
  return element(
    "tr",
    {},
    [labels].flat().map((label) => element(name, { class: "label" }, label)),
    element(name, { class: "wide" }, bar),
    numbers.map((number) => element(name, {}, number)),
  );
}

/** The columns of the chart of a breakdown by one time; of any other, none. */
function columnsOf({ dimensions: [dimension, ...others], groups }: Breakdown): readonly Column[] {
  if (dimension === undefined || !dimension.isTime || others.length > 0) return [];
  const columns = groups.flatMap(({ values: [label], events, bad_bots: badBots }) =>
    label === null || label === undefined ? [] : [{ label, events, badBots }]
  );
  return withGaps(dimension.name, columns).slice(-MAX_COLUMNS);
}

/** Adds the times without events, so that a column's place is its time; not if there would be too many. */
function withGaps(unit: string, columns: readonly Column[]): readonly Column[] {
  const byLabel = new Map(columns.map((column) => [column.label, column]));
  const last = columns.at(-1)?.label ?? "";
  const filled: Column[] = [];
  let label = columns[0]?.label ?? "";
  for (; label <= last && filled.length <= MAX_COLUMNS; label = nextOf(unit, label)) {
    filled.push(byLabel.get(label) ?? { label, events: 0, badBots: 0 });
  }
  return filled.length > MAX_COLUMNS ? columns : filled;
}

/** The label of the next month, day or hour. */
function nextOf(unit: string, label: string): string {
  const time = new Date(unit === "hour" ? label.replace("Z", ":00Z") : unit === "day" ? label : `${label}-01`);
  if (unit === "hour") time.setUTCHours(time.getUTCHours() + 1);
  else if (unit === "day") time.setUTCDate(time.getUTCDate() + 1);
  else time.setUTCMonth(time.getUTCMonth() + 1);
  const next = time.toISOString();
  return unit === "hour" ? `${next.slice(0, 13)}:00Z` : next.slice(0, unit === "day" ? 10 : 7);
}

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1e21; --dim: #5c636b; --line: #dfe3e7; --events: #3d7ab8; --bad: #c8402c; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181b; --ink: #e6e8ea; --dim: #a0a8b0; --line: #33393f; --events: #5f9bd8; --bad: #ef6a54; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
p, footer, .note { color: var(--dim); margin: 0.25rem 0; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1rem; margin: 1.5rem 0; }
dl div { border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 1rem; }
dt { color: var(--dim); }
dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums; }
dd.note { font-size: 0.85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.2rem 0.6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--dim); font-weight: 500; }
.label { text-align: left; white-space: normal; min-width: 10.5rem; }
.wide { width: 30%; min-width: 11rem; text-align: left; }
.key { border-left: 0.7em solid var(--events); padding-left: 0.3em; margin-right: 1em; }
.key.bad { border-color: var(--bad); }
rect.events { fill: var(--events); }
rect.bad { fill: var(--bad); }
.bar { display: block; width: 100%; height: 0.8em; }
.columns { width: 100%; height: auto; margin-bottom: 1rem; overflow: visible; }
.columns line { stroke: var(--line); }
.columns text { fill: var(--dim); font-size: 11px; text-anchor: middle; }
.columns text.end { text-anchor: end; }
@media print { main { max-width: none; } }
`;
