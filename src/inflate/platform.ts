/**
 * Inflates with the platform's `DecompressionStream`, where that passes a self-test.
 *
 * Platforms disagree on which streams are valid, so the platform is tested before it is used. A stream that the
 * platform refuses is passed to our own decoder, which finds the reason. Our decoder's verdict is therefore always the
 * final one.
 *
 * @module
 */

import { type Bytes, copyOf } from "../encoding/bytes.ts";
import { inflateTo } from "./decode.ts";
import { type ByteStreamConstructor, transform } from "./transform.ts";

/** The highest compression ratio of DEFLATE: 258 bytes from 2 bits, or 1032 bytes from a byte. */
const MAX_RATIO = 1032;

/**
 * The highest ratio of a stream's theoretical output to the limit. workerd has no back-pressure: it inflates everything
 * that is written at once, even if it is never read. Our own decoder inflates the streams that could exceed this ratio.
 */
const MAX_OVERSHOOT = 8;

/**
 * The fault of the platform's stream.
 *
 * | fault | meaning |
 * | --- | --- |
 * | `none` | it passes the self-test, and is used |
 * | `missing` | the platform has no `DecompressionStream` |
 * | `valid` | it refuses a valid stream, or cannot be created |
 * | `truncated` | it accepts a truncated stream |
 * | `trailing-bytes` | it accepts a stream with trailing bytes |
 * | `empty` | it accepts an empty stream |
 */
export type PlatformFault = "none" | "missing" | "valid" | "truncated" | "trailing-bytes" | "empty";

let knownFault: PlatformFault | undefined;

/**
 * Tests the platform's stream once. The result is cached and not the promise, because workerd ties promises to a
 * request.
 */
export async function findPlatformFault(): Promise<PlatformFault> {
  return knownFault ??= await findFault(platformStream());
}

/** Tests a stream with one valid stream and with the three faults that platforms are known to accept. */
export async function findFault(Stream: ByteStreamConstructor | undefined): Promise<PlatformFault> {
  if (Stream === undefined) return "missing";
  const hello = [0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
  const inflated = await transform(Stream, Uint8Array.from(hello), 5);
  if (inflated === undefined || String.fromCharCode(...inflated) !== "hello") return "valid";
  const accepts = async (bytes: number[]) => await transform(Stream, Uint8Array.from(bytes), 64) !== undefined;
  if (await accepts(hello.slice(0, -2))) return "truncated";
  if (await accepts([...hello, 0])) return "trailing-bytes";
  if (await accepts([])) return "empty";
  return "none";
}

/**
 * Creates an inflater that uses the platform's `DecompressionStream` if it passes a self-test, and this package's
 * decoder otherwise. It accepts the same streams, with the same reasons and the same limit. It holds at most eight
 * times the limit in memory.
 *
 * @returns A value for the `inflate` option of `createUnsealer`. On some runtimes it inflates large events faster.
 *
 * @example Inflate with the platform
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { platformInflate } from "@unseal/sealed-results/inflate";
 *
 * const unsealer = createUnsealer({
 *   keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=",
 *   inflate: platformInflate(),
 * });
 * ```
 */
export function platformInflate(): (data: Uint8Array, maxOutputBytes: number) => Promise<Bytes> {
  return async (data, maxOutputBytes) => {
    const Stream = platformStream();
    const isBounded = data.length * MAX_RATIO <= MAX_OVERSHOOT * maxOutputBytes;
    const inflated = Stream !== undefined && isBounded && await findPlatformFault() === "none"
      ? await transform(Stream, data, maxOutputBytes)
      : undefined;
    return inflated ?? inflateTo(data, maxOutputBytes, copyOf);
  };
}

function platformStream(): ByteStreamConstructor | undefined {
  return (globalThis as { DecompressionStream?: ByteStreamConstructor }).DecompressionStream;
}
