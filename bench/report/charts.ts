/**
 * The charts, drawn by Apache ECharts as SVG: each once for light and once for dark pages.
 *
 * ECharts is installed in `bench/` alone, so it is looked up there and described here by the little that is used of it.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT } from "../../tests/runtimes/project.ts";
import { fastestOf, findCase, KIB, type Results, STREAMS, titleOf } from "./documents.ts";

/** What a chart shows: groups of bars along the runtimes. */
interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  readonly runtimes: readonly string[];
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

interface ECharts {
  init(
    element: null,
    theme: null,
    options: {
      readonly renderer: "svg";
      readonly ssr: true;
      readonly width: number;
      readonly height: number;
    },
  ): {
    setOption(option: unknown): void;
    renderToSVGString(): string;
    dispose(): void;
  };
}

/** Whether the library that draws is installed. */
export function canDraw(): boolean {
  return existsSync(join(ROOT, "bench/node_modules/echarts"));
}

/** All charts by file name. */
export function drawCharts(results: Results): Record<string, string> {
  const echarts: ECharts = createRequire(join(ROOT, "bench/package.json"))(
    "echarts",
  );
  const charts: Record<string, string> = {};
  for (
    const [name, chart] of [["unseal", unseal(results)], [
      "inflate",
      inflate(results),
    ], ["latency", latency(results)]] as const
  ) {
    for (const theme of ["light", "dark"] as const) {
      charts[`${name}-${theme}.svg`] = draw(echarts, chart, theme);
    }
  }
  return charts;
}

const THEMES = {
  light: { text: "#1f2328", faint: "#59636e", line: "#d1d9e0" },
  dark: { text: "#f0f6fc", faint: "#9198a1", line: "#3d444d" },
};

/** Ours is blue; each of the others has a hue of its own. For light pages, and for dark ones. */
const COLOURS: Readonly<Record<string, { readonly light: string; readonly dark: string }>> = {
  "ours": { light: "#0969da", dark: "#4493f8" },
  "ours with ./node-cipher": { light: "#54aeff", dark: "#a5d6ff" },
  "official SDK 7": { light: "#818b98", dark: "#848d97" },
  "node:zlib": { light: "#1a7f37", dark: "#3fb950" },
  "fflate": { light: "#bc4c00", dark: "#db6d28" },
  "pako": { light: "#8250df", dark: "#ab7df8" },
  "tiny-inflate": { light: "#bf8700", dark: "#d29922" },
  "DecompressionStream": { light: "#818b98", dark: "#848d97" },
};

const WIDTH = 860;
const HEIGHT = 340;

function draw(
  echarts: ECharts,
  { title, subtitle, runtimes, series }: BarChart,
  theme: "light" | "dark",
): string {
  const { text, faint, line } = THEMES[theme];
  const chart = echarts.init(null, null, {
    renderer: "svg",
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  });
  const font = "system-ui, sans-serif";
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: font },
    title: {
      text: title,
      subtext: subtitle,
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
      data: runtimes,
      axisLabel: { color: text, fontSize: 12, interval: 0 },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      axisLabel: { color: faint, fontSize: 11 },
      splitLine: { lineStyle: { color: line } },
    },
    series: series.map(({ name, values }) => ({
      name,
      type: "bar",
      data: values,
      itemStyle: { color: COLOURS[name]?.[theme] },
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
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${withStableNames(svg)}\n`;
}

/** ECharts numbers charts and classes through the life of a process; the classes are for pointers, which an image has not. */
function withStableNames(svg: string): string {
  return svg.replace(/<style[^]*?<\/style>\n?/, "")
    .replaceAll(/ (class="zr[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="[^"]*")/g, "")
    .replaceAll(/\bzr\d+-/g, "zr-");
}

function toDigits(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(value >= 100 ? 3 : 2));
}

const WHO = ["ours", "ours, node-cipher", "SDK 7", "floor"] as const;
const NAMES: Readonly<Record<string, string>> = {
  "ours": "ours",
  "ours, node-cipher": "ours with ./node-cipher",
  "SDK 7": "official SDK 7",
};

function unseal({ runtimes }: Results): BarChart {
  return {
    title: "One unseal of a 4 KB event",
    subtitle: "microseconds, serial, warm: less is better",
    runtimes: runtimes.map(titleOf),
    series: WHO.slice(0, 3).map((name) => ({
      name: NAMES[name] ?? name,
      values: runtimes.map((document) =>
        toDigits(
          findCase(document, "unseal", "v4, serial", 4 * KIB)?.timings[name]
            ?.median,
        )
      ),
    })),
  };
}

function latency({ runtimes }: Results): BarChart {
  const measured = runtimes.filter((document) => document.latency.length > 0);
  return {
    title: "One unseal of a 1 KB event on an idle host",
    subtitle: "microseconds, median latency after a pause: less is better",
    runtimes: measured.map(titleOf),
    series: WHO.slice(0, 3).map((name) => ({
      name: NAMES[name] ?? name,
      values: measured.map(({ latency }) =>
        toDigits(
          latency.find(({ host, bytes }) => host === "idle" && bytes === KIB)
            ?.timings[name]?.median,
        )
      ),
    })),
  };
}

function inflate({ runtimes }: Results): BarChart {
  const others = ["node:zlib", "fflate", "pako", "tiny-inflate"];
  const megabytes = (microseconds: number | undefined) =>
    toDigits(microseconds === undefined ? undefined : 4 * KIB / microseconds);
  const cases = runtimes.map((document) => findCase(document, "inflate", "events", 4 * KIB));
  return {
    title: "Inflating events of 4 KB",
    subtitle: "megabytes of JSON a second: more is better",
    runtimes: runtimes.map(titleOf),
    series: [
      ...["ours", ...others].map((name) => ({
        name,
        values: cases.map((result) => megabytes(result?.timings[name]?.median)),
      })),
      {
        name: "DecompressionStream",
        values: cases.map((result) =>
          megabytes(
            result?.timings[fastestOf(result, STREAMS)?.name ?? ""]?.median,
          )
        ),
      },
    ],
  };
}
