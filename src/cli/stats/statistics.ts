/**
 * Counts events, row by row, in constant memory.
 *
 * @module
 */

import type { EventRow } from "../../event/row.ts";
import { type Counts, countsOf, type Signal, SIGNALS, sumOf } from "./counts.ts";
import type { Dimension } from "./dimensions.ts";
import { type Count, createVisitors, VISITOR_LIMITS, type VisitorLimits } from "./visitors.ts";

/** The counts of a group, its visitors included. */
export interface GroupCounts extends Readonly<Counts> {
  readonly visitors: Count;
}

export interface Group extends GroupCounts {
  /** The value of each dimension; `null` where it is unknown. */
  readonly values: readonly (string | null)[];
}

export interface Breakdown {
  readonly dimensions: readonly Dimension[];
  /** Sorted: by time if the first dimension is a time, otherwise by events, the most first. */
  readonly groups: readonly Group[];
  /** The sum of the groups that arrived after there were too many, if there are any. */
  readonly other: GroupCounts | undefined;
}

/** How many events have a signal, have it not, or do not say. */
export interface SignalCounts {
  readonly yes: number;
  readonly no: number;
  readonly unknown: number;
}

export interface Statistics {
  readonly records: number;
  readonly events: number;
  readonly failed: number;
  readonly visitors: Count;
  /** The times of the first and of the last event. */
  readonly firstTime: string | undefined;
  readonly lastTime: string | undefined;
  readonly bots: {
    readonly bad: number;
    readonly good: number;
    readonly not_detected: number;
    readonly unknown: number;
  };
  readonly signals: Readonly<Record<Signal, SignalCounts>>;
  /** Failures by code, and events by the id of their key; the most first. */
  readonly failures: readonly (readonly [code: string, count: number])[];
  readonly keys: readonly (readonly [id: string, count: number])[];
  readonly breakdowns: readonly Breakdown[];
}

export interface Limits extends VisitorLimits {
  /** The most groups of all breakdowns together. */
  readonly maxGroups: number;
}

/** With their sketches, 10,000 groups need 40 MB. */
const LIMITS: Limits = { ...VISITOR_LIMITS, maxGroups: 10_000 };
/** The most codes of failures, and ids of keys. An opened archive could contain any number of them. */
const MAX_NAMES = 1_000;
const MAX_VALUE_CHARACTERS = 200;

export interface Counter {
  add(row: EventRow): void;
  /** @param keyIds The ids of the keys that were given, which are listed even if they opened nothing. */
  statistics(keyIds?: readonly string[]): Statistics;
}

