/**
 * The stage inflate: a raw DEFLATE stream to bytes that the caller may keep.
 *
 * tiny-inflate has to be told the exact length of its output, and so is fflate where it says so: both are given it for
 * nothing. Of `DecompressionStream` there are the ways of consuming it that were the best somewhere.
 *
 * @module
 */

import { inflateSync as fflateInflate } from "fflate";
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { inflateRaw as pakoInflateRaw } from "pako";
import tinyInflate from "tiny-inflate";
import type { Case, Contestant } from "../contest.ts";
import { inflateRaw } from "../ours.ts";
import { fingerprintOf, type Opened, openedOf, own, sizes } from "./opened.ts";

type Bytes = Uint8Array | ArrayBuffer;

const outputs = new Map<Opened, Uint8Array>();

function outputOf(opened: Opened): Uint8Array {
  let output = outputs.get(opened);
  if (output === undefined) {
    outputs.set(opened, output = new Uint8Array(opened.bytes));
  }
  return output;
}

/** Writes all of a stream, and says no word if it fails: the reader hears of it. */
function decompressing(compressed: Uint8Array): ReadableStream<Uint8Array> {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  const ignore = () => {};
  writer.write(own(compressed)).catch(ignore);
  writer.close().catch(ignore);
  return readable;
}

const contestants: Contestant<Opened, Bytes>[] = [
  {
    name: "ours",
    isOurs: true,
    run: ({ compressed }) => inflateRaw(compressed),
  },
  { name: "node:zlib", run: ({ compressed }) => inflateRawSync(compressed) },
  { name: "fflate", run: ({ compressed }) => fflateInflate(compressed) },
  {
    name: "fflate, output given",
    run: (opened) => fflateInflate(opened.compressed, { out: outputOf(opened) }),
  },
  { name: "pako", run: ({ compressed }) => pakoInflateRaw(compressed) },
  {
    name: "tiny-inflate",
    run: ({ compressed, bytes }) => tinyInflate(compressed, new Uint8Array(bytes)),
  },
  {
    name: "DecompressionStream, arrayBuffer()",
    run: ({ compressed }) => new Response(decompressing(compressed)).arrayBuffer(),
  },
  {
    name: "DecompressionStream, reader",
    async run({ compressed }) {
      const reader = decompressing(compressed).getReader();
      const chunks: Uint8Array[] = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        chunks.push(value);
      }
      return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks); // of length 1
    },
  },
];

export const inflateCases: readonly Case<Opened, Bytes>[] = sizes.map((
  bytes,
) => ({
  subject: "inflate",
  variant: "events",
  bytes,
  inputs: openedOf(bytes),
  contestants,
  comparable: fingerprintOf,
}));
