/**
 * Deep overrides of sample events.
 *
 * @module
 */

import { isRecord, read } from "../event/fields.ts";

/**
 * Any part of a value, at any depth. `undefined` removes the field. An array replaces the whole array.
 *
 * @typeParam Value The value, such as an event.
 */
export type Overrides<Value> = Value extends readonly unknown[] ? Value
  : Value extends object ? { readonly [Name in keyof Value]?: Overrides<Value[Name]> | undefined }
  : Value;

/** Returns `value` with `overrides`. Neither is changed, and the result shares no object with them but in arrays. */
export function override<Value>(value: Value, overrides: Overrides<Value> | undefined): Value {
  return merge(value, overrides) as Value;
}

function merge(value: unknown, overrides: unknown): unknown {
  if (!isRecord(overrides)) return overrides === undefined ? value : overrides;
  const merged: Record<string, unknown> = isRecord(value) ? { ...value } : {};
  for (const [name, part] of Object.entries(overrides)) {
    if (part === undefined) delete merged[name];
    // Defined and not assigned: an assignment to `__proto__` would set the prototype.
    else define(merged, name, merge(read(merged, name), part));
  }
  return merged;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}
