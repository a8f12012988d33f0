/**
 * Sends bytes through one of the platform's compression streams.
 *
 * @module
 */

import { type Bytes, isUint8Array } from "../encoding/bytes.ts";
import { zero } from "../encoding/zero.ts";

/** The parts of `CompressionStream` and `DecompressionStream` that are used here. */
export interface ByteStream {
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
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(): Promise<unknown>;
}

/** A constructor of such streams. */
export type ByteStreamConstructor = new (format: "deflate-raw") => ByteStream;

/**
 * Transforms `data` as a whole. The chunks that the stream produces are zeroed.
 *
 * @param Stream Creates the stream. Node 20.0 to 20.11 have the class, but it throws for this format.
 * @param data The input.
 * @param maxOutputBytes Most bytes to read.
 * @returns The output in an array of its own, or `undefined` when the stream cannot be created, refuses the data or
 * produces too much.
 */
export async function transform(
  Stream: ByteStreamConstructor,
  data: Uint8Array,
  maxOutputBytes: number,
): Promise<Bytes | undefined> {
  const chunks: Uint8Array[] = [];
  const isComplete = await readChunks(Stream, data, maxOutputBytes, chunks);
  const output = isComplete ? concatenate(chunks) : undefined;
  for (const chunk of chunks) zero(chunk);
  return output;
}

/** Reads the output into `chunks`, and returns whether it is complete. */
async function readChunks(
  Stream: ByteStreamConstructor,
  data: Uint8Array,
  maxOutputBytes: number,
  chunks: Uint8Array[],
): Promise<boolean> {
  try {
    const stream = new Stream("deflate-raw");
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    // The reader reports every failure, so rejections of the writer's promises are ignored.
    const ignore = () => {};
    writer.closed.catch(ignore);
    writer.ready.catch(ignore);
    writer.write(data).catch(ignore);
    const closing = writer.close().catch(ignore);
    for (let length = 0;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // A stream that produces anything but bytes is faulty.
      if (!isUint8Array(value)) return false;
      chunks.push(value);
      length += value.length;
      if (length > maxOutputBytes) {
        writer.abort().catch(ignore);
        reader.cancel().catch(ignore);
        return false;
      }
    }
    await closing;
    return true;
  } catch {
    return false;
  }
}

function concatenate(chunks: readonly Uint8Array[]): Bytes {
  const output = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    output.set(chunk, end);
    end += chunk.length;
  }
  return output;
}
