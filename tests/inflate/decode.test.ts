/**
 * Tests which streams `inflateRaw()` accepts, its reasons for refusals, and the memory that it keeps.
 *
 * @module
 */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Deflate, deflateRaw, Inflate, Z_BUF_ERROR, Z_OK, type ZStream } from "pako";
import { inflateTo, MAX_OUTPUT_BYTES } from "../../src/inflate/decode.ts";
import { InflateError, type InflateOptions, inflateRaw, type InflateReason } from "../../src/inflate/mod.ts";
import { deflateWriter, lengthForEach } from "../support/bit-writer.ts";
import { ascii, concat, fromHex } from "../support/bytes.ts";
import { LEGAL_STREAMS, type LegalStream } from "../support/deflate-streams.ts";
import { randomStream, writeOffset } from "../support/random-streams.ts";
import { RECORDED_STREAMS, REFUSED_STREAMS, ZLIB_MESSAGES } from "../support/refused-streams.ts";
import { randomBytes, randomNumbers } from "../support/random.ts";
import { runs } from "../support/runs.ts";

const MEBIBYTE = 1024 * 1024;

function refusal(data: Uint8Array, options?: InflateOptions): InflateError {
  try {
    inflateRaw(data, options);
  } catch (error) {
    if (error instanceof InflateError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "the stream was accepted" });
}

/** The output, or the reason for a refusal. */
function verdict(data: Uint8Array, options?: InflateOptions): Uint8Array | InflateReason {
  try {
    return inflateRaw(data, options);
  } catch (error) {
    if (error instanceof InflateError) return error.reason;
    throw error;
  }
}

/** Like `assert.deepEqual`, but fast on large arrays, and with short messages. */
function assertSame(actual: Uint8Array | string, expected: Uint8Array | string, about: string): void {
  if (typeof actual === "string" || typeof expected === "string") {
    const brief = (value: Uint8Array | string) => typeof value === "string" ? value : `${value.length} bytes`;
    assert.equal(brief(actual), brief(expected), about);
    return;
  }
  assert.equal(actual.length, expected.length, `${about}: length`);
  const difference = actual.findIndex((byte, index) => byte !== expected[index]);
  assert.equal(difference, -1, `${about}: first difference`);
}

const legalData = new Map<LegalStream, Uint8Array>();

/** A legal stream's bytes; written once. */
function dataOf(stream: LegalStream): Uint8Array {
  let data = legalData.get(stream);
  if (data === undefined) legalData.set(stream, data = stream.write(deflateWriter()).finish());
  return data;
}

const shortStreams = LEGAL_STREAMS.filter((stream) => dataOf(stream).length < 500);

for (const stream of LEGAL_STREAMS) {
  test(`inflateRaw() accepts ${stream.name}`, () => {
    assertSame(verdict(dataOf(stream)), stream.output, stream.name);
  });
}

for (const stream of REFUSED_STREAMS) {
  test(`inflateRaw() refuses ${stream.name} (${stream.reason})`, () => {
    assert.equal(refusal(stream.write(deflateWriter()).finish()).reason, stream.reason);
    assert.equal(refusal(stream.write(deflateWriter()).finish(1)).reason, stream.reason, "with padding bits set");
  });
}

for (const { name, hex, expected } of RECORDED_STREAMS) {
  test(`inflateRaw() ${typeof expected === "string" ? "refuses" : "accepts"} ${name}`, () => {
    assertSame(verdict(fromHex(hex)), expected, name);
  });
}

test("every InflateReason has a stream that is refused for it", () => {
  const shown = new Set<unknown>(["output-too-large"]);
  for (const { reason } of REFUSED_STREAMS) shown.add(reason);
  for (const { expected } of RECORDED_STREAMS) shown.add(expected);
  assert.deepEqual(Object.keys(ZLIB_MESSAGES).filter((reason) => !shown.has(reason)), []);
});

test("inflateRaw() accepts a stream that begins at any bit of a byte", () => {
  for (let offset = 1; offset < runs(8); offset++) {
    for (const stream of shortStreams) {
      const data = stream.write(writeOffset(deflateWriter(), offset)).finish();
      assertSame(verdict(data), stream.output, `${stream.name}, ${offset} bits on`);
    }
  }
});

