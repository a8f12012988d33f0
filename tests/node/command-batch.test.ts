/** `unseal batch` within the test's process: forms of input, inputs that end early, and which files it overwrites. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as zlib from "node:zlib";
import { generateKey, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { run } from "../support/in-process-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = generateKey();
const event = JSON.stringify(sampleEventV4());
const sealed = await seal(new TextEncoder().encode(event), key);

/** A folder with the key; `batch()` runs the command on a content, and returns the output too. */
function workplace(t: TestContext) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("key"), key, { mode: 0o600 });
  let runs = 0;
  async function batch(content: string | Uint8Array, ...args: readonly string[]) {
    const output = path(`out${++runs}`);
    writeFileSync(path("in"), content);
    const ended = await run("batch", path("in"), "-o", output, "--quiet", "--key-file", path("key"), ...args);
    const text = existsSync(output) ? readFileSync(output, "utf8") : undefined;
    return { ...ended, text, output, hasCheckpoint: existsSync(`${output}.checkpoint`) };
  }
  return { path, batch };
}

const lines = (count: number) => `${sealed}\n`.repeat(count);
const events = (count: number) => `${event}\n`.repeat(count);

const FORMS:
  readonly (readonly [name: string, content: string | Uint8Array, args: readonly string[], count: number])[] = [
    [
      "UTF-16 with a byte order mark, as PowerShell's > writes it",
      Buffer.from(`\ufeff${sealed}\r\n${sealed}\r\n`, "utf16le"),
      [],
      2,
    ],
    ["big-endian UTF-16", Buffer.from(`\ufeff${sealed}\n`, "utf16le").swap16(), [], 1],
    ["UTF-16 within gzip", zlib.gzipSync(Buffer.from(`\ufeff${sealed}\r\n`, "utf16le")), [], 1],
    [
      "gzip members with zeros between and behind them",
      Buffer.concat([zlib.gzipSync(lines(3)), Buffer.alloc(50_000), zlib.gzipSync(lines(2)), Buffer.alloc(512)]),
      [],
      5,
    ],
    ["a JSON array of strings", JSON.stringify([sealed, sealed]), [], 2],
    ["an indented JSON array of strings", JSON.stringify([sealed, sealed], null, 2), [], 2],
    ["a JSON array of objects", JSON.stringify([{ a: sealed, b: '[{"}' }, { a: sealed }]), ["--field", "a"], 2],
    ["an indented JSON array", `\n${JSON.stringify([{ a: sealed }, { a: sealed }], null, 2)}\n\n`, ["--field=a"], 2],
    ["indented JSON objects", `${JSON.stringify({ a: sealed, b: {} }, null, 2)}\n`.repeat(3), ["--field=a"], 3],
    ["an empty JSON array", "[ ]\n", ["--field=a"], 0],
    ["a name with a dot", `${JSON.stringify({ "a.b": { c: sealed } })}\n`, ["--field=a.b.c"], 1],
    [
      "JSON text within JSON",
      JSON.stringify({ body: JSON.stringify({ sealed: [sealed] }) }),
      ["--field=body.sealed.0"],
      1,
    ],
    ["JSON text within CSV", `n;body\n1;"${JSON.stringify({ s: sealed }).replaceAll('"', '""')}"\n`, [
      "--column=body",
      "--field=s",
      "--delimiter=;",
    ], 1],
    ["columns separated by tabs", `\ufeffs\tn\n${sealed}\t1\n`, ["--column=s", "--delimiter=tab"], 1],
    ["a header with a line break, and spaces after quotation marks", `n,"s\ned" \r\n"a","${sealed}" \r\n`, [
      "--column=s\ned",
    ], 1],
    ["quotation marks that are not doubled, within a line", `ua,s\n"Mozilla "x", y",${sealed}\n`.replace(", y", ""), [
      "--column=s",
    ], 1],
    ["a quotation mark that follows a quoted field and a blank", `ua,s\n"Mozilla" "x,${sealed}\n`, ["--column=s"], 1],
    ["strings with escaped slashes, as PHP writes them", `${JSON.stringify(sealed).replaceAll("/", "\\/")}\n`, [], 1],
  ];
