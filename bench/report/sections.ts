/**
 * The parts of the report, as Markdown. Each is put between the markers that bear its name.
 *
 * @module
 */

import type { CaseResult, RuntimeDocument } from "../results.ts";
import { fastestOf, findCase, geometricMean, KIB, ratioOf, type Results, STREAMS, titleOf } from "./documents.ts";
import { bytes, figure, ratio, size, table } from "./format.ts";
import { lostUnsealCells, targetsTable } from "./targets.ts";

/** All sections by name. `chartFolder` is where the charts lie, seen from the file the section is put into. */
export function sectionsOf(
  results: Results,
  chartFolder: string,
): Readonly<Record<string, string>> {
  const chart = (name: string) => picture(chartFolder, name);
  return {
    // For the README: the first screens.
    "bench": [chart("unseal"), chart("inflate"), headlineSection(results)].join("\n\n"),
    "bench-machine": machineSection(results),
    "bench-charts": ["unseal", "latency", "inflate"].map(chart).join("\n\n"),
    "bench-targets": targetsTable(results),
    "bench-losses": lossesSection(results),
    "bench-unseal": unsealSection(results),
    "bench-latency": latencySection(results),
    "bench-inflate": subjectSection(results, "inflate", "events"),
    "bench-hostile": hostileSection(results),
    "bench-base64": subjectSection(results, "base64", "text to bytes"),
    "bench-gcm": [
      subjectSection(results, "GCM", "decrypt and authenticate"),
      subjectSection(results, "import", "one key"),
    ].join("\n\n"),
    "bench-text": subjectSection(results, "UTF-8 and JSON", "bytes to event"),
    "bench-cold-start": coldStartSection(results),
    "bench-sizes": sizesSection(results),
    "bench-memory": memorySection(results),
    "bench-notes": notesSection(results),
  };
}

const CHART_TEXTS: Readonly<Record<string, string>> = {
  unseal: "Microseconds for one unseal of a 4 KB event, serial, by runtime: SDK 7, ours, ours with ./node-cipher",
  inflate: "Megabytes of JSON inflated in a second, events of 4 KB, by runtime and inflater",
  latency:
    "Median latency of one unseal of a 1 KB event on an idle host, by runtime: SDK 7, ours, ours with ./node-cipher",
};

/** A chart that follows the reader's light or dark theme. */
function picture(folder: string, name: string): string {
  return `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${folder}/${name}-dark.svg">
  <img alt="${CHART_TEXTS[name] ?? name}" src="${folder}/${name}-light.svg">
</picture>`;
}

function machineSection({ runtimes }: Results): string {
  const [first] = runtimes;
  if (first === undefined) return "No results yet.";
  const { cpu, cores, memoryGiB, system } = first.machine;
  const dates = runtimes.map(({ date }) => date.slice(0, 10)).sort();
  const span = dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`;
  const mode = runtimes.some((each) => each.mode === "quick") ? " **Quick results: of no weight.**" : "";
  const contestants = Object.entries(first.contestants).map(([name, version]) => `${name} ${version}`);
  return `Measured ${span} on ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}.${mode}
${runtimes.map((each) => `${titleOf(each)} (${each.version})`).join(", ")}.
Contestants: ${contestants.join(", ")}.`;
}

/** For the README's first screen: one event of 4 KB. */
function headlineSection(results: Results): string {
  const { runtimes } = results;
  const rows = runtimes.map((document) => {
    const serial = findCase(document, "unseal", "v4, serial", 4 * KIB);
    const inflate = findCase(document, "inflate", "events", 4 * KIB);
    const idle = document.latency.find(({ host, bytes }) => host === "idle" && bytes === 4 * KIB)?.timings;
    const idleRatio = idle?.["SDK 7"] && idle["ours, node-cipher"]
      ? idle["SDK 7"].median / idle["ours, node-cipher"].median
      : undefined;
    return [
      titleOf(document),
      `${figure(serial?.timings["ours"]?.median)} µs`,
      `${ratio(ratioOf(serial, "SDK 7"))} ×`,
      `${ratio(ratioOf(serial, "SDK 7", "ours, node-cipher"))} ×`,
      idleRatio === undefined ? "–" : `${ratio(idleRatio)} ×`,
      `${ratio(ratioOf(inflate, "node:zlib"))} ×`,
      `${ratio(ratioOf(inflate, "fflate"))} ×`,
      `${ratio(ratioOf(inflate, "pako"))} ×`,
    ];
  });
  const head = [
    "one 4 KB event",
    "unseal",
    "SDK 7 ÷ ours",
    "… with `./node-cipher`",
    "… on an idle host",
    "`node:zlib` ÷ our inflate",
    "fflate ÷ ours",
    "pako ÷ ours",
  ];
  const lost = lostUnsealCells(results).length;
  const cells = runtimes.flatMap(({ cases }) => cases.filter(({ subject }) => subject === "unseal")).length;
  return `${table(head, rows)}

