/**
 * Reads and checks options, in the same way for every module.
 *
 * An invalid option throws a `TypeError` or a `RangeError` that names the option, the expected type or range, and the
 * type of the value. A value other than a number is never quoted: it may be a secret that was given in the wrong place.
 *
 * @module
 */

/**
 * Returns the own properties of `options` and nothing inherited, so that a polluted `Object.prototype` cannot choose a
 * cipher or lift a limit.
 */
export function ownProperties<Options extends object>(options: Options): Options {
  return { __proto__: null, ...options };
}

/**
 * Returns the own properties of a caller's options, and refuses an unknown one: a misspelt `replay` would otherwise mean
 * no replay protection.
 *
 * @param options The caller's options.
 * @param names The names of all options. The type keeps the list complete.
 * @param hint Ends the message, by the unknown name. The core has none, to stay small: `checkedOptions` of
 * `checked-options.ts` names the nearest known option.
 */
export function knownOptions<Options extends object>(
  options: Options,
  names: Readonly<Record<keyof Options, 1>>,
  hint?: (unknown: string) => string,
): Options {
  if (typeof options !== "object" || options === null) throw wrongType("options", "an object", options);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return ownProperties(options);
  // Any other text may be a secret in the wrong place.
  throw new TypeError(`Unknown option${/^[a-z]\w{0,39}$/i.test(unknown) ? ` ${unknown}` : ""}${hint?.(unknown) ?? ""}`);
}

/**
 * Checks a limit in bytes.
 *
 * @param name The option, for the message.
 * @param limit The caller's value: a whole number from 0, or `Infinity`.
 */
export function checkByteLimit(name: string, limit: number): number {
  if (limit === Infinity || (Number.isInteger(limit) && limit >= 0)) return limit;
  const wanted = "a whole number of bytes or Infinity";
  throw typeof limit === "number"
    ? new RangeError(`${name} must be ${wanted}, got ${limit}`)
    : wrongType(name, wanted, limit);
}

/** The longest delay of a timer, in milliseconds (about 25 days). A timer with a longer delay fires at once. */
const MAX_MILLISECONDS = 0x7fff_ffff;

/**
 * Checks a time in milliseconds.
 *
 * @param name The option, for the message.
 * @param milliseconds The caller's value: a whole number from `least` to 2^31 - 1.
 * @param least 1 for a time limit, 0 for a tolerance.
 */
export function checkMilliseconds(name: string, milliseconds: number, least = 1): number {
  if (typeof milliseconds !== "number") throw wrongType(name, "a number of milliseconds", milliseconds);
  if (Number.isInteger(milliseconds) && milliseconds >= least && milliseconds <= MAX_MILLISECONDS) return milliseconds;
  const range = `from ${least} to ${MAX_MILLISECONDS}`;
  throw new RangeError(`${name} must be a whole number of milliseconds ${range}, got ${milliseconds}`);
}

/** Checks a time limit: milliseconds as in {@linkcode checkMilliseconds}, or `Infinity` for no limit. */
export function checkTimeout(name: string, milliseconds: number): number {
  return milliseconds === Infinity ? milliseconds : checkMilliseconds(name, milliseconds);
}

/** Checks an option that is `true` or `false`. */
export function checkFlag(name: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw wrongType(name, "true or false", value);
}

/** Checks that a value is a function. */
export function checkFunction<Value>(name: string, value: Value): Value {
  if (typeof value === "function") return value;
  throw wrongType(name, "a function", value);
}

/** Checks that an object has certain methods, own or inherited. */
export function checkMethods<Value>(name: string, value: Value, ...methods: readonly (keyof Value & string)[]): Value {
  if (methods.every((method) => typeof value?.[method] === "function")) return value;
  throw wrongType(name, `an object with ${methods.join("() and ")}()`, value);
}

/** Creates the error for an option of the wrong type. */
export function wrongType(name: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${wanted}, got ${typeNameOf(value)}`);
}

/** Names the type of a value. It never quotes or examines the value. */
export function typeNameOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
