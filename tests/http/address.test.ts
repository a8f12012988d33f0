/** Addresses: compared by value, not by spelling; other text is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSameAddress as areSame, readAddress } from "../../src/http/address.ts";
import { fromHeader } from "../../src/http/from-header.ts";
import { runs } from "../support/runs.ts";
import { needsGlobals } from "../support/web.ts";

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
  ["192.0.2.1", "192.0.2.1:51234"],
  ["192.0.2.100", "192.0.2.100:443"],
  ["2001:db8::1", "[2001:db8::1]"],
  ["2001:db8::1", "[2001:db8::1]:443"],
  ["192.0.2.1", "[::ffff:192.0.2.1]:1"],
  ["fe80::1", "fe80::1%eth0"],
  ["fe80::1", "[fe80::1%25eth0]:443"],
  // Eight groups and a port, as CloudFront writes its viewer's address.
  ["2001:db8::1", "2001:db8:0:0:0:0:0:1:51234"],
  ["2001:db8::12", "2001:db8:0:0:0:0:0:12:443"],
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
  ...["1..2.3", ".1.2.3.4", "1.2.3.4.", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4:", "1.2.3.4:80000000"],
  ...["1.2.3.4:x", "1.2.3.4/32", "1e1.2.3.4"],
  ...["١.٢.٣.٤", "1.2.3.4\0", "3221225985", "localhost", "unknown", "null"],
  ...[":", ":::", "1:", ":1", "1::2::3", ":::1", "1:::", "::1:", ":1::", "1:2:3:4:5:6:7"],
  ...["1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2:3:4:5:6:7:8", "12345::", "::g", "::-1", "::1 ", "::0x1"],
  ...["::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4"],
  ...["::1%", "[::1", "::1]", "[::1]443", "[::1]:", "[::1]:x", "[[::1]]", "[1.2.3.4]", "::1/128", "::1%a b", "::1%a/b"],
  ...["[[::1]", "1[::1]", "[1.2.3.4]:443", "[1:2:3:4:5:6:7:8:443", "[::1]%eth0", "::1%a:1", "::1\u00e9", "::1%\u00e9"],
  ...["192.0.2.1%eth0", "192.0.2.1%eth0:443"], // found by npm run fuzz
  "0000:0000:0000:0000:0000:ffff:255.255.255.2550",
  "00000000000000000000000000000000000000000000::1",
];

function parseAddress(text: unknown): readonly number[] | undefined {
  const address = readAddress(text);
  return "groups" in address ? address.groups : undefined;
}

function isSameAddress(one: string, other: string): boolean {
  const [first, second] = [readAddress(one), readAddress(other)];
  return "groups" in first && "groups" in second && areSame(first, second);
}

test("isSameAddress() accepts every spelling of an address as the same", () => {
  for (const [one, other] of SAME) {
    assert.ok(isSameAddress(one, other), `${one} ${other}`);
    assert.ok(isSameAddress(other, one), `${other} ${one}`);
  }
});

test("isSameAddress() distinguishes addresses", () => {
  for (const [one, other] of DIFFERENT) assert.ok(!isSameAddress(one, other), `${one} ${other}`);
});

test("readAddress() refuses text that is not an address, with a reason that does not quote it", () => {
  for (const text of [...REFUSED, "private matter"]) {
    const address = readAddress(text);
    assert.ok("fault" in address, JSON.stringify(text));
    assert.equal(address.fault, text === "" ? "is missing" : "is not an IP address", JSON.stringify(text));
  }
  for (const value of [undefined, null, 1, {}, ["192.0.2.1"]]) {
    assert.deepEqual(readAddress(value), { fault: "is missing" });
  }
  const list = readAddress("192.0.2.1, 192.0.2.2");
  assert.match("fault" in list ? list.fault : "", /^is a list of addresses/);
});

test("readAddress() returns the address alone, and a mapped one as IPv4", () => {
  const texts: [string, string][] = [
    ["192.0.2.1:51234", "192.0.2.1"],
    ["[2001:DB8::1]:443", "2001:DB8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["::192.0.2.1", "::192.0.2.1"],
  ];
  for (const [text, expected] of texts) {
    const address = readAddress(text);
    assert.equal("text" in address ? address.text : undefined, expected);
  }
});

test("fromHeader() returns the entry that the outermost trusted proxy added", needsGlobals("Headers"), () => {
  const read = (value: string | undefined, hops?: number): string | undefined => {
    const headers = new Headers(value === undefined ? {} : { "x-forwarded-for": value });
    return fromHeader("X-Forwarded-For", { hops })({ headers });
  };
  // A client can write any entries in front of those of the proxies.
  for (const forged of ["", "203.0.113.9, ", ",,,", "a,b;c, ", "[::1], "]) {
    assert.equal(read(`${forged}192.0.2.1`), "192.0.2.1");
    assert.equal(read(`${forged}192.0.2.1`, 1), "192.0.2.1");
    assert.equal(read(`${forged}192.0.2.1:80,[2001:db8::1]:443`, 2), "192.0.2.1");
    assert.equal(read(`${forged}192.0.2.1:80,[2001:db8::1]:443`, 1), "2001:db8::1");
  }
  assert.equal(read("192.0.2.1", 2), undefined);
  assert.equal(read(undefined), undefined);
  assert.equal(read("192.0.2.1, unknown"), "unknown"); // The proxy, or the guard, reports it.
  const headers = new Headers([["x-forwarded-for", "203.0.113.9"], ["x-forwarded-for", "192.0.2.1"]]);
  assert.equal(fromHeader("x-forwarded-for")({ headers }), "192.0.2.1");

  for (const hops of [0, -1, 1.5, NaN, Infinity, "1"]) {
    assert.throws(() => fromHeader("x-real-ip", { hops: hops as number }), RangeError);
  }
  for (const name of ["", "x real ip", "x:y", undefined, 1]) assert.throws(() => fromHeader(name as string), TypeError);
  assert.throws(() => fromHeader("x-real-ip", { hop: 1 } as never), /did you mean hops\?/);
});

test("readAddress() refuses long text without parsing it", () => {
  for (const part of [":", "0:", "::", "1.", "f", "0"]) assert.equal(parseAddress(part.repeat(5_000_000)), undefined);
});

test("readAddress() reads back any address from any of its spellings", () => {
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

test("readAddress() agrees with the platform's own URL parser", needsGlobals("URL"), (t) => {
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
      const groups = parseAddress(`[${each}]`);
      // The URL Standard refuses leading zeros in a dotted quad, but Chromium accepts them.
      const last = each.slice(each.lastIndexOf(":") + 1);
      if (last.includes(".") && /(?:^|\.)0[0-9]/.test(last)) return assert.equal(groups, undefined, each);
      const expected = hostOf(each);
      assert.equal(groups === undefined, expected === undefined, each);
      // The URL parser's spelling is the shortest one, and is the same address.
      if (expected !== undefined) assert.ok(isSameAddress(`[${each}]`, expected), each);
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

test("readAddress() accepts the longest spelling, and nothing longer", () => {
  const spelled = (zone: number) => `[2001:0db8:0000:0000:0000:0000:255.255.255.255%${"z".repeat(zone)}]:65535`;
  assert.equal((readAddress(spelled(64)) as { text?: string }).text, "2001:0db8:0000:0000:0000:0000:255.255.255.255");
  assert.deepEqual(readAddress(spelled(65)), { fault: "is not an IP address" });
});
