/** Base64: the same verdict from every decoder. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeBase64, decodeBase64Portable, encodeBase64 } from "../../src/encoding/base64.ts";
import { runs } from "../support/runs.ts";
import { toBase64 } from "../support/bytes.ts";
import { needsGlobals } from "../support/web.ts";
import { withGlobals } from "../support/globals.ts";

type Decode = (text: string) => Uint8Array | undefined;
const decoders: readonly (readonly [string, Decode])[] = [
  ["decodeBase64()", decodeBase64],
  ["decodeBase64Portable()", decodeBase64Portable],
];

/** The bytes that a decoder returns, or "refused". */
function outcome(decode: Decode, text: string): number[] | "refused" {
  const bytes = decode(text);
  return bytes === undefined ? "refused" : [...bytes];
}

const blank = fc.constantFrom(" ", "\t", "\n", "\f", "\r", "");

for (const [name, decode] of decoders) {
  test(`${name} decodes RFC 4648's own examples`, () => {
    const examples = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
    examples.forEach((text, length) => {
      assert.equal(String.fromCharCode(...outcome(decode, text) as number[]), "foobar".slice(0, length));
    });
  });

  test(`${name} decodes every spelling of any bytes to the same bytes`, () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.boolean(),
        fc.boolean(),
        fc.array(blank, { minLength: 1, maxLength: 20 }),
        (bytes, url, padded, blanks) => {
          let text = toBase64(bytes);
          if (url) text = text.replaceAll("+", "-").replaceAll("/", "_");
          if (!padded) text = text.replaceAll("=", "");
          const spelled = [...text].map((character, i) => character + blanks[i % blanks.length]).join("");
          assert.deepEqual(outcome(decode, spelled), [...bytes]);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test(`${name} accepts the characters of both alphabets, blanks and pads, and refuses every other`, () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (let code = 0; code < 0x180; code++) {
      const last = String.fromCharCode(code);
      const value = alphabet.indexOf(last.replace("-", "+").replace("_", "/"));
      const expected = value >= 0 ? [0, 0, value] : " \t\n\f\r=".includes(last) ? [0, 0] : "refused";
      assert.deepEqual(outcome(decode, `AAA${last}`), expected, `${code}`);
    }
  });

  test(`${name} accepts pad bits that are not zero`, () => {
    assert.deepEqual(outcome(decode, "QUJ="), [65, 66]);
    assert.deepEqual(outcome(decode, "QV=="), [65]);
    assert.deepEqual(outcome(decode, "QV"), [65]);
  });

  test(`${name} accepts blanks between and after pads`, () => {
    assert.deepEqual(outcome(decode, "QQ= = \n"), [65]);
  });

  for (
    const [what, text] of [
      ["a single character", "Q"],
      ["five characters", "QUJDR"],
      ["too few pads", "QQ="],
      ["too many pads", "QQ==="],
      ["pads after a full quantum", "QUJD="],
      ["four pads after a full quantum", "QUJD===="],
      ["pads alone", "=="],
      ["four pads alone", "===="],
      ["a pad in the middle", "QQ==QUJD"],
      ["a character after a pad", "QUI=Q"],
      ["a character of no alphabet", "QU*D"],
      ["a NUL", "QUJ\0"],
      ["a vertical tab", "QUJD\v"],
      ["a no-break space", "QUJD\u00a0"],
      ["a byte order mark", "\ufeffQUJD"],
      ["a character whose low byte is in the alphabet", "\u0141\u0141\u0141\u0141"],
      ["a lone surrogate", "QUJ\ud841"],
      ["a character beyond the BMP", "QUJD\u{1f600}"],
      ["the imap alphabet's comma", "QU,D"],
      ["a percent escape", "QUI%3D"],
      ["a data URL", "data:;base64,QUJD"],
    ] as const
  ) {
    test(`${name} refuses ${what}`, () => assert.equal(outcome(decode, text), "refused"));
  }

  test(`${name} handles a megabyte of blanks or pads`, () => {
    const size = runs(1 << 20);
    assert.equal(decode(" ".repeat(size))?.length, 0);
    assert.equal(decode(`QUJD${"\n".repeat(size)}`)?.length, 3);
    assert.equal(outcome(decode, "=".repeat(size)), "refused");
    assert.equal(outcome(decode, `${" ".repeat(size)}*`), "refused");
  });
}

test("decodeBase64() agrees with decodeBase64Portable() on any text", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.base64String({ maxLength: 60 }),
    fc.array(fc.constantFrom(..."AQZaz019+/-_= \n\t*,\u0141"), { maxLength: 24 }).map((characters) =>
      characters.join("")
    ),
  );
  fc.assert(
    fc.property(text, (text) => assert.deepEqual(outcome(decodeBase64, text), outcome(decodeBase64Portable, text))),
    { numRuns: runs(3000) },
  );
});

test("decodeBase64() works without fromBase64, Buffer and atob", () => {
  const native = Uint8Array as { fromBase64?: unknown };
  const { fromBase64 } = native;
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  try {
    native.fromBase64 = undefined;
    const decoded = withGlobals({ Buffer: undefined, atob: undefined }, () => outcome(decodeBase64, toBase64(bytes)));
    assert.deepEqual(decoded, [...bytes]);
  } finally {
    native.fromBase64 = fromBase64;
  }
});

test("encodeBase64() writes the standard alphabet with padding", needsGlobals("btoa"), () => {
  for (const length of [0, 1, 2, 3, 8191, 8192, 8193, 20_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 89);
    assert.equal(encodeBase64(bytes), toBase64(bytes), `${length} bytes`);
  }
});
