/**
 * Splits a stream of bytes into chunks of whole records.
 *
 * The boundaries depend only on the bytes from the start of the first chunk, not on how the bytes arrive. A batch that
 * continues at a boundary therefore has the same boundaries as an uninterrupted one.
 *
 * @module
 */

import { createScanner, type Format } from "./scanner.ts";

/** Some whole records, each with its separator. The input's last record may lack it. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many records precede it. */
  readonly before: number;
  /** Where the next chunk begins in the input, and the number of its line. */
  readonly end: number;
  readonly line: number;
}

export interface Cutting {
  readonly format: Format;
  /** Where the stream begins in the input, and the number of its line. */
  readonly start: number;
  readonly line: number;
  /** How many records precede the stream. */
  readonly before: number;
  /** A chunk ends with the first record that ends at or after this many bytes. */
  readonly chunkBytes: number;
  /** A record of this length or more is truncated to it; the worker then refuses the record. */
  readonly maxRecordBytes: number;
}

/** @throws What the source throws, and `ScanError`; in both cases after the last whole record. */
export async function* cutIntoChunks(source: AsyncIterable<Uint8Array>, cutting: Cutting): AsyncGenerator<Chunk> {
  const { format, chunkBytes, maxRecordBytes } = cutting;
  const limit = chunkBytes + maxRecordBytes;
  let pending = new Uint8Array(2 * chunkBytes);
  let length = 0;
  /** Bytes of `pending` that were searched for the end of the chunk. */
  let scanned = 0;
  /** Bytes of the input that were dropped from an overlong record. */
  let dropped = 0;
  let [position, line] = [cutting.start, cutting.line];
  let before = cutting.before;
  const scanner = createScanner(format, line);

  function take(end: number, lineAfter: number): Chunk {
    const bytes = pending.slice(0, end);
    pending.copyWithin(0, end, length);
    length -= end;
    position += end + dropped;
    line = lineAfter;
    [scanned, dropped] = [0, 0];
    const chunk = { bytes, before, end: position, line };
    before = cutting.before + scanner.records;
    return chunk;
  }

  function* takeAll(): Generator<Chunk> {
    for (;;) {
      const end = scanner.find(pending, scanned, length, chunkBytes);
      scanned = end > 0 ? end : length;
      if (end === 0) return;
      yield take(end, scanner.line);
    }
  }

  /** Takes the whole records of `pending`, without the incomplete one at its end. */
  function* takeWhole(): Generator<Chunk> {
    const again = createScanner(format, line);
    let [end, lineAfter] = [0, line];
    try {
      for (let next = 0; (next = again.find(pending, end, length, 0)) > 0;) [end, lineAfter] = [next, again.line];
    } catch {
      // The error is known.
    }
    dropped = 0; // from the incomplete record
    if (end > 0) yield take(end, lineAfter);
  }

  try {
    for await (const data of source) {
      for (let used = 0; used < data.length;) {
        if (length >= limit) {
          // The record is too long to keep. Its other bytes are dropped, except for the last one.
          const end = scanner.find(data, used, data.length, 0);
          const next = end > 0 ? end : data.length;
          pending[length - 1] = data[next - 1]!; // next > used >= 0
          dropped += next - used;
          used = next;
          if (end > 0) yield take(length, scanner.line);
        } else {
          const taken = Math.min(data.length - used, limit - length);
          if (length + taken > pending.length) {
            const larger = new Uint8Array(Math.min(limit, Math.max(2 * pending.length, length + taken)));
            larger.set(pending.subarray(0, length));
            pending = larger;
          }
          pending.set(data.subarray(used, used + taken), length);
          length += taken;
          used += taken;
          yield* takeAll();
        }
      }
    }
    const fault = scanner.fault();
    if (fault !== undefined) throw fault;
  } catch (error) {
    yield* takeWhole();
    throw error;
  }
  if (length > 0) yield take(length, scanner.line);
}
