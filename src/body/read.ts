/**
 * Reading the body of a request or a response into memory, within a limit.
 *
 * The limit holds while the body is read. `content-length` is untrusted: it can only make the refusal come earlier.
 *
 * @module
 */

import { isUint8Array } from "../bytes.ts";
import { createByteBuffer } from "./buffer.ts";

/** The parts of a `Request` or a `Response` that are used here. */
export interface BodySource {
  /** The body; `null` where there is none, which reads as no bytes. */
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

/** What {@linkcode readBody} rejects with. */
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
 * @param source A request or response, untrusted. Its body is used up in any case: read to its end, or cancelled.
 * @param maxBytes Most bytes to take: a whole number from 0, or `Infinity`. At most twice as many are allocated.
 * @param ended Ends the reading when it rejects. A promise and not an `AbortSignal`, which Fastly's engine lacks.
 * @returns The bytes, in an array of their own.
 * @throws {BodyError} See {@linkcode BodyErrorReason}; the promise rejects, nothing is thrown synchronously.
 * @throws What `ended` rejects with.
 */
export async function readBody(source: BodySource, maxBytes: number, ended?: Promise<never>): Promise<Uint8Array> {
  const { body } = source;
  // Firefox has no `Request.body`: there may be a body then, but it cannot be read within a limit.
  if (source.bodyUsed || body === undefined || body?.locked) throw unreadable();
  if (body === null) return new Uint8Array(0);
  const reader = body.getReader();
  try {
    const read = declaredBytes(source.headers) > maxBytes
      ? Promise.reject(tooLarge(maxBytes))
      : readAll(reader, maxBytes);
    return await (ended === undefined ? read : Promise.race([ended, read]));
  } catch (error) {
    // Not awaited: some runtimes settle this only when the sender has stopped.
    reader.cancel().catch(() => {});
    throw error;
  }
}

async function readAll(reader: ReadableStreamDefaultReader<unknown>, maxBytes: number): Promise<Uint8Array> {
  const buffer = createByteBuffer(maxBytes);
  while (true) {
    const { done, value: chunk } = await reader.read().catch(() => {
      throw unreadable();
    });
    if (done) return buffer.take();
    if (!isUint8Array(chunk)) throw unreadable();
    if (!buffer.append(chunk)) throw tooLarge(maxBytes);
  }
}

/** What `content-length` says, or 0. For a response that the runtime has decoded, it counts the encoded bytes. */
function declaredBytes(headers: BodySource["headers"]): number {
  if (headers.get("content-encoding") !== null) return 0;
  const declared = headers.get("content-length") ?? "";
  return /^[0-9]{1,16}$/.test(declared) ? Number(declared) : 0;
}

/** The error of a body over its limit. */
export function tooLarge(maxBytes: number): BodyError {
  return new BodyError("too-large", `Body expected ${maxBytes} bytes at most, got more`);
}

/** The error of a body that cannot be read. */
export function unreadable(): BodyError {
  return new BodyError("unreadable", "Body could not be read to its end");
}
