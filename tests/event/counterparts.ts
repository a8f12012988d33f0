/**
 * Finds which v3 fields `upgradeEvent` fills each v4 field from, by changing one v3 field at a time.
 *
 * @module
 */

import type { FingerprintEvent } from "../../mod.ts";
import { upgradeEvent } from "../../src/event/mod.ts";
import type { WebhookEvent } from "../../src/webhook/mod.ts";
import { COMPLETE_V3, COMPLETE_WEBHOOK_V3 } from "../support/complete-events.ts";
import { COMPLETE_V4 } from "../support/complete-events-v4.ts";

/** The leaves of a value by path: names joined by full stops, `[]` for each element of a list. */
export function leaves(value: unknown, path = ""): Map<string, unknown> {
  if (Array.isArray(value)) return new Map(value.flatMap((element) => [...leaves(element, `${path}[]`)]));
  if (typeof value !== "object" || value === null) return new Map([[path, value]]);
  const prefix = path === "" ? "" : `${path}.`;
  return new Map(Object.entries(value).flatMap(([name, field]) => [...leaves(field, prefix + name)]));
}

/** A copy of `value` with another value at `path`; `undefined` removes it. */
export function replaced(value: unknown, path: string, change: (leaf: unknown) => unknown): unknown {
  const [, step = "", rest = ""] = /^(\[\]|[^.[]+)\.?(.*)$/.exec(path) ?? [];
  if (step === "") return change(value);
  if (step === "[]") return (value as readonly unknown[]).map((element) => replaced(element, rest, change));
  const { [step]: field, ...others } = value as Record<string, unknown>;
  const changed = replaced(field, rest, change);
  return changed === undefined ? others : { ...others, [step]: changed };
}

/** Other valid values of fields that accept only certain values. */
const OTHERS: Readonly<Record<string, unknown>> = {
  good: "bad",
  high: "low",
  medium: "low",
  low: "high",
  residential: "data_center",
  "<p95": "p99.9+",
  js: "ios",
  10: 25,
};

/** Another value of the same type. */
function other(leaf: unknown): unknown {
  if (typeof leaf === "boolean") return !leaf;
  if (String(leaf) in OTHERS) return OTHERS[String(leaf)];
  if (typeof leaf === "number") return leaf + 1;
  return /^\d{4}-/.test(String(leaf)) ? "2001-02-03T04:05:06Z" : `${leaf}!`;
}

/** The v4 fields that change when the field at `path` changes. */
function filledFrom(event: unknown, path: string): string[] {
  const before = leaves(upgradeEvent(event as FingerprintEvent | WebhookEvent));
  const after = leaves(upgradeEvent(replaced(event, path, other) as FingerprintEvent | WebhookEvent));
  return [...before.keys()].filter((name) => before.get(name) !== after.get(name));
}

/** A v4 field and its v3 fields. It is filled from the first v3 field that is present. */
export interface Counterpart {
  readonly v4: string;
  readonly v3: readonly string[];
}

export interface Counterparts {
  readonly filled: readonly Counterpart[];
  /** Fields of v3 webhooks that fill what v3 events cannot. */
  readonly filledFromWebhooks: readonly Counterpart[];
  /** v3 fields that no v4 field is filled from. */
  readonly dropped: readonly string[];
  /** v4 fields that are filled from no v3 event. */
  readonly missing: readonly string[];
}

/**
 * Fields that are removed, one after the other, so that the fields which replace them have an effect. First the event is
 * complete, and at the end the whole identification is missing.
 */
const REMOVED = [
  undefined,
  "products.identification.data.timestamp",
  "products.incognito",
  "products.ipInfo",
  "products.rawDeviceAttributes",
  "products.identification",
];

/** Finds all counterparts. */
export function findCounterparts(): Counterparts {
  const v3 = [...leaves(COMPLETE_V3).keys()];
  const sources = new Map<string, string[]>();
  const used = new Set<string>();
  for (const removed of REMOVED) {
    const event = removed === undefined ? COMPLETE_V3 : replaced(COMPLETE_V3, removed, () => undefined);
    for (const path of leaves(event).keys()) {
      if (used.has(path)) continue;
      const targets = filledFrom(event, path);
      for (const target of targets) sources.set(target, [...sources.get(target) ?? [], path]);
      if (targets.length > 0) used.add(path);
    }
  }
  const filled = [...sources].map(([v4, v3]) => ({ v4, v3 }));
  const webhook = [...leaves(COMPLETE_WEBHOOK_V3).keys()].flatMap((path) =>
    filledFrom(COMPLETE_WEBHOOK_V3, path).filter((v4) => !sources.has(v4)).map((v4) => ({ v4, v3: [path] }))
  );
  const all = new Set([...filled, ...webhook].map(({ v4 }) => v4));
  return {
    filled: inOrder(filled),
    filledFromWebhooks: inOrder(webhook),
    dropped: v3.filter((path) => !used.has(path)),
    missing: [...leaves(COMPLETE_V4).keys()].filter((path) => !all.has(path)),
  };
}

/** Sorts counterparts by the order of the v4 fields. */
function inOrder(counterparts: readonly Counterpart[]): Counterpart[] {
  const order = [...leaves(COMPLETE_V4).keys()];
  return [...counterparts].sort((a, b) => order.indexOf(a.v4) - order.indexOf(b.v4));
}
