/**
 * Reads fields of events. The fields are unchecked, so only own properties count, and a value of another type reads as
 * `undefined`.
 *
 * @module
 */

import { isRecord } from "./event.ts";
import type { BotResult } from "./types/shared.ts";

/** The value at a path of own properties; `undefined` where one is missing. */
export function read(value: unknown, ...path: readonly string[]): unknown {
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** `value` if it is a string. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `value` if it is a number. */
export function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** `value` if it is `true` or `false`. */
export function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** A bot detection's result, as v4 writes it. */
export function botResult(value: unknown): BotResult | undefined {
  if (value === "notDetected") return "not_detected";
  return value === "bad" || value === "good" || value === "not_detected" ? value : undefined;
}