test("inflateRaw() decides at the first faulty bit, and reports a shorter stream as truncated", () => {
  for (let offset = 0; offset < runs(8); offset++) {
    for (const stream of REFUSED_STREAMS) {
      const about = `${stream.name}, ${offset} bits on`;
      const data = stream.write(writeOffset(deflateWriter(), offset)).finish();
      assert.equal(refusal(data).reason, stream.reason, about);
      for (let cut = 1; cut <= Math.min(3, data.length); cut++) {
        assert.equal(refusal(data.subarray(0, data.length - cut)).reason, "truncated", `${about}, ${cut} bytes less`);
      }
    }
  }
});

test("inflateRaw() keeps its verdict whatever follows the first faulty bit", () => {
  for (const stream of REFUSED_STREAMS) {
    const data = stream.write(deflateWriter()).finish();
    for (const more of [Uint8Array.of(0), new Uint8Array(300), new Uint8Array(300).fill(255), randomBytes(300, 2)]) {
      assert.equal(refusal(concat(data, more)).reason, stream.reason, stream.name);
    }
  }
});

test("inflateRaw() refuses a stream that is truncated after any byte", () => {
  for (const stream of LEGAL_STREAMS) {
    const data = dataOf(stream);
    const skipped = Math.max(1, Math.floor(data.length / runs(100)));
    for (let length = 0; length < data.length; length += length > 20 && data.length - length > 20 ? skipped : 1) {
      const about = `${stream.name}, cut to ${length} bytes`;
      assert.equal(refusal(data.subarray(0, length)).reason, "truncated", about);
    }
  }
});

test("inflateRaw() reports a stream as truncated, not too large, when the symbol over the limit is past its end", () => {
  for (const stream of shortStreams) {
    const data = dataOf(stream);
    for (let length = 0; length < data.length; length++) {
      const about = `${stream.name}, cut to ${length} bytes`;
      const reason = refusal(data.subarray(0, length), { maxOutputBytes: stream.output.length }).reason;
      assert.equal(reason, "truncated", about);
    }
  }
  // The stored block has 5 of its 1000 bytes, and the limit is 5 bytes.
  const stored = deflateWriter().stored("last", ascii("bytes"), 1000).finish();
  assert.equal(refusal(stored, { maxOutputBytes: 5 }).reason, "truncated");
  // A 0, EOB 1: each zero bit is a literal. That includes the padding of the last byte, and would include zeros that are
  // read past the end.
  for (let literals = 0; literals < 64; literals++) {
    const writer = deflateWriter().dynamic("last", { litlen: { 65: 1, 256: 1 } });
    const headerBits = writer.bitLength();
    const data = writer.literals(new Uint8Array(literals).fill(65)).finish();
    const maxOutputBytes = 8 * data.length - headerBits;
    assert.equal(refusal(data, { maxOutputBytes }).reason, "truncated", `${literals} literals`);
    if (maxOutputBytes === 0) continue;
    const reason = refusal(concat(data, new Uint8Array(8)), { maxOutputBytes }).reason;
    assert.equal(reason, "output-too-large", `${literals} literals and more`);
  }
});

test("inflateRaw() refuses a byte of any value after the end of a stream", () => {
  for (const stream of LEGAL_STREAMS) {
    const data = concat(dataOf(stream), [0]);
    const values = data.length < 500 ? runs(256) : 2;
    for (let value = 0; value < values; value++) {
      data[data.length - 1] = 255 - value;
      assert.equal(refusal(data).reason, "trailing-bytes", `${stream.name}, then the byte ${255 - value}`);
    }
  }
});

test("inflateRaw() refuses a truncated header after any amount of output", () => {
  // 0 0000, 1 0001, … 15 1111: zeros that are read past the end would be 316 code lengths of 4 bits each.
  const header = deflateWriter().counts("last", 286, 30, 19).precode(lengthForEach(0, 15, 4)).finish();
  for (const stored of [[65_535], [65_535, 65_535], [64_000], [65_535, 65_535, 65_535, 65_535, 65_535]]) {
    const blocks = stored.map((length) => deflateWriter().stored("more", new Uint8Array(length)).finish());
    for (let length = 1; length <= header.length; length++) {
      const data = concat(...blocks, header.subarray(0, length));
      assert.equal(refusal(data).reason, "truncated", `after ${stored.length} blocks, ${length} bytes of a header`);
    }
  }
});

