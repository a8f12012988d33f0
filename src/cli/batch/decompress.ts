/**
 * Decompresses gzip and zstd. A stream may consist of several members, with zeros between them.
 *
 * Node's streams do not suffice: they end at zeros after a gzip member and at the second zstd frame of a write, and
 * what they have decompressed is lost when the next bytes are damaged.
 *
 * @module
 */

import * as zlib from "node:zlib";
import type { Transform } from "node:stream";

type Decompressor = Transform & { readonly bytesWritten: number };
type Name = "gzip" | "zstd";

const OUTPUT_BYTES = 256 * 1024;
/** Input for one write; all its output is in memory at once. */
const INPUT_BYTES = 16 * 1024;
/** The zstd frame of 100 times `x`, without its last bytes. */
const CUT_FRAME = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x64, 0x45, 0x00);

/** Node before 22.15 has no zstd. Deno and Bun accept a truncated frame. */
export async function canReadZstd(): Promise<boolean> {
  if (typeof zlib.createZstdDecompress !== "function") return false;
  try {
    for await (const _ of decompressed([CUT_FRAME], "zstd"));
    return false;
  } catch {
    return true;
  }
}

/** @throws When the data is damaged or truncated; after everything before has been yielded. */
export async function* decompressed(
  compressed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: Name,
): AsyncGenerator<Uint8Array> {
  const damaged = () => new Error(`its ${name} data is damaged or truncated`);
  let member: Member | undefined;
  for await (const chunk of compressed) {
    for (let rest = chunk; rest.length > 0;) {
      if (member === undefined) rest = withoutZeros(rest);
      if (rest.length === 0) break;
      member ??= startMember(name);
      const piece = rest.subarray(0, INPUT_BYTES);
      const used = await member.write(piece);
      yield* member.take();
      if (member.isDamaged()) throw damaged();
      rest = rest.subarray(used);
      // The rest of the piece belongs to no member, or to the next one.
      if (used < piece.length) member = undefined;
    }
  }
  if (member === undefined) return;
  await member.end();
  yield* member.take();
  if (member.isDamaged()) throw damaged();
}

interface Member {
  /** Resolves with the number of bytes that belong to the member. */
  write(piece: Uint8Array): Promise<number>;
  end(): Promise<void>;
  /** The output since the last call. */
  take(): Uint8Array[];
  isDamaged(): boolean;
}

function startMember(name: Name): Member {
  const options = { chunkSize: OUTPUT_BYTES };
  const stream: Decompressor = name === "gzip" ? zlib.createGunzip(options) : zlib.createZstdDecompress(options);
  let output: Uint8Array[] = [];
  let isDamaged = false;
  let settle = () => {};
  stream.on("data", (data: Uint8Array) => void output.push(data));
  stream.on("error", () => {
    isDamaged = true;
    settle();
  });
  stream.on("end", () => settle());
  const settled = (start: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      settle = resolve;
      start(resolve);
    });
  return {
    async write(piece) {
      const before = stream.bytesWritten;
      // After the end of a member, there is an `end` event instead of the callback.
      await settled((done) => stream.write(piece, () => done()));
      return stream.bytesWritten - before;
    },
    end: () => settled(() => stream.end()),
    take() {
      const taken = output;
      output = [];
      return taken;
    },
    isDamaged: () => isDamaged,
  };
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? new Uint8Array(0) : bytes.subarray(start);
}
