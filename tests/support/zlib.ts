/**
 * Verdicts on raw DEFLATE streams, ours and those of the runtime's own zlib, in one form.
 *
 * @module
 */

import { type InflateRaw, inflateRawSync } from "node:zlib";
import { InflateError, inflateRaw } from "../../src/inflate/mod.ts";
import { ZLIB_MESSAGES } from "./refused-streams.ts";

/** The output, or the reason of the refusal. */
export type Verdict = Uint8Array | string;

/** Our verdict: the output, zlib's message for our reason, or the reason itself if zlib has no message. */
export function ourVerdict(data: Uint8Array): Verdict {
  try {
    return inflateRaw(data);
  } catch (error) {
    if (error instanceof InflateError) return ZLIB_MESSAGES[error.reason] ?? error.reason;
    throw error;
  }
}

/** The runtime's verdict; `engine.bytesWritten` counts the input bytes that zlib has read. */
export function zlibVerdict(data: Uint8Array): Verdict {
  try {
    const { buffer, engine } = inflateRawSync(data, { info: true }) as unknown as {
      buffer: Buffer;
      engine: InflateRaw;
    };
    return engine.bytesWritten < data.length ? "trailing-bytes" : buffer;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "Z_BUF_ERROR" ? "truncated" : message;
  }
}

/** Whether two verdicts are equal, output included. */
export function isSame(ours: Verdict, zlibs: Verdict): boolean {
  if (typeof ours === "string" || typeof zlibs === "string") return ours === zlibs;
  return Buffer.compare(ours, zlibs) === 0;
}
