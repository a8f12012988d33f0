/** The list of DEFLATE blocks of `unseal inspect`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { listBlocks } from "../../src/cli/blocks.ts";
import { InflateError, inflateRaw } from "../../src/inflate/mod.ts";
import { type DeflateWriter, deflateWriter, lengthForEach } from "../support/bit-writer.ts";
import { ascii, concat, fromHex } from "../support/bytes.ts";
import { LEGAL_STREAMS, randomStream, RECORDED_STREAMS, REFUSED_STREAMS } from "../support/deflate-streams.ts";
import { randomNumbers } from "../support/random.ts";
import { runs } from "../support/runs.ts";

const MAX_OUTPUT_BYTES = 1024 * 1024;

/** The decoder's verdict: a reason, or the length of the output. */
function verdictOf(stream: Uint8Array, maxOutputBytes: number = MAX_OUTPUT_BYTES): string | number {
  try {
    return inflateRaw(stream, { maxOutputBytes }).length;
  } catch (error) {
    assert.ok(error instanceof InflateError);
    return error.reason;
  }
}

function walkerVerdict(stream: Uint8Array, maxOutputBytes: number = MAX_OUTPUT_BYTES): string | number {
  const { blocks, fault } = listBlocks(stream, maxOutputBytes);
  return fault ?? blocks.reduce((sum, { outputBytes }) => sum + outputBytes, 0);
}

function written(write: (writer: DeflateWriter) => DeflateWriter): Uint8Array {
  return write(deflateWriter()).finish();
}

test("listBlocks() agrees with the decoder on valid, refused and recorded streams, whole and truncated", () => {
  const streams = [
    ...[...LEGAL_STREAMS, ...REFUSED_STREAMS].map(({ name, write }) => ({
      name,
      data: written((writer) => write(writer)),
    })),
    ...RECORDED_STREAMS.map(({ name, hex }) => ({ name, data: fromHex(hex) })),
  ];
  for (const { name, data } of streams) {
    assert.equal(walkerVerdict(data), verdictOf(data), name);
    assert.equal(walkerVerdict(concat(data, new Uint8Array(3))), verdictOf(concat(data, new Uint8Array(3))), name);
    for (const length of [0, 1, data.length >> 1, data.length - 1]) {
      const cut = data.subarray(0, length);
      assert.equal(walkerVerdict(cut), verdictOf(cut), `${name}, cut at ${length}`);
    }
  }
});

test("listBlocks() agrees with the decoder on random and on damaged streams", () => {
  const random = randomNumbers(12);
  for (let seed = 0; seed < runs(150); seed++) {
    const { data } = randomStream(seed);
    assert.equal(walkerVerdict(data), verdictOf(data), `seed ${seed}`);
    const damaged = data.slice();
    const at = random(damaged.length);
    damaged[at] = damaged[at]! ^ (1 << random(8)); // at is below the length
    assert.equal(walkerVerdict(damaged), verdictOf(damaged), `seed ${seed}, byte ${at}`);
  }
});

test("listBlocks() stops when the output would exceed the limit", () => {
  const stream = written((writer) => writer.stored("more", ascii("hello")).stored("last", ascii("world")));
  assert.deepEqual(listBlocks(stream, 9).fault, "output-too-large");
  assert.deepEqual(listBlocks(stream, 9).blocks.map(({ outputBytes }) => outputBytes), [5, 0]);
  assert.equal(listBlocks(stream, 10).fault, undefined);
});

test("listBlocks() describes each block: type, place, output, and a dynamic block's code lengths", () => {
  const litlen = { 97: 1, 98: 2, ...lengthForEach(256, 257, 3) };
  const stream = written((writer) =>
    writer.stored("more", ascii("abc")).fixed("more").end().dynamic("last", { litlen }).end()
  );
  const { blocks, fault, usedBytes } = listBlocks(stream, 100);
  assert.equal(fault, undefined);
  assert.equal(usedBytes, stream.length);
  assert.deepEqual(blocks.map(({ type, isFinal, start, outputStart }) => ({ type, isFinal, start, outputStart })), [
    { type: "stored", isFinal: false, start: 0, outputStart: 0 },
    { type: "fixed", isFinal: false, start: 64, outputStart: 3 },
    { type: "dynamic", isFinal: true, start: 74, outputStart: 3 },
  ]);
  const [, , dynamic] = blocks;
  assert.equal(dynamic?.litlenLengths?.[97], 1);
  assert.equal(dynamic?.litlenLengths?.[257], 3);
  assert.equal(dynamic?.litlenLengths?.[99], 0);
});
