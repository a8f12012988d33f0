/**
 * Both base64 decoders against RFC 4648, and against Node's decoder where that is as strict.
 *
 * @module
 */

import { decodeBase64, decodeBase64Portable } from "../../../src/encoding/base64.ts";
import { referenceBase64 } from "../../prove/text.ts";
import { SAMPLE_EVENT_V4 } from "../samples.ts";
import { ascii } from "../../support/bytes.ts";

const TEXT = Buffer.from(SAMPLE_EVENT_V4).toString("base64");

export const seeds: readonly Uint8Array[] = [
  ascii(` ${TEXT}`),
  ascii(` ${TEXT.replace(/.{20}/g, "$&\r\n")}`),
  ascii(` ${Buffer.from(TEXT).toString("base64url")}`),
  ascii(" noXc7Q==\t"),
  Buffer.from("\u0001noXc7Q==\u0141", "utf16le"),
];

/** @param data A byte that says how the text is encoded, and the text. */
export function fuzz(data: Uint8Array): void {
  const [encoding = 0] = data;
  const text = Buffer.from(data.slice(1)).toString(encoding % 2 === 1 ? "utf16le" : "latin1");
  const expected = referenceBase64(text);
  for (const decode of [decodeBase64, decodeBase64Portable]) {
    if (decode(text)?.join() !== expected) throw new Error(`${decode.name}() differs from RFC 4648`);
  }
  if (expected !== undefined && Buffer.from(text, "base64").join() !== expected) {
    throw new Error("Buffer decodes what is accepted differently");
  }
}
