/**
 * The sections on the whole operation, a runtime in a row.
 *
 * @module
 */

import { unsealOnly } from "../contestant.ts";
import { type Cell, findCell, ratioOf, type Results, titleOf } from "./documents.ts";
import { ratio, size, table } from "./tables.ts";

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
