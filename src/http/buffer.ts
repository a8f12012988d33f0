/**
 * Collects bytes that arrive in chunks.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";

/** Collects bytes up to a limit. */
export interface ByteBuffer {
  /** Appends a copy of `chunk`. When it does not fit, clears the buffer and returns `false`. */
  append(chunk: Uint8Array): boolean;
  /** Returns all appended bytes in one array, and clears the buffer. */
  take(): Bytes;
}

/** Size of the largest segment that is allocated before its bytes have arrived. */
const MAX_SEGMENT_BYTES = 64 * 1024;

/** Size of the smallest segment, so that a body which arrives byte by byte costs no more than another. */
const MIN_SEGMENT_BYTES = 1024;

/**
 * Creates a buffer for at most `maxBytes`.
 *
 * It allocates at most twice `maxBytes`: once for the segments, whose total size is at most `maxBytes` and which are
 * never reallocated, and once for the result.
 */
export function createByteBuffer(maxBytes: number): ByteBuffer {
  let segments: Bytes[] = [];
  let length = 0;
  /** Free bytes at the end of the last segment. */
  let free = 0;

  function clear(): void {
    segments = [];
    length = 0;
    free = 0;
  }

  /** Appends what fits into the last segment; returns the rest. */
  function fill(chunk: Uint8Array): Uint8Array {
    const last = segments.at(-1);
    if (last === undefined) return chunk;
    const count = Math.min(free, chunk.length);
    last.set(chunk.subarray(0, count), last.length - free);
    free -= count;
    length += count;
    return chunk.subarray(count);
  }

  return {
    append(chunk) {
      if (length + chunk.length > maxBytes) {
        clear();
        return false;
      }
      const rest = fill(chunk);
      if (rest.length > 0) {
        // All segments are full here, so `length` is their total size.
        const wanted = Math.max(rest.length, Math.min(length, MAX_SEGMENT_BYTES), MIN_SEGMENT_BYTES);
        free = Math.min(wanted, maxBytes - length);
        segments.push(new Uint8Array(free));
        fill(rest);
      }
      return true;
    },
    take() {
      const [first = new Uint8Array(0)] = segments;
      let bytes = first;
      if (first.length !== length) {
        bytes = new Uint8Array(length);
        let position = 0;
        for (const segment of segments) {
          bytes.set(segment.subarray(0, length - position), position);
          position += segment.length;
        }
      }
      clear();
      return bytes;
    },
  };
}