test("inflateRaw() refuses many bytes after the end of a stream", () => {
  for (const stream of shortStreams) {
    const data = dataOf(stream);
    assert.equal(refusal(concat(data, data)).reason, "trailing-bytes", `${stream.name}, twice`);
    assert.equal(refusal(concat(data, new Uint8Array(1000))).reason, "trailing-bytes", stream.name);
  }
});

test("inflateRaw() accepts output of exactly the limit, and refuses one byte more", () => {
  for (const stream of LEGAL_STREAMS) {
    const data = dataOf(stream);
    const { length } = stream.output;
    for (const maxOutputBytes of [length, length + 1, Infinity, Number.MAX_SAFE_INTEGER]) {
      assertSame(verdict(data, { maxOutputBytes }), stream.output, `${stream.name}, at most ${maxOutputBytes}`);
    }
    if (length === 0) continue;
    for (const maxOutputBytes of [length - 1, 0]) {
      assert.equal(refusal(data, { maxOutputBytes }).reason, "output-too-large", `${stream.name}, ${maxOutputBytes}`);
    }
  }
  inflateRaw(storedZeros(300_000)); // Releases the buffers of earlier calls, so that a block makes them grow to the limit.
  assertSame(verdict(storedZeros(100_000), { maxOutputBytes: 100_000 }), new Uint8Array(100_000), "stored zeros");
});

test("inflateRaw() applies every limit exactly, in literals, matches and stored blocks", () => {
  const data = deflateWriter()
    .fixed("more").literals(ascii("literals")).match(5, 8).match(33, 1).end()
    .stored("more", ascii("stored"))
    .dynamic("last", { litlen: { 65: 1, 256: 2, 257: 2 }, distance: { 1: 1, 3: 1 } })
    .literals([65]).match(3, 4).literals([65, 65]).match(3, 2).end()
    .finish();
  const output = inflateRaw(data);
  assert.equal(output.length, 8 + 5 + 33 + 6 + 1 + 3 + 2 + 3);
  for (let maxOutputBytes = 0; maxOutputBytes < output.length; maxOutputBytes++) {
    assert.equal(refusal(data, { maxOutputBytes }).reason, "output-too-large", `at most ${maxOutputBytes}`);
  }
  assertSame(verdict(data, { maxOutputBytes: output.length }), output, "at most all of it");
});

test("inflateRaw() accepts only empty output when the limit is 0", () => {
  assert.equal(inflateRaw(fromHex("0300"), { maxOutputBytes: 0 }).length, 0);
  assert.equal(inflateRaw(fromHex("0300"), { maxOutputBytes: -0 }).length, 0);
  assert.equal(refusal(fromHex("010100feff41"), { maxOutputBytes: 0 }).reason, "output-too-large");
});

/** A fixed block of one literal and enough matches for at least `length` bytes. */
function repeated(byte: number, length: number): { data: Uint8Array; output: Uint8Array } {
  const matches = Math.ceil(length / 258);
  const writer = deflateWriter().fixed("last").literals([byte]);
  for (let match = 0; match < matches; match++) writer.match(258, 1);
  return { data: writer.end().finish(), output: new Uint8Array(1 + 258 * matches).fill(byte) };
}

/** Stored blocks that hold `length` zeros. */
function storedZeros(length: number): Uint8Array {
  const full = Math.floor(length / 65535);
  const data = new Uint8Array(length + 5 * (full + 1));
  for (let block = 0; block <= full; block++) {
    const size = block === full ? length % 65535 : 65535;
    data.set([block === full ? 1 : 0, size & 0xff, size >> 8, ~size & 0xff, (~size >> 8) & 0xff], block * 65540);
  }
  return data;
}

