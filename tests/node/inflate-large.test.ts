/** Outputs around the highest limit. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { freemem } from "node:os";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import { InflateError, inflateRaw } from "../../src/inflate/mod.ts";

/** Memory for the output and its last growth: 1.5 GB, and room for the other tests on this machine. */
const NEEDED_BYTES = 6 * 1024 ** 3;

test("inflateRaw() refuses more than 1,000,000,000 bytes when the limit is Infinity", (t) => {
  if (freemem() < NEEDED_BYTES) return t.skip("this machine does not have enough free memory");
  const part = deflateRawSync(Buffer.alloc(100_000_000), { finishFlush: constants.Z_SYNC_FLUSH });
  // Beyond 2^30 bytes, where V8's optimised code computed the room in the output wrongly and the decoder hung.
  const data = Buffer.concat([...Array<Buffer>(11).fill(part), deflateRawSync(Buffer.alloc(0))]);
  assert.throws(
    () => inflateRaw(data, { maxOutputBytes: Infinity }),
    (error) => error instanceof InflateError && error.reason === "output-too-large",
  );
});
