/**
 * Counts different visitors, in total and in groups: exactly up to a limit, and by sketches beyond it.
 *
 * The exact counts need about 100 MB for a million visitors and 64 MB for four million pairs of group and visitor.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createSketch, hashOf, type Sketch, standardErrorOf } from "./hyperloglog.ts";
import { createPairSet, type PairSet } from "./pair-set.ts";

/** A count of different visitors. */
export interface Count {
  readonly count: number;
  /** The standard error as a share of the count; 0 for an exact count. */
  readonly standardError: number;
}

export interface Visitors {
  /** Counts a visitor once in total and once in each of the groups. A group is a number from 0. */
  add(visitorId: string, groups: readonly number[]): void;
  total(): Count;
  of(group: number): Count;
}

export interface VisitorLimits {
  /** The most visitors that are counted exactly. */
  readonly maxVisitors: number;
  /** The most pairs of group and visitor that are counted exactly. */
  readonly maxPairs: number;
}

export const VISITOR_LIMITS: VisitorLimits = { maxVisitors: 1_000_000, maxPairs: 4_000_000 };

/** 64 KiB, with a standard error of 0.41 %. */
const TOTAL_PRECISION = 16;
/** 4 KiB for each group, with a standard error of 1.6 %. */
const GROUP_PRECISION = 12;

/** A longer id is kept as its digest. Fingerprint's own have 20 characters. */
const MAX_ID_CHARACTERS = 64;

export function createVisitors({ maxVisitors, maxPairs }: VisitorLimits): Visitors {
  /** The number of each visitor, from 0, in the order of arrival; `undefined` after there were too many. */
  let numbers: Map<string, number> | undefined = new Map();
  /** The hash of each visitor, by twice its number. */
  let hashes = new Uint32Array(2048);
  /** The groups and their visitors; `undefined` after there were too many. */
  let pairs: PairSet | undefined = createPairSet();
  const exact: number[] = [];
  const total = createSketch(TOTAL_PRECISION);
  const sketches: (Sketch | undefined)[] = [];

  function numberOf(id: string): number | undefined {
    const known = numbers?.get(id);
    if (known !== undefined || numbers === undefined) return known;
    if (numbers.size >= maxVisitors) {
      for (let number = 0; number < numbers.size; number++) total.add(...hashAt(number));
      dropPairs();
      [numbers, hashes] = [undefined, new Uint32Array(0)];
      return undefined;
    }
    const number = numbers.size;
    numbers.set(id, number);
    if (2 * number === hashes.length) {
      const before = hashes;
      hashes = new Uint32Array(2 * before.length);
      hashes.set(before);
    }
    hashes.set(hashOf(id), 2 * number);
    return number;
  }

  function hashAt(number: number): readonly [number, number] {
    return [hashes[2 * number]!, hashes[2 * number + 1]!]; // written for each number
  }

  function dropPairs(): void {
    pairs?.forEach((group, number) => sketchOf(group).add(...hashAt(number)));
    pairs = undefined;
  }

  function sketchOf(group: number): Sketch {
    return sketches[group] ??= createSketch(GROUP_PRECISION);
  }

  return {
    add(visitorId, groups) {
      const id = visitorId.length <= MAX_ID_CHARACTERS ? visitorId : digestOf(visitorId);
      const number = numberOf(id);
      const hash = number === undefined ? hashOf(id) : hashAt(number);
      if (number === undefined) total.add(...hash);
      for (const group of groups) {
        if (pairs === undefined || number === undefined) sketchOf(group).add(...hash);
        else if (pairs.add(group, number)) exact[group] = (exact[group] ?? 0) + 1;
      }
      if (pairs !== undefined && pairs.size > maxPairs) dropPairs();
    },
    total: () => numbers === undefined ? estimate(total, TOTAL_PRECISION) : { count: numbers.size, standardError: 0 },
    of(group) {
      if (pairs !== undefined) return { count: exact[group] ?? 0, standardError: 0 };
      const sketch = sketches[group];
      return sketch === undefined
        ? { count: 0, standardError: standardErrorOf(GROUP_PRECISION) }
        : estimate(sketch, GROUP_PRECISION);
    },
  };
}

function estimate(sketch: Sketch, precision: number): Count {
  return { count: Math.round(sketch.estimate()), standardError: standardErrorOf(precision) };
}

function digestOf(id: string): string {
  return createHash("sha256").update(id, "utf16le").digest("base64");
}