for (const [name, content, args, count] of FORMS) {
  test(`unseal batch opens ${name}`, async (t) => {
    const { code, text, stderr } = await workplace(t).batch(content, ...args);
    assert.deepEqual([code, stderr, text], [0, "", events(count)]);
  });
}

const REFUSED:
  readonly (readonly [name: string, content: string | Uint8Array, args: readonly string[], message: RegExp])[] = [
    ["Parquet within gzip", zlib.gzipSync("PAR1\u0015\u0004"), [], /it is a Parquet file: unseal opens it by/],
    ["a zip archive", "PK\u0003\u0004", [], /unzip -p FILE \| unseal … -/],
    ["lines that end with CR alone", `${sealed}\r${sealed}\r`, [], /end with CR alone: tr '\\r' '\\n' < FILE/],
    ["JSON lines that do", `{"a":1}\r{"a":2}\r`, ["--field=a"], /its lines end with CR alone/],
    ["CSV that does", `s,id\r${sealed},1\r`, ["--column=s"], /its lines end with CR alone/],
    ["CSV without a header", "", ["--column=s"], /it has no header/],
    ["CSV whose header is empty", "\n", ["--column=s"], /it has no header/],
    ["a binary file", Uint8Array.of(1, 0, 2), [], /it is not text/],
    ["UTF-16 without a byte order mark", Buffer.from(sealed, "utf16le"), [], /it is not text/],
    ["CSV without --column", `id,sealed\n1,${sealed}\n`, [], /header of CSV: name the column with --column/],
    ["JSON lines without --field", `${JSON.stringify({ a: sealed })}\n`, [], /JSON: name the field with --field/],
    ["an array of objects without --field", `[{"a":1}]`, [], /JSON: name the field with --field/],
    ["a column that the header names twice", `s,s\n1,${sealed}\n`, ["--column=s"], /names several columns s/],
    ["another delimiter", `a;s\n1;${sealed}\n`, ["--column=s"], /no column s among a;s; --delimiter sets/],
    ["a long header", `${"a,".repeat(40_000)}s\n`, ["--column=s"], /header is longer than 65536 bytes/],
    ["a delimiter of two characters", "", ["--column=s", "--delimiter=ab"], /--delimiter must be one ASCII character/],
    ["a delimiter without a column", "", ["--delimiter=;"], /--delimiter needs --column/],
  ];
for (const [name, content, args, message] of REFUSED) {
  test(`unseal batch refuses ${name}, before it writes anything`, async (t) => {
    const { code, text, stderr } = await workplace(t).batch(content, ...args);
    assert.deepEqual([code, text], [2, undefined], stderr);
    assert.match(stderr, message);
  });
}

