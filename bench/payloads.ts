/**
 * Sealed results as the vendor would make them: realistic events of an exact size, from a seed.
 *
 * They are compressed like every published sample (by Go's writer): a dynamic block that is not final, and an empty
 * final block with the fixed codes. They are created on Node and bundled for the other runtimes.
 *
 * @module
 */

import { createCipheriv } from "node:crypto";
import { once } from "node:events";
import { constants, createDeflateRaw } from "node:zlib";
import { eventV3, eventV4 } from "./events.ts";
import { randomNumbers } from "../tests/support/random.ts";
import { KEY } from "./settings.ts";

/** A sealed result and its content. */
export interface Payload {
  readonly version: 3 | 4;
  /** Bytes of the event's JSON: exactly a size of {@linkcode SIZES}. */
  readonly bytes: number;
  /** Base64 text. */
  readonly sealed: string;
}

/** The JSON sizes that are measured, each with the number of different payloads of a version. */
export const SIZES: readonly { readonly bytes: number; readonly payloads: number }[] = [
  { bytes: 1024, payloads: 8 },
  { bytes: 4 * 1024, payloads: 8 },
  { bytes: 16 * 1024, payloads: 8 },
  { bytes: 64 * 1024, payloads: 4 },
  { bytes: 1024 * 1024, payloads: 1 },
];

/** All payloads of all sizes. */
export async function makePayloads(seed: number): Promise<Payload[]> {
  const made: Payload[] = [];
  for (const { bytes, payloads } of SIZES) {
    for (const [version, makeEvent] of [[3, eventV3], [4, eventV4]] as const) {
      for (let index = 0; index < payloads; index++) {
        const random = randomNumbers(seed + bytes * 100 + version * 10 + index);
        const json = new TextEncoder().encode(JSON.stringify(makeEvent(random, bytes)));
        if (json.length !== bytes) throw new Error(`Event v${version} has ${json.length} bytes instead of ${bytes}`);
        const nonce = Uint8Array.from({ length: 12 }, () => random(256));
        made.push({ version, bytes, sealed: seal(await compress(json), nonce) });
      }
    }
  }
  return made;
}

/**
 * Z_BLOCK ends a block but not the stream. The stream then ends with an empty block, which zlib writes with the fixed
 * codes.
 */
async function compress(json: Uint8Array): Promise<Uint8Array> {
  const stream = createDeflateRaw({ flush: constants.Z_BLOCK, chunkSize: 64 * 1024 });
  const chunks: Uint8Array[] = [];
  stream.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
  stream.end(json.length === 0 ? undefined : json);
  await once(stream, "end");
  return Buffer.concat(chunks);
}

function seal(compressed: Uint8Array, nonce: Uint8Array): string {
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(KEY, "base64"), nonce);
  const ciphertext = Buffer.concat([cipher.update(compressed), cipher.final()]);
  return Buffer.concat([Buffer.of(0x9e, 0x85, 0xdc, 0xed), nonce, ciphertext, cipher.getAuthTag()]).toString("base64");
}
