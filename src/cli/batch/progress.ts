/**
 * The reports of a batch: a progress line on terminals, and a summary at the end.
 *
 * @module
 */

import { grouped, isDumb, red, redraw } from "../output.ts";
import type { Tally } from "./checkpoint.ts";

const INTERVAL_MS = 200;
const SEPARATOR = ", ";
const DEFAULT_COLUMNS = 80;

export interface Progress {
  /** @param share The processed share of the input, from 0 to 1; `undefined` when its length is unknown. */
  update(tally: Tally, share: number | undefined): void;
  /** Removes the line. */
  clear(): void;
}

/** Creates the progress line on standard error. If that is not a terminal, nothing is printed. */
export function createProgress(records: number, share: number | undefined, isQuiet: boolean): Progress {
  const startedAt = performance.now();
  const isShown = !isQuiet && process.stderr.isTTY && !isDumb();
  let shownAt = -Infinity;
  return {
    update(tally, shareNow) {
      const now = performance.now();
      if (!isShown || now - shownAt < INTERVAL_MS) return;
      shownAt = now;
      const seconds = (now - startedAt) / 1000;
      const rate = (tally.records - records) / seconds;
      const done = shareNow === undefined ? undefined : shareNow - (share ?? 0);
      const left = done === undefined || done <= 0 ? undefined : seconds / done * (1 - (shareNow ?? 0));
      const parts = [
        { text: `${grouped(tally.records)} lines` },
        { text: `${grouped(Math.round(rate))} lines/s` },
        ...tally.failed > 0 ? [{ text: `${grouped(tally.failed)} failed`, style: red }] : [],
        ...left === undefined ? [] : [{ text: `${Math.round((shareNow ?? 0) * 100)} %, ${duration(left)} left` }],
      ];
      // A line that is wider than the terminal could not be replaced. A terminal without a size has 0 columns.
      let room = (process.stderr.columns || DEFAULT_COLUMNS) - 1 + SEPARATOR.length;
      const shown = parts.filter(({ text }) => (room -= SEPARATOR.length + text.length) >= 0);
      const line = shown.map(({ text, style }) => style === undefined ? text : style(text)).join(SEPARATOR);
      redraw(line);
    },
    clear() {
      if (isShown && shownAt > 0) redraw("");
    },
  };
}

/** The summary: counts, failures by code, and usage by key. */
export function summaryOf({ records, failed, failures, opened }: Tally, newRecords: number, seconds: number): string {
  const rate = seconds > 0 ? ` (${grouped(Math.round(newRecords / seconds))} lines/s)` : "";
  const lines = [`${grouped(records)} lines, ${grouped(failed)} failed, in ${duration(seconds)}${rate}`];
  for (const [code, count] of Object.entries(failures).sort()) {
    lines.push(`  failed  ${code.padEnd(22)} ${grouped(count)}`);
  }
  for (const [id, count] of Object.entries(opened)) lines.push(`  key     ${id.padEnd(22)} ${grouped(count)} opened`);
  return `${lines.join("\n")}\n`;
}

function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return `${whole} s`;
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
