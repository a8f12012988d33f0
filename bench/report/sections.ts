/**
 * The sections of the report, as Markdown. Each belongs between the markers with its name.
 *
 * @module
 */

import { geometricMean } from "../statistics.ts";
import {
  type ArchiveCell,
  type Cell,
  findCell,
  ratioOf,
  type Results,
  type RuntimeDocument,
  titleOf,
} from "./documents.ts";
import {
  COLUMN_SIZES,
  cpuSection,
  floorSection,
  profileSection,
  stagesSection,
  unsealSection,
  verifySection,
} from "./operation.ts";
import { bytes, figure, ratio, size, table } from "./tables.ts";

const KIB = 1024;
/** The sizes of events that are measured. */
const SIZES = [...COLUMN_SIZES, 64 * KIB, KIB * KIB];

/** All sections by name. `chartFolder` is the relative path from the file of the section to the charts. */
export function sectionsOf(results: Results, chartFolder: string): Readonly<Record<string, () => string>> {
  const charts = (...names: string[]) => names.map((name) => picture(chartFolder, name)).join("\n\n");
  return {
    // For README.md.
    "bench": () => `${charts("unseal")}\n\n${headlineSection(results)}`,
    "bench-machine": () => machineSection(results),
    "bench-charts": () => charts("unseal", "latency", "inflate"),
    "bench-comparison": () => comparisonSection(results),
    "bench-losses": () => lossesSection(results),
    "bench-unseal": () => unsealSection(results),
    "bench-cpu": () => cpuSection(results),
    "bench-floor": () => floorSection(results),
    "bench-verify": () => verifySection(results),
    "bench-inflate": () => inflateSection(results),
    "bench-stages": () => stagesSection(results),
    "bench-profile": () => profileSection(results),
    "bench-cold-start": () => coldStartSection(results),
    "bench-sizes": () => sizesSection(results),
    "bench-archives": () => archivesSection(results),
    // For docs/scale.md.
    "bench-scale": () => scaleSection(results),
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
  const mode = runtimes.some((each) => each.mode === "quick") ? " **Quick results: noisy.**" : "";
  const packages = Object.entries(first.packages).map(([name, version]) => `${name} ${version}`);
  return `Measured ${span} on ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}.${mode}
${runtimes.map((each) => `${titleOf(each)} (${each.version})`).join(", ")}.
Contestants: ${packages.join(", ")}.`;
}

/** For docs/scale.md: archives in DuckDB, and streams. */
function scaleSection({ scale }: Results): string {
  if (scale === undefined) return "No results yet.";
  const { duckdb, flow } = scale;
  const timesOf = (
    count: number,
    seconds: number,
  ): string[] => [
    `${figure(seconds)} s`,
    Math.round(count / seconds).toLocaleString("en-US"),
    `${figure(1e9 * seconds / count / 3600)} h`,
  ];
  const rows = [
    [
      `DuckDB, ${duckdb.rows.toLocaleString("en-US")} rows, Parquet to Parquet`,
      ...timesOf(duckdb.rows, duckdb.openingSeconds),
    ],
    ...flow.map((
      { workers, entries, seconds },
    ) => [
      `Redis Streams to PostgreSQL, ${entries.toLocaleString("en-US")} entries, workers: ${workers}`,
      ...timesOf(entries, seconds),
    ]),
  ];
  return `${table(["", "time", "events a second", "time for 10⁹ events"], rows)}

DuckDB read ${figure(duckdb.sealedMegabytes)} MB, wrote ${figure(duckdb.eventsMegabytes)} MB and used at most \
${figure(duckdb.mostMemoryMegabytes)} MB of memory. All programs shared one machine: \
${scale.machine}, ${scale.date}.${sharedNote(scale.load)}`;
}

/** What the load of other programs means for the figures. */
function sharedNote(load = 0): string {
  return load <= 3
    ? ""
    : ` Other programs used the machine, too, with a load of up to ${figure(load)}: compare figures \
with each other.`;
}

/** For the README: the time of one event of 4 KB. */
function headlineSection(results: Results): string {
  const { runtimes } = results;
  const rows = runtimes.map((document) => {
    const times = findCell(document, "unseal", "v4, serial", 4 * KIB)?.times ?? {};
    return [titleOf(document), ...["SDK 7", "ours", "ours, node-cipher"].map((name) => microseconds(times[name]?.[1]))];
  });
  const [first] = runtimes;
  const machine = first && `${first.machine.cpu}, ${first.machine.cores} cores, ${first.date.slice(0, 10)}`;
  const lost = lostCells(results).length;
  const cells = runtimes.flatMap((document) => cellsOf(document, "unseal")).length;
  return `${table(["opening one 4 KB event", "official SDK 7", "this package", "with `./node-cipher`"], rows)}

Medians, one event after another: ${machine}. The SDK is faster in ${lost} of ${cells} measurements of the whole operation.`;
}

function microseconds(value: number | undefined): string {
  return value === undefined ? "–" : `${figure(value)} µs`;
}

function cellsOf({ cells }: RuntimeDocument, subject?: string): Cell[] {
  return cells.filter((cell) => subject === undefined || cell.subject === subject);
}

/** The contestants with a role, in the order of the tables. */
function withRole({ contestants }: RuntimeDocument, isOurs: boolean): string[] {
  return contestants.filter(({ role }) => (role === "ours") === isOurs).map(({ name }) => name);
}

/** Each of our contestants against each of the others: wins and losses, the mean ratio, the best and the worst cell. */
export function comparisonSection({ runtimes }: Results): string {
  const subjects = unique(runtimes.flatMap((document) => cellsOf(document).map(({ subject }) => subject)));
  const oursNames = unique(runtimes.flatMap((document) => withRole(document, true)));
  const others = unique(runtimes.flatMap((document) => withRole(document, false)));
  const rows = subjects.flatMap((subject) =>
    oursNames.flatMap((ours) =>
      others.flatMap((other) => {
        const cells = runtimes.flatMap((document) =>
          cellsOf(document, subject).flatMap((cell) => {
            const value = ratioOf(cell, other, ours);
            return value === undefined ? [] : [{ value, where: placeOf(document, cell) }];
          })
        ).sort((a, b) => a.value - b.value);
        const [worst, best] = [cells[0], cells.at(-1)];
        if (worst === undefined || best === undefined) return [];
        const won = cells.filter(({ value }) => value >= 1).length;
        const mean = geometricMean(cells.map(({ value }) => value));
        const name = ours === "ours" ? subject : `${subject} (${ours})`;
        const extremes = [ratio(best.value), best.where, ratio(worst.value), worst.where];
        return [[`${name} against ${other}`, `${won} : ${cells.length - won}`, ratio(mean), ...extremes]];
      })
    )
  );
  return table(["ours", "won : lost", "geometric mean", "best", "where", "worst", "where"], rows);
}

function lossesSection(results: Results): string {
  const lost = lostCells(results);
  if (lost.length === 0) {
    return "The official SDKs are faster in no measurement of the whole operation.";
  }
  const rows = unique(lost.map(({ where }) => where)).map((
    where,
  ) => [
    where,
    ...SIZES.map((bytes) => ratio(lost.find((cell) => cell.where === where && cell.bytes === bytes)?.value)),
  ]);
  return `Where an official SDK is faster: its time divided by ours, below 1. A dash means that ours is faster.

${table(["the whole operation", ...SIZES.map(size)], rows)}`;
}

/** The cells of the whole operation in which an official SDK is faster than ours. */
function lostCells(
  { runtimes }: Results,
): { readonly where: string; readonly bytes: number; readonly value: number }[] {
  return runtimes.flatMap((document) => {
    const sdks = document.contestants.filter(({ role }) => role === "official SDK");
    return cellsOf(document, "unseal").flatMap((cell) =>
      sdks.flatMap(({ name }) => {
        const value = ratioOf(cell, name);
        if (value === undefined || value >= 1) return [];
        return [{ where: `${titleOf(document)}, ${cell.variant}: ${name}`, bytes: cell.bytes, value }];
      })
    );
  });
}

function placeOf(document: RuntimeDocument, { variant, bytes }: Cell): string {
  return `${titleOf(document)}, ${variant}, ${size(bytes)}`;
}

/** The inflater, a runtime in a row: the time of zlib divided by ours, and of the fastest JavaScript. */
function inflateSection({ runtimes }: Results): string {
  const sizes = [...COLUMN_SIZES, 64 * KIB];
  const rows = runtimes.map((document) => {
    const others = document.contestants.filter(({ role }) => role === "JavaScript").map(({ name }) => name);
    return [
      titleOf(document),
      ...sizes.map((bytes) => {
        const cell = findCell(document, "inflate", "events", bytes);
        const best = Math.min(...others.flatMap((name) => ratioOf(cell, name) ?? []));
        return `${ratio(ratioOf(cell, "node:zlib"))} / ${ratio(best)}`;
      }),
    ];
  });
  return table(["`node:zlib` ÷ ours / fastest JavaScript ÷ ours", ...sizes.map(size)], rows);
}

/** For the terminal: all cells, with our microseconds and the times of the others divided by ours. */
export function cellsSection({ runtimes }: Results): string {
  const cells = runtimes.flatMap((document) => cellsOf(document).map((cell) => ({ document, cell })));
  const names = unique(cells.flatMap(({ cell }) => Object.keys({ ...cell.times, ...cell.refused }))).filter((name) =>
    name !== "ours"
  );
  const rows = cells.map((
    { document, cell },
  ) => [
    `${cell.subject}, ${placeOf(document, cell)}`,
    figure(cell.times["ours"]?.[1]),
    ...names.map((name) => cell.refused?.[name] === undefined ? ratio(ratioOf(cell, name)) : "refused"),
  ]);
  return table(["", "ours, µs", ...names.map((name) => `${name} ÷ ours`)], rows);
}

function coldStartSection({ runtimes }: Results): string {
  const measured = runtimes.flatMap((document) => document.coldStart ? [{ document, ...document.coldStart }] : []);
  const names = unique(measured.flatMap(({ inProcess }) => Object.keys(inProcess))).filter((name) => name !== "empty");
  const rows = measured.map((
    { document, inProcess },
  ) => [titleOf(document), ...names.map((name) => figure(inProcess[name]))]);
  return `${table(["milliseconds, median", ...names], rows)}

Medians of ${measured[0]?.launches ?? 0} launches of each.`;
}

function sizesSection({ sizes }: Results): string {
  if (sizes === undefined) return "No results yet.";
  const rows = sizes.sizes.map(({ name, minified, gzip, brotli }) => [name, ...[minified, gzip, brotli].map(bytes)]);
  return table(["bundle", "minified", "gzip", "brotli"], rows);
}

/** `unseal batch` against the SDK on worker threads: rates, CPU time, and memory. */
export function archivesSection({ archives }: Results): string {
  if (archives === undefined) return "No results yet.";
  const { cells, memory, openingSeconds, date, runtime, machine, rounds, load } = archives;
  const rows = archiveRows(cells.filter(({ form }) => form === undefined));
  const summaries = archiveRows(cells.filter(({ form }) => form === "summary"));
  const head = [
    "ours, lines/s",
    "SDK 7, lines/s",
    "rate, ours ÷ SDK",
    "CPU time, SDK ÷ ours",
    "rate ÷ that of 1 job",
    "CPU time ÷ that of 1 job",
    "cores in use",
  ];
  const peaks = memory.map(({ form, lines, maxRssMib, perSecond }) =>
    `* ${bytes(lines)} lines of 1 KB events with 2 jobs${
      form === undefined ? "" : `, to a summary in ${figure(lines / perSecond)} s`
    }: ${maxRssMib} MiB at most, ${figure(perSecond)} lines/s.`
  );
  if (openingSeconds !== undefined) {
    peaks.push(
      `* ${bytes(memory.at(-1)?.lines ?? 0)} lines of 1 KB events, which two threads only decode, decrypt and inflate, \
without output: ${figure(openingSeconds)} s.`,
    );
  }
  const tables = [table(["one event", ...head], rows)];
  if (summaries.length > 0) {
    tables.push(table(["`--summary`, one event", ...head], summaries));
  }
  return `${tables.join("\n\n")}

Medians of ${rounds} rounds on ${runtime}, ${machine.cpu}, ${machine.cores} cores, ${date.slice(0, 10)}.${
    sharedNote(load)
  }

${peaks.join("\n")}`;
}

function archiveRows(cells: readonly ArchiveCell[]): string[][] {
  const cellOf = (bytes: number, name: string, jobs: number) =>
    cells.find((cell) => cell.bytes === bytes && cell.name === name && cell.jobs === jobs);
  const quotient = (one: number | undefined, other: number | undefined) =>
    ratio(one === undefined || other === undefined ? undefined : one / other);
  return unique(cells.map(({ bytes }) => bytes)).flatMap((bytes) =>
    [1, 2].map((jobs) => {
      const [ours, single, sdk] = [cellOf(bytes, "ours", jobs), cellOf(bytes, "ours", 1), cellOf(bytes, "SDK 7", jobs)];
      return [
        `${size(bytes)}, ${jobs} ${jobs === 1 ? "job" : "jobs"}`,
        figure(ours?.perSecond),
        figure(sdk?.perSecond),
        quotient(ours?.perSecond, sdk?.perSecond),
        quotient(sdk?.cpuMs, ours?.cpuMs),
        quotient(ours?.perSecond, single?.perSecond),
        quotient(ours?.cpuMs, single?.cpuMs),
        ratio(ours?.cores),
      ];
    })
  );
}

function unique<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}
