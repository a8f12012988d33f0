/**
 * The DEFLATE decoder against zlib: the verdict with its reason, every byte of the output, and the output limit.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";
import { InflateError, inflateRaw } from "../../../src/inflate/mod.ts";
import { deflateWriter } from "../../support/bit-writer.ts";
import { utf8 } from "../../support/bytes.ts";
import { LEGAL_STREAMS } from "../../support/deflate-streams.ts";
import { REFUSED_STREAMS } from "../../support/refused-streams.ts";
import { isSame, ourVerdict, type Verdict, zlibVerdict } from "../../support/zlib.ts";
import { SAMPLE_EVENT_V4 } from "../samples.ts";

export const seeds: readonly Uint8Array[] = [
  ...[...LEGAL_STREAMS, ...REFUSED_STREAMS].map(({ write }) => write(deflateWriter()).finish()),
  ...[0, 1, 6, 9].map((level) => deflateRawSync(utf8(SAMPLE_EVENT_V4), { level })),
].filter(({ length }) => length <= 1024);

export function fuzz(data: Uint8Array): void {
  const ours = ourVerdict(data);
  const zlibs = zlibVerdict(data);
  if (!isSame(ours, zlibs)) throw new Error(`inflateRaw() has ${brief(ours)}, zlib ${brief(zlibs)}`);
  if (typeof ours === "string") return;
  if (!isSame(limited(data, ours.length), ours)) throw new Error(`refused with a limit of ${ours.length} bytes`);
  if (ours.length > 0 && limited(data, ours.length - 1) !== "output-too-large") {
    throw new Error(`not refused with a limit of ${ours.length - 1} bytes`);
  }
}

function limited(data: Uint8Array, maxOutputBytes: number): Verdict {
  try {
    return inflateRaw(data, { maxOutputBytes });
  } catch (error) {
    if (error instanceof InflateError) return error.reason;
    throw error;
  }
}

const brief = (verdict: Verdict) => typeof verdict === "string" ? verdict : `${verdict.length} bytes`;
