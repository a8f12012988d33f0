/**
 * Steps that may be synchronous or asynchronous.
 *
 * The pipeline calls ciphers, inflaters and schemas whose results are values or promises. It waits for promises only.
 * An `await` of each value would make the code slower with synchronous parts, and unusable for the synchronous unsealer.
 *
 * @module
 */

/** A value, or a promise of it. */
export type MaybePromise<Value> = Value | PromiseLike<Value>;

/** Whether `value` is a promise, including a promise of another realm, for which `instanceof` fails. */
export function isPromiseLike<Value>(value: MaybePromise<Value>): value is PromiseLike<Value> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/**
 * Performs a step and continues with its outcome: at once, or when the step's promise is settled.
 *
 * @param step The step. It may throw, or return a promise that rejects.
 * @param next Continues with the step's value.
 * @param failed Continues with the step's error, and by default throws it. It is not called with errors of `next`.
 */
export function settle<Value, Result>(
  step: () => MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Result>,
  failed: (error: unknown) => MaybePromise<Result> = rethrow,
): MaybePromise<Result> {
  let value;
  try {
    value = step();
    // Promise.resolve() returns a promise of this realm as it is, and converts any other thenable.
    if (isPromiseLike(value)) return Promise.resolve(value).then(next, failed);
  } catch (error) {
    return failed(error);
  }
  return next(value);
}

/** Throws what it is given. */
export function rethrow(error: unknown): never {
  throw error;
}
