/**
 * Passing a stream on while keeping a bounded copy of it.
 *
 * `tee()` would buffer without bound for whichever branch is read more slowly, and stop the source only when both
 * are cancelled.
 *
 * @module
 */

import { isUint8Array } from "../core/bytes.ts";
import { createByteBuffer } from "../body/buffer.ts";
import { tooLarge, unreadable } from "../body/read.ts";

/** A stream, and what comes of its copy. */
export interface CopiedStream {
  /** The source's chunks, its end, and its error. */
  readonly stream: ReadableStream<Uint8Array>;
  /** The source's bytes. Rejects with a `BodyError`: `too-large`, or `unreadable` when the source broke off. */
  readonly copy: Promise<Uint8Array>;
}

/**
 * Copies a stream.
 *
 * The source is read ahead of whoever reads `stream` until the copy is complete or too large, so that it does not wait
 * for a slow reader; what is left of the source comes on only as it is read. When the reader cancels, the copy is completed all the same, and the
 * source cancelled if it is longer than the copy may be.
 *
 * @param source The stream. It is locked.
 * @param maxBytes Most bytes to copy. At any time, at most as many and one more chunk wait for the reader.
 */
export function copyStream(source: ReadableStream<unknown>, maxBytes: number): CopiedStream {
  const reader = source.getReader();
  const buffer = createByteBuffer(maxBytes);
  let fits = true;
  let isCancelled = false;
  let resolve: (bytes: Uint8Array) => void;
  let reject: (error: Error) => void;
  const copy = new Promise<Uint8Array>((...settle) => [resolve, reject] = settle);

  /** The next chunk, also appended to the copy; `undefined` at the end. */
  async function read(): Promise<Uint8Array | undefined> {
    try {
      const { done, value: chunk } = await reader.read();
      if (done) {
        if (fits) resolve(buffer.take());
        return undefined;
      }
      if (!isUint8Array(chunk)) throw unreadable();
      if (fits && !buffer.append(chunk)) {
        fits = false;
        reject(tooLarge(maxBytes));
      }
      return chunk;
    } catch (error) {
      reject(unreadable());
      throw error;
    }
  }

  async function finishCopy(reason: unknown): Promise<void> {
    while (fits) {
      if (await read() === undefined) return;
    }
    await reader.cancel(reason);
  }

  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await read();
      if (isCancelled) return;
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel(reason) {
      isCancelled = true;
      finishCopy(reason).catch(() => {}); // The copy has been told.
    },
    // One byte more than fits decides about the copy, whether or not anyone reads the stream.
  }, { highWaterMark: maxBytes + 1, size: (chunk) => chunk.byteLength });
  return { stream, copy };
}
