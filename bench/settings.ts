/**
 * The precision of measurements.
 *
 * @module
 */

import type { HarnessSettings } from "./harness.ts";

export interface TaskSettings {
  /** The task of the process. */
  readonly task: "cases" | "latency";
  readonly harness: HarnessSettings;
  /** Subjects of cases to run; all of them when empty. */
  readonly subjects: readonly string[];
  /** The largest JSON that is measured. */
  readonly maxBytes: number;
  readonly latency: { readonly host: "idle" | "busy"; readonly operations: number; readonly pauseMs: number };
  readonly coldStartLaunches: number;
}

/** Payloads and orders come from this seed. */
export const SEED = 2026;

/** The key of all payloads, as base64 text. */
export const KEY = "kXGWbmcYKBJMQWKEPe1mlcRRCwTaUTWHpmQ2qXHrvkU=";

/** Starts each line that a task prints for the benchmark. */
export const MARK = "@bench ";

/** The settings of the committed results: about 100 seconds per runtime. */
export const FULL: Omit<TaskSettings, "task"> = {
  harness: { seed: SEED, warmUpMs: 50, caseBudgetMs: 800, batchMs: 6, minRounds: 3, maxRounds: 41 },
  subjects: [],
  maxBytes: 1024 * 1024,
  latency: { host: "idle", operations: 100, pauseMs: 10 },
  coldStartLaunches: 15,
};

/** Settings to check that everything works, with rough results: about 13 seconds per runtime. */
export const QUICK: Omit<TaskSettings, "task"> = {
  harness: { seed: SEED, warmUpMs: 10, caseBudgetMs: 60, batchMs: 2, minRounds: 3, maxRounds: 9 },
  subjects: [],
  maxBytes: 16 * 1024,
  latency: { host: "idle", operations: 25, pauseMs: 5 },
  coldStartLaunches: 2,
};
