/** The binary envelope. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  HEADER,
  HEADER_BYTES,
  MIN_ENVELOPE_BYTES,
  NONCE_BYTES,
  openEnvelope,
  TAG_BYTES,
} from "../../src/unseal/envelope.ts";
import { runs } from "../support/runs.ts";
import { concat } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { HEADER as HEADER_VALUES } from "../support/seal.ts";

test("openEnvelope() reads header, nonce, ciphertext and tag", () => {
  assert.equal(HEADER, 0x9e85dced);
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
