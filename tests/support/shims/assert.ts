/**
 * The part of `node:assert/strict` the suite uses, for runtimes that do not have it.
 *
 * Bundles take this module for `node:assert/strict`; `tests/support/shims.test.ts` proves that each assertion can fail.
 * Maps and sets are compared in their order, which is stricter than Node.
 *
 * @module
 */

import { difference, show } from "./difference.ts";

export class AssertionError extends Error {
  override readonly name = "AssertionError";
  readonly code = "ERR_ASSERTION";
}

type Message = string | Error | undefined;
/** A class, a pattern, an object of properties (each a value or a pattern), or a function that returns true. */
type Expected = object | undefined;

function refuse(message: Message, otherwise: string): never {
  throw message instanceof Error
    ? message
    : new AssertionError(message === undefined ? otherwise : `${message}\n${otherwise}`);
}

function ok(value: unknown, message?: string | Error): void {
  if (!value) refuse(message, `Expected a truthy value, got ${show(value)}`);
}

function equal(actual: unknown, expected: unknown, message?: string | Error): void {
  if (!Object.is(actual, expected)) refuse(message, `Expected ${show(expected)}, got ${show(actual)}`);
}

function notEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  if (Object.is(actual, expected)) refuse(message, `Expected anything but ${show(expected)}`);
}

function deepEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  const found = difference(actual, expected);
  if (found !== undefined) refuse(message, `Expected deeply equal values: ${found}`);
}

function notDeepEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  if (difference(actual, expected) === undefined) refuse(message, `Expected anything deeply unlike ${show(expected)}`);
}

function match(text: string, pattern: RegExp, message?: string | Error): void {
  if (typeof text !== "string" || !matches(pattern, text)) {
    refuse(message, `Expected ${show(text)} to match ${pattern}`);
  }
}

function doesNotMatch(text: string, pattern: RegExp, message?: string | Error): void {
  if (typeof text !== "string" || matches(pattern, text)) {
    refuse(message, `Expected ${show(text)} not to match ${pattern}`);
  }
}

function throws(body: () => unknown, expected?: Expected | string, message?: string | Error): void {
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    thrown = error;
    return judge(thrown, expected, message);
  }
  refuse(messageOf(expected, message), "Expected a throw, got none");
}

async function rejects(
  body: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected | string,
  message?: string | Error,
): Promise<void> {
  const promise = typeof body === "function" ? body() : body;
  let thrown: unknown;
  try {
    await promise;
  } catch (error) {
    thrown = error;
    return judge(thrown, expected, message);
  }
  refuse(messageOf(expected, message), "Expected a rejection, got none");
}

function doesNotThrow(body: () => unknown, message?: string | Error): void {
  try {
    body();
  } catch (error) {
    refuse(message, `Expected no throw, got ${show(error)}`);
  }
}

async function doesNotReject(
  body: Promise<unknown> | (() => Promise<unknown>),
  message?: string | Error,
): Promise<void> {
  const promise = typeof body === "function" ? body() : body;
  try {
    await promise;
  } catch (error) {
    refuse(message, `Expected no rejection, got ${show(error)}`);
  }
}

function fail(message?: string | Error): never {
  throw message instanceof Error ? message : new AssertionError(message ?? "Failed");
}

/** Holds what was thrown against what was expected, by Node's rules. */
function judge(thrown: unknown, expected: Expected | string, message: Message): void {
  if (expected === undefined || typeof expected === "string") return;
  if (expected instanceof RegExp) {
    if (!matches(expected, String(thrown))) refuse(message, `Expected ${show(thrown)} to match ${expected}`);
  } else if (typeof expected === "function") {
    if (isInstance(thrown, expected)) return;
    if (expected === Error || expected.prototype instanceof Error) {
      refuse(message, `Expected an instance of ${expected.name}, got ${show(thrown)}`);
    }
    if (Reflect.apply(expected, {}, [thrown]) !== true) refuse(message, `Expected another error than ${show(thrown)}`);
  } else {
    judgeProperties(thrown, expected, message);
  }
}

function judgeProperties(thrown: unknown, expected: object, message: Message): void {
  if (typeof thrown !== "object" || thrown === null) return refuse(message, `Expected an object, got ${show(thrown)}`);
  const keys = [...Object.keys(expected), ...(expected instanceof Error ? ["name", "message"] : [])];
  if (keys.length === 0) refuse(message, "Expected properties to compare, got an empty object");
  for (const key of keys) {
    const [actual, wanted]: unknown[] = [Reflect.get(thrown, key), Reflect.get(expected, key)];
    if (wanted instanceof RegExp && typeof actual === "string") {
      if (!matches(wanted, actual)) refuse(message, `Expected .${key} ${show(actual)} to match ${wanted}`);
      continue;
    }
    const found = key in thrown ? difference(actual, wanted) : "it is missing";
    if (found !== undefined) refuse(message, `Expected .${key} ${show(wanted)} of ${show(thrown)}: ${found}`);
  }
}

function isInstance(value: unknown, type: object): boolean {
  return typeof type === "function" && type.prototype !== undefined && value instanceof type;
}

/** Unlike `test`, keeps no position in a global or sticky pattern. */
function matches(pattern: RegExp, text: string): boolean {
  return text.search(pattern) !== -1;
}

/** `throws(body, "message")` has the message where the expectation goes. */
function messageOf(expected: Expected | string, message: Message): Message {
  return typeof expected === "string" ? expected : message;
}

const assert = Object.assign((value: unknown, message?: string | Error) => ok(value, message), {
  AssertionError,
  ok,
  equal,
  notEqual,
  strictEqual: equal,
  notStrictEqual: notEqual,
  deepEqual,
  notDeepEqual,
  deepStrictEqual: deepEqual,
  notDeepStrictEqual: notDeepEqual,
  match,
  doesNotMatch,
  throws,
  rejects,
  doesNotThrow,
  doesNotReject,
  fail,
});

export default assert;
