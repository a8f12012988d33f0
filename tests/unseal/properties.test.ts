/** Properties of all sealed results: header, nonce, ciphertext and tag, bit by bit. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Deflate, deflateRaw } from "pako";
import { type SealedResult, UnsealError } from "../../mod.ts";
import { runs } from "../support/runs.ts";
import { concat, toBase64, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealCompressed } from "../support/seal.ts";

const HEADER_BITS = 32;

const unsealer = createTestUnsealer({ keys: [key(1), key(2)] });

/** The refusal of a sealed result, with everything that a caller can observe. */
async function refusal(sealed: SealedResult): Promise<{ code: string; message: string; own: string }> {
  const error = await unsealer.unseal(sealed).then(() => assert.fail("was opened"), (error: unknown) => error);
  assert.ok(error instanceof UnsealError);
  const own = Object.getOwnPropertyNames(error).filter((name) => !isEngineProperty(name)).sort();
  const values = own.map((name) => `${name}=${String(error[name as keyof UnsealError])}`).join();
  return { code: error.code, message: error.message, own: values };
}

/** Some engines add own properties with the place in the source, which differs by call. */
function isEngineProperty(name: string): boolean {
  return ["stack", "line", "column", "sourceURL", "fileName", "lineNumber", "columnNumber"].includes(name);
}

const event = fc.oneof(
  fc.record({ event_id: fc.string(), timestamp: fc.integer(), tags: fc.jsonValue() }),
  fc.record({ products: fc.record({ identification: fc.record({ data: fc.jsonValue() }), extra: fc.jsonValue() }) }),
);
const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });
const keyPosition = fc.constantFrom(1, 2);

/** Compressors with different forms of blocks. */
const compress = fc.constantFrom<(bytes: Uint8Array) => Uint8Array>(
  (bytes) => deflateRaw(bytes),
  (bytes) => deflateRaw(bytes, { level: 0 }),
  (bytes) => deflateRaw(bytes, { level: 9, strategy: 4 }),
  (bytes) => deflateRaw(bytes, { strategy: 2 }),
  // As Go's writer does: blocks that are not final, then an empty final block.
  (bytes) => {
    const deflate = new Deflate({ raw: true });
    const blocks: Uint8Array[] = [];
    deflate.onData = (chunk) => blocks.push(chunk as Uint8Array);
    deflate.push(bytes, 2); // Z_SYNC_FLUSH
    return concat(...blocks, Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff));
  },
  stored,
);

/** Several stored blocks. */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const size = 37;
  for (let start = 0;; start += size) {
    const block = bytes.subarray(start, start + size);
    const final = start + size >= bytes.length;
    parts.push(Uint8Array.of(final ? 1 : 0, block.length, 0, block.length ^ 0xff, 0xff), block);
    if (final) return concat(...parts);
  }
}

const sealed = fc.tuple(event, nonce, keyPosition, compress).map(([event, nonce, position, compress]) => ({
  event,
  bytes: sealCompressed(compress(utf8(JSON.stringify(event))), key(position), nonce),
  keyId: `key-${position - 1}`,
}));

test("unseal() opens any event, sealed with any nonce and in any block form, with a key in any place", async () => {
  await fc.assert(
    fc.asyncProperty(sealed, fc.boolean(), async ({ event, bytes, keyId }, asText) => {
      const opened = await unsealer.open(asText ? toBase64(bytes) : bytes);
      assert.deepEqual(opened.event, JSON.parse(JSON.stringify(event)));
      assert.equal(opened.keyId, keyId);
      assert.equal(opened.bytes.length, utf8(JSON.stringify(event)).length);
    }),
    { numRuns: runs(300) },
  );
});

test("unseal() refuses a sealed result in which any one bit differs", async () => {
  const bytes = sealCompressed(deflateRaw(utf8('{"event_id":"x","timestamp":1}')), key(2));
  const constant = await refusal(sealCompressed(new Uint8Array(8), key(3)));
  assert.equal(constant.code, "ERR_NO_KEY_FITS");
  // Every bit, or on a slow runtime some bits of every part.
  const step = runs(41) < 41 ? 41 : 1;
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const got = await refusal(changed);
    if (bit < HEADER_BITS) assert.equal(got.code, "ERR_SEALED_HEADER", `bit ${bit}`);
    else assert.deepEqual(got, constant, `bit ${bit}`);
  }
});

