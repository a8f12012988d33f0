/**
 * What is counted of a group of events.
 *
 * @module
 */

import type { EventRow } from "../../event/row.ts";

export const SIGNALS = ["vpn", "proxy", "tor", "tampering", "incognito", "replayed"] as const;
export type Signal = (typeof SIGNALS)[number];

/** A count besides the events and their visitors: the same in tables, CSV, JSON and pages. */
export interface Metric {
  /** Its name in CSV and JSON, which no dimension has. */
  readonly name: "bad_bots" | "good_bots" | `${Signal}_events`;
  readonly title: string;
  /** Whether it counts a row. */
  has(row: EventRow): boolean;
}

export const METRICS: readonly Metric[] = [
  { name: "bad_bots", title: "bad bots", has: ({ bot }) => bot === "bad" },
  { name: "good_bots", title: "good bots", has: ({ bot }) => bot === "good" },
  ...SIGNALS.map((signal): Metric => ({
    name: `${signal}_events`,
    title: titleOf(signal),
    has: ({ [signal]: value }) => value === true,
  })),
];

export function titleOf(signal: Signal): string {
  return signal === "vpn" ? "VPN" : signal === "tor" ? "Tor" : signal;
}

/** How many events a group has, and how many each metric has of them. */
export type Counts = Record<"events" | Metric["name"], number>;

/** The names of the counts that include a row. */
export function countsOf(row: EventRow): readonly (keyof Counts)[] {
  const names: (keyof Counts)[] = ["events"];
  for (const { name, has } of METRICS) if (has(row)) names.push(name);
  return names;
}

/** The sum of the counts of groups; zeros for no groups. */
export function sumOf(groups: readonly Readonly<Counts>[]): Counts {
  const names = ["events", ...METRICS.map(({ name }) => name)] as const;
  const sums = names.map((name) => [name, groups.reduce((sum, counts) => sum + counts[name], 0)]);
  return Object.fromEntries(sums) as Counts; // has each name
}
