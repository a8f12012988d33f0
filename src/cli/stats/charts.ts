/**
 * Charts as plain SVG.
 *
 * @module
 */

import { grouped } from "../output.ts";
import { element, type Markup } from "./markup.ts";

/** A column of a chart. */
export interface Column {
  readonly label: string;
  readonly events: number;
  readonly badBots: number;
}

const [WIDTH, HEIGHT] = [960, 240];
const [LEFT, BOTTOM, TOP] = [64, 24, 8];
const MAX_LABELS = 6;
const GRID_LINES = 4;

/** Columns of events, with the bad bots at their feet. `columns` is not empty. */
export function columnChart(title: string, columns: readonly Column[]): Markup {
  const greatest = columns.reduce((most, { events }) => Math.max(most, events), 1);
  const step = roundStep(greatest / GRID_LINES);
  const lines = Math.ceil(greatest / step);
  const y = (count: number) => rounded(TOP + (HEIGHT - TOP - BOTTOM) * (1 - count / (lines * step)));
  const width = (WIDTH - LEFT) / columns.length;
  const every = Math.ceil(columns.length / MAX_LABELS);

  const grid = Array.from({ length: lines + 1 }, (_, index) => index * step).map((count) => [
    element("line", { x1: LEFT, x2: WIDTH, y1: y(count), y2: y(count) }),
    element("text", { class: "end", x: LEFT - 8, y: y(count) + 4 }, grouped(count)),
  ]);
  const bars = columns.map(({ label, events, badBots }, index) => {
    const [x, middle] = [LEFT + (index + 0.1) * width, LEFT + (index + 0.5) * width].map(rounded) as [number, number];
    const rect = (name: string, from: number, to: number) =>
      element("rect", { class: name, x, y: y(to), width: rounded(0.8 * width), height: rounded(y(from) - y(to)) });
    return [
      element(
        "g",
        {},
        element("title", {}, `${label}: ${grouped(events)} events, ${grouped(badBots)} bad bots`),
        rect("events", badBots, events),
        rect("bad", 0, badBots),
      ),
      index % every === 0 ? element("text", { x: middle, y: HEIGHT - 6 }, label) : [],
    ];
  });
  const attributes = { class: "columns", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title };
  return element("svg", attributes, grid, bars);
}

/** A bar of events, which begins with the bad bots, as a share of the longest bar. */
export function bar(events: number, badBots: number, most: number): Markup {
  const rect = (name: string, count: number) =>
    element("rect", { class: name, width: most === 0 ? 0 : rounded(count / most * 100), height: 10 });
  const attributes = { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" };
  return element("svg", attributes, rect("events", events), rect("bad", badBots));
}

/** The least of 1, 2, 5, 10, 20, 50, … that is not less than `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
