/**
 * What is shown of statistics, in tables and pages alike.
 *
 * @module
 */

import { type Counts, SIGNALS, sumOf, titleOf } from "./counts.ts";
import type { Breakdown, GroupCounts, Statistics } from "./statistics.ts";

/** A row of a table: a group, or the sum of those that are not shown. */
export interface ShownGroup {
  /** The value of each dimension; `null` where it is unknown. */
  readonly values: readonly (string | null)[];
  readonly counts: Readonly<Counts>;
  /** Unknown for a sum: a visitor can be in several groups. */
  readonly visitors: GroupCounts["visitors"] | undefined;
}

export interface Shown {
  readonly groups: readonly ShownGroup[];
  /** The sum of all other groups, and what to call it. */
  readonly rest: (Omit<ShownGroup, "values"> & { readonly label: string }) | undefined;
}

/** Selects at most `limit` groups: the latest ones if they are times, otherwise those with the most events. */
export function selectGroups({ dimensions, groups, other }: Breakdown, limit: number): Shown {
  const isTime = dimensions[0]?.isTime === true;
  const cut = Math.max(0, groups.length - limit);
  const shown = isTime ? groups.slice(cut) : groups.slice(0, limit);
  const hidden: readonly GroupCounts[] = isTime ? groups.slice(0, cut) : groups.slice(limit);
  const all = other === undefined ? hidden : [...hidden, other];
  // With the groups that arrived after there were too many, their number is unknown.
  const label = other === undefined ? `other (${hidden.length} ${hidden.length === 1 ? "group" : "groups"})` : "other";
  return {
    groups: shown.map(({ values, visitors, ...counts }) => ({ values, visitors, counts })),
    rest: all.length === 0
      ? undefined
      : { label, counts: sumOf(all), visitors: all.length === 1 ? all[0]?.visitors : undefined },
  };
}

/** How a share of all events is written: `12.5 %`. */
export function shareOf(count: number, all: number): string {
  return all === 0 ? "–" : `${(count / all * 100).toFixed(1)} %`;
}

/** What a reader must know about a result: which counts are estimates, and where groups were summed. */
export function notesOf(visitors: GroupCounts["visitors"], breakdowns: readonly Breakdown[]): string[] {
  const notes: string[] = [];
  const percent = (error: number) => `${(error * 100).toFixed(1)} %`;
  const groups = breakdowns.flatMap(({ groups }) => groups).find(({ visitors }) => visitors.standardError > 0);
  if (visitors.standardError > 0) {
    notes.push(
      `All visitors are estimated by HyperLogLog, with a standard error of ${percent(visitors.standardError)}.`,
    );
  }
  if (groups !== undefined) {
    const error = percent(groups.visitors.standardError);
    notes.push(`The visitors of each group are estimated by HyperLogLog, with a standard error of ${error}.`);
  }
  for (const { dimensions, groups, other } of breakdowns) {
    if (other === undefined) continue;
    const by = dimensions.map(({ name }) => name).join(", ");
    notes.push(`By ${by}, the first ${groups.length} groups are counted alone, and all later ones together as other.`);
  }
  return notes;
}

/** What is shown of the signals of all events. */
export function signalRows({ bots, signals }: Statistics): { name: string; yes: number; unknown: number }[] {
  return [
    { name: "bad bot", yes: bots.bad, unknown: bots.unknown },
    { name: "good bot", yes: bots.good, unknown: bots.unknown },
    ...SIGNALS.map((name) => ({ name: titleOf(name), yes: signals[name].yes, unknown: signals[name].unknown })),
  ];
}
