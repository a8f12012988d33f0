/**
 * Every raw DEFLATE stream of a given length: the decoder's verdict, output and reason are those of zlib.
 *
 * The oracle is `oracle.c` with Debian's zlib, which needs half a second for the 16,777,216 streams of three bytes.
 * Without a C compiler it is `node:zlib`, which needs a quarter of an hour.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InflateRaw, inflateRawSync } from "node:zlib";
import { InflateError, inflateRaw } from "../../src/inflate/mod.ts";
import { ROOT } from "../runtimes/project.ts";
import { utf8 } from "../support/bytes.ts";
import type { Part } from "./parts.ts";
import { ZLIB_MESSAGES } from "../support/refused-streams.ts";

/** A program that prints zlib's verdicts, or `undefined` without a C compiler. */
export function buildOracle(): { readonly path: string; remove(): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "unseal-oracle-"));
  const path = join(folder, "oracle");
  const { status } = spawnSync("cc", ["-O2", "-o", path, join(ROOT, "tests/prove/oracle.c"), "-lz"]);
  const remove = () => rmSync(folder, { recursive: true });
  if (status === 0) return { path, remove };
  remove();
  return undefined;
}

/** Compares the streams of a part; returns their number. Throws at the first difference. */
export function compareDeflate({ length, prefix }: Part, oracle: string | undefined): number {
  const free = length - prefix.length;
  const count = 256 ** free;
  const verdicts = oracle === undefined ? undefined : verdictsOf(oracle, length, prefix, count);
  const stream = Uint8Array.from({ length }, (_, place) => prefix[place] ?? 0);
  for (let number = 0; number < count; number++) {
    for (let place = 0; place < free; place++) stream[prefix.length + place] = number / 256 ** place;
    const zlibs = verdicts === undefined ? zlibVerdict(stream) : verdicts[number];
    if (ourVerdict(stream) !== zlibs) throw new Error(`the stream ${[...stream]} has another verdict than zlib's`);
  }
  return count;
}

function verdictsOf(oracle: string, length: number, prefix: readonly number[], count: number): Uint32Array {
  const { status, stdout } = spawnSync(oracle, [length, ...prefix].map(String), { maxBuffer: 4 * count + 1 });
  if (status !== 0 || stdout.length !== 4 * count) throw new Error(`oracle.c ended with ${status}`);
  return new Uint32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

/** FNV-1a, as in `oracle.c`. */
function fnv(bytes: Uint8Array, hash = 0x811c9dc5): number {
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

const OUTPUT = fnv(utf8("="));
const HASHES: ReadonlyMap<string, number> = new Map(
  Object.entries(ZLIB_MESSAGES).map(([reason, message]) => [reason, fnv(utf8(message ?? reason))]),
);

function ourVerdict(stream: Uint8Array): number | undefined {
  try {
    return fnv(inflateRaw(stream), OUTPUT);
  } catch (error) {
    return error instanceof InflateError ? HASHES.get(error.reason) : undefined;
  }
}

function zlibVerdict(stream: Uint8Array): number {
  try {
    const { buffer, engine } = inflateRawSync(stream, { info: true }) as unknown as {
      buffer: Buffer;
      engine: InflateRaw;
    };
    return engine.bytesWritten < stream.length ? fnv(utf8("trailing-bytes")) : fnv(buffer, OUTPUT);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return fnv(utf8(code === "Z_BUF_ERROR" ? "truncated" : message));
  }
}
