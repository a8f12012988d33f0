/**
 * The charts, drawn by Apache ECharts as SVG: each once for light and once for dark pages.
 *
 * ECharts is installed in `bench/` only; the types of the part that is used are declared here.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT } from "../../tests/runtimes/project.ts";
import type { ContestantInfo } from "../contestant.ts";
import { findCell, type Results, type RuntimeDocument, titleOf } from "./documents.ts";

interface ECharts {
  init(
    element: null,
    theme: null,
    options: { readonly renderer: "svg"; readonly ssr: true; readonly width: number; readonly height: number },
  ): { setOption(option: unknown): void; renderToSVGString(): string; dispose(): void };
}

/** Groups of bars, one group for each runtime. */
interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  /** Microseconds by contestant; `undefined` where the runtime has no such measurement. */
  timesOf(document: RuntimeDocument): Readonly<Record<string, number>> | undefined;
  /** The value that is drawn. */
  valueOf(microseconds: number): number;
}

const KIB = 1024;

const CHARTS: Readonly<Record<string, BarChart>> = {
  unseal: {
    title: "One unseal of a 4 KB event",
    subtitle: "microseconds, serial, warm: less is better",
    timesOf: (document) => mediansOf(findCell(document, "unseal", "v4, serial", 4 * KIB)?.times, 1),
    valueOf: (microseconds) => microseconds,
  },
  inflate: {
    title: "Inflating events of 4 KB",
    subtitle: "megabytes of JSON a second: more is better",
    timesOf: (document) => mediansOf(findCell(document, "inflate", "events", 4 * KIB)?.times, 1),
    valueOf: (microseconds) => 4 * KIB / microseconds,
  },
  latency: {
    title: "One unseal of a 1 KB event on an idle host",
    subtitle: "microseconds, median latency after a pause: less is better",
    timesOf: ({ latency }) => mediansOf(latency.find(({ host, bytes }) => host === "idle" && bytes === KIB)?.times, 0),
    valueOf: (microseconds) => microseconds,
  },
};

function mediansOf(
  times: Readonly<Record<string, readonly number[]>> | undefined,
  place: number,
): Readonly<Record<string, number>> | undefined {
  return times && Object.fromEntries(Object.entries(times).map(([name, values]) => [name, values[place] ?? NaN]));
}

/** Whether ECharts is installed. */
export function canDraw(): boolean {
  return existsSync(join(ROOT, "bench/node_modules/echarts"));
}

/** All charts by file name. */
export function drawCharts(results: Results): Record<string, string> {
  const echarts: ECharts = createRequire(join(ROOT, "bench/package.json"))("echarts");
  return Object.fromEntries(
    Object.entries(CHARTS).flatMap(([name, chart]) =>
      (["light", "dark"] as const).map((theme) => [`${name}-${theme}.svg`, draw(echarts, chart, results, theme)])
    ),
  );
}

/** The series of a chart: contestants that have a colour and were measured; of those with one name the fastest. */
function seriesOf({ timesOf, valueOf }: BarChart, documents: readonly RuntimeDocument[]) {
  const drawn = new Map<string, ContestantInfo[]>();
  for (const contestant of documents[0]?.contestants ?? []) {
    if (contestant.colour === undefined) continue;
    if (!documents.some((document) => contestant.name in (timesOf(document) ?? {}))) continue;
    const name = contestant.chartName ?? contestant.name;
    drawn.set(name, [...drawn.get(name) ?? [], contestant]);
  }
  return [...drawn].map(([name, contestants]) => ({
    name,
    colour: contestants[0]?.colour,
    values: documents.map((document) => {
      const times = contestants.flatMap((contestant) => timesOf(document)?.[contestant.name] ?? []);
      if (times.length === 0) return null;
      const value = valueOf(Math.min(...times));
      return Number(value.toPrecision(value >= 100 ? 3 : 2));
    }),
  }));
}

const THEMES = {
  light: { text: "#1f2328", faint: "#59636e", line: "#d1d9e0" },
  dark: { text: "#f0f6fc", faint: "#9198a1", line: "#3d444d" },
};

function draw(echarts: ECharts, chart: BarChart, { runtimes }: Results, theme: keyof typeof THEMES): string {
  const { text, faint, line } = THEMES[theme];
  const documents = runtimes.filter((document) => chart.timesOf(document) !== undefined);
  const series = seriesOf(chart, documents);
  const drawing = echarts.init(null, null, { renderer: "svg", ssr: true, width: 860, height: 340 });
  drawing.setOption({
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    title: {
      text: chart.title,
      subtext: chart.subtitle,
      left: 4,
      top: 0,
      textStyle: { color: text, fontSize: 15 },
      subtextStyle: { color: faint, fontSize: 12 },
    },
    legend: {
      bottom: 0,
      left: 4,
      itemGap: 30,
      itemWidth: 12,
      itemHeight: 12,
      textStyle: { color: text, fontSize: 12 },
    },
    grid: { left: 12, right: 4, top: 62, bottom: 34, containLabel: true },
    xAxis: {
      type: "category",
      data: documents.map(titleOf),
      axisLabel: { color: text, fontSize: 12, interval: 0 },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    },
    yAxis: { type: "value", axisLabel: { color: faint, fontSize: 11 }, splitLine: { lineStyle: { color: line } } },
    series: series.map(({ name, colour, values }) => ({
      name,
      type: "bar",
      data: values,
      itemStyle: { color: colour?.[theme] },
      barGap: "8%",
      barCategoryGap: "28%",
      label: {
        show: series.length <= 3,
        position: "top",
        color: faint,
        fontSize: 10,
        formatter: ({ value }: { value: number | null }) => value === null ? "" : String(value),
      },
    })),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${withStableNames(svg)}\n`;
}

/**
 * Removes ECharts' numbers of charts and classes, which count up in a process. The classes are for pointer events only.
 */
function withStableNames(svg: string): string {
  return svg.replace(/<style[^]*?<\/style>\n?/, "")
    .replaceAll(/ (class="zr[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="[^"]*")/g, "")
    .replaceAll(/\bzr\d+-/g, "zr-");
}