test("inflateRaw() produces 8 MiB at most when no limit is given", () => {
  assert.equal(inflateRaw(storedZeros(8 * MEBIBYTE)).length, 8 * MEBIBYTE);
  assert.equal(refusal(storedZeros(8 * MEBIBYTE + 1)).reason, "output-too-large");
  assert.equal(refusal(storedZeros(8 * MEBIBYTE + 1), {}).reason, "output-too-large");
  assert.equal(refusal(storedZeros(8 * MEBIBYTE + 1), { maxOutputBytes: undefined! }).reason, "output-too-large");
  const more = inflateRaw(storedZeros(8 * MEBIBYTE + 1), { maxOutputBytes: Infinity });
  assert.equal(more.length, 8 * MEBIBYTE + 1);
});

/**
 * Runs a call with a global `Uint8Array` that records the buffers it creates, and refuses to create large ones.
 *
 * @returns The buffers, in the order of their creation. Views of other memory, and what the call returns, are not
 * included.
 */
function arraysMadeBy(call: () => unknown, mostBytes = Infinity): Uint8Array[] {
  const made: Uint8Array[] = [];
  const Original = Uint8Array;
  const Observed = new Proxy(Original, {
    construct(target, parameters: [length: number | ArrayBuffer], newTarget) {
      const [length] = parameters;
      if (typeof length === "number" && length > mostBytes) throw new RangeError("Array buffer allocation failed");
      const array: Uint8Array = Reflect.construct(target, parameters, newTarget);
      if (typeof length === "number" && length > 0) made.push(array);
      return array;
    },
  });
  const scope = globalThis as { Uint8Array: Uint8ArrayConstructor };
  scope.Uint8Array = Observed;
  try {
    const result = call();
    return made.filter((array) => array !== result);
  } finally {
    scope.Uint8Array = Original;
  }
}

test("inflateRaw() reports output that the runtime cannot hold as too large", () => {
  const { data, output } = repeated(0, 770_000);
  arraysMadeBy(() => assert.equal(refusal(data, { maxOutputBytes: Infinity }).reason, "output-too-large"), 500_000);
  assertSame(verdict(data), output, "with enough memory");
});

/** Where `fill()` is slow, zeroing makes an array of zeros. */
const zeroingMakesArrays = "fastly" in globalThis ? { skip: "zeroing makes arrays on Fastly" } : {};

test("inflateRaw() at least doubles its output whenever it grows, up to the limit", zeroingMakesArrays, () => {
  const length = 700_000;
  // More than the largest output of one step: two literals, a match and the rest of a copy.
  const margin = 300;
  for (const [what, data] of [["matches", repeated(0, length).data], ["stored blocks", storedZeros(length)]] as const) {
    const limits = [length + 1000, 8 * MEBIBYTE, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 53 - 1, Infinity];
    for (const maxOutputBytes of limits) {
      inflateRaw(storedZeros(300_000)); // Releases the buffers of earlier calls.
      const made = arraysMadeBy(() => inflateRaw(data, { maxOutputBytes }));
      // Each array holds the input, 579 zeros, the output, and a margin of 275 bytes.
      const lengths = made.map((array) => array.length - data.length - 579 - 275);
      assert.ok(lengths.length === 4 || lengths.length === 5, `${what}: ${lengths}`);
      for (const [place, grown] of lengths.entries()) {
        const before = lengths[place - 1] ?? 0;
        const most = Math.min(maxOutputBytes, 1e9) + margin;
        assert.ok(grown > before && grown <= most, `${what}: ${lengths}`);
        assert.ok(grown >= 2 * before - margin || grown >= most - margin, `${what}: ${lengths}`);
      }
    }
  }
});

test("inflateRaw() refuses a stream that is too long for 32-bit integers", (t) => {
  let data: Uint8Array;
  try {
    data = new Uint8Array(2e9);
  } catch {
    return t.skip("this runtime has no array of 2,000,000,000 bytes");
  }
  assert.equal(refusal(data).reason, "output-too-large");
});

test("no limit of the output reaches 2^30, beyond which V8 computed with wrong lengths", () => {
  // Twice the limit, which growing computes, is also a 32-bit integer.
  assert.ok(MAX_OUTPUT_BYTES + 1024 < 2 ** 30 && 2 * MAX_OUTPUT_BYTES < 2 ** 31);
});

