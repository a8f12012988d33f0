/**
 * The platform's Web APIs.
 *
 * `DecompressionStream` is read in two ways, each of which was the fastest on some runtime.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Contestant } from "../contestant.ts";

const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array }; // newer than the types
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Errors of the writing side are ignored: the reader receives them. */
function decompressing(stream: Uint8Array): ReadableStream<Uint8Array> {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  const ignore = () => {};
  writer.write(stream.slice()).catch(ignore);
  writer.close().catch(ignore);
  return readable;
}

const stream = {
  role: "Web API",
  colour: { light: "#818b98", dark: "#848d97" },
  chartName: "DecompressionStream",
} as const;

export const contestants: readonly Contestant[] = [
  {
    ...stream,
    name: "DecompressionStream, arrayBuffer()",
    inflate: (data) => new Response(decompressing(data)).arrayBuffer(),
  },
  {
    ...stream,
    name: "DecompressionStream, reader",
    async inflate(data) {
      const reader = decompressing(data).getReader();
      const chunks: Uint8Array[] = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        chunks.push(value);
      }
      return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks); // the length is 1
    },
  },
  {
    name: "atob and a loop",
    role: "Web API",
    decodeBase64(text) {
      const binary = atob(text);
      const bytes = new Uint8Array(binary.length);
      for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
      return bytes;
    },
  },
  {
    name: "Uint8Array.fromBase64",
    role: "Web API",
    ...native.fromBase64 && { decodeBase64: (text: string) => native.fromBase64!(text) }, // a method needs its receiver
  },
  { name: "TextDecoder, fatal", role: "Web API", parse: (json) => JSON.parse(strict.decode(json)) },
  {
    name: "Response.json",
    role: "Web API",
    parse: (json) => new Response(json as Uint8Array<ArrayBuffer>).json(), // the payloads are never shared memory
  },
];
