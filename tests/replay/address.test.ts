/** Addresses: compared by value, not by spelling; other text is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSameAddress, parseAddress } from "../../src/replay/address.ts";
import { runs } from "../support/runs.ts";

const SAME: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1", "::ffff:192.0.2.1"],
  ["192.0.2.1", "::FFFF:c000:201"],
  ["192.0.2.1", "0:0:0:0:0:ffff:192.0.2.1"],
  ["192.0.2.1", "0000:0000:0000:0000:0000:ffff:c000:0201"],
  ["255.255.255.255", "0000:0000:0000:0000:0000:ffff:255.255.255.255"],
  ["2001:db8::1", "2001:0DB8:0000:0000:0000:0000:0000:0001"],
  ["2001:db8::1", "2001:db8:0:0::0:1"],
  ["2001:db8::192.0.2.1", "2001:db8::c000:201"],
  ["1::2:3:4:192.0.2.1", "1:0:0:2:3:4:c000:201"],
  ["::", "0:0:0:0:0:0:0:0"],
  ["::", "0::0"],
  ["::1", "::0.0.0.1"],
  ["1::", "1:0:0:0:0:0:0::"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["1:2:3::5:6:7:8", "1:2:3:0:5:6:7:8"],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.2"],
  ["192.0.2.1", "::192.0.2.1"],
  ["192.0.2.1", "64:ff9b::192.0.2.1"],
  ["192.0.2.1", "::fffe:192.0.2.1"],
  ["2001:db8::1", "2001:db8::1:0"],
  ["2001:db8::1", "2001:db8::2"],
  ["::", "0.0.0.0"],
];

const REFUSED: readonly string[] = [
  ...["", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.1000", "01.2.3.4", "1.2.3.00", "0x1.2.3.4", "1.2.3.-4"],
  ...["1..2.3", ".1.2.3.4", "1.2.3.4.", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4:80", "1.2.3.4/32", "1e1.2.3.4"],
  ...["١.٢.٣.٤", "1.2.3.4\0", "3221225985", "localhost", "unknown", "null"],
  ...[":", ":::", "1:", ":1", "1::2::3", ":::1", "1:::", "::1:", ":1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9"],
  ...["1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2:3:4:5:6:7:8", "12345::", "::g", "::-1", "::1 ", "::0x1"],
  ...["::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4"],
  ...["fe80::1%eth0", "fe80::1%25eth0", "::1%", "[::1]", "[::1]:443", "::1/128", "::ffff:1.2.3.4%1"],
  "0000:0000:0000:0000:0000:ffff:255.255.255.2550",
  "00000000000000000000000000000000000000000000::1",
];

test("isSameAddress() accepts every spelling of an address as the same", () => {
  for (const [one, other] of SAME) {
    assert.ok(isSameAddress(one, other), `${one} ${other}`);
    assert.ok(isSameAddress(other, one), `${other} ${one}`);
  }
});

test("isSameAddress() distinguishes addresses", () => {
  for (const [one, other] of DIFFERENT) assert.ok(!isSameAddress(one, other), `${one} ${other}`);
});

test("isSameAddress() returns false for text that is not an address, even compared with itself", () => {
  for (const text of REFUSED) {
    assert.equal(parseAddress(text), undefined, JSON.stringify(text));
    assert.ok(!isSameAddress(text, text), JSON.stringify(text));
  }
});

test("parseAddress() refuses long text without parsing it", () => {
  for (const part of [":", "0:", "::", "1.", "f", "0"]) assert.equal(parseAddress(part.repeat(5_000_000)), undefined);
});

test("parseAddress() reads back any address from any of its spellings", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  const style = fc.record({ upper: fc.boolean(), padded: fc.boolean(), quad: fc.boolean(), run: fc.nat(7) });
  fc.assert(
    fc.property(groups, style, (address, { upper, padded, quad, run }) => {
      assert.deepEqual(parseAddress(spell(address, { upper, padded, quad, run })), address);
    }),
    { numRuns: runs(1000) },
  );
});

test("parseAddress() agrees with the platform's own URL parser", (t) => {
  if (typeof URL !== "function") return t.skip("this runtime has no URL");
  // Bun 1.4.5 refuses it.
  if (hostOf("1::2:3:4:192.0.2.1") === undefined) return t.skip("this runtime's URL parser refuses 1::2:3:4:192.0.2.1");
  const text = fc.oneof(
    fc.array(fc.constantFrom(":", "::", "0", "1", "ffff", "A", "12345", "1.2.3.4", "255", ".", "g"), { maxLength: 12 })
      .map((parts) => parts.join("")),
    fc.array(fc.constantFrom("0", "1", "beef", "ffff", ""), { minLength: 1, maxLength: 9 }).map((parts) =>
      parts.join(":")
    ),
    fc.ipV6(),
  );
  fc.assert(
    fc.property(text.filter((each) => each.includes(":")), (each) => {
      const groups = parseAddress(each);
      // The URL Standard refuses leading zeros in a dotted quad, but Chromium accepts them.
      const last = each.slice(each.lastIndexOf(":") + 1);
      if (last.includes(".") && /(?:^|\.)0[0-9]/.test(last)) return assert.equal(groups, undefined, each);
      const expected = hostOf(each);
      assert.equal(groups === undefined, expected === undefined, each);
      // The URL parser's spelling is the shortest one, and is the same address.
      if (expected !== undefined) assert.ok(isSameAddress(each, expected), each);
    }),
    { numRuns: runs(2000) },
  );
});

function spell(
  address: readonly number[],
  { upper, padded, quad, run }: { upper: boolean; padded: boolean; quad: boolean; run: number },
): string {
  const texts = address.map((group) => group.toString(16).padStart(padded ? 4 : 1, "0"));
  if (quad) {
    const [high = 0, low = 0] = address.slice(6);
    texts.splice(6, 2, [high >> 8, high & 255, low >> 8, low & 255].join("."));
  }
  // A run of zeros, if one begins there, becomes "::".
  const hexGroups = quad ? 6 : 8;
  let end = run;
  while (end < hexGroups && address[end] === 0) end++;
  const text = end > run ? `${texts.slice(0, run).join(":")}::${texts.slice(end).join(":")}` : texts.join(":");
  return upper ? text.toUpperCase() : text;
}

/** The platform's spelling of the address `text` in a URL, without brackets; `undefined` if it is invalid. */
function hostOf(text: string): string | undefined {
  try {
    return new URL(`http://[${text}]/`).hostname.replace(/^\[|\]$/g, "");
  } catch {
    return undefined;
  }
}