test("inflateRaw() keeps its buffers, except large ones", zeroingMakesArrays, () => {
  const small = repeated(1, 1000).data;
  const large = storedZeros(300_000);
  const call = (data: Uint8Array) => arraysMadeBy(() => inflateRaw(data)).length;
  inflateRaw(small);
  assert.equal(call(small), 0, "for a small stream after a small one");
  assert.ok(call(large) > 0, "for a large stream");
  assert.equal(call(small), 1, "for a small stream after a large one");
  assert.equal(call(small), 0, "for the next small stream");
  assert.ok(call(repeated(1, 200_000).data) > 0, "for larger output");
  assert.equal(call(repeated(1, 200_000).data), 0, "for larger output again");
  inflateRaw(large);
});

test("inflateRaw() zeroes every buffer that it used", () => {
  const noise = randomBytes(60_000, 4);
  const parts = deflateWriter().stored("more", noise).stored("more", noise).stored("more", noise).finish();
  const endings = [
    deflateWriter().fixed("last").literals(ascii("end")).match(258, 60_000).end().finish(),
    deflateWriter().fixed("last").literals(ascii("end")).litlen(286).finish(1),
    deflateWriter().stored("last", ascii("end"), 3, 3).finish(),
    Uint8Array.of(3, 0, 255, 255),
  ];
  for (const ending of endings) {
    // The first call creates the arrays that are created once. The second makes the decoder drop its buffers, so that the
    // observed call creates new ones.
    inflateRaw(fromHex("0300"));
    inflateRaw(storedZeros(300_000));
    const data = concat(parts, ending);
    const made = arraysMadeBy(() => verdict(data));
    assert.ok(made.length >= 2);
    for (const array of made) assert.ok(array.every((byte) => byte === 0), `a buffer of ${array.length} bytes`);
  }
});

test("inflateRaw() returns a fresh array that shares no memory", () => {
  const data = deflateWriter().fixed("last").literals(ascii("fresh")).end().finish();
  const first = inflateRaw(data);
  const second = inflateRaw(data);
  assert.equal(first.buffer.byteLength, 5);
  assert.notEqual(first.buffer, second.buffer);
  first.fill(0);
  assertSame(second, ascii("fresh"), "the second result");
  assertSame(inflateRaw(data), ascii("fresh"), "a third result");
});

test("inflateRaw() neither changes its input nor keeps it", () => {
  const data = deflateWriter().stored("last", ascii("kept?")).finish();
  const copy = data.slice();
  const output = inflateRaw(data);
  assertSame(data, copy, "the input");
  data.fill(255);
  assertSame(output, ascii("kept?"), "the output");
  assertSame(inflateRaw(copy), ascii("kept?"), "the next output");
});

test("inflateRaw() reads only the bytes of a view at any offset", () => {
  const data = deflateWriter().fixed("more").literals([1, 2, 3]).end().stored("last", [4, 5]).finish();
  const expected = Uint8Array.of(1, 2, 3, 4, 5);
  for (let offset = 0; offset < 9; offset++) {
    const around = new Uint8Array(offset + data.length + 9).fill(255);
    around.set(data, offset);
    assertSame(verdict(around.subarray(offset, offset + data.length)), expected, `at offset ${offset}`);
    assert.equal(refusal(around.subarray(offset, offset + data.length - 1)).reason, "truncated");
    assert.equal(refusal(around.subarray(offset, offset + data.length + 1)).reason, "trailing-bytes");
  }
});

test("inflateRaw() returns a plain array for a subclass", () => {
  class Bytes extends Uint8Array {}
  const output = inflateRaw(Bytes.from(fromHex("010100feff41")));
  assert.equal(output instanceof Bytes, false);
  assertSame(output, ascii("A"), "the output");
});

test("inflateRaw() reads shared memory", (t) => {
  if (typeof SharedArrayBuffer === "undefined") return t.skip("this runtime has no SharedArrayBuffer");
  const shared = new Uint8Array(new SharedArrayBuffer(6));
  shared.set(fromHex("010100feff41"));
  const output = inflateRaw(shared);
  assertSame(output, ascii("A"), "the output");
  assert.ok(output.buffer instanceof ArrayBuffer);
});