/** @param breakdowns The dimensions of each breakdown. */
export function createCounter(
  breakdowns: readonly (readonly Dimension[])[],
  limits: Limits = LIMITS,
): Counter {
  const visitors = createVisitors(limits);
  let groupCount = 0;
  const newTally = (): Tally => ({ number: groupCount++, counts: sumOf([]) });
  const all = sumOf([]);
  const tables = breakdowns.map((dimensions) => ({
    dimensions,
    groups: new Map<string, { readonly values: readonly (string | null)[]; readonly tally: Tally }>(),
    other: undefined as Tally | undefined,
  }));
  const maxOfTable = Math.max(1, Math.floor(limits.maxGroups / Math.max(1, breakdowns.length)));
  const failures = createNames();
  const keys = createNames();
  let notDetected = 0;
  const denied = Object.fromEntries(SIGNALS.map((name) => [name, 0])) as Record<Signal, number>; // each signal
  let failed = 0;
  let firstTime: string | undefined;
  let lastTime: string | undefined;

  /** The tally of a row's group. */
  function tallyOf(table: (typeof tables)[number], row: EventRow): Tally {
    let key = "";
    const values = table.dimensions.map((dimension) => {
      const value = dimension.of(row);
      const kept = value === null || value.length <= MAX_VALUE_CHARACTERS
        ? value
        : `${value.slice(0, MAX_VALUE_CHARACTERS)}…`;
      // The length keeps values that contain separators apart.
      key += kept === null ? "-" : `${kept.length}:${kept}`;
      return kept;
    });
    const known = table.groups.get(key);
    if (known !== undefined) return known.tally;
    if (table.groups.size >= maxOfTable) return table.other ??= newTally();
    const tally = newTally();
    table.groups.set(key, { values: values.map((value) => value === null ? null : copyOf(value)), tally });
    return tally;
  }

  return {
    add(row) {
      if (row.error !== null) {
        failed++;
        failures.add(row.error);
        return;
      }
      const tallies = tables.map((table) => tallyOf(table, row));
      const names = countsOf(row);
      for (const name of names) {
        all[name]++;
        for (const { counts } of tallies) counts[name]++;
      }
      if (row.visitor_id !== null) visitors.add(row.visitor_id, tallies.map(({ number }) => number));
      if (row.bot === "not_detected") notDetected++;
      for (const name of SIGNALS) if (row[name] === false) denied[name]++;
      if (row.key_id !== null) keys.add(row.key_id);
      const { time } = row;
      if (time === null) return;
      if (firstTime === undefined || time < firstTime) firstTime = time;
      if (lastTime === undefined || time > lastTime) lastTime = time;
    },
    statistics(keyIds = []) {
      const counted = ({ number, counts }: Tally) => ({ ...counts, visitors: visitors.of(number) });
      const { events, bad_bots: bad, good_bots: good } = all;
      return {
        records: events + failed,
        events,
        failed,
        visitors: visitors.total(),
        firstTime,
        lastTime,
        bots: { bad, good, not_detected: notDetected, unknown: events - bad - good - notDetected },
        signals: Object.fromEntries(SIGNALS.map((name) => {
          const [yes, no] = [all[`${name}_events`], denied[name]];
          return [name, { yes, no, unknown: events - yes - no }];
        })) as Record<Signal, SignalCounts>, // each signal
        failures: failures.sorted(),
        keys: keys.sorted(keyIds),
        breakdowns: tables.map(({ dimensions, groups, other }) => ({
          dimensions,
          groups: [...groups.values()].map(({ values, tally }) => ({ values, ...counted(tally) }))
            .sort(dimensions[0]?.isTime === true ? byTime : byEvents),
          other: other === undefined ? undefined : counted(other),
        })),
      };
    },
  };
}

/** The counts of a group, and its number, by which its visitors are counted. */
interface Tally {
  readonly number: number;
  readonly counts: Counts;
}

function byTime({ values: [a], ...first }: Group, { values: [b], ...second }: Group): number {
  return compare(a ?? "", b ?? "") || second.events - first.events;
}

function byEvents(first: Group, second: Group): number {
  return second.events - first.events || compare(first.values.join("\0"), second.values.join("\0"));
}

function compare(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}

/** Counts by name. Names beyond the limit are counted together. */
function createNames() {
  const counts = new Map<string, number>();
  let others = 0;
  return {
    add(name: string) {
      const clipped = name.slice(0, MAX_VALUE_CHARACTERS);
      const known = counts.get(clipped);
      if (known === undefined && counts.size >= MAX_NAMES) others++;
      else counts.set(known === undefined ? copyOf(clipped) : clipped, (known ?? 0) + 1);
    },
    /** @param names Names that are listed even if they were not counted. */
    sorted(names: readonly string[] = []): (readonly [string, number])[] {
      const unused = names.filter((name) => !counts.has(name)).map((name) => [name, 0] as const);
      const sorted = [...counts].sort(([a, first], [b, second]) => second - first || compare(a, b));
      return [...sorted, ...others === 0 ? [] : [["(others)", others] as const], ...unused];
    },
  };
}

/** Copies text: a part of a text keeps the whole text in memory. Lone surrogates become U+FFFD. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
