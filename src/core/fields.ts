/**
 * Reads fields of events, of which little is checked: own properties only, and `undefined` in place of another type.
 *
 * @module
 */

import { isRecord } from "./event.ts";
import type { BotResult } from "./events/shared.ts";

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

/** A bot detection's result, in v4's words. */
export function botResult(value: unknown): BotResult | undefined {
  if (value === "notDetected") return "not_detected";
  return value === "bad" || value === "good" || value === "not_detected" ? value : undefined;
}
