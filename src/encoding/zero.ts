/**
 * Zeroes bytes.
 *
 * It copies zeros, because `fill` takes 0.2 µs per byte on Fastly's engine (StarlingMonkey in `@fastly/js-compute`
 * 3.46.0): 15 ms for 64 KiB, against 2 µs for a copy. On other engines both take well under 0.1 µs for an event.
 * Taking subarrays of one array of zeros is shorter code, but made unsealing 2 % slower on Bun.
 *
 * @module
 */

/** Zeros of 1, 2, 4, … 4096 bytes: of 2^n bytes at place n. */
const ZEROS: readonly Uint8Array[] = /* @__PURE__ */ Array.from(
  { length: 13 },
  (_, power) => new Uint8Array(2 ** power),
);

/** Zeroes the first `length` bytes, or all bytes when there are fewer. */
export function zero(bytes: Uint8Array, length: number = bytes.length): void {
  const end = Math.min(length, bytes.length);
  if (end <= 0) return;
  // The largest power of two that fits is copied repeatedly from the start, and once so that it ends at `end`.
  const zeros = ZEROS[Math.min(31 - Math.clz32(end), 12)]!; // end > 0, so the index is from 0 to 12
  for (let at = 0; at < end - zeros.length; at += zeros.length) bytes.set(zeros, at);
  bytes.set(zeros, end - zeros.length);
}
