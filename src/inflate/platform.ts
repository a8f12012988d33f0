/**
 * Inflating with the platform's `DecompressionStream`, where it can be trusted.
 *
 * The platforms' streams disagree on what is a valid stream, so each is put to the test before it is used; and whatever
 * a faultless one refuses is put to our own decoder, which knows why. The verdicts are therefore those of our own.
 *
 * @module
 */

import { inflateTo } from "./decode.ts";

/** The parts of the Streams and Compression standards that are used here. */
interface ByteStream {
  readonly writable: { getWriter(): Writer };
  readonly readable: { getReader(): Reader };
}
interface Writer {
  readonly closed: Promise<unknown>;
  readonly ready: Promise<unknown>;
  write(bytes: Uint8Array): Promise<unknown>;
  close(): Promise<unknown>;
  abort(): Promise<unknown>;
}
interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
  cancel(): Promise<unknown>;
}
/** `DecompressionStream`, as far as it is used here. */
export type DecompressionStreamConstructor = new (format: "deflate-raw") => ByteStream;

/** What DEFLATE can make of a byte at the most: 258 bytes of 2 bits, or 1032 of 8. */
const MAX_RATIO = 1032;

/**
 * How many times the limit a stream may inflate to in theory. workerd has no back-pressure: whatever is written to it is
 * inflated at once, read or not. What could become more than this is left to our own decoder.
 */
const MAX_OVERSHOOT = 8;

/**
 * What is wrong with the platform's stream: there is none; it refuses a valid stream; it accepts a truncated one, one
 * with trailing bytes, or nothing at all. `none`: it is used.
 */
export type PlatformFault = "none" | "missing" | "valid" | "truncated" | "trailing-bytes" | "empty";

let knownFault: PlatformFault | undefined;

/** Tests the platform's stream, and remembers what came of it: not the promise, which workerd ties to one request. */
export async function judgePlatform(): Promise<PlatformFault> {
  return knownFault ??= await judgeStream(platformStream());
}

/** Puts a stream to the test: one valid stream, and the three faults that platforms are known to let pass. */
export async function judgeStream(Stream: DecompressionStreamConstructor | undefined): Promise<PlatformFault> {
  if (Stream === undefined) return "missing";
  const hello = [0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
  const inflated = await inflateWithStream(Stream, Uint8Array.from(hello), 5);
  if (inflated === undefined || String.fromCharCode(...inflated) !== "hello") return "valid";
  const accepts = async (bytes: number[]) => await inflateWithStream(Stream, Uint8Array.from(bytes), 64) !== undefined;
  if (await accepts(hello.slice(0, -2))) return "truncated";
  if (await accepts([...hello, 0])) return "trailing-bytes";
  if (await accepts([])) return "empty";
  return "none";
}

/**
 * {@linkcode inflateTo} through the platform's stream if that has no fault, otherwise through our own decoder. The
 * verdicts, the errors and the limit are the same. No more is held than eight times the limit.
 */
export async function inflateToWithPlatform<Result>(
  data: Uint8Array,
  maxOutputBytes: number,
  take: (inflated: Uint8Array) => Result,
): Promise<Result> {
  const Stream = platformStream();
  const isBounded = data.length * MAX_RATIO <= MAX_OVERSHOOT * maxOutputBytes;
  const inflated = Stream !== undefined && isBounded && await judgePlatform() === "none"
    ? await inflateWithStream(Stream, data, maxOutputBytes)
    : undefined;
  if (inflated === undefined) return inflateTo(data, maxOutputBytes, take);
  try {
    return take(inflated);
  } finally {
    inflated.fill(0);
  }
}

function platformStream(): DecompressionStreamConstructor | undefined {
  return (globalThis as { DecompressionStream?: DecompressionStreamConstructor }).DecompressionStream;
}

/** Returns the output, or `undefined` when the stream refuses the data or produces too much. */
async function inflateWithStream(
  Stream: DecompressionStreamConstructor,
  data: Uint8Array,
  maxOutputBytes: number,
): Promise<Uint8Array | undefined> {
  const stream = new Stream("deflate-raw");
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  // A failure is seen by the reader; the writer's own promises must not go unobserved.
  const ignore = () => {};
  writer.closed.catch(ignore);
  writer.ready.catch(ignore);
  writer.write(data).catch(ignore);
  const closing = writer.close().catch(ignore);

  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) break;
      length += value.length;
      if (length > maxOutputBytes) {
        writer.abort().catch(ignore);
        reader.cancel().catch(ignore);
        return undefined;
      }
      chunks.push(value);
    }
  } catch {
    return undefined;
  }
  await closing;
  return concatenate(chunks, length);
}

/** Joins the chunks, and zeroes them. */
function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    joined.set(chunk, end);
    end += chunk.length;
    chunk.fill(0);
  }
  return joined;
}
