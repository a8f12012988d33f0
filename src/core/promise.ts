/**
 * Telling promises from values, also when they come from another realm.
 *
 * @module
 */

/** Whether `value` has to be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
