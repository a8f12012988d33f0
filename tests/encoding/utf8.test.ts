/** UTF-8: every decoder is strict. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeUtf8, decodeUtf8Portable } from "../../src/encoding/utf8.ts";
import { runs } from "../support/runs.ts";
import { utf8 } from "../support/bytes.ts";
import { withGlobals } from "../support/globals.ts";

for (const [name, decode] of [["decodeUtf8()", decodeUtf8], ["decodeUtf8Portable()", decodeUtf8Portable]] as const) {
  test(`${name} decodes any text`, () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => assert.equal(decode(utf8(text)), text)),
      { numRuns: runs(500) },
    );
  });

  test(`${name} decodes text longer than one chunk`, () => {
    const text = "añ€😀".repeat(20_000);
    assert.equal(decode(utf8(text)), text);
  });

  test(`${name} keeps a byte order mark`, () => {
    assert.equal(decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b)), "\ufeff{");
  });

  test(`${name} decodes U+FFFD in the input`, () => {
    assert.equal(decode(Uint8Array.of(0x61, 0xef, 0xbf, 0xbd)), "a\ufffd");
  });

  test(`${name} decodes the first and the last code point of each length`, () => {
    for (const point of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
      const text = String.fromCodePoint(point);
      assert.equal(decode(utf8(text)), text);
    }
  });

  for (
    const [what, bytes] of [
      ["a lone continuation", [0x80]],
      ["a lead without its continuation", [0xc3]],
      ["a lead followed by ASCII", [0xc3, 0x28]],
      ["an overlong slash", [0xc0, 0xaf]],
      ["an overlong two-byte form", [0xc1, 0xbf]],
      ["an overlong three-byte form", [0xe0, 0x9f, 0xbf]],
      ["an overlong four-byte form", [0xf0, 0x8f, 0xbf, 0xbf]],
      ["the first surrogate", [0xed, 0xa0, 0x80]],
      ["the last surrogate", [0xed, 0xbf, 0xbf]],
      ["what lies past U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
      ["a five-byte form", [0xf8, 0x88, 0x80, 0x80, 0x80]],
      ["0xFE", [0xfe]],
      ["0xFF", [0xff]],
      ["a truncated three-byte form", [0xe2, 0x82]],
      ["a truncated four-byte form", [0xf0, 0x9f, 0x98]],
      ["a fault after text", [0x61, 0x62, 0xe2, 0x28, 0xa1]],
    ] as const
  ) {
    test(`${name} refuses ${what}`, () => assert.equal(decode(Uint8Array.from(bytes)), undefined));
  }
}

test("decodeUtf8() agrees with decodeUtf8Portable() on any bytes", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.array(fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xbd), {
      maxLength: 8,
    }).map((bytes) => Uint8Array.from(bytes)),
  );
  fc.assert(
    fc.property(bytes, (bytes) => assert.equal(decodeUtf8(bytes), decodeUtf8Portable(bytes))),
    { numRuns: runs(3000) },
  );
});

test("decodeUtf8() works without TextDecoder", () => {
  withGlobals({ TextDecoder: undefined }, () => assert.equal(decodeUtf8(utf8("ü\ufffd")), "ü\ufffd"));
});
