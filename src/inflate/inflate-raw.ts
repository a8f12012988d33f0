/**
 * The decoder as a function of its own.
 *
 * @module
 */

import { type Bytes, copyOf, isUint8Array } from "../encoding/bytes.ts";
import { checkByteLimit, knownOptions, wrongType } from "../options.ts";
import { DEFAULT_MAX_OUTPUT_BYTES, inflateTo } from "./decode.ts";

/**
 * Decompresses one complete raw DEFLATE stream: the type of the `inflate` option of `createUnsealer`.
 *
 * @param data The stream.
 * @param maxOutputBytes Most bytes to produce.
 * @returns The decompressed bytes. The caller may zero them.
 * @throws When the stream is refused. The reason of an {@linkcode InflateError} becomes that of the unsealer's error.
 */
export type Inflate = (data: Bytes, maxOutputBytes: number) => Uint8Array | Promise<Uint8Array>;

/** Options of {@linkcode inflateRaw}. */
export interface InflateOptions {
  /**
   * Most bytes to produce: a whole number from 0, or `Infinity`. 8 MiB by default. A larger limit than 1,000,000,000,
   * which every engine can hold, counts as 1,000,000,000.
   */
  readonly maxOutputBytes?: number | undefined;
}

/**
 * Decompresses one complete raw DEFLATE stream (RFC 1951). The stream may be hostile: the work is proportional to its
 * length and to the length of the output, and the latter is limited.
 *
 * @param data The stream; every byte must belong to it. It is not changed.
 * @param options The output limit.
 * @returns The decompressed bytes, in a fresh array.
 * @throws {InflateError} When the stream is truncated, malformed or followed by other bytes, or the output exceeds the
 * limit.
 * @throws {TypeError} When `data` is not a `Uint8Array`, or the limit is not a number.
 * @throws {RangeError} When the limit is neither a whole number from 0 nor `Infinity`.
 *
 * @example Bound the output
 * ```ts
 * import { InflateError, inflateRaw } from "@unseal/sealed-results/inflate";
 * import assert from "node:assert/strict";
 *
 * const hello = new Uint8Array([0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
 * assert.throws(
 *   () => inflateRaw(hello, { maxOutputBytes: 4 }),
 *   (error) => error instanceof InflateError && error.reason === "output-too-large",
 * );
 * ```
 */
export function inflateRaw(data: Uint8Array, options?: InflateOptions): Bytes {
  if (!isUint8Array(data)) throw wrongType("data", "a Uint8Array", data);
  const { maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES }: InflateOptions = options === undefined
    ? { maxOutputBytes: undefined } // an own property, before that of a polluted Object.prototype
    : knownOptions(options, { maxOutputBytes: 1 });
  return inflateTo(data, checkByteLimit("maxOutputBytes", maxOutputBytes), copyOf);
}
