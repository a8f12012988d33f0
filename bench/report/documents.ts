/**
 * The results: one document per runtime and one of sizes. Reads, writes and looks up.
 *
 * Times are microseconds per operation. A ratio is a contestant's time divided by ours in the same round: above 1, ours
 * is faster.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tests/runtimes/project.ts";
import type { ContestantInfo } from "../contestant.ts";
import type { Quartiles } from "../statistics.ts";

/** One operation on inputs of one size. Records are by contestant, in the order of the tables. */
export interface Cell {
  readonly subject: string;
  readonly variant: string;
  /** Bytes of JSON, or of the stream if it contains no JSON. */
  readonly bytes: number;
  readonly times: Readonly<Record<string, Quartiles>>;
  /** Medians of the CPU time of the whole process; missing where the runtime does not say. */
  readonly cpuTimes?: Readonly<Record<string, number>>;
  /** Median of same-round ratios to each of our other contestants, by its name. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Contestants that were not timed, and why. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** Serial latency of single operations on a host in a given state. */
export interface LatencyCell {
  readonly host: "idle" | "busy";
  readonly bytes: number;
  readonly times: Readonly<Record<string, readonly [median: number, p95: number]>>;
}

/** Median milliseconds to the first event; `empty` is a script that does nothing. */
export interface ColdStart {
  readonly launches: number;
  /** Import and first unseal, by the clock of the process itself. */
  readonly inProcess: Readonly<Record<string, number>>;
  readonly wholeProcess: Readonly<Record<string, number>>;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
}

/** All results of one runtime. */
export interface RuntimeDocument {
  readonly runtime: string;
  readonly version: string;
  readonly mode: "full" | "quick";
  readonly date: string;
  readonly machine: Machine;
  /** Versions of the library and of the contestants, by package. */
  readonly packages: Readonly<Record<string, string>>;
  readonly contestants: readonly ContestantInfo[];
  readonly cells: readonly Cell[];
  readonly latency: readonly LatencyCell[];
  readonly coldStart: ColdStart | null;
}

/** The size of a one-line consumer's bundle, in bytes. */
export interface BundleSize {
  readonly name: string;
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

export interface SizesDocument {
  readonly date: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly sizes: readonly BundleSize[];
}

/** The results of `npm run scale`: the examples for archives and streams. */
export interface ScaleDocument {
  readonly date: string;
  readonly machine: string;
  /** The highest load average of a minute: above 3, other programs used the machine, too. */
  readonly load?: number;
  readonly duckdb: {
    readonly rows: number;
    readonly openingSeconds: number;
    /** For all questions; the answers equal counts that were made without SQL. */
    readonly answeringSeconds?: number;
    readonly sealedMegabytes: number;
    readonly eventsMegabytes: number;
    readonly mostMemoryMegabytes: number;
  };
  readonly flow: readonly { readonly workers: number; readonly entries: number; readonly seconds: number }[];
}

/** An archive opened by a contestant: medians of some rounds. */
export interface ArchiveCell {
  /** What was written: a row of `--summary` for each line; otherwise its event. */
  readonly form?: "summary";
  /** JSON of one event. */
  readonly bytes: number;
  readonly name: string;
  readonly jobs: number;
  /** Lines opened in a second of wall-clock time. */
  readonly perSecond: number;
  /** CPU time of the whole process. */
  readonly cpuMs: number;
  /** How many cores the process used on average. */
  readonly cores: number;
}

/** The results of `npm run bench:archives`. */
export interface ArchivesDocument {
  readonly date: string;
  readonly runtime: string;
  readonly machine: Machine;
  readonly packages: Readonly<Record<string, string>>;
  readonly rounds: number;
  /** The highest load average of a minute: above 3, other programs used the machine, too. */
  readonly load?: number;
  readonly cells: readonly ArchiveCell[];
  readonly memory: readonly {
    readonly form?: "summary";
    readonly lines: number;
    readonly maxRssMib: number;
    readonly perSecond: number;
  }[];
  /** For the lines of the last of `memory`: the time of two threads that only open them. */
  readonly openingSeconds?: number;
}

/** The results of `npm run bench:profile`: where the time of `inflateRaw` goes. */
export interface ProfileDocument {
  readonly date: string;
  readonly runtime: string;
  readonly machine: string;
  /** By the size of the events: the share of each function, from 0 to 1. */
  readonly shares: readonly { readonly bytes: number; readonly functions: Readonly<Record<string, number>> }[];
}

export interface Results {
  readonly profile?: ProfileDocument | undefined;
  readonly scale?: ScaleDocument | undefined;
  readonly runtimes: readonly RuntimeDocument[];
  readonly sizes: SizesDocument | undefined;
  readonly archives?: ArchivesDocument | undefined;
}

/** The names of the runtimes' documents in the order of the tables, each with its name for readers. */
export const RUNTIMES: Readonly<Record<string, string>> = {
  node20: "Node 20",
  node22: "Node 22",
  node24: "Node 24",
  node26: "Node 26",
  deno: "Deno",
  bun: "Bun",
  workerd: "workerd",
};

/** Where the committed results are. */
export const KEPT_RESULTS: string = join(ROOT, "bench/results");

/** Reads all documents of a folder; missing ones are left out. */
export function readResults(folder: string = KEPT_RESULTS): Results {
  const read = <Document>(name: string): Document | undefined => {
    const file = join(folder, `${name}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  };
  return {
    runtimes: Object.keys(RUNTIMES).flatMap((name) => read<RuntimeDocument>(name) ?? []),
    sizes: read<SizesDocument>("sizes"),
    scale: read<ScaleDocument>("scale"),
    archives: read<ArchivesDocument>("archives"),
    profile: read<ProfileDocument>("profile"),
  };
}

/** Writes a document with one line for each of its properties, and for each item of those that are lists. */
export function writeDocument(
  folder: string,
  name: string,
  document: RuntimeDocument | SizesDocument | ArchivesDocument | ProfileDocument,
): void {
  const lines = Object.entries(document).map(([property, value]) => {
    const items = Array.isArray(value) && value.length > 0
      ? value.map((item) => `\n  ${JSON.stringify(item)}`)
      : undefined;
    return `${JSON.stringify(property)}: ${items === undefined ? JSON.stringify(value) : `[${items.join(",")}\n]`}`;
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `{\n${lines.join(",\n")}\n}\n`);
}

export function titleOf({ runtime }: Pick<RuntimeDocument, "runtime">): string {
  return RUNTIMES[runtime] ?? runtime;
}

export function findCell(
  { cells }: RuntimeDocument,
  subject: string,
  variant: string,
  bytes: number,
): Cell | undefined {
  return cells.find((cell) => cell.subject === subject && cell.variant === variant && cell.bytes === bytes);
}

/** How many times longer a contestant takes than ours; the median of same-round ratios. */
export function ratioOf(cell: Cell | undefined, contestant: string, ours = "ours"): number | undefined {
  return cell?.ratios[contestant]?.[ours];
}
