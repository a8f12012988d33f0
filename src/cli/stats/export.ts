/**
 * Statistics as JSON and CSV, for programs.
 *
 * @module
 */

import { csvCell } from "../batch/lines.ts";
import { METRICS, SIGNALS } from "./counts.ts";
import type { Breakdown, GroupCounts, Statistics } from "./statistics.ts";

/** The statistics as JSON, with names as in `unseal batch --summary`. */
export function toJson(statistics: Statistics): string {
  const { records, events, failed, visitors, firstTime, lastTime, bots, signals, failures, keys, breakdowns } =
    statistics;
  const shown = {
    records,
    failed,
    events,
    visitors: visitors.count,
    visitors_standard_error: visitors.standardError,
    first_time: firstTime ?? null,
    last_time: lastTime ?? null,
    bots,
    ...Object.fromEntries(SIGNALS.map((name) => [name, signals[name]])),
    failures: failures.map(([error, records]) => ({ error, records })),
    keys: keys.map(([key_id, events]) => ({ key_id, events })),
    breakdowns: breakdowns.map(({ dimensions, groups, other }) => ({
      by: dimensions.map(({ name }) => name),
      groups: groups.map(({ values, ...counts }) => ({
        ...Object.fromEntries(dimensions.map(({ name }, index) => [name, values[index]])),
        ...shownCounts(counts),
      })),
      other: other === undefined ? null : shownCounts(other),
    })),
  };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

function shownCounts({ events, visitors, ...metrics }: GroupCounts): Record<string, number> {
  return { events, visitors: visitors.count, visitors_standard_error: visitors.standardError, ...metrics };
}

/**
 * The groups of a breakdown as CSV, for a spreadsheet. A value that is unknown is empty. The last row can be the sum of other
 * groups.
 */
export function toCsv({ dimensions, groups, other }: Breakdown): string {
  const names = ["events", "visitors", ...METRICS.map(({ name }) => name)];
  const line = (values: readonly (string | null)[], counts: GroupCounts) =>
    [
      ...values.map((value) => csvCell(value, { spreadsheet: true })),
      counts.events,
      counts.visitors.count,
      ...METRICS.map(({ name }) => counts[name]),
    ].join(",");
  return [
    [...dimensions.map(({ name }) => name), ...names].join(","),
    ...groups.map(({ values, ...counts }) => line(values, counts)),
    ...other === undefined ? [] : [line(dimensions.map(() => "(other)"), other)],
  ].map((row) => `${row}\r\n`).join("");
}
