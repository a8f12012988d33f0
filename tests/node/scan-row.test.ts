/** The row of an event's bytes, against the row of the parsed event. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { placesOf, readValues } from "../../src/cli/batch/json-values.ts";
import { scanRow } from "../../src/cli/batch/scan-row.ts";
import { type EventRow, toRow } from "../../src/event/mod.ts";
import { parseEvent } from "../../src/unseal/parse-event.ts";
import { createSyncUnsealer } from "../../src/unseal/unseal.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { COMPLETE_V3 } from "../support/complete-events.ts";
import { COMPLETE_V4, EDGE_V4 } from "../support/complete-events-v4.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { partialV3 } from "../support/events.ts";
import { runs } from "../support/runs.ts";
import { sharedVectors } from "../support/shared-vectors.ts";

/** The row in the normal way; the code when the event is refused. */
function parsedRow(bytes: Uint8Array): EventRow | string {
  try {
    return toRow(parseEvent(bytes), "key");
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Asserts that a scan returns the parsed row or nothing. Returns whether it returned a row. */
function compare(bytes: Uint8Array): boolean {
  const scanned = scanRow(bytes, "key");
  if (scanned !== undefined) assert.deepEqual(scanned, parsedRow(bytes));
  return scanned !== undefined;
}

test("scanRow() has the row of every published event and of complete ones, without parsing", (t) => {
  const published = sharedVectors("sealed") as readonly { name: string; text?: string }[] | undefined;
  const sample = createSyncUnsealer({ keys: SAMPLE_KEY, cipher: nodeCipher() }).openBytes(SAMPLE_SEALED).bytes;
  const vectors = (published ?? []).map(({ text }) => utf8(text ?? ""));
  const events = [COMPLETE_V3, COMPLETE_V4, EDGE_V4, partialV3({})];
  const made = events.flatMap((event) => [utf8(JSON.stringify(event)), utf8(JSON.stringify(event, null, "\t"))]);
  const rows = [sample, ...vectors, ...made].filter((bytes) => typeof parsedRow(bytes) !== "string");
  for (const bytes of rows) assert.ok(compare(bytes), new TextDecoder().decode(bytes.subarray(0, 200)));
  t.diagnostic(`${rows.length} events`);
  assert.ok(rows.length > made.length);
});

test("scanRow() has every column of complete events", () => {
  for (const event of [COMPLETE_V3, COMPLETE_V4]) {
    const { error, ...row } = scanRow(utf8(JSON.stringify(event)), "key")!; // asserted above
    assert.equal(error, null);
    for (const [name, value] of Object.entries(row)) assert.notEqual(value, null, name);
  }
});

test("scanRow() has the parsed row when any place of an event is missing or has another value", () => {
  const others = ["-0", "1e400", '"x"', "null", "true", "{}", "[]", '{"result":true}'];
  let scanned = 0;
  for (const event of [COMPLETE_V3, COMPLETE_V4, EDGE_V4]) {
    const places = textsBetween(event);
    for (const { before, after, without } of places) {
      for (const text of [without, ...others.map((other) => before + other + after)]) {
        if (compare(utf8(text))) scanned++;
      }
    }
  }
  assert.ok(scanned > 1000, `${scanned}`);
});

/** The text around each value of an event, and the text without the value's field. */
function textsBetween(event: object): { before: string; after: string; without: string }[] {
  const mark = "\u0001mark";
  const found: { before: string; after: string; without: string }[] = [];
  const visit = (value: object) => {
    for (const [name, below] of Object.entries(value)) {
      const fields = value as Record<string, unknown>;
      fields[name] = mark;
      const [before = "", after = ""] = JSON.stringify(copy).split(JSON.stringify(mark));
      fields[name] = undefined;
      found.push({ before, after, without: JSON.stringify(copy) });
      fields[name] = below;
      if (typeof below === "object" && below !== null && !name.startsWith("raw")) visit(below);
    }
  };
  const copy = structuredClone(event);
  visit(copy);
  return found;
}

test("scanRow() leaves partially completed events without signals, as summarize() does", () => {
  const event = { ...COMPLETE_V4, incremental_identification_status: "partially_completed" };
  assert.ok(compare(utf8(JSON.stringify(event))));
});

// Names that are repeated or escaped, at places and elsewhere; the last value of a repeated name counts.
const UNUSUAL = [
  ['{"products":{"vpn":{"data":{"result":true}},"vpn":{"data":{"result":false}}}}', false],
  ['{"products":{"vpn":{"data":{"result":true}}},"products":{}}', false],
  ['{"event_id":"a","timestamp":1,"\\u0062ot":"bad"}', false],
  ['{"event_id":"a","timestamp":1,"bot":"bad","bot":"good"}', false],
  ['{"event_id":"a","timestamp":1,"tags":{"bot":"bad","bot":"good","\\u0062ot":{"event_id":"b"}}}', true],
  ['{"event_id":"a","timestamp":1,"__proto__":{"bot":"bad","vpn":true},"constructor":{},"toString":1}', true],
  ['{"event_id":"a","timestamp":1,"identification":{"bot":"bad","visitor_id":{"visitor_id":"x"}}}', false],
  ['{"event_id":"\\ud800\\u0000\\"\\/","timestamp":1e3,"linked_id":"\u6771 \ud83d\ude00","bot":"b\\u0061d"}', true],
  [' {\r\n"event_id" :\t"a" , "timestamp" : -0.0e+1 , "x" : [ ] , "y" : { } } \n', true],
  [`{"event_id":"a","timestamp":1,"deep":${"[".repeat(29)}${"]".repeat(29)}}`, true],
  [`{"event_id":"a","timestamp":1,"deep":${"[".repeat(5000)}${"]".repeat(5000)}}`, false],
] as const;

test("scanRow() leaves an unusual event to JSON.parse", () => {
  for (const [text, isScanned] of UNUSUAL) {
    assert.notEqual(typeof parsedRow(utf8(text)), "string", text);
    assert.equal(compare(utf8(text)), isScanned, text);
  }
});

const REFUSED = [
  "",
  " ",
  "1",
  "null",
  "[]",
  "{}",
  '{"products":1}',
  '{"products":null,"event_id":"a","timestamp":1}',
  '{"event_id":1,"timestamp":1}',
  '{"event_id":"a","timestamp":"1"}',
  ...["01", "+1", ".1", "1.", "1.e1", "1e", "1e+", "-", "--1", "0x1", "1_0", "NaN", "Infinity", "-Infinity"],
  ...[
    "tru",
    "truE",
    "nul",
    "nulll",
    "falsey",
    "undefined",
    "'a'",
    '"a',
    '"\\x"',
    '"\\u12g4"',
    '"\\u12"',
    '"\\',
    '"\t"',
  ],
  ...[
    '"a\nb"',
    "[1,]",
    "[,1]",
    "[1 2]",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{,}",
    "{1:2}",
    "{a:1}",
    '{"a" 1}',
    "[1}",
    "{]",
  ],
  ...["/**/1", "1/", "\u00a01", "\ufeff1", "\v1", "1]", "1}", "1,", "[[1]", "", " "],
].flatMap((
  value,
) => [value, `{"event_id":"a","timestamp":1,"x":${value}}`, `{"timestamp":1,"event_id":"a","bot":${value}}`]);

test("scanRow() has no row of a text that is not an event", () => {
  let refused = 0;
  for (const text of REFUSED) {
    if (typeof parsedRow(utf8(text)) === "string") {
      refused++;
      assert.equal(scanRow(utf8(text), "key"), undefined, text);
    } else compare(utf8(text));
  }
  assert.ok(refused > 100);
  for (const end of ["}", '"', "", "}x", "} }", "}\u00a0"]) compare(utf8(`{"event_id":"a","timestamp":1${end}`));
  const illFormed = Uint8Array.of(0xed, 0xa0, 0x80);
  for (const [before, after] of [['{"event_id":"', '","timestamp":1}'], ['{"event_id":"","timestamp":1,"', '":1}']]) {
    assert.equal(scanRow(Buffer.concat([utf8(before!), illFormed, utf8(after!)]), "key"), undefined); // pairs
  }
});

/** JSON as a text: names of places and others, values of every kind, spaces, escapes, and repeated names. */
const { value: jsonText } = fc.letrec<{ value: string }>((tie) => {
  const space = fc.constantFrom("", "", "", "", " ", "\n\t", "\r ");
  const words = [
    "products",
    "identification",
    "botd",
    "data",
    "result",
    "ipInfo",
    "ip_info",
    "v4",
    "v6",
    "address",
    "bot",
  ];
  const names = [
    ...words,
    "event_id",
    "timestamp",
    "vpn",
    "url",
    "linked_id",
    "confidence",
    "score",
    "__proto__",
    "a",
    "",
  ];
  const word = fc.constantFrom(
    ...names,
    "bad",
    "notDetected",
    "2025-08-12T13:00:00Z",
    "::1",
    "1.2.3.4",
    "é",
    "\ud83d\ude00",
  );
  const anyString = fc.oneof({ weight: 8, arbitrary: word }, fc.string({ unit: "binary", maxLength: 4 }));
  const escaped = fc.tuple(anyString, fc.integer({ min: 0, max: 30 })).map(([text, which]) =>
    JSON.stringify(text).replace(
      /[a-z]/g,
      (letter, index) => index === which ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter,
    )
  );
  const number = fc.constantFrom(
    "0",
    "-0",
    "1",
    "1.5",
    "1e3",
    "1E-3",
    "1e400",
    "1754000000000",
    "123456789012345678901",
  );
  const name = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...names).map((each) => JSON.stringify(each)) },
    escaped,
  );
  const field = fc.tuple(space, name, space, tie("value"), space).map(([a, key, b, value, c]) =>
    `${a}${key}${b}:${value}${c}`
  );
  const joined = (parts: readonly string[]) => parts.join(",");
  return {
    value: fc.oneof(
      { maxDepth: 7, depthSize: "medium" },
      fc.oneof(escaped, number, fc.constantFrom("true", "false", "null", "[]", "{}")),
      fc.array(field, { maxLength: 7 }).map((fields) => `{${joined(fields)}}`),
      fc.array(field, { maxLength: 7 }).map((fields) => `{${joined(fields)}}`),
      fc.array(fc.tuple(space, tie("value"), space).map((parts) => parts.join("")), { maxLength: 3 }).map((items) =>
        `[${joined(items)}]`
      ),
    ),
  };
});

