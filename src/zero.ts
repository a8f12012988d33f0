/**
 * Zeroing bytes.
 *
 * Copies zeros, because `fill` takes 0.2 µs for each byte on Fastly's engine (StarlingMonkey in `@fastly/js-compute`
 * 3.46.0): 15 ms for 64 KiB, which a copy does in 2 µs. Elsewhere both take well under 1 µs for an event.
 *
 * @module
 */

const ZEROS = /* @__PURE__ */ new Uint8Array(4096);

/** Zeroes the first `length` bytes, or all when there are fewer. */
export function zero(bytes: Uint8Array, length: number = bytes.length): void {
  const end = Math.min(length, bytes.length);
  for (let at = 0; at < end; at += ZEROS.length) bytes.set(ZEROS.subarray(0, end - at), at);
}
