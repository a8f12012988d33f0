/**
 * Compares verdicts and outputs with the runtime's own zlib, on valid, damaged and arbitrary streams.
 *
 * @module
 */

import assert from "node:assert/strict";
import test from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { deflateWriter } from "../support/bit-writer.ts";
import { fromHex } from "../support/bytes.ts";
import { LEGAL_STREAMS } from "../support/deflate-streams.ts";
import { randomStream, writeOffset } from "../support/random-streams.ts";
import { RECORDED_STREAMS, REFUSED_STREAMS, ZLIB_MESSAGES } from "../support/refused-streams.ts";
import { randomNumbers } from "../support/random.ts";
import { isSame, ourVerdict, type Verdict, zlibVerdict } from "../support/zlib.ts";

const brief = (verdict: Verdict) => typeof verdict === "string" ? verdict : `${verdict.length} bytes`;

function compare(data: Uint8Array, about: string): void {
  const ours = ourVerdict(data);
  const zlibs = zlibVerdict(data);
  assert.ok(isSame(ours, zlibs), `${about}: ${brief(ours)}, where zlib has ${brief(zlibs)}`);
}

// The streaming decoders of some runtimes accept truncated streams or trailing bytes. If their zlib did so, the tests
// below would fail, too. This test shows that the difference is the runtime's.
test("the runtime's zlib is strict enough to compare with", () => {
  for (const hex of ["", "00", "0105", "010500faff41", "4b", "000000ffff"]) {
    assert.equal(zlibVerdict(fromHex(hex)), "truncated", hex);
  }
  for (const hex of ["03000000", "010000ffff00"]) assert.equal(zlibVerdict(fromHex(hex)), "trailing-bytes", hex);
  for (const { name, reason, write } of REFUSED_STREAMS) {
    const verdict = zlibVerdict(write(deflateWriter()).align().bytes(new Uint8Array(64)).finish());
    assert.equal(verdict, ZLIB_MESSAGES[reason], name);
  }
});

test("inflateRaw() agrees with zlib on every stream of the tables, at each bit offset", () => {
  const streams = [...LEGAL_STREAMS, ...REFUSED_STREAMS];
  const short = streams.filter(({ write }) => write(deflateWriter()).bitLength() < 4000);
  for (let offset = 0; offset < 8; offset++) {
    for (const { name, write } of offset === 0 ? streams : short) {
      const data = write(writeOffset(deflateWriter(), offset)).finish();
      compare(data, name);
      if (data.length > 500) continue;
      for (let cut = 1; cut <= 4; cut++) compare(data.subarray(0, data.length - cut), `${name}, ${cut} bytes less`);
    }
  }
  for (const { name, hex } of RECORDED_STREAMS) compare(fromHex(hex), name);
});

const SEEDS = { numRuns: 1500 };

test("inflateRaw() agrees with zlib on random codes and symbols", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { data, output } = randomStream(seed);
      assert.ok(isSame(output, zlibVerdict(data)), `the generator, seed ${seed}: zlib has ${brief(zlibVerdict(data))}`);
      compare(data, `seed ${seed}`);
    }),
    { numRuns: 500 },
  );
});

/** One to four changes to a copy: bits, bytes, and lengths. */
function damaged(data: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = [...data];
  for (let left = random(4); left >= 0; left--) {
    const place = random(random(2) === 0 ? bytes.length + 1 : Math.min(bytes.length + 1, 30));
    const kind = random(8);
    if (kind < 4 && place < bytes.length) bytes[place]! ^= 1 << random(8);
    else if (kind === 4 && place < bytes.length) bytes[place] = random(256);
    else if (kind === 5) bytes.splice(place, 1);
    else if (kind === 6) bytes.splice(place, 0, random(256));
    else if (kind === 7) bytes = bytes.slice(0, place);
  }
  return Uint8Array.from(bytes);
}

test("inflateRaw() agrees with zlib on damaged random streams", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      (seed) => compare(damaged(randomStream(seed).data, randomNumbers(~seed)), `seed ${seed}`),
    ),
    SEEDS,
  );
});

test("inflateRaw() agrees with zlib on damaged streams of the tables", () => {
  const streams = [...LEGAL_STREAMS, ...REFUSED_STREAMS]
    .map(({ write }) => write(deflateWriter()).finish())
    .filter((data) => data.length < 2000);
  fc.assert(
    fc.property(fc.nat(streams.length - 1), fc.integer(), (index, seed) => {
      compare(damaged(streams[index]!, randomNumbers(seed)), `stream ${index}, seed ${seed}`);
    }),
    SEEDS,
  );
});

test("inflateRaw() agrees with zlib on its own streams, whole and damaged", () => {
  const strategies = [
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ];
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(...strategies),
      fc.integer(),
      (value, times, level, memLevel, strategy, seed) => {
        const content = Buffer.from(JSON.stringify(value).repeat(times));
        const data = deflateRawSync(content, { level, memLevel, strategy });
        assert.ok(isSame(ourVerdict(data), content), "whole");
        compare(damaged(data, randomNumbers(seed)), "damaged");
      },
    ),
    SEEDS,
  );
});

test("inflateRaw() agrees with zlib on arbitrary bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (data) => compare(data, "arbitrary bytes")), SEEDS);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 400 }), (data) => {
      data[0] = (data[0]! & 0xf8) | 5; // a final dynamic block
      compare(data, "an arbitrary dynamic block");
    }),
    SEEDS,
  );
});

test("inflateRaw() agrees with zlib on arbitrary code lengths after a complete precode", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomNumbers(seed);
      // 0 00, 16 010, 17 011, 18 10, 1 110, 2 1110, 3 11110, 8 11111: most sequences are valid.
      const writer = deflateWriter().counts("last", 257 + random(30), 1 + random(30), 19)
        .precode({ 0: 2, 16: 3, 17: 3, 18: 2, 1: 3, 2: 4, 3: 5, 8: 5 });
      for (let left = 30 + random(100); left > 0; left--) writer.bits(random(65536), 16);
      compare(writer.finish(), `seed ${seed}`);
    }),
    SEEDS,
  );
});
