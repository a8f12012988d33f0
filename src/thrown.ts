/**
 * Examines what foreign code threw or passed: any value, whose getters and traps may throw.
 *
 * @module
 */

/** A property, own or inherited; `undefined` if it is missing, or reading it throws. */
export function propertyOf(value: unknown, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** `instanceof`, which throws for a revoked proxy. */
export function isInstance<Value>(thrown: unknown, Class: new (...parameters: never[]) => Value): thrown is Value {
  try {
    return thrown instanceof Class;
  } catch {
    return false;
  }
}

/**
 * The result of `step`, or `undefined` if it throws.
 *
 * @throws The engine's own error when its stack or memory is exhausted.
 */
export function attempt<Result>(step: () => Result): Result | undefined {
  try {
    return step();
  } catch (error) {
    if (isExhausted(error)) throw error;
    return undefined;
  }
}

/**
 * Whether an engine threw `thrown` because its stack or its memory is exhausted, as after a deep recursion of the
 * application. Such an error says nothing about the input, so no code may take it for a verdict.
 *
 * V8, JavaScriptCore and QuickJS-ng throw a `RangeError`, SpiderMonkey and QuickJS an `InternalError`. Other code also
 * throws `RangeError`s, such as Node's zlib for output over a limit, so the message counts, too.
 *
 * @throws The same kind of error when too little of the stack is left for this function.
 */
export function isExhausted(thrown: unknown): boolean {
  const name = propertyOf(thrown, "name");
  if (name !== "RangeError" && name !== "InternalError") return false;
  return /stack|recursion|memory|allocation/i.test(`${propertyOf(thrown, "message")}`);
}
