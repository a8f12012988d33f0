/** The binary envelope. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  createEnvelope,
  hasHeader,
  HEADER_BYTES,
  HEADER_TEXT,
  MIN_ENVELOPE_BYTES,
  NONCE_BYTES,
  openEnvelope,
  TAG_BYTES,
} from "../../src/unseal/envelope.ts";
import { runs } from "../support/runs.ts";
import { concat, toBase64 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { HEADER as HEADER_VALUES } from "../support/seal.ts";

test("hasHeader() recognises the header of a sealed result, and nothing else or shorter", () => {
  assert.ok(hasHeader(Uint8Array.from(HEADER_VALUES)));
  for (let length = 0; length < HEADER_BYTES; length++) {
    assert.ok(!hasHeader(Uint8Array.from(HEADER_VALUES).subarray(0, length)));
  }
  for (let bit = 0; bit < 32; bit++) {
    const header = Uint8Array.from(HEADER_VALUES);
    header[bit >> 3]! ^= 1 << (bit & 7);
    assert.ok(!hasHeader(concat(header, new Uint8Array(28))));
  }
  // Of a view, and not of the buffer behind it.
  assert.ok(hasHeader(concat([1], HEADER_VALUES).subarray(1)));
  for (let byte = 0; byte < 256; byte++) {
    assert.equal(toBase64(concat(HEADER_VALUES, [byte])).slice(0, 5), HEADER_TEXT);
  }
});

test("openEnvelope() reads header, nonce, ciphertext and tag", () => {
  assert.deepEqual([HEADER_BYTES, NONCE_BYTES, TAG_BYTES, MIN_ENVELOPE_BYTES], [4, 12, 16, 32]);
});

test("openEnvelope() splits any envelope into its parts, without copying", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      fc.uint8Array({ minLength: 16, maxLength: 60 }),
      (nonce, sealed) => {
        const bytes = concat(Uint8Array.from(HEADER_VALUES), nonce, sealed);
        const envelope = openEnvelope(bytes);
        assert.deepEqual(envelope.nonce, nonce);
        assert.deepEqual(envelope.sealed, sealed);
        assert.equal(envelope.sealed.buffer, bytes.buffer);
        assert.deepEqual(createEnvelope(envelope), bytes);
      },
    ),
    { numRuns: runs(200) },
  );
});

test("openEnvelope() refuses under 32 bytes before it reads the header", () => {
  for (let length = 0; length < 32; length++) {
    assert.throws(() => openEnvelope(new Uint8Array(length)), hasCode("ERR_SEALED_TOO_SHORT"));
  }
});

test("openEnvelope() refuses every header but one", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (header) => {
      fc.pre(header.some((byte, i) => byte !== HEADER_VALUES[i]));
      assert.throws(() => openEnvelope(concat(header, new Uint8Array(28))), hasCode("ERR_SEALED_HEADER"));
    }),
    { numRuns: runs(200) },
  );
  for (let bit = 0; bit < 32; bit++) {
    const header = Uint8Array.from(HEADER_VALUES);
    header[bit >> 3]! ^= 1 << (bit & 7);
    assert.throws(() => openEnvelope(concat(header, new Uint8Array(28))), hasCode("ERR_SEALED_HEADER"));
  }
});
