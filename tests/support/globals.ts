/**
 * Runs code as on a runtime with other globals.
 *
 * @module
 */

import type { Skipped } from "./absence.ts";

/** The options of a test that replaces these globals. */
export function replacing(...names: readonly string[]): Skipped {
  const fixed = names.find((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    return descriptor !== undefined && !descriptor.configurable && !descriptor.writable;
  });
  return fixed === undefined ? {} : { skip: `this runtime's ${fixed} cannot be replaced` };
}

/** Runs `run` with other values of globals, and then restores them. `undefined` hides a global. */
export function withGlobals<Result>(values: Readonly<Record<string, unknown>>, run: () => Result): Result {
  const kept = Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  const restore = () => {
    for (const [name, descriptor] of kept) {
      Reflect.deleteProperty(globalThis, name);
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
    }
  };
  let result: Result | undefined;
  try {
    for (const [name, descriptor] of kept) {
      // Removed first, because code that WebKit has compiled before would not see an assignment.
      Reflect.deleteProperty(globalThis, name);
      // workerd inherits its globals, and edge-runtime does not let some be removed: a value hides those, too.
      const attributes = descriptor?.configurable === false ? descriptor : { writable: true, configurable: true };
      Object.defineProperty(globalThis, name, { ...attributes, value: values[name] });
    }
    result = run();
    return result instanceof Promise ? result.finally(restore) as Result : result;
  } finally {
    if (!(result instanceof Promise)) restore();
  }
}

/** The delays of the timers that `run` starts, and of those that it does not end. */
export async function timersDuring(
  run: () => Promise<unknown>,
): Promise<{ readonly started: readonly number[]; readonly left: readonly number[] }> {
  const { setTimeout, clearTimeout } = globalThis;
  const started: number[] = [];
  const left = new Map<unknown, number>();
  await withGlobals({
    setTimeout: (callback: () => void, delay: number) => {
      const timer = setTimeout(callback, delay);
      started.push(delay);
      left.set(timer, delay);
      return timer;
    },
    clearTimeout: (timer: ReturnType<typeof setTimeout>) => {
      left.delete(timer);
      clearTimeout(timer);
    },
  }, run);
  return { started, left: [...left.values()] };
}
