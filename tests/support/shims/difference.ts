/**
 * Strict deep equality as `node:assert/strict` defines it, told as the first difference found.
 *
 * @module
 */

type Pairs = Map<object, object>;

/** Where and how `actual` first differs from `expected`; `undefined` when they are deeply and strictly equal. */
export function difference(actual: unknown, expected: unknown): string | undefined {
  return compare(actual, expected, "", new Map());
}

/** A value in one short line. */
export function show(value: unknown): string {
  if (typeof value === "string") return cut(JSON.stringify(value));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name}]`;
  if (value instanceof Error) return cut(`[${value.name}: ${value.message}]`);
  if (value instanceof RegExp) return String(value);
  if (value instanceof Uint8Array) return cut(`Uint8Array(${value.length}) [${value.subarray(0, 40).join(" ")}]`);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  try {
    return cut(JSON.stringify(value));
  } catch {
    return Object.prototype.toString.call(value); // Circular, or holding a bigint.
  }
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}

/** `seen` holds the pairs above this one, so that circular values end. */
function compare(actual: unknown, expected: unknown, path: string, seen: Pairs): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  const differs = `${path === "" ? "" : `at ${path}: `}got ${show(actual)}, expected ${show(expected)}`;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) {
    return differs;
  }
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return `${differs}, of another prototype`;
  if (Object.prototype.toString.call(actual) !== Object.prototype.toString.call(expected)) return differs;
  if (seen.get(actual) === expected) return undefined;
  seen.set(actual, expected);
  try {
    return compareHidden(actual, expected, differs, path, seen) ?? compareKeys(actual, expected, differs, path, seen);
  } finally {
    seen.delete(actual);
  }
}

/** What an object holds outside its own enumerable properties. */
function compareHidden(
  actual: object,
  expected: object,
  differs: string,
  path: string,
  seen: Pairs,
): string | undefined {
  if (Array.isArray(actual) && Array.isArray(expected)) return actual.length === expected.length ? undefined : differs;
  if (ArrayBuffer.isView(actual) && ArrayBuffer.isView(expected)) {
    return sameBytes(bytesOf(actual), bytesOf(expected)) ? undefined : differs;
  }
  if (actual instanceof ArrayBuffer && expected instanceof ArrayBuffer) {
    return sameBytes(new Uint8Array(actual), new Uint8Array(expected)) ? undefined : differs;
  }
  if (actual instanceof Error && expected instanceof Error) {
    return actual.name === expected.name && actual.message === expected.message
      ? compare(actual.cause, expected.cause, `${path}.cause`, seen)
      : differs;
  }
  if (actual instanceof RegExp) return String(actual) === String(expected) ? undefined : differs;
  if (actual instanceof Map && expected instanceof Map) return compare([...actual], [...expected], path, seen);
  if (actual instanceof Set && expected instanceof Set) return compare([...actual], [...expected], path, seen);
  if (actual instanceof Date || actual instanceof Number || actual instanceof String || actual instanceof Boolean) {
    return Object.is(actual.valueOf(), expected.valueOf()) ? undefined : differs;
  }
  return undefined;
}

function compareKeys(
  actual: object,
  expected: object,
  differs: string,
  path: string,
  seen: Pairs,
): string | undefined {
  if (ArrayBuffer.isView(actual)) return undefined; // Its keys are its bytes, already compared.
  const keys = enumerableKeys(actual);
  const expectedKeys = new Set(enumerableKeys(expected));
  if (keys.length !== expectedKeys.size || keys.some((key) => !expectedKeys.has(key))) return differs;
  for (const key of keys) {
    const found = compare(Reflect.get(actual, key), Reflect.get(expected, key), `${path}.${String(key)}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function enumerableKeys(value: object): (string | symbol)[] {
  return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function sameBytes(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && actual.every((byte, index) => byte === expected[index]);
}