/** Bytes with some of them replaced, inserted or removed. */
const damage = fc.array(
  fc.record({ at: fc.nat(), count: fc.integer({ min: 0, max: 2 }), bytes: fc.uint8Array({ maxLength: 2 }) }),
  { maxLength: 2 },
);
const NO_DAMAGE = fc.constant<Damage>([]);

type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function damaged(bytes: Uint8Array, places: Damage): Uint8Array {
  return places.reduce<Uint8Array>((result, { at, count, bytes }) => {
    const from = at % (result.length + 1);
    return Buffer.concat([result.subarray(0, from), bytes, result.subarray(from + count)]);
  }, bytes);
}

test("scanRow() has the parsed row of arbitrary JSON, or none", (t) => {
  let [scanned, parsed] = [0, 0];
  const events = fc.oneof(
    jsonText,
    fc.tuple(jsonText, jsonText).map(([a, b]) => `{"event_id":${a},"timestamp":1,"bot":"bad","x":${b}}`),
    fc.tuple(jsonText, jsonText).map(([a, b]) => `{"products":{"botd":${a},"vpn":{"data":{"result":true}}},"x":${b}}`),
  );
  fc.assert(
    fc.property(events, fc.oneof({ weight: 2, arbitrary: NO_DAMAGE }, damage), (text, places) => {
      const bytes = damaged(utf8(text), places);
      if (typeof parsedRow(bytes) !== "string") parsed++;
      if (compare(bytes)) scanned++;
    }),
    { numRuns: runs(2000) },
  );
  t.diagnostic(`${scanned} of ${parsed} events scanned`);
  assert.ok(scanned > 100);
});

