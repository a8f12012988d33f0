/**
 * Scales the work of tests to the speed of the runtime.
 *
 * @module
 */

/**
 * QuickJS and Fastly's engine are interpreters, about fifty times slower than the others. Both lack WebAssembly. Sources
 * that Stryker has instrumented (`npm run mutate`) are as slow, and run thousands of times.
 */
const isSlow = !("WebAssembly" in globalThis) || "__stryker__" in globalThis;

/** Scales a number of runs down on slow runtimes, but never below 10. */
export function runs(count: number): number {
  return isSlow ? Math.min(count, Math.max(10, Math.floor(count / 40))) : count;
}