test("inflateRaw() works after every kind of failure", () => {
  const good = deflateWriter().fixed("last").literals(ascii("good")).match(4, 4).end().finish();
  for (const stream of REFUSED_STREAMS) {
    assert.equal(refusal(stream.write(deflateWriter()).finish()).reason, stream.reason);
    assertSame(verdict(good), ascii("goodgood"), `after ${stream.name}`);
  }
  assert.equal(refusal(good, { maxOutputBytes: 7 }).reason, "output-too-large");
  assertSame(verdict(good), ascii("goodgood"), "after output-too-large");
});

test("inflateRaw() does not use the codes of an earlier call", () => {
  // Every pair of streams: with fixed codes, with dynamic codes, with codes of one symbol, and without codes.
  const streams = shortStreams.slice(0, runs(shortStreams.length));
  for (const before of streams) {
    for (const after of streams) {
      inflateRaw(dataOf(before));
      assertSame(verdict(dataOf(after)), after.output, `${after.name} after ${before.name}`);
    }
  }
});

test("inflateRaw() returns small results after large ones, and large ones after small", () => {
  for (const length of [10, 70_000, 10, 300_000, 10, 1_000_000, 10, 70_000, 300_000]) {
    const { data, output } = repeated(length % 251, length);
    assertSame(verdict(data), output, `${length} bytes`);
  }
});

test("inflateRaw() decompresses outputs whose size is close to a size of its buffers", () => {
  for (const size of [65536, 131072, 262144]) {
    for (const length of [-300, -263, -262, -259, -258, -4, -1, 0, 1, 4].slice(0, runs(10))) {
      const data = storedZeros(size + length);
      // The final block begins at a multiple of 65540. Clear its BFINAL, so that another block can follow.
      data[65540 * Math.floor((size + length) / 65535)] = 0;
      const tail = deflateWriter().fixed("last").match(258, 1).literals([1, 2, 3]).match(3, 3).end().finish();
      const expected = new Uint8Array(size + length + 258 + 6);
      expected.set([1, 2, 3, 1, 2, 3], size + length + 258);
      assertSame(verdict(concat(data, tail)), expected, `${size} + ${length} bytes`);
    }
  }
});

test("inflateRaw() leaves no output in the memory that it keeps", () => {
  // With these lengths and distances, a copy by words writes past the end of the match, or the match repeats itself.
  for (const [length, distance] of [[258, 1000], [5, 4], [3, 1], [258, 1], [6, 2]] as const) {
    let memory: ArrayBufferLike | undefined;
    const data = deflateWriter().stored("more", randomBytes(1000, 3)).fixed("last").match(length, distance).end();
    inflateTo(data.finish(), Infinity, (inflated) => {
      assert.equal(inflated.length, 1000 + length);
      memory = inflated.buffer;
    });
    assert.ok(new Uint8Array(memory!).every((byte) => byte === 0), "after success");
  }

  const failing = deflateWriter().stored("more", ascii("secret")).fixed("last").literals(ascii("secret")).match(3, 13);
  for (const data of [failing.finish(), concat(fromHex("010600f9ff"), ascii("secret"), [0]), fromHex("01")]) {
    refusal(data);
    inflateTo(fromHex("0300"), Infinity, (inflated) => {
      const [, , ...others] = new Uint8Array(inflated.buffer); // The first two bytes are the stream's.
      assert.ok(others.every((byte) => byte === 0), "after failure");
    });
  }
});

test("InflateError has only a code and a reason", () => {
  const streams = [
    ...REFUSED_STREAMS.map((stream) => [stream.reason, stream.write(deflateWriter()).finish()] as const),
    ["truncated", fromHex("00")] as const,
    ["trailing-bytes", fromHex("030000")] as const,
  ];
  for (const [reason, data] of streams) {
    const error = refusal(data);
    assert.ok(error instanceof Error);
    assert.equal(error.name, "InflateError");
    assert.equal(error.message, `Cannot inflate: ${reason}`);
    assert.equal("cause" in error, false);
    const described = Object.getOwnPropertyNames(error).filter((property) => {
      return !["name", "code", "reason", "message", "stack"].includes(property);
    });
    // Engines add properties for the place in the source: `line`, `column`, `sourceURL`, `fileName`, …
    for (const property of described) assert.match(property, /^(original)?(line|column|source|file)/i);
    assert.deepEqual(JSON.parse(JSON.stringify(error)).reason, reason);
  }
});

