/**
 * Reads fields of events. The fields are unchecked, so only own properties count, and a value of another type reads as
 * `undefined`.
 *
 * @module
 */

import type { BotResult, Confidence } from "./types/shared.ts";

/** Whether `value` is an object, and neither `null` nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own property `name` of `value`; `undefined` where it is missing. */
export function read(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The property at the end of a path of own properties. */
export function readPath(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce(read, value);
}

/** `value` if it is a string. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `value` if it is a finite number. JSON can hold others: `1e400` is read as `Infinity`. */
export function number(value: unknown): number | undefined {
  return Number.isFinite(value) ? value as number : undefined; // isFinite() is false for other types
}

/** `value` if it is `true` or `false`. */
export function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** `value` if it is one of the literals. */
export function oneOf<const Literal extends string | number>(
  value: unknown,
  literals: readonly Literal[],
): Literal | undefined {
  return literals.includes(value as Literal) ? value as Literal : undefined; // one of them, so a Literal
}

/** A bot detection's result, as v4 writes it. */
export function botResult(value: unknown): BotResult | undefined {
  return value === "notDetected" ? "not_detected" : oneOf(value, ["bad", "good", "not_detected"]);
}

/** How sure Fingerprint is of a signal's value. */
export function confidence(value: unknown): Confidence | undefined {
  return oneOf(value, ["low", "medium", "high"]);
}
