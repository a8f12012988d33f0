/**
 * Reads v3 fields that must have a certain form in v4.
 *
 * @module
 */

import { isRecord } from "../event.ts";

/** An object whose `undefined` properties may be missing. */
type Defined<Fields> =
  & { [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name] }
  & { [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined> };

/** `fields` without those that are `undefined`. */
export function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Fields>; // of the same properties
}

/** `fields` without those that are `undefined`; `undefined` when no field is left. */
export function group<Fields extends object>(fields: Fields): Defined<Fields> | undefined {
  const group = defined(fields);
  return Object.keys(group).length === 0 ? undefined : group;
}

/** The converted elements of a list, without those that become `undefined`; `undefined` when `value` is not a list. */
export function listOf<Element>(
  value: unknown,
  convert: (element: unknown) => Element | undefined,
): Element[] | undefined {
  return Array.isArray(value) ? value.map(convert).filter((element) => element !== undefined) : undefined;
}

/** `value` if it is an object. */
export function record(value: unknown): { readonly [name: string]: unknown } | undefined {
  return isRecord(value) ? value : undefined;
}
