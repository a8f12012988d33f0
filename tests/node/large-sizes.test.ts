/**
 * Outputs and inputs around the highest limits: 1,000,000,000 bytes of output, 2^30 and 2^31 bytes, the longest string.
 *
 * `UNSEAL_TEST_LARGE=1` runs the cases that take minutes or 8 GB of memory.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { freemem } from "node:os";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import { createSyncUnsealer, createUnsealer } from "../../mod.ts";
import { InflateError, inflateRaw } from "../../src/inflate/mod.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";
import { hasCode } from "../support/error-code.ts";
import { key } from "../support/seal.ts";

const isLarge = process.env["UNSEAL_TEST_LARGE"] === "1";

/** Memory for the output and its last growth: 1.5 GB, and room for the other tests on this machine. */
const NEEDED_BYTES = (isLarge ? 10 : 6) * 1024 ** 3;
const skip = freemem() < NEEDED_BYTES ? "there is not enough free memory here" : false;
const skipLarge = skip || (isLarge ? false : "UNSEAL_TEST_LARGE is not set");

/** A stream of `parts` times 100 MB of zeros, and `rest` more. */
function stream(parts: number, rest = 0): Buffer {
  const part = deflateRawSync(Buffer.alloc(100_000_000), { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([...Array<Buffer>(parts).fill(part), deflateRawSync(Buffer.alloc(rest))]);
}

const isTooLarge = (error: unknown) => error instanceof InflateError && error.reason === "output-too-large";

test("inflateRaw() refuses more than 1,000,000,000 bytes when the limit is Infinity", { skip }, () => {
  // Beyond 2^30 bytes, where V8's optimised code computed the room in the output wrongly and the decoder hung.
  assert.throws(() => inflateRaw(stream(11), { maxOutputBytes: Infinity }), isTooLarge);
});

test("inflateRaw() produces 1,000,000,000 bytes at most, with any higher limit", { skip: skipLarge }, () => {
  for (const maxOutputBytes of [1e9, 2 ** 30, 2 ** 31, Infinity]) {
    assert.equal(inflateRaw(stream(10), { maxOutputBytes }).length, 1e9);
    for (const data of [stream(10, 1), stream(11), stream(22)]) {
      assert.throws(() => inflateRaw(data, { maxOutputBytes }), isTooLarge, `${maxOutputBytes}`);
    }
  }
});

test("unseal() refuses the longest text with a code", () => {
  const text = longestText("A");
  assert.ok(text.length >= 2 ** 29 - 24);
  const sync = createSyncUnsealer({ keys: key(1), cipher: nodeCipher() });
  assert.throws(() => sync.unseal(text), hasCode("ERR_SEALED_TOO_LARGE"));
});

test("unseal() without a limit refuses the longest texts with a code", { skip: skipLarge }, async () => {
  const unsealer = createUnsealer({ keys: key(1), maxSealedBytes: Infinity });
  for (
    const [character, code] of [
      ["A", "ERR_SEALED_HEADER"],
      [" ", "ERR_SEALED_TOO_SHORT"],
      ["%", "ERR_SEALED_ENCODING"],
      ["ü", "ERR_SEALED_ENCODING"],
    ] as const
  ) {
    await assert.rejects(unsealer.unseal(longestText(character)), hasCode(code));
  }
});

test("unseal() without a limit refuses more than 1 GiB of bytes with a code", { skip: skipLarge }, async () => {
  const unsealer = createUnsealer({ keys: key(1), maxSealedBytes: Infinity });
  const text = new Uint8Array(2 ** 30 + 1).fill(0x41); // base64 text as bytes
  for (const sealed of [text, text.buffer]) await assert.rejects(unsealer.unseal(sealed), hasCode("ERR_SEALED_HEADER"));
  text.set([0x9e, 0x85, 0xdc, 0xed]);
  await assert.rejects(unsealer.unseal(text), hasCode("ERR_NO_KEY_FITS"));
});

/** The longest text of one character that this engine can hold: V8's 2^29 - 24 characters, or more. */
function longestText(character: string): string {
  try {
    return character.repeat(2 ** 31 - 1);
  } catch {
    return character.repeat(2 ** 29 - 24);
  }
}
