/**
 * The sections on the whole operation, a runtime in a row.
 *
 * @module
 */

import { unsealOnly } from "../contestant.ts";
import { geometricMean } from "../statistics.ts";
import { type Cell, findCell, ratioOf, type Results, titleOf } from "./documents.ts";
import { figure, ratio, size, table } from "./tables.ts";

/** The sizes of events that have a column. */
export const COLUMN_SIZES: readonly number[] = [1024, 4096, 16_384];

/** The time of SDK 7 divided by ours, and by ours with `./node-cipher`. */
export function unsealSection(results: Results): string {
  return unsealTable(
    "SDK 7 ÷ ours / ÷ ours with `./node-cipher`",
    results,
    (cell, ours) => ratioOf(cell, "SDK 7", ours),
  );
}

/** The same for the CPU time of the process, with all its threads. */
export function cpuSection(results: Results): string {
  return unsealTable(
    "CPU time, SDK 7 ÷ ours / ÷ ours with `./node-cipher`",
    results,
    (cell, ours) => quotient(cell?.cpuTimes?.["SDK 7"], cell?.cpuTimes?.[ours]),
  );
}

/** The time of the handwritten code divided by ours with the same decryption: the mean of all sizes and versions. */
export function floorSection({ runtimes }: Results): string {
  const pairs = [["floor, WebCrypto", "ours"], ["floor", "ours, node-cipher"]] as const;
  const modes = ["serial", "64 at once"];
  const rows = runtimes.map((document) => [
    titleOf(document),
    ...pairs.flatMap(([floor, ours]) =>
      modes.map((mode) => {
        const ratios = ["v3", "v4"].flatMap((version) =>
          COLUMN_SIZES.flatMap((bytes) =>
            ratioOf(findCell(document, "unseal", `${version}, ${mode}`, bytes), floor, ours) ?? []
          )
        );
        return ratio(ratios.length > 0 ? geometricMean(ratios) : undefined);
      })
    ),
  ]);
  const titles = ["WebCrypto", "`createDecipheriv`"].flatMap((floor) => modes.map((mode) => `${floor}, ${mode}`));
  return table(["handwritten code ÷ ours", ...titles], rows);
}

/** The stages of one operation of 4 KB with `./node-cipher`, each measured by itself, as shares of the whole. */
export function stagesSection({ runtimes }: Results): string {
  const stages = [
    ["base64", "text to bytes", "ours"],
    ["GCM", "decrypt and authenticate", "ours, node-cipher"],
    ["inflate", "events", "ours"],
    ["UTF-8 and JSON", "bytes to event", "ours"],
  ] as const;
  const rows = runtimes.map((document) => {
    const timeOf = (subject: string, variant: string, name: string) =>
      findCell(document, subject, variant, 4096)?.times[name]?.[1] ?? NaN;
    // The stages have events of both versions.
    const [v3, v4] = ["v3", "v4"].map((version) => timeOf("unseal", `${version}, serial`, "ours, node-cipher"));
    const whole = (v3! + v4!) / 2; // NaN where one is missing
    const times = stages.map(([subject, variant, name]) => timeOf(subject, variant, name));
    const rest = times.reduce((left, time) => left - time, whole);
    return [titleOf(document), `${figure(whole)} µs`, ...[...times, rest].map((time) => percent(time / whole))];
  });
  return table(["4 KB, `./node-cipher`", "whole", ...stages.map(([subject]) => subject), "the rest"], rows);
}

/** The functions of the decoder, by what they do. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  "decoding symbols": ["decodeSymbols"],
  "building tables": ["buildTable", "build"],
  "reading headers": ["readCodeLengths", "readPrecode", "readDynamicTables", "refill", "consume"],
};

/** The parts of the decoder, as shares of its time. */
export function profileSection({ profile }: Results): string {
  if (profile === undefined) return "No results yet.";
  const rows = profile.shares.map(({ bytes, functions }) => {
    const parts = Object.values(PARTS).map((names) => names.reduce((sum, name) => sum + (functions[name] ?? 0), 0));
    const rest = parts.reduce((left, part) => left - part, 1);
    return [size(bytes), ...[...parts, rest].map(percent)];
  });
  return `${table(["`inflateRaw`", ...Object.keys(PARTS), "the output's array, zeroing, the rest"], rows)}

${profile.runtime}, ${profile.machine}, ${profile.date.slice(0, 10)}.`;
}

function percent(share: number): string {
  return Number.isNaN(share) ? "–" : `${(100 * share).toFixed()} %`;
}

function unsealTable(
  title: string,
  { runtimes }: Results,
  valueOf: (cell: Cell | undefined, ours: string) => number | undefined,
): string {
  const columns = ["serial", "64 at once"].flatMap((variant) =>
    COLUMN_SIZES.map((bytes) => ({ variant: `v4, ${variant}`, bytes, title: `${variant}, ${size(bytes)}` }))
  );
  const rows = runtimes.map((document) => [
    titleOf(document),
    ...columns.map(({ variant, bytes }) => {
      const cell = findCell(document, "unseal", variant, bytes);
      return withBoth((ours) => valueOf(cell, ours));
    }),
  ]);
  return table([title, ...columns.map(({ title }) => title)], rows);
}

/** The time of `verify` with a store in memory, divided by that of `unseal`. */
export function verifySection({ runtimes }: Results): string {
  const rows = runtimes.map((document) => [
    titleOf(document),
    ...COLUMN_SIZES.map((bytes) => {
      const cell = findCell(document, "verify", "v4, serial", bytes);
      return withBoth((ours) => quotient(1, ratioOf(cell, unsealOnly(ours), ours)));
    }),
  ]);
  return table(["`verify` ÷ `unseal` / both with `./node-cipher`", ...COLUMN_SIZES.map(size)], rows);
}

function withBoth(valueOf: (ours: string) => number | undefined): string {
  return `${ratio(valueOf("ours"))} / ${ratio(valueOf("ours, node-cipher"))}`;
}

function quotient(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}