test("InflateError quotes neither input nor output", () => {
  const secret = "visitorSecret";
  const faults = [
    deflateWriter().stored("more", ascii(secret)).bits(0b111, 3),
    deflateWriter().fixed("more").literals(ascii(secret)).end().stored("last", ascii(secret), 1, 1),
    deflateWriter().fixed("last").literals(ascii(secret)),
    deflateWriter().fixed("last").literals(ascii(secret)).litlen(286),
    deflateWriter().fixed("last").literals(ascii(secret)).match(3, secret.length + 1),
    deflateWriter().stored("last", ascii(secret)).bytes(ascii(secret)),
  ];
  for (const fault of faults) {
    const error = refusal(fault.finish());
    const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
    for (const text of [String(error), JSON.stringify(error), ...own]) assert.ok(!text.includes(secret), error.reason);
  }
});

/** JSON of the kind that is sealed, with the given numbers as its content. */
function realisticJson(numbers: readonly number[]): Uint8Array {
  const products = numbers.map((number, index) => ({
    [["identification", "botd", "ipInfo", "tampering"][index % 4]!]: {
      data: {
        visitorId: number.toString(36),
        confidence: { score: number / 1000 },
        time: `2026-08-${number % 28 + 1}`,
      },
      result: number % 3 === 0 ? "notDetected" : null,
    },
  }));
  return ascii(JSON.stringify({ products }, null, numbers.length % 3));
}

/** Content of several kinds: noise, text, runs of a byte, and repeated sequences. */
const content: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc.array(fc.nat(100_000), { maxLength: 30 }).map(realisticJson),
  fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 700 })), { maxLength: 12 }).map((parts) =>
    concat(...parts.map(([byte, length]) => new Uint8Array(length).fill(byte)))
  ),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 20 })).map(([part, times]) =>
    concat(...Array<Uint8Array>(times).fill(part))
  ),
);

const level = fc.constantFrom(0 as const, 1, 2, 3, 4, 5, 6, 7, 8, 9);
const strategy = fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const, 4 as const);
const memLevel = fc.integer({ min: 1, max: 9 });
const windowBits = fc.integer({ min: 9, max: 15 });

/** The output of a compressor at every setting. */
const compressed: fc.Arbitrary<Uint8Array> = fc
  .record({ content, level, strategy, memLevel, windowBits })
  .map(({ content, ...settings }) => deflateRaw(content, settings));

test("inflateRaw() restores compressed bytes, at every level and strategy", () => {
  fc.assert(
    fc.property(content, level, strategy, memLevel, windowBits, (content, level, strategy, memLevel, windowBits) => {
      const data = deflateRaw(content, { level, strategy, memLevel, windowBits });
      assertSame(verdict(data), content, "the output");
    }),
    { numRuns: runs(300) },
  );
});

test("inflateRaw() restores bytes that were compressed with flushes", () => {
  const flush = fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const, 5 as const);
  fc.assert(
    fc.property(fc.array(fc.tuple(content, flush), { maxLength: 5 }), level, strategy, (parts, level, strategy) => {
      const deflator = new Deflate({ raw: true, level, strategy });
      for (const [content, flush] of parts) deflator.push(content, flush);
      deflator.push(new Uint8Array(0), true);
      assertSame(verdict(deflator.result), concat(...parts.map(([content]) => content)), "the output");
    }),
    { numRuns: runs(150) },
  );
});

test("inflateRaw() decodes random codes and symbols", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { data, output } = randomStream(seed);
      assertSame(verdict(data), output, `random stream ${seed}`);
      assertSame(verdict(data, { maxOutputBytes: output.length }), output, `random stream ${seed}, exact limit`);
      if (output.length > 0) {
        const maxOutputBytes = output.length - 1;
        assertSame(verdict(data, { maxOutputBytes }), "output-too-large", `random stream ${seed}, limit`);
      }
      const cut = randomNumbers(seed)(data.length);
      assertSame(verdict(data.subarray(0, cut)), "truncated", `random stream ${seed}, cut to ${cut} bytes`);
    }),
    { numRuns: runs(400) },
  );
});

