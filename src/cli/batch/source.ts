/**
 * The input of a batch: a file, a pipe or standard input, as UTF-8 bytes. It may be compressed by gzip or zstd, and
 * encoded in UTF-16 with a byte order mark.
 *
 * @module
 */

import type { Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { CommandError, EXIT, fileError } from "../command.ts";
import { STANDARD } from "../input.ts";
import { canReadZstd, decompressed } from "./decompress.ts";

export interface Source {
  /** The path of a regular file, which can be read again; `undefined` for standard input, a pipe or a device. */
  readonly path: string | undefined;
  /** The name in messages. */
  readonly name: string;
  /** A file's length and time of last change; 0 for any other input. */
  readonly bytes: number;
  readonly modifiedMs: number;
  /** The content from a position on, decompressed, in UTF-8. A source without a path can be read only once. */
  read(position: number): AsyncGenerator<Uint8Array>;
  /** The share of the file that was read, from 0 to 1. */
  share(): number | undefined;
  /** Closes the file when its pending read ends; at a pipe, that may be never. */
  close(): void;
}

const READ_BYTES = 1024 * 1024;
/** Compressed bytes are read in smaller pieces, because each may become a thousand times as long. */
const COMPRESSED_READ_BYTES = 16 * 1024;
/** The length of the longest mark that is looked for. */
const MARK_BYTES = 4;

/** Opens an input. Its first bytes state its compression and encoding; its name does not matter. */
export async function openSource(path: string): Promise<Source> {
  if (path === STANDARD) return streamed("standard input", process.stdin);
  let file: FileHandle;
  let stats: Stats;
  let isPlain = false;
  try {
    file = await open(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
  try {
    stats = await file.stat();
    if (stats.isDirectory()) throw new CommandError(`Cannot read ${path}: is a directory`, EXIT.file);
    if (stats.isFile()) {
      const { buffer, bytesRead } = await file.read(new Uint8Array(MARK_BYTES), 0, MARK_BYTES, 0);
      const mark = markOf(buffer.subarray(0, bytesRead));
      isPlain = mark === undefined;
    }
  } catch (error) {
    close(file);
    throw fileError("read", path, error);
  }
  let bytesRead = 0;
  async function* bytesFrom(start: number): AsyncGenerator<Uint8Array> {
    // Plain bytes are copied into chunks before more are read. A decompressor may keep what it was given.
    const plain = isPlain ? new Uint8Array(READ_BYTES) : undefined;
    for (bytesRead = start;;) {
      const buffer = plain ?? new Uint8Array(COMPRESSED_READ_BYTES);
      const read = await file.read(buffer, 0, buffer.length, stats.isFile() ? bytesRead : null);
      if (read.bytesRead === 0) return;
      bytesRead += read.bytesRead;
      yield read.buffer.subarray(0, read.bytesRead);
    }
  }
  if (!stats.isFile()) return { ...streamed(path, bytesFrom(0)), close: () => close(file) };
  return {
    path,
    name: path,
    bytes: stats.size,
    modifiedMs: stats.mtimeMs,
    read: (position) => named(path, isPlain ? bytesFrom(position) : skipped(decoded(bytesFrom(0)), position)),
    share: () => stats.size > 0 ? Math.min(1, bytesRead / stats.size) : undefined,
    close: () => close(file),
  };
}

function close(file: FileHandle): void {
  file.close().catch(() => {}); // it was only read
}

function streamed(name: string, content: AsyncIterable<Uint8Array>): Source {
  const read = (position: number) => named(name, skipped(decoded(content), position));
  return { path: undefined, name, bytes: 0, modifiedMs: 0, read, share: () => undefined, close() {} };
}

const MARKS = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  "utf-16le": [0xff, 0xfe],
  "utf-16be": [0xfe, 0xff],
};

function markOf(bytes: Uint8Array): keyof typeof MARKS | undefined {
  const found = Object.entries(MARKS).find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  return found?.[0] as keyof typeof MARKS | undefined; // the names of the table
}

/** Decompresses a stream, then decodes UTF-16. Passes any other stream on unchanged. */
async function* decoded(stream: AsyncIterable<Uint8Array>, depth = 0): AsyncGenerator<Uint8Array> {
  const { head, all } = await peek(stream, (head) => head.length >= MARK_BYTES);
  const mark = markOf(head);
  if (mark === undefined || depth > 1) yield* all;
  else if (mark === "gzip" || mark === "zstd") {
    if (mark === "zstd" && !await canReadZstd()) {
      throw new Error("this runtime cannot decompress zstd: zstdcat FILE | unseal … -");
    }
    yield* decoded(decompressed(all, mark), depth + 1);
  } else {
    const [decoder, encoder] = [new TextDecoder(mark), new TextEncoder()];
    for await (const chunk of all) yield encoder.encode(decoder.decode(chunk, { stream: true }));
    yield encoder.encode(decoder.decode());
  }
}

/** Reads the beginning of a stream, until `isEnough`. The returned stream still has it. */
export async function peek(
  stream: AsyncIterable<Uint8Array>,
  isEnough: (head: Uint8Array) => boolean,
): Promise<{ readonly head: Uint8Array; readonly isWhole: boolean; readonly all: AsyncIterable<Uint8Array> }> {
  const chunks = stream[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  let isWhole = false;
  let fault: { readonly error: unknown } | undefined;
  while (!isWhole && !isEnough(head)) {
    try {
      const { done, value } = await chunks.next();
      isWhole = done === true;
      if (!isWhole) head = new Uint8Array(Buffer.concat([head, value]));
    } catch (error) {
      // What arrived before the error is read first.
      [fault, isWhole] = [{ error }, true];
    }
  }
  const all = (async function* () {
    if (head.length > 0) yield head;
    if (fault !== undefined) throw fault.error;
    if (!isWhole) yield* { [Symbol.asyncIterator]: () => chunks };
  })();
  return { head, isWhole, all };
}

export async function* skipped(content: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
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
    throw fileError("read", name, error);
  }
}
