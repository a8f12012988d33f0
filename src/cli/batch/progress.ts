/**
 * The reports of a batch: a progress line on terminals, and a summary at the end.
 *
 * @module
 */

import { stylesFor } from "../output.ts";
import type { Tally } from "./checkpoint.ts";

const INTERVAL_MS = 200;

export interface Progress {
  /** @param share The processed share of the input, from 0 to 1; `undefined` when its length is unknown. */
  update(tally: Tally, share: number | undefined): void;
  /** Removes the line. */
  clear(): void;
}

/** Creates the progress line on standard error. If that is not a terminal, nothing is printed. */
export function createProgress(records: number, share: number | undefined): Progress {
  const startedAt = performance.now();
  const styles = stylesFor(process.stderr);
  let shownAt = -Infinity;
  return {
    update(tally, shareNow) {
      const now = performance.now();
      if (!process.stderr.isTTY || now - shownAt < INTERVAL_MS) return;
      shownAt = now;
      const seconds = (now - startedAt) / 1000;
      const rate = (tally.records - records) / seconds;
      const done = shareNow === undefined ? undefined : shareNow - (share ?? 0);
      const left = done === undefined || done <= 0 ? undefined : seconds / done * (1 - (shareNow ?? 0));
      const parts = [
        `${grouped(tally.records)} lines`,
        `${grouped(Math.round(rate))} lines/s`,
        ...tally.failed > 0 ? [styles.red(`${grouped(tally.failed)} failed`)] : [],
        ...left === undefined ? [] : [`${Math.round((shareNow ?? 0) * 100)} %, ${duration(left)} left`],
      ];
      process.stderr.write(`\r\x1b[K${parts.join(", ")}`);
    },
    clear() {
      if (process.stderr.isTTY && shownAt > 0) process.stderr.write("\r\x1b[K");
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

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