/**
 * The outcome of pako, a port of zlib: its output, its message, or our reason where zlib leaves the decision to its
 * caller.
 */
function pakoVerdict(data: Uint8Array): Uint8Array | string {
  const inflator = new Inflate({ raw: true, chunkSize: 16384 });
  const started: ZStream[] = [];
  inflator.onStart = (stream) => started.push(stream);
  inflator.push(data, true);
  if (inflator.err === Z_BUF_ERROR) return "truncated";
  if (inflator.err !== Z_OK) return inflator.msg;
  return started[0]!.avail_in > 0 ? "trailing-bytes" : inflator.result;
}

function assertAsPako(data: Uint8Array): void {
  const ours = verdict(data);
  assertSame(typeof ours === "string" ? ZLIB_MESSAGES[ours] ?? ours : ours, pakoVerdict(data), "ours, then pako's");
}

test("inflateRaw() agrees with pako on every stream of the tables", () => {
  for (const stream of LEGAL_STREAMS) assertAsPako(dataOf(stream));
  for (const stream of REFUSED_STREAMS) assertAsPako(stream.write(deflateWriter()).finish());
  for (const { hex } of RECORDED_STREAMS) assertAsPako(fromHex(hex));
});

test("inflateRaw() agrees with pako on arbitrary bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), assertAsPako), { numRuns: runs(1000) });
});

test("inflateRaw() agrees with pako on arbitrary bytes after the beginning of a dynamic block", () => {
  const start = fc.tuple(fc.nat(29), fc.nat(29), fc.nat(15)).map(([litlen, distance, precode]) =>
    deflateWriter().counts("last", 257 + litlen, 1 + distance, 4 + precode)
  );
  // Complete precodes: random bits rarely form one.
  const precode = fc.constantFrom(
    { 0: 1, 18: 1 },
    { 0: 2, 1: 2, 16: 2, 18: 2 },
    { 0: 1, 8: 2, 16: 2 },
    { 0: 2, 1: 2, 2: 3, 17: 3, 18: 2 },
  );
  fc.assert(
    fc.property(start, precode, fc.uint8Array({ maxLength: 200 }), (writer, precode, bytes) => {
      const header = deflateWriter().counts("last", 257, 1, 19).precode(precode);
      for (const byte of bytes) header.bits(byte, 8);
      assertAsPako(header.finish());
      for (const byte of bytes) writer.bits(byte, 8);
      assertAsPako(writer.finish());
    }),
    { numRuns: runs(500) },
  );
});

/** A change to a stream: a bit is flipped, a byte is set, removed or inserted, or the stream is cut. */
type Edit = readonly [kind: "flip" | "set" | "remove" | "insert" | "cut", place: number, value: number];

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.tuple(fc.constantFrom("flip", "flip", "set", "remove", "insert", "cut"), fc.nat(), fc.nat(255)),
  { minLength: 1, maxLength: 3 },
);

function edited(data: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let bytes = [...data];
  for (const [kind, anywhere, value] of edits) {
    // Half of the changes are in the first bytes, where codes are declared and more kinds of faults are possible.
    const place = anywhere % (anywhere % 2 === 0 ? bytes.length + 1 : Math.min(bytes.length + 1, 40));
    if (kind === "flip" && place < bytes.length) bytes[place]! ^= 1 << (value % 8);
    else if (kind === "set" && place < bytes.length) bytes[place] = value;
    else if (kind === "remove") bytes.splice(place, 1);
    else if (kind === "insert") bytes.splice(place, 0, value);
    else if (kind === "cut") bytes = bytes.slice(0, place);
  }
  return Uint8Array.from(bytes);
}

test("inflateRaw() agrees with pako on damaged streams", () => {
  const stream = fc.oneof(
    compressed,
    fc.integer().map((seed) => randomStream(seed).data),
    fc.constantFrom(...shortStreams).map(dataOf),
  );
  fc.assert(fc.property(stream, edits, (data, edits) => assertAsPako(edited(data, edits))), { numRuns: runs(1000) });
});
