/**
 * Inflating with the platform's `DecompressionStream`, where its verdicts are right.
 *
 * The platforms disagree on which streams are valid, so each is tested before it is used. A stream that a faultless
 * platform refuses is passed to our own decoder, which knows the reason. The verdicts are therefore those of our own.
 *
 * @module
 */

import { inflateTo } from "./decode.ts";
import type { Inflate } from "./mod.ts";
import { type ByteStreamConstructor, transform } from "./transform.ts";

/** The most that DEFLATE makes of a byte: 258 bytes of 2 bits, or 1032 bytes of 8. */
const MAX_RATIO = 1032;

/**
 * How many times the limit a stream may inflate to in theory. workerd has no back-pressure: it inflates everything that is
 * written at once, read or not. Our own decoder inflates the streams that could exceed this.
 */
const MAX_OVERSHOOT = 8;

/**
 * The fault of the platform's stream. It is missing; it refuses a valid stream, or cannot be created; it accepts a
 * truncated stream, one with trailing bytes, or an empty one. `none`: it is used.
 */
export type PlatformFault = "none" | "missing" | "valid" | "truncated" | "trailing-bytes" | "empty";

let knownFault: PlatformFault | undefined;

/** Tests the platform's stream once. The result is kept and not its promise, which workerd ties to one request. */
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
 * Creates an inflater that uses the platform's `DecompressionStream` if it passes a self-test, and this package's decoder
 * otherwise. The verdicts, the reasons and the limit are the same. It holds at most eight times the limit in memory.
 *
 * @returns What the `inflate` option of `createUnsealer` accepts. Large events inflate faster with it on some runtimes.
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
export function platformInflate(): Inflate {
  return async (data, maxOutputBytes) => {
    const Stream = platformStream();
    const isBounded = data.length * MAX_RATIO <= MAX_OVERSHOOT * maxOutputBytes;
    const inflated = Stream !== undefined && isBounded && await findPlatformFault() === "none"
      ? await transform(Stream, data, maxOutputBytes)
      : undefined;
    return inflated ?? inflateTo(data, maxOutputBytes, (inflated) => inflated.slice());
  };
}

function platformStream(): ByteStreamConstructor | undefined {
  return (globalThis as { DecompressionStream?: ByteStreamConstructor }).DecompressionStream;
}
