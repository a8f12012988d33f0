/**
 * The input of a batch: a file or standard input, plain or compressed by gzip.
 *
 * @module
 */

import { createReadStream, type Stats, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { CommandError, EXIT, fileError } from "../command.ts";
import { STANDARD } from "../input.ts";

export interface Source {
  /** The path of a regular file, which can be read again; `undefined` for standard input, a pipe or a device. */
  readonly path: string | undefined;
  /** A file's length and time of last change; `undefined` for any other input. */
  readonly bytes: number | undefined;
  readonly modifiedMs: number | undefined;
  /** The decompressed content from a position on. */
  read(position: number): AsyncIterable<Uint8Array>;
  /** The share of the file that was read, from 0 to 1. */
  share(): number | undefined;
}

const READ_BYTES = 1024 * 1024;
/** Compressed bytes are read in smaller pieces, so that progress can be seen. */
const COMPRESSED_READ_BYTES = 64 * 1024;

/** Prepares an input. A file is gzip if it begins with the gzip header; its name does not matter. */
export async function openSource(path: string): Promise<Source> {
  if (path === STANDARD) {
    return streamed("standard input", () => process.stdin);
  }
  let stats: Stats;
  let isGzip: boolean;
  try {
    stats = statSync(path);
    if (stats.isDirectory()) throw new CommandError(`Cannot read ${path}: is a directory`, EXIT.file);
    if (!stats.isFile()) return streamed(path, () => createReadStream(path));
    isGzip = await beginsAsGzip(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
  let bytesRead = () => 0;
  return {
    path,
    bytes: stats.size,
    modifiedMs: stats.mtimeMs,
    read(position) {
      // A compressed file must be decompressed from its start.
      const start = isGzip ? 0 : position;
      const stream = createReadStream(path, {
        highWaterMark: isGzip ? COMPRESSED_READ_BYTES : READ_BYTES,
        start,
      });
      bytesRead = () => start + stream.bytesRead;
      return named(path, isGzip ? skipped(decompressed(stream), position) : stream);
    },
    share: () => stats.size > 0 ? Math.min(1, bytesRead() / stats.size) : undefined,
  };
}

/** A source that can be read only once, from its start. */
function streamed(name: string, open: () => AsyncIterable<Uint8Array>): Source {
  return {
    path: undefined,
    bytes: undefined,
    modifiedMs: undefined,
    read: () => named(name, decompressed(open())),
    share: () => undefined,
  };
}

/** Decompresses a stream that begins with the gzip header, and passes any other stream on unchanged. */
async function* decompressed(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  let first = new Uint8Array(0);
  for (let isAtEnd = false; first.length < 2 && !isAtEnd;) {
    const { done, value } = await chunks.next();
    isAtEnd = done === true;
    if (!isAtEnd) first = new Uint8Array(Buffer.concat([first, value]));
  }
  const all = (async function* () {
    if (first.length > 0) yield first;
    yield* { [Symbol.asyncIterator]: () => chunks };
  })();
  if (first[0] !== 0x1f || first[1] !== 0x8b) yield* all;
  else {
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    // One piece at a time is read ahead of the decompressor.
    Readable.from(all, { objectMode: false, highWaterMark: 1 }).on("error", (error) => gunzip.destroy(error)).pipe(
      gunzip,
    );
    yield* gunzip;
  }
}

async function* skipped(content: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of content) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** Adds the input's name to errors of reading it. */
async function* named(name: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    const isGzip = /^Z_/.test((error as { code?: string }).code ?? "");
    throw isGzip
      ? new CommandError(`Cannot read ${name}: its gzip data is damaged or truncated`, EXIT.file)
      : fileError("read", name, error);
  }
}

async function beginsAsGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