const row = (note: string) => `1,${sealed},${note}\n`;
const cutGzip = zlib.gzipSync(lines(400));
const EARLY: readonly (readonly [
  name: string,
  content: string | Uint8Array,
  args: readonly string[],
  count: number,
  message: RegExp,
])[] = [
  [
    "a quoted field that does not end",
    `id,s,n\n${row('"a\nb"').repeat(2)}${row('"stray')}${row("b").repeat(5000)}`,
    ["--column=s"],
    2,
    /the quoted field that begins in line 6 does not end\nStopped after line 2; the output is incomplete/,
  ],
  [
    "a stray quotation mark before quoted fields",
    `id,s,n\n${row('"a"').repeat(9)}${row('"stray')}${row('"b"').repeat(50)}`,
    ["--column=s"],
    9,
    /the quoted field that begins in line 11 is followed by text in line 12/,
  ],
  [
    "a JSON array that does not end",
    `[${JSON.stringify({ a: sealed })},\n${JSON.stringify({ a: sealed })},`,
    ["--field=a"],
    2,
    /the JSON array does not end/,
  ],
  [
    "a JSON value that does not end",
    `{\n"a":"${sealed}"}\n{\n"a": {`,
    ["--field=a"],
    1,
    /the JSON value that begins in line 3 does not end/,
  ],
  [
    "text behind a JSON array",
    `[{"a":"${sealed}"}]\nx`,
    ["--field=a"],
    1,
    /text follows the end of the JSON array in line 2/,
  ],
  ["a bracket too many", `{\n"a":"${sealed}"}}`, ["--field=a"], 1, /a bracket too many in line 2/],
  [
    "truncated gzip",
    Buffer.concat([zlib.gzipSync(lines(7)), cutGzip.subarray(0, 12)]),
    [],
    7,
    /its gzip data is damaged or truncated\nStopped after line 7/,
  ],
];
for (const [name, content, args, count, message] of EARLY) {
  test(`unseal batch writes the records before ${name}, and a checkpoint`, async (t) => {
    const { batch } = workplace(t);
    const ended = await batch(content, ...args);
    assert.match(ended.stderr, message);
    assert.deepEqual([ended.code, ended.text, ended.hasCheckpoint], [3, events(count), true]);
  });
}

test("unseal batch --resume fails again at the end of truncated gzip, and keeps its output", async (t) => {
  const { path, batch } = workplace(t);
  const cut = zlib.gzipSync(Buffer.concat([Buffer.from(lines(900))]), { level: 0 });
  const first = await batch(cut.subarray(0, cut.length >> 1));
  assert.equal(first.code, 3);
  const whole = first.text!.split("\n").length - 1; // written, because there is a checkpoint
  assert.ok(whole > 100 && first.text === events(whole), `${whole}`);
  const again = await run("batch", path("in"), "-o", first.output, "-q", "--key-file", path("key"), "--resume");
  assert.match(again.stderr, new RegExp(`truncated\nStopped after line ${whole};`));
  assert.equal(readFileSync(first.output, "utf8"), first.text);
});

test("unseal batch reports damaged gzip, and writes only what precedes the damage", async (t) => {
  const { batch } = workplace(t);
  const member = zlib.gzipSync(lines(300), { level: 0 });
  for (const content of [Buffer.concat([member, Buffer.from("text")]), member.fill(0xff, member.length >> 1)]) {
    const { code, stderr, text, hasCheckpoint } = await batch(content);
    assert.match(stderr, /its gzip data is damaged or truncated/);
    assert.deepEqual([code, hasCheckpoint, events(300).startsWith(text!)], [3, true, true]); // the checkpoint has an output
  }
});

test("unseal batch opens several zstd frames where the runtime has zstd, and otherwise names a program", async (t) => {
  const { batch } = workplace(t);
  if (typeof zlib.zstdCompressSync !== "function") {
    const { stderr } = await batch(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd));
    return assert.match(stderr, /cannot decompress zstd: zstdcat FILE/);
  }
  const frames = Buffer.concat([zlib.zstdCompressSync(lines(3)), zlib.zstdCompressSync(lines(2))]);
  const { code, stderr, text } = await batch(frames);
  if (code === 0) {
    assert.equal(text, events(5));
    assert.match((await batch(frames.subarray(0, -3))).stderr, /its zstd data is damaged or truncated/);
  } else assert.match(stderr, /cannot decompress zstd: zstdcat FILE/);
});

test("unseal batch --resume overwrites no list of errors without a checkpoint, and no output", async (t) => {
  const { path, batch } = workplace(t);
  writeFileSync(path("errors"), "mine");
  const args = ["--resume", "--errors", path("errors")];
  const fresh = await batch(lines(2), ...args);
  assert.deepEqual([fresh.code, /errors exists: --force overwrites it/.test(fresh.stderr)], [2, true]);
  assert.equal(readFileSync(path("errors"), "utf8"), "mine");
  for (const content of ["", "foreign", events(2)]) {
    writeFileSync(path("out2"), content);
    const ended = await run("batch", path("in"), "-o", path("out2"), "--resume", "--key-file", path("key"));
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /has no checkpoint\. It is complete, or no batch wrote it; --force starts again/);
    assert.equal(readFileSync(path("out2"), "utf8"), content);
  }
});

