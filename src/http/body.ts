/**
 * Reads the body of a request or a response into memory, up to a limit.
 *
 * Bytes are counted as they arrive. `content-length` is untrusted: it can only make the refusal come earlier.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { viewOf } from "../encoding/bytes.ts";
import { createByteBuffer } from "./buffer.ts";

/** The parts of a `Request` or a `Response` that are used here. */
export interface BodySource {
  /** The body. `null` stands for no body and reads as zero bytes. */
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed?: boolean;
  readonly headers: { get(name: string): string | null };
}

/**
 * Why a body was not read.
 *
 * | reason | when |
 * | --- | --- |
 * | `too-large` | it has, or declares, more bytes than the limit |
 * | `unreadable` | it broke off, was read before, or is not a stream of bytes |
 */
export type BodyErrorReason = "too-large" | "unreadable";

/** The error of {@linkcode readBody}. */
export class BodyError extends Error {
  override readonly name: string = "BodyError";
  /** Why the body was not read. */
  readonly reason: BodyErrorReason;

  constructor(reason: BodyErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Reads a whole body.
 *
 * @param source A request or response, untrusted. Its body is always consumed: read to the end, or cancelled.
 * @param maxBytes Most bytes to read: a whole number from 0, or `Infinity`. At most twice as many are allocated.
 * @param ended Ends the reading when it rejects. It is not an `AbortSignal`, which Fastly's engine lacks.
 * @returns The bytes, in an array of their own.
 * @throws {BodyError} See {@linkcode BodyErrorReason}. The promise rejects; nothing is thrown synchronously.
 * @throws The reason with which `ended` rejects.
 */
export async function readBody(source: BodySource, maxBytes: number, ended?: Promise<never>): Promise<Bytes> {
  const { body } = source;
  // Firefox has no `Request.body`. The request may have a body there, but it cannot be read with a limit.
  if (source.bodyUsed || body === undefined || body?.locked) throw unreadable();
  if (body === null) return new Uint8Array(0);
  const reader = body.getReader();
  try {
    const read = declaredBytes(source.headers) > maxBytes
      ? Promise.reject(tooLarge(maxBytes))
      : readAll(reader, maxBytes);
    return await (ended === undefined ? read : Promise.race([ended, read]));
  } catch (error) {
    // Not awaited: some runtimes settle this promise only after the sender has stopped.
    reader.cancel().catch(() => {});
    throw error;
  }
}

async function readAll(reader: ReadableStreamDefaultReader<unknown>, maxBytes: number): Promise<Bytes> {
  const buffer = createByteBuffer(maxBytes);
  for (let empty = 0; empty < MAX_EMPTY_CHUNKS;) {
    const { done, value: chunk } = await reader.read().catch(() => {
      throw unreadable();
    });
    if (done) return buffer.take();
    const bytes = viewOf(chunk); // not the length that an object of the application may define
    if (bytes === undefined) throw unreadable();
    if (!buffer.append(bytes)) throw tooLarge(maxBytes);
    if (bytes.length === 0) empty++;
  }
  throw unreadable();
}

/** Empty chunks that a stream creates without waiting would keep the runtime from any other work, timers included. */
const MAX_EMPTY_CHUNKS = 10_000;

/** The value of `content-length`; 0 if it is missing or counts encoded bytes, which the runtime may have decoded. */
function declaredBytes(headers: BodySource["headers"]): number {
  if (headers.get("content-encoding") !== null) return 0;
  const declared = headers.get("content-length") ?? "";
  return /^[0-9]{1,16}$/.test(declared) ? Number(declared) : 0;
}

/** Creates the error for a body over the limit. */
export function tooLarge(maxBytes: number): BodyError {
  return new BodyError("too-large", `Cannot read body: over ${maxBytes} bytes`);
}

/** Creates the error for a body that cannot be read. */
export function unreadable(): BodyError {
  return new BodyError("unreadable", "Cannot read body: it broke off, was read before or is not a stream of bytes");
}
