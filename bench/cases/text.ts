/**
 * The stage of text: UTF-8 to a string, and JSON to an event. `Buffer` and `Response` accept what is not UTF-8.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Case } from "../contest.ts";
import { decodeUtf8, decodeUtf8Portable, parseEvent } from "../ours.ts";
import { openedOf, sizes } from "./opened.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const textCases: readonly Case<Uint8Array, unknown>[] = sizes.map(
  (bytes) => {
    const inputs = openedOf(bytes).map(({ json }) => json);
    return {
      subject: "UTF-8 and JSON",
      variant: "bytes to event",
      bytes,
      inputs,
      contestants: [
        {
          name: "ours",
          isOurs: true,
          run: (json) => parseEvent(decodeUtf8(json)!),
        }, // events are UTF-8
        {
          name: "ours, portable",
          isOurs: true,
          run: (json) => parseEvent(decodeUtf8Portable(json)!),
        },
        {
          name: "TextDecoder, fatal",
          run: (json) => JSON.parse(strict.decode(json)),
        },
        {
          name: "Buffer.toString",
          run: (json) =>
            JSON.parse(
              Buffer.from(json.buffer, json.byteOffset, json.byteLength)
                .toString(),
            ),
        },
        {
          name: "Response.json",
          run: (json) => new Response(json as Uint8Array<ArrayBuffer>).json(),
        },
      ],
      comparable: JSON.stringify,
    } satisfies Case<Uint8Array, unknown>;
  },
);
