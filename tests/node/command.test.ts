/** Parts of the command `unseal`, within the test's process: text for terminals, arguments, and a worker's chunks. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as zlib from "node:zlib";
import { createChunkOpener } from "../../src/cli/batch/worker.ts";
import { indented } from "../../src/cli/open.ts";
import { inspectSealed } from "../../src/cli/inspection.ts";
import { dim, forTerminal, red } from "../../src/cli/output.ts";
import { refuseSecret } from "../../src/cli/secrets.ts";
import { generateKey, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { run, runPrinting } from "../support/in-process-command.ts";
import { deflateWriter } from "../support/bit-writer.ts";
import { concat } from "../support/bytes.ts";
import { sealCompressed } from "../support/seal.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("forTerminal() escapes every control, also of C1 and of direction, but not our own styles", () => {
  const controls = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index)]
    .map((code) => String.fromCharCode(code)).filter((control) => !"\t\n\r".includes(control));
  const directions = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";
  for (const control of [...controls, ...directions, "\u2028", "\u2029"]) {
    const escape = `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
    for (const stream of [{ isTTY: true }, { isTTY: false }, {}]) {
      assert.equal(forTerminal(`a${control}b`, stream), `a${escape}b`);
      assert.equal(forTerminal(new TextEncoder().encode(`"${control}"\n`), stream), `"${escape}"\n`);
    }
  }
  assert.equal(forTerminal("a\r\nb\tü", {}), "a \nb\tü");
  const styled = forTerminal(red(`x\u001b[31m${dim("y")}`), { isTTY: true });
  assert.match(styled.replaceAll("\u001b", "ESC"), /^(?:ESC\[31mx\\u001b\[31mESC\[2myESC\[0mESC\[0m|x\\u001b\[31my)$/);
  assert.equal(forTerminal(red(`x${dim("y")}`), {}), "xy");
});

test("indented() equals JSON.stringify() with an indentation, and keeps numbers as they were sealed", () => {
  const values = [sampleEventV4(), { a: [], b: {}, c: [[{ d: ['":,[]{}\\"', ""] }], null, true, -1.5e9] }, [], "x", 1];
  for (const value of values) {
    for (const space of [undefined, 1]) {
      assert.equal(indented(JSON.stringify(value, null, space)), JSON.stringify(value, null, 2));
    }
  }
  assert.equal(indented('{"a":1.0,"b":12345678901234567890}'), '{\n  "a": 1.0,\n  "b": 12345678901234567890\n}');
});

test("indented() prints deep nesting without a stack, in a length in proportion to the JSON's", () => {
  const deep = `${"[".repeat(500_000)}1${"]".repeat(500_000)}`;
  const text = indented(deep);
  assert.ok(text.length < deep.length + 20_000, `${text.length}`);
  assert.equal(text.replace(/\s/g, ""), deep);
});

test("refuseSecret() refuses keys and sealed results, and accepts paths of the same length", async (t) => {
  const folder = temporaryFolder(t);
  const refused = (argument: string) => {
    try {
      refuseSecret(argument);
      return false;
    } catch (error) {
      assert.ok(!(error as Error).message.includes(argument.slice(0, 20)));
      return true;
    }
  };
  for (let count = 0; count < 200; count++) {
    const key = generateKey();
    const url = key.replaceAll("+", "-").replaceAll("/", "_");
    for (const text of [key, key.slice(0, 43), url, url.slice(0, 43), `id:${key}`, `--key=${key}`]) {
      assert.ok(refused(text), text.slice(0, 4));
    }
  }
  assert.ok(refused(await seal(sampleEventV4(), generateKey())));
  for (const start of ["/", "//", "///"]) assert.ok(refused(start + generateKey().slice(0, 43 - start.length)), start);
  // One in a thousand keys looks like the path of a new file in a folder that exists.
  const inFolder = join(folder, "Events".padEnd(43 - 1 - folder.length, "1"));
  for (
    const path of [
      inFolder,
      "/data/archives/sealed-results-2026-11-29/of".padEnd(43, "x"),
      "sealed-results-archive-of-november-29-2026".padEnd(43, "x"),
    ]
  ) {
    assert.equal(path.length, 43);
    assert.ok(!refused(path), path);
  }
});

test("unseal --version prints the version of package.json", async () => {
  const { code, stdout } = await runPrinting("--version");
  assert.equal(code, 0);
  assert.equal(stdout, `${JSON.parse(readFileSync("package.json", "utf8")).version}\n`);
});

test("unseal batch limits the threads to twice the cores, and says so", async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("key"), generateKey(), { mode: 0o600 });
  writeFileSync(path("in"), "");
  const { code, stderr } = await run("batch", path("in"), "-o", path("out"), "--key-file", path("key"), "-j", "256");
  assert.equal(code, 0);
  assert.match(stderr, /^unseal: \d+ jobs instead of 256: more are not faster on \d+ cores\n/);
  assert.match(stderr, /^unseal: in a bundle, a batch uses one core$/m);
});

test("inspectSealed() reports the sizes of 267 KB of empty blocks, and the reason of a refused stream", () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  // Four empty blocks with the fixed code have five bytes: each is 010 and seven zeros.
  const blocks = new Uint8Array(267_000).map((_, index) => [0x02, 0x08, 0x20, 0x80, 0x00][index % 5]!); // index % 5 < 5
  const json = new TextEncoder().encode('{"event_id":"a","timestamp":1}');
  const stream = concat(blocks, deflateWriter().stored("last", json).finish());
  const { deflate, event } = inspectSealed(sealCompressed(stream, key), [{ key }], 0);
  assert.deepEqual(deflate, { bytes: stream.length, outputBytes: 30 });
  assert.equal(event?.version, "v4");
  const cut = inspectSealed(sealCompressed(stream.subarray(0, 1000), key), [{ key }], 0);
  assert.deepEqual(cut.deflate, { bytes: 1000, fault: "truncated" });
});

test("createChunkOpener() counts the records, failures and keys of each part once", async () => {
  const [one, other] = [generateKey(), generateKey()];
  const large = (text: string) => new TextEncoder().encode(JSON.stringify(text.repeat(3_000_000)));
  const sealed = await Promise.all([
    seal(large("a"), one),
    seal(large("b"), other),
    seal(large("c"), one),
    seal(large("d"), other),
    seal(large("e"), other),
  ]);
  const chunk = new TextEncoder().encode([...sealed, "x", ""].join("\n"));
  for (const gzip of [false, true]) {
    const openChunk = createChunkOpener({
      keys: [{ id: "one", key: one }, { id: "other", key: other }],
      format: { kind: "lines" },
      column: undefined,
      field: undefined,
      keep: undefined,
      check: false,
      form: { summary: false, v4: false, csv: false, parquet: false, spreadsheet: false },
      gzip,
      maxRecordBytes: 5_000_000, // Node 20.0 cannot compress, so its sealed results have 4 MB
    });
    for (let round = 0; round < 2; round++) {
      const parts = [...openChunk(chunk.slice(), 0)];
      assert.ok(parts.length > 1);
      assert.deepEqual(parts.map(({ isLast }) => isLast), [...parts.slice(1).map(() => false), true]);
      const total = (key: number) => parts.reduce((sum, { opened }) => sum + (opened[key] ?? 0), 0);
      assert.deepEqual([total(0), total(1)], [2, 3]);
      for (const { opened, records, failures } of parts) {
        assert.equal(opened.reduce((sum, count) => sum + count, 0) + failures.length, records);
      }
      assert.equal(parts.reduce((sum, { records }) => sum + records, 0), 6);
      const output = Buffer.concat(parts.map(({ output }) => gzip ? zlib.gunzipSync(output) : output)).toString();
      assert.deepEqual(output.split("\n").map((line) => line[1]), ["a", "b", "c", "d", "e", "u", undefined]);
    }
  }
});
