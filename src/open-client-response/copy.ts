/**
 * Forwards a stream and keeps a bounded copy of it.
 *
 * `tee()` would buffer without bound for the slower branch, and would stop the source only when both branches are
 * cancelled.
 *
 * @module
 */

import { isUint8Array } from "../encoding/bytes.ts";
import { type ByteBuffer, createByteBuffer } from "../http/buffer.ts";
import { OpenClientResponseError } from "./errors.ts";

/** The limits of a copy. */
export interface CopyLimits {
  /** Most bytes to copy. As many, and one more chunk, may be queued for the stream's reader. */
  readonly maxBodyBytes: number;
  /** How long the copy may take, in milliseconds, or `Infinity`. */
  readonly bodyTimeoutMs: number;
}

/** A stream and its copy. */
export interface CopiedStream {
  /** The source's chunks, its end, and its error. */
  readonly stream: ReadableStream<Uint8Array>;
  /** The source's bytes. Rejects with `ERR_RESPONSE_TOO_LARGE`, `ERR_RESPONSE_TIMEOUT` or `ERR_RESPONSE_CUT`. */
  readonly copy: Promise<Uint8Array>;
}

/**
 * Copies a stream.
 *
 * Until the copy is complete or has failed, one loop reads the source, even if `stream` is not read: a slow reader does
 * not delay the copy, and a reader that cancels does not end it. After that, the source is read when `stream` is read,
 * and cancelled when `stream` is cancelled.
 *
 * The source never has more than one pending read, because workerd refuses a second one.
 *
 * @param source The stream. It is locked.
 */
export function copyStream(source: ReadableStream<unknown>, limits: CopyLimits): CopiedStream {
  const { maxBodyBytes, bodyTimeoutMs } = limits;
  const reader = source.getReader();
  let resolve: (bytes: Uint8Array) => void;
  let reject: (error: OpenClientResponseError) => void;
  const copy = new Promise<Uint8Array>((...settle) => [resolve, reject] = settle);
  /** `undefined` once the copy is complete or has failed. */
  let buffer: ByteBuffer | undefined = createByteBuffer(maxBodyBytes);
  let copying = Promise.resolve();
  let hasEnded = false;
  let cancelled: { readonly reason: unknown } | undefined;
  const timer = bodyTimeoutMs === Infinity ? undefined : setTimeout(() => {
    giveUp(new OpenClientResponseError("ERR_RESPONSE_TIMEOUT", "Cannot read response: over bodyTimeoutMs"));
  }, bodyTimeoutMs);

  /** Passes one chunk, the end or the error of the source to the copy and to the reader. */
  async function pass(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const { done, value: chunk } = await reader.read();
      if (done) {
        hasEnded = true;
        complete();
        if (cancelled === undefined) controller.close();
      } else {
        if (!isUint8Array(chunk)) throw new TypeError("Response body must be a stream of bytes");
        if (buffer?.append(chunk) === false) {
          giveUp(new OpenClientResponseError("ERR_RESPONSE_TOO_LARGE", "Cannot read response: over maxBodyBytes"));
        }
        if (cancelled === undefined) controller.enqueue(chunk);
      }
    } catch (error) {
      hasEnded = true;
      giveUp(new OpenClientResponseError("ERR_RESPONSE_CUT", "Cannot read response: it broke off"));
      if (cancelled === undefined) controller.error(error);
    }
  }

  function complete(): void {
    clearTimeout(timer);
    if (buffer !== undefined) resolve(buffer.take());
    buffer = undefined;
  }

  function giveUp(error: OpenClientResponseError): void {
    clearTimeout(timer);
    reject(error); // This has no effect on a complete copy.
    buffer = undefined;
    stopSource();
  }

  /** Cancels the source once neither the copy nor the reader needs it. */
  function stopSource(): void {
    if (buffer === undefined && cancelled !== undefined) reader.cancel(cancelled.reason).catch(() => {});
  }

  async function passAll(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (buffer !== undefined) await pass(controller);
  }

  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      copying = passAll(controller); // Not returned: workerd would deliver no chunk before that promise settles.
    },
    async pull(controller) {
      await copying;
      if (!hasEnded && cancelled === undefined) await pass(controller);
    },
    cancel(reason) {
      cancelled = { reason };
      stopSource();
    },
  }, { highWaterMark: 0 });
  return { stream, copy };
}