test("scanRow() has the parsed row of complete events with damaged bytes, or none", () => {
  for (const event of [COMPLETE_V3, COMPLETE_V4]) {
    const whole = utf8(JSON.stringify(event));
    fc.assert(fc.property(damage, (places) => void compare(damaged(whole, places))), { numRuns: runs(200) });
    for (let length = 0; length < whole.length; length += 5) {
      assert.equal(scanRow(whole.subarray(0, length), "key"), undefined);
    }
  }
});

test("readValues() reads what JSON.parse does, from any text that it accepts", () => {
  const root = placesOf(["a", "b.c", "b.d", "b"]);
  const names = fc.constantFrom("a", "b", "c", "d", "e");
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.dictionary(names, tie("value"), { maxKeys: 5 }),
    ),
  })).value;
  let read = 0;
  fc.assert(
    fc.property(value, value, (a, b) => {
      const text = JSON.stringify({ a, b });
      const values = readValues(utf8(text), root, 4);
      if (values === undefined) return;
      read++;
      const parsed = JSON.parse(text);
      assert.deepEqual(values, [parsed.a, parsed.b?.c, parsed.b?.d, parsed.b === undefined ? undefined : true]);
    }),
    { numRuns: runs(1000) },
  );
  assert.ok(read > 100, `${read}`);
});