test("unseal batch --resume begins when there is no output, and continues after a checkpoint", async (t) => {
  const { path, batch } = workplace(t);
  const args = ["--column=s", "--errors", path("errors"), "--resume"];
  const bad = `s,n\n${sealed},1\nb!d,2\n${sealed},"3`;
  const cut = await batch(bad, ...args);
  assert.deepEqual([cut.code, cut.text, cut.hasCheckpoint], [3, `${event}\nnull\n`, true]);
  // What was written after the checkpoint is replaced, also when it is longer than the rest.
  writeFileSync(cut.output, `${cut.text}${"x".repeat(10_000)}`);
  const again = await run("batch", path("in"), "-o", cut.output, "-q", "--key-file", path("key"), ...args);
  assert.equal(again.code, 3);
  assert.equal(readFileSync(cut.output, "utf8"), cut.text);
  assert.equal(readFileSync(path("errors"), "utf8"), '{"row":2,"code":"ERR_SEALED_ENCODING"}\n');
  truncateSync(cut.output, 3);
  const shorter = await run("batch", path("in"), "-o", cut.output, "-q", "--key-file", path("key"), ...args);
  assert.deepEqual([shorter.code, /is shorter than when/.test(shorter.stderr)], [3, true]);
});

test("unseal batch leaves no checkpoint when its output cannot be opened", async (t) => {
  const { path, batch } = workplace(t);
  await batch(lines(1));
  symlinkSync(path("none/new"), path("link"));
  const { code } = await run("batch", path("in"), "-o", path("link"), "--key-file", path("key"));
  assert.deepEqual([code, existsSync(path("link.checkpoint"))], [3, false]);
});

test("unseal batch --force replaces a longer output, also when the input ends early", async (t) => {
  const { path, batch } = workplace(t);
  writeFileSync(path("out1"), events(50));
  const { code, text } = await batch(`${lines(2)}`, "--force");
  assert.deepEqual([code, text], [0, events(2)]);
  writeFileSync(path("out2"), events(50));
  const cut = await batch(`s\n${lines(2)}"x`, "--column=s", "--force");
  assert.deepEqual([cut.code, cut.text], [3, events(2)]);
  assert.equal((await run("batch", path("in"), "-o", path("out2"), "--key-file", path("key"))).code, 2);
});

test("unseal batch refuses links to one new file as output and errors, and reads a file named like a checkpoint", async (t) => {
  const { path, batch } = workplace(t);
  symlinkSync(path("new"), path("link"));
  symlinkSync("link", path("second-link"));
  for (const link of ["link", "second-link"]) {
    const args = ["batch", path("in"), "-o", path(link), "--errors", path("new"), "--key-file", path("key")];
    await batch(lines(1));
    const { code, stderr } = await run(...args);
    assert.deepEqual([code, /must be different files/.test(stderr)], [2, true], stderr);
  }
  const input = path("out.checkpoint.new");
  writeFileSync(input, lines(1));
  assert.equal((await run("batch", input, "-o", path("out"), "-q", "--key-file", path("key"))).code, 0);
  assert.equal(readFileSync(input, "utf8"), lines(1));
});

test("unseal batch reports an input that cannot be opened", async (t) => {
  const { path } = workplace(t);
  const ended = await run("batch", "/dev/tty", "-o", path("out"), "-q", "--key-file", path("key"));
  if (ended.code === 0 || process.stdin.isTTY) return t.skip("there is a terminal");
  assert.deepEqual([ended.code, /^unseal: Cannot read \/dev\/tty: .+\n$/.test(ended.stderr)], [3, true], ended.stderr);
});
