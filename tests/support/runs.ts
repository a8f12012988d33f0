/**
 * How much work a test does on the runtime it runs on.
 *
 * @module
 */

/** QuickJS and Fastly's engine interpret, some fifty times slower than the rest, and have no WebAssembly. */
const isInterpreted = !("WebAssembly" in globalThis);

/** Scales a number of runs down where they take too long, but never below 10. */
export function runs(count: number): number {
  return isInterpreted ? Math.min(count, Math.max(10, Math.floor(count / 40))) : count;
}
