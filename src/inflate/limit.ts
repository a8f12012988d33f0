/**
 * Limits given in bytes.
 *
 * @module
 */

/** What a stream may inflate to where nothing else is said: 8 MiB. */
export const DEFAULT_MAX_OUTPUT_BYTES: number = 8 * 1024 * 1024;

/**
 * Checks a limit that a caller has set.
 *
 * @param name The option, for the message.
 * @param limit The caller's value.
 * @returns `limit`, a whole number from 0, or `Infinity`.
 */
export function checkByteLimit(name: string, limit: number): number {
  if (limit >= 0 && (Number.isInteger(limit) || limit === Infinity)) return limit;
  const Fault = typeof limit === "number" ? RangeError : TypeError;
  throw new Fault(`${name} must be a whole number of bytes from 0, or Infinity`);
}
