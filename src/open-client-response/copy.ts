/**
 * Passing a stream on while keeping a bounded copy of it.
 *
 * `tee()` would buffer without bound for the branch that is read more slowly, and stop the source only when both
 * branches are cancelled.
 *
 * @module
 */

import { isUint8Array } from "../bytes.ts";
import { type ByteBuffer, createByteBuffer } from "../body/buffer.ts";
import { OpenClientResponseError } from "./errors.ts";

/** How much may be copied, and for how long. */
export interface CopyLimits {
  /** Most bytes to copy. As many, and one more chunk, may wait for the stream's reader. */
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
 * Until the copy is complete or given up, one loop reads the source, whether or not anyone reads `stream`: a slow reader
 * does not delay the copy, and a reader that cancels does not end it. From then on, the source is read as `stream` is
 * read, and cancelled as soon as `stream` is.
 *
 * There is never more than one read of the source at a time: workerd refuses a second one.
 *
 * @param source The stream. It is locked.
 */
export function copyStream(source: ReadableStream<unknown>, limits: CopyLimits): CopiedStream {
  const { maxBodyBytes, bodyTimeoutMs } = limits;
  const reader = source.getReader();
  let resolve: (bytes: Uint8Array) => void;
  let reject: (error: OpenClientResponseError) => void;
  const copy = new Promise<Uint8Array>((...settle) => [resolve, reject] = settle);
  /** `undefined` once the copy is complete or given up. */
  let buffer: ByteBuffer | undefined = createByteBuffer(maxBodyBytes);
  let copying = Promise.resolve();
  let hasEnded = false;
  let cancelled: { readonly reason: unknown } | undefined;
  const timer = bodyTimeoutMs === Infinity ? undefined : setTimeout(() => {
    giveUp(new OpenClientResponseError("ERR_RESPONSE_TIMEOUT", "Response took longer than bodyTimeoutMs"));
  }, bodyTimeoutMs);

  /** Passes one chunk, the end or the error of the source on, to the copy and to the reader. */
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
          giveUp(new OpenClientResponseError("ERR_RESPONSE_TOO_LARGE", "Response is over maxBodyBytes"));
        }
        if (cancelled === undefined) controller.enqueue(chunk);
      }
    } catch (error) {
      hasEnded = true;
      giveUp(new OpenClientResponseError("ERR_RESPONSE_CUT", "Response broke off"));
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
    reject(error); // Without effect on a copy that is complete.
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
      copying = passAll(controller); // Not returned: workerd gives out nothing before that promise settles.
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
