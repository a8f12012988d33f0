/**
 * The committed results of commands that take too long for the suite, from which the tables of `docs/proof.md` are
 * generated: one entry for each part that the command can run by itself.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";

/** A file of `src/`, of `npm run mutate`. */
export interface MutateResult {
  readonly date: string;
  readonly mutants: number;
  /** Mutants that fail a test, or keep it from ending. */
  readonly noticed: number;
}

/** A target of `npm run fuzz`: the sum of all runs. */
export interface FuzzResult {
  /** Of the last run. */
  readonly date: string;
  readonly executions: number;
  readonly minutes: number;
  /** Branches that the kept inputs reach. */
  readonly covered: number;
  readonly findings: number;
}

/** A runtime of `npm run soak -- --minutes=N`. */
export interface SoakResult {
  readonly date: string;
  readonly host: string;
  readonly minutes: number;
  readonly requests: number;
  readonly hostile: number;
  readonly events: number;
  readonly resent: number;
  readonly residentMegabytes: readonly [before: number, most: number, after: number];
  readonly openFiles: readonly [before: number, after: number];
  readonly proxyMilliseconds: FirstAndLast;
  readonly endpointMilliseconds: FirstAndLast;
}

/** The first and the last round. */
interface FirstAndLast {
  readonly first: Percentiles;
  readonly last: Percentiles;
}
type Percentiles = readonly [median: number, p99: number];

/** A proof of `npm run prove`, by the inputs that it is about. */
export interface ProveResult {
  readonly date: string;
  readonly inputs: number;
  /** What happens to every one. */
  readonly outcome: string;
}

interface Kept {
  readonly mutate: MutateResult;
  readonly fuzz: FuzzResult;
  readonly soak: SoakResult;
  readonly prove: ProveResult;
}

const FILES: Readonly<Record<keyof Kept, string>> = {
  mutate: join(ROOT, "tests/mutate/results.json"),
  fuzz: join(ROOT, "tests/fuzz/results.json"),
  soak: join(ROOT, "bench/results/soak.json"),
  prove: join(ROOT, "tests/prove/results.json"),
};

export function keptResults<Command extends keyof Kept>(command: Command): Readonly<Record<string, Kept[Command]>> {
  const file = FILES[command];
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/** Replaces one entry. */
export function keepResult<Command extends keyof Kept>(command: Command, name: string, result: Kept[Command]): void {
  const results = { ...keptResults(command), [name]: result };
  writeFileSync(FILES[command], `${JSON.stringify(results, undefined, 2)}\n`);
}

/** The day of a result. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