test("unseal() refuses a sealed result whose bits differ anywhere, with the same error whatever was changed", async () => {
  const constant = await refusal(sealCompressed(new Uint8Array(8), key(3)));
  await fc.assert(
    fc.asyncProperty(
      sealed,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
      async ({ bytes }, changes) => {
        const changed = bytes.slice();
        for (const [place, mask] of changes) changed[place % changed.length]! ^= mask;
        const headerDiffers = changed.subarray(0, 4).some((byte, i) => byte !== bytes[i]);
        if (changed.every((byte, i) => byte === bytes[i])) return;
        const got = await refusal(changed);
        if (headerDiffers) assert.equal(got.code, "ERR_SEALED_HEADER");
        else assert.deepEqual(got, constant);
      },
    ),
    { numRuns: runs(300) },
  );
});

test("unseal() refuses every prefix of a sealed result", async () => {
  const bytes = sealCompressed(deflateRaw(utf8('{"event_id":"x","timestamp":1}')), key(1));
  for (let length = 0; length < bytes.length; length++) {
    const { code } = await refusal(bytes.subarray(0, length));
    assert.equal(code, length < 32 ? "ERR_SEALED_TOO_SHORT" : "ERR_NO_KEY_FITS", `${length} bytes`);
  }
});

test("unseal() refuses every extension of a sealed result", async () => {
  await fc.assert(
    fc.asyncProperty(sealed, fc.uint8Array({ minLength: 1, maxLength: 40 }), async ({ bytes }, more) => {
      assert.equal((await refusal(concat(bytes, more))).code, "ERR_NO_KEY_FITS");
      more[0]! ^= more[0] === 0x9e ? 1 : 0;
      assert.equal((await refusal(concat(more, bytes))).code, "ERR_SEALED_HEADER");
    }),
    { numRuns: runs(100) },
  );
});

test("unseal() refuses combined parts of two sealed results", async () => {
  await fc.assert(
    fc.asyncProperty(sealed, sealed, async (one, other) => {
      fc.pre(!one.bytes.subarray(4, 16).every((byte, i) => byte === other.bytes[4 + i]));
      const otherNonce = concat(other.bytes.subarray(0, 16), one.bytes.subarray(16));
      const otherTag = concat(one.bytes.subarray(0, -16), other.bytes.subarray(-16));
      for (const mixed of [otherNonce, otherTag]) assert.equal((await refusal(mixed)).code, "ERR_NO_KEY_FITS");
    }),
    { numRuns: runs(100) },
  );
});

test("unseal() rejects any bytes and any text with an UnsealError", async () => {
  const header = Uint8Array.of(0x9e, 0x85, 0xdc, 0xed);
  const bytes = fc.uint8Array({ maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(bytes, bytes.map((bytes) => concat(header, bytes)), fc.string({ unit: "binary" }), bytes.map(toBase64)),
      async (sealed) => {
        await refusal(sealed);
      },
    ),
    { numRuns: runs(500) },
  );
});

test("unseal() returns an event or throws an UnsealError for any authentic content", async () => {
  const noise = fc.uint8Array({ maxLength: 200 });
  const content = fc.oneof(
    noise,
    noise.map((bytes) => deflateRaw(bytes)),
    fc.jsonValue().map((value) => deflateRaw(utf8(JSON.stringify(value)))),
    // The first bits are those of a final dynamic block.
    noise.map((bytes) => concat(Uint8Array.of(((bytes[0] ?? 0) & 0xf8) | 0b101), bytes)),
  );
  await fc.assert(
    fc.asyncProperty(content, async (content) => {
      const outcome = await unsealer.unseal(sealCompressed(content, key(1))).catch((error: unknown) => error);
      if (outcome instanceof Error) assert.ok(outcome instanceof UnsealError, String(outcome));
    }),
    { numRuns: runs(500) },
  );
});

test("unseal() reads a view at any offset", async () => {
  await fc.assert(
    fc.asyncProperty(sealed, fc.nat({ max: 9 }), fc.nat({ max: 9 }), async ({ event, bytes }, before, after) => {
      const whole = concat(new Uint8Array(before).fill(0xaa), bytes, new Uint8Array(after).fill(0x55));
      const copy = whole.slice();
      assert.deepEqual(
        await unsealer.unseal(whole.subarray(before, before + bytes.length)),
        JSON.parse(JSON.stringify(event)),
      );
      assert.deepEqual(whole, copy);
    }),
    { numRuns: runs(100) },
  );
});
