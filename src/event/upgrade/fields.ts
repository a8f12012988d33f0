/**
 * Reads v3 fields that must have a certain form in v4.
 *
 * @module
 */

import { isRecord } from "../fields.ts";
import { read } from "../fields.ts";

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

/** Returns the fields of `value` by their names. */
export function of(value: unknown): (name: string) => unknown {
  return (name) => read(value, name);
}

/**
 * Reads fields of one type, whose v3 names are the v4 names in camel case.
 *
 * @param valueOf Returns a v3 field by its name.
 * @param convert Reads a field.
 * @param names The v4 names.
 */
export function renamed<Value, Name extends string>(
  valueOf: (name: string) => unknown,
  convert: (value: unknown) => Value,
  ...names: readonly Name[]
): Record<Name, Value> {
  const fields = names.map((name) => [
    name,
    convert(valueOf(name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()))),
  ]);
  return Object.fromEntries(fields) as Record<Name, Value>; // of the same names
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
