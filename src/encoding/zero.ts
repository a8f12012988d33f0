/**
 * Zeroes bytes.
 *
 * @module
 */

/**
 * Fastly's engine (StarlingMonkey in `@fastly/js-compute` 3.46.0), where `fill` is slower than a copy by orders of
 * magnitude. Elsewhere `fill` is as fast as a copy or faster.
 */
const IS_FILL_SLOW: boolean = "fastly" in globalThis;

/** Zeroes the first `length` bytes, or all bytes when there are fewer. */
export function zero(bytes: Uint8Array, length: number = bytes.length): void {
  if (IS_FILL_SLOW) bytes.set(new Uint8Array(Math.min(length, bytes.length)));
  else bytes.fill(0, 0, length);
}
