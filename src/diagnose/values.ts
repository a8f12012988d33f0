/**
 * Examines values of any type without throwing: properties may be getters that throw, objects may be proxies.
 *
 * @module
 */

import { propertyOf } from "../thrown.ts";

/** Whether an object has all of these methods. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return names.every((name) => typeof propertyOf(value, name) === "function");
}

/** The first items of an array, with `undefined` for holes; `undefined` for another value, and a hostile proxy. */
export function itemsOf(value: unknown, max: number): unknown[] | undefined {
  try {
    return Array.isArray(value) ? Array.from(value.slice(0, max)) : undefined;
  } catch {
    return undefined;
  }
}

/** The JSON of an object, with views as lists; empty if it has over `max` characters, roughly, or cannot be written. */
export function jsonOf(value: unknown, max: number): string {
  let left = max;
  try {
    return JSON.stringify(value, (_name, item: unknown) => {
      if ((left -= typeof item === "string" ? item.length : 8) < 0) throw new RangeError();
      if (!ArrayBuffer.isView(item)) return item;
      return Array.from(new Uint8Array(item.buffer, item.byteOffset, Math.min(item.byteLength, max / 8)));
    }) ?? "";
  } catch {
    return ""; // also for a cycle, and a getter or proxy that throws
  }
}
