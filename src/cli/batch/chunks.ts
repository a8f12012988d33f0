/**
 * Splits a stream of bytes into chunks of whole records.
 *
 * The boundaries depend only on the bytes from the start of the first chunk, not on how the bytes arrive. A batch that
 * continues at a boundary therefore has the same boundaries as an uninterrupted one.
 *
 * @module
 */

/** Some whole records, each with its line break. The input's last record may lack the line break. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the next chunk begins in the input. */
  readonly end: number;
}

export interface Cutting {
  /** Whether line breaks within quotation marks belong to a record, as in CSV. */
  readonly isCsv: boolean;
  /** Where the stream begins in the input. */
  readonly start: number;
  /** A chunk ends with the first record that ends at or after this many bytes. */
  readonly chunkBytes: number;
  /** A record of this length or more is truncated to it; the worker then refuses the record. */
  readonly maxRecordBytes: number;
  /** Whether the first chunk is a single record, the header of CSV. */
  readonly hasHeader: boolean;
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** State of a CSV scan: before a field, in an unquoted field, in a quoted one, or after a quotation mark in that. */
type CsvState = "start" | "unquoted" | "quoted" | "quote";

export async function* cutIntoChunks(source: AsyncIterable<Uint8Array>, cutting: Cutting): AsyncGenerator<Chunk> {
  const { isCsv, maxRecordBytes } = cutting;
  let chunkBytes = cutting.hasHeader ? 1 : cutting.chunkBytes;
  const limit = cutting.chunkBytes + maxRecordBytes;
  let pending = new Uint8Array(2 * cutting.chunkBytes);
  let length = 0;
  /** Bytes of `pending` that were searched for the end of the chunk. */
  let scanned = 0;
  let state: CsvState = "start";
  /** Bytes of the input that were dropped from an overlong record. */
  let dropped = 0;
  let position = cutting.start;

  /** The index after the line break that ends the chunk, searched from `scanned` on; 0 when it has not arrived yet. */
  function findEnd(): number {
    if (!isCsv) {
      const from = Math.max(scanned, Math.min(chunkBytes - 1, length));
      const index = pending.subarray(0, length).indexOf(LINE_FEED, from);
      scanned = length;
      return index + 1;
    }
    for (; scanned < length; scanned++) {
      const byte = pending[scanned];
      if (state === "quoted") {
        if (byte === QUOTE) state = "quote";
      } else if (byte === LINE_FEED) {
        state = "start";
        if (scanned + 1 >= chunkBytes) return ++scanned;
      } else if (byte === QUOTE && (state === "start" || state === "quote")) state = "quoted";
      else if (byte === COMMA) state = "start";
      else state = "unquoted";
    }
    return 0;
  }

  function take(end: number): Chunk {
    const bytes = pending.slice(0, end);
    pending.copyWithin(0, end, length);
    length -= end;
    position += end + dropped;
    [scanned, state, dropped, chunkBytes] = [0, "start", 0, cutting.chunkBytes];
    return { bytes, end: position };
  }

  for await (const data of source) {
    for (let used = 0; used < data.length;) {
      if (length >= limit) {
        // The record is too long to keep. Its other bytes are dropped, except for the last one, until its end is found.
        const next = isCsv ? used : data.indexOf(LINE_FEED, used);
        const last = next < 0 ? data.length - 1 : next;
        pending[length - 1] = data[last]!; // last < data.length
        dropped += last + 1 - used;
        used = last + 1;
        scanned = length - 1;
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
      }
      for (let end = findEnd(); end > 0; end = findEnd()) yield take(end);
    }
  }
  if (length > 0) yield take(length);
}