Above 1 we are faster. ${machineLine(results)} The SDK is faster in ${lost} of ${cells} cells of the whole operation.`;
}

function machineLine({ runtimes }: Results): string {
  const [first] = runtimes;
  return first === undefined ? "" : `${first.machine.cpu}, ${first.machine.cores} cores, ${first.date.slice(0, 10)}.`;
}

/** The whole operation: microseconds of ours, and the others as ratios to it. */
function unsealSection({ runtimes }: Results): string {
  return ["v3, serial", "v3, 64 at once", "v4, serial", "v4, 64 at once"].map(
    (variant) => {
      const sdk = variant.startsWith("v3") ? "SDK 6" : "SDK 7";
      const rows = runtimes.flatMap((document) =>
        document.cases.filter((each) => each.subject === "unseal" && each.variant === variant).map((result) => [
          `${titleOf(document)}, ${size(result.bytes)}`,
          withSpread(result, "ours"),
          ratio(ratioOf(result, sdk)),
          withSpread(result, "ours, node-cipher"),
          ratio(ratioOf(result, sdk, "ours, node-cipher")),
          ratio(ratioOf(result, "floor", "ours, node-cipher")),
        ])
      );
      const head = [
        variant,
        "ours, µs",
        `${sdk} ÷ ours`,
        "with `./node-cipher`, µs",
        `${sdk} ÷ that`,
        "floor ÷ that",
      ];
      return table(head, rows);
    },
  ).join("\n\n");
}

/** Median, and between which values the middle half lies. */
function withSpread({ timings }: CaseResult, name: string): string {
  const timing = timings[name];
  return timing === undefined ? "–" : `${figure(timing.median)} (${figure(timing.p25)}–${figure(timing.p75)})`;
}

/** A stage: ours in microseconds, and all others as ratios to it. */
function subjectSection(
  { runtimes }: Results,
  subject: string,
  variant: string,
): string {
  const results = runtimes.flatMap((document) =>
    document.cases.filter((each) => each.subject === subject && each.variant === variant)
      .map((result) => ({ document, result }))
  );
  const names = [
    ...new Set(
      results.flatMap((
        { result },
      ) => [...Object.keys(result.timings), ...Object.keys(result.refused)]),
    ),
  ]
    .filter((name) => name !== "ours");
  const rows = results.map(({ document, result }) => [
    `${titleOf(document)}, ${size(result.bytes)}`,
    withSpread(result, "ours"),
    ...names.map((name) => result.refused[name] === undefined ? ratio(ratioOf(result, name)) : "refused"),
  ]);
  return table([
    `${subject}, ${variant}`,
    "ours, µs",
    ...names.map((name) => `${name} ÷ ours`),
  ], rows);
}

function hostileSection({ runtimes }: Results): string {
  const variants = [
    ...new Set(
      runtimes.flatMap(({ cases }) =>
        cases.filter(({ subject }) => subject === "hostile").map((
          { variant },
        ) => variant)
      ),
    ),
  ];
  const rows = variants.flatMap((variant) =>
    ["ours, µs", "pako ÷ ours", "node:zlib ÷ ours", "fflate ÷ ours"].map((
      row,
      index,
    ) => [
      index === 0 ? variant : "",
      row,
      ...runtimes.map((document) => {
        const result = document.cases.find((each) => each.subject === "hostile" && each.variant === variant);
        if (index === 0) return figure(result?.timings["ours"]?.median);
        return ratio(ratioOf(result, row.replace(" ÷ ours", "")));
      }),
    ])
  );
  return table(["stream of about 5 KB", "", ...runtimes.map(titleOf)], rows);
}

function latencySection({ runtimes }: Results): string {
  const rows = runtimes.flatMap((document) =>
    document.latency.map(({ host, bytes, timings }) => [
      `${titleOf(document)}, ${host}, ${size(bytes)}`,
      ...["ours", "ours, node-cipher", "SDK 7", "floor"].map((name) => {
        const timing = timings[name];
        return timing === undefined ? "–" : `${figure(timing.median)} / ${figure(timing.p95)}`;
      }),
      ratio(
        timings["SDK 7"] && timings["ours"] ? timings["SDK 7"].median / timings["ours"].median : undefined,
      ),
    ])
  );
  return table(
    [
      "host, median / 95th percentile, µs",
      "ours",
      "ours, node-cipher",
      "SDK 7",
      "floor",
      "SDK 7 ÷ ours",
    ],
    rows,
  );
}

function coldStartSection({ runtimes }: Results): string {
  const names = ["empty", "ours", "ours, node-cipher", "SDK 6", "SDK 7"];
  const rows = runtimes.flatMap((document) => {
    const { coldStart } = document;
    if (coldStart === null) return [];
    return ([["import and first unseal", coldStart.inProcess], [
      "whole process",
      coldStart.wholeProcess,
    ]] as const)
      .map(([what, times]) => [
        `${titleOf(document)}, ${what}`,
        ...names.map((name) => name === "empty" && what !== "whole process" ? "" : figure(times[name]?.median)),
      ]);
  });
  const launches = runtimes.find(({ coldStart }) => coldStart !== null)?.coldStart?.launches ??
    0;
  return `${table(["milliseconds, median", ...names], rows)}\n\nMedians of ${launches} launches of each.`;
}

function sizesSection({ sizes }: Results): string {
  if (sizes === undefined) return "No results yet.";
  return table(
    ["bundle", "minified", "gzip", "brotli"],
    sizes.sizes.map((
      { name, minified, gzip, brotli },
    ) => [name, bytes(minified), bytes(gzip), bytes(brotli)]),
  );
}

function memorySection({ runtimes }: Results): string {
  const measured = runtimes.filter(({ memory }) => memory.length > 0);
  return ["unseal", "inflate"].map((subject) => {
    const names = [
      ...new Set(
        measured.flatMap(({ memory }) =>
          memory.filter((each) => each.subject === subject).flatMap((each) => Object.keys(each.bytesPerOperation))
        ),
      ),
    ];
    const rows = measured.flatMap((document) =>
      document.memory.filter((each) => each.subject === subject).map((each) => [
        `${titleOf(document)}, ${size(each.bytes)}`,
        ...names.map((name) => {
          const figures = each.bytesPerOperation[name];
          return figures ? `${kibibytes(figures.heap)} + ${kibibytes(figures.buffers)}` : "–";
        }),
      ])
    );
    return table([`${subject}: heap + buffers, KB`, ...names], rows);
  }).join("\n\n");
}

function kibibytes(value: number): string {
  return figure(value / KIB);
}

function notesSection({ runtimes }: Results): string {
  return runtimes.flatMap((document) => document.notes.map((note) => `* ${titleOf(document)}: ${note}`)).join("\n");
}

/** By subject and contestant: in how many cells ours is behind, how far at the worst, and where that is. */
function lossesSection(results: Results): string {
  const rows = [
    lossRow(
      results,
      "unseal",
      "SDK 6, SDK 7",
      (result) => fastestOf(result, ["SDK 6", "SDK 7"])?.ratio,
    ),
    lossRow(
      results,
      "unseal with `./node-cipher`",
      "SDK 6, SDK 7",
      (result) => {
        const ratios = ["SDK 6", "SDK 7"].flatMap((name) => ratioOf(result, name, "ours, node-cipher") ?? []);
        return ratios.length === 0 ? undefined : Math.min(...ratios);
      },
      "unseal",
    ),
    lossRow(
      results,
      "unseal with `./node-cipher`",
      "floor",
      (result) => ratioOf(result, "floor", "ours, node-cipher"),
      "unseal",
    ),
    lossRow(
      results,
      "inflate",
      "node:zlib",
      (result) => ratioOf(result, "node:zlib"),
    ),
    lossRow(
      results,
      "inflate",
      "DecompressionStream",
      (result) => fastestOf(result, STREAMS)?.ratio,
    ),
    ...["fflate", "fflate, output given", "pako", "tiny-inflate"].map((name) =>
      lossRow(results, "inflate", name, (result) => ratioOf(result, name))
    ),
    ...["pako", "node:zlib", "fflate"].map((name) =>
      lossRow(results, "hostile", name, (result) => ratioOf(result, name))
    ),
    ...["Buffer.from", "Uint8Array.fromBase64", "atob and a loop"].map((name) =>
      lossRow(results, "base64", name, (result) => ratioOf(result, name))
    ),
    lossRow(
      results,
      "GCM",
      "createDecipheriv, raw key",
      (result) => ratioOf(result, "createDecipheriv, raw key"),
    ),
    ...["TextDecoder, fatal", "Buffer.toString", "Response.json"].map((name) =>
      lossRow(
        results,
        "UTF-8 and JSON",
        name,
        (result) => ratioOf(result, name),
      )
    ),
  ].filter((row) => row !== undefined);
  const cells = lostUnsealCells(results).map((cell) => `* ${cell}`);
  return [
    table([
      "ours",
      "against",
      "behind in",
      "geometric mean",
      "at the worst",
      "where",
    ], rows),
    "",
    cells.length === 0 ? "No cell of the whole operation is lost." : "The cells of the whole operation that are lost:",
    "",
    ...cells,
  ].join("\n").trimEnd();
}

function lossRow(
  { runtimes }: Results,
  title: string,
  contestant: string,
  measured: (result: CaseResult) => number | undefined,
  subject: string = title,
): string[] | undefined {
  const cells = runtimes.flatMap((document) =>
    document.cases.filter((each) => each.subject === subject).flatMap(
      (result) => {
        const value = measured(result);
        return value === undefined ? [] : [{ value, where: placeOf(document, result) }];
      },
    )
  ).sort((a, b) => a.value - b.value);
  const [worst] = cells;
  if (worst === undefined) return undefined;
  const behind = cells.filter(({ value }) => value < 1).length;
  return [
    title,
    contestant,
    `${behind} of ${cells.length}`,
    ratio(geometricMean(cells.map(({ value }) => value))),
    ratio(worst.value),
    worst.where,
  ];
}

function placeOf(
  document: RuntimeDocument,
  { variant, bytes }: CaseResult,
): string {
  return `${titleOf(document)}, ${variant}, ${size(bytes)}`;
}
