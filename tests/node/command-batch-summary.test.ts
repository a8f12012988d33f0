/** `unseal batch --summary`, `--v4` and `--keep`, within the test's process: rows as NDJSON and CSV. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { type EventRow, type FingerprintEvent, toErrorRow, toRow, upgradeEvent } from "../../src/event/mod.ts";
import { generateKey, sampleEventV3, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { run } from "../support/in-process-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = generateKey();
const v3 = sampleEventV3();
const v4 = sampleEventV4({ linked_id: '=1+1,"x"\n' });
/** A v3 event without an id and a time, which v4 requires. */
const nameless: FingerprintEvent = {
  products: { vpn: { data: { result: true, originTimezone: "unknown" } } },
} as FingerprintEvent;
const sealText = (text: string) => seal(new TextEncoder().encode(text), key);
const [sealedV3, sealedV4, sealedNameless, sealedNoEvent] = await Promise.all(
  [JSON.stringify(v3), JSON.stringify(v4, null, 1), JSON.stringify(nameless), "[]"].map(sealText),
);
const ID = "2026-11";
const [rowV3, rowV4, rowNameless] = [toRow(v3, ID), toRow(v4, ID), toRow(nameless, ID)];

function workplace(t: TestContext) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("key"), `${ID}:${key}`, { mode: 0o600 });
  let runs = 0;
  /** Runs the command; `name` is the output's ending. */
  async function batch(name: string, content: string | Uint8Array, ...args: readonly string[]) {
    const output = path(`${++runs}${name}`);
    writeFileSync(path("in"), content);
    const ended = await run("batch", path("in"), "-o", output, "--quiet", "--key-file", path("key"), ...args);
    return { ...ended, output, bytes: existsSync(output) ? readFileSync(output) : undefined };
  }
  /** The rows of NDJSON. */
  async function rows(content: string | Uint8Array, ...args: readonly string[]) {
    const { code, stderr, bytes } = await batch(".ndjson", content, ...args);
    assert.ok(code < 2, stderr);
    return bytes!.toString().trimEnd().split("\n").map((line) => JSON.parse(line)); // written
  }
  return { path, batch, rows };
}

/** Reads CSV by RFC 4180: every record ends with CR LF; empty fields are `null`. */
function parseCsv(text: string): (string | null)[][] {
  const records: (string | null)[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  for (field.lastIndex = 0; field.lastIndex < text.length;) {
    const at = field.lastIndex;
    const found = field.exec(text);
    assert.ok(found !== null, `no CSV at ${at}: ${text.slice(at, at + 80)}`);
    records.at(-1)!.push(found[1]?.replaceAll('""', '"') ?? (found[2] || null)); // never empty
    if (found[3] !== ",") records.push([]);
  }
  assert.deepEqual(records.pop(), []);
  return records;
}

const cells = (row: object) => Object.values(row).map((value) => value === null ? null : String(value));
const LINES = `${sealedV3}\n${sealedV4}\n\nb!d\n${sealedNoEvent}\n${sealedNameless}\n`;
const EXPECTED: readonly EventRow[] = [
  rowV3,
  rowV4,
  toErrorRow("ERR_LINE_EMPTY"),
  toErrorRow("ERR_SEALED_ENCODING"),
  toErrorRow("ERR_EVENT_SHAPE"),
  rowNameless,
];

test("unseal batch --summary writes one flat row per record, in order, as NDJSON and CSV", async (t) => {
  const { path, batch, rows } = workplace(t);
  const expected = EXPECTED.map((row, index) => ({ row: index + 1, ...row }));
  assert.deepEqual(await rows(LINES, "--summary", "--errors", path("errors")), expected);
  assert.equal(readFileSync(path("errors"), "utf8").split("\n").length, 4);
  for (const [name, ...args] of [[".csv"], [".csv.gz"], [".txt", "--csv"]] as const) {
    const { bytes } = await batch(name, LINES, "--summary", ...args);
    const text = (name === ".csv.gz" ? gunzipSync(bytes!) : bytes!).toString(); // written
    const [header, ...records] = parseCsv(text);
    assert.deepEqual(header, Object.keys(expected[0]!)); // there are six
    assert.deepEqual(records, expected.map(cells));
  }
});

test("unseal batch --v4 writes each event in the shape of v4, and a row with a code for an event that cannot have it", async (t) => {
  const { batch, rows } = workplace(t);
  const errors = [
    { row: 3, error: "ERR_LINE_EMPTY" },
    { row: 4, error: "ERR_SEALED_ENCODING" },
    { row: 5, error: "ERR_EVENT_SHAPE" },
    { row: 6, error: "ERR_UPGRADE_INCOMPLETE" },
  ];
  assert.deepEqual(await rows(LINES, "--v4"), [JSON.parse(JSON.stringify(upgradeEvent(v3))), v4, ...errors]);
  const { bytes } = await batch("", `${sealedV4}\n`, "--v4");
  assert.equal(bytes?.toString(), `${JSON.stringify(v4, null, 1).replaceAll("\n", " ")}\n`); // unchanged
});

test("unseal batch --summary --v4 also has the event, in a column", async (t) => {
  const { batch, rows } = workplace(t);
  const expected = [rowV3, rowV4, ...EXPECTED.slice(2, 5), toErrorRow("ERR_UPGRADE_INCOMPLETE")];
  const events = [JSON.parse(JSON.stringify(upgradeEvent(v3))), v4, null, null, null, null];
  const whole = expected.map((row, index) => ({ row: index + 1, ...row, event: events[index] }));
  assert.deepEqual(await rows(LINES, "--summary", "--v4"), whole);
  const [header, ...records] = parseCsv((await batch(".csv", LINES, "--summary", "--v4")).bytes!.toString());
  assert.equal(header?.at(-1), "event");
  assert.deepEqual(records.map((record) => JSON.parse(record.at(-1) ?? "null")), events);
});

const CSV = `\ufeffid,sealed,"the ""note""",time,\r\n` +
  `0012,${sealedV4},"a ""b"", c\r\nd",noon,x\r\n` +
  ` 7 ,${sealedV4},"",,\n` +
  `8,b!d\n` +
  `\n` +
  `9,${sealedV4},n,t,,,""\n` +
  `10,${sealedV4},n,t,,more\n` +
  `11,${sealedV4},last,t`;
const KEEP = ["--summary", "--column", "sealed"] as const;

test("unseal batch --keep adds columns of CSV, under other names if wanted", async (t) => {
  const { batch, rows } = workplace(t);
  const args = [...KEEP, "--keep", `id,"the ""note"""=note`, "--keep", `time=requested,""="a, b"`];
  const kept = [
    ["0012", 'a "b", c\r\nd', "noon", "x"],
    [" 7 ", "", null, null],
    ["8", null, null, null],
    [null, null, null, null],
    ["9", "n", "t", null],
    [null, null, null, null],
    ["11", "last", "t", null],
  ].map(([id, note, requested, last]) => ({ id, note, requested, "a, b": last }));
  const errors = [, , "ERR_SEALED_ENCODING", "ERR_LINE_EMPTY", , "ERR_LINE_COLUMNS"];
  const expected = kept.map((columns, index) => {
    const error = errors[index];
    return { row: index + 1, ...error === undefined ? rowV4 : toErrorRow(error), ...columns };
  });
  assert.deepEqual(await rows(CSV, ...args), expected);
  const [header, ...records] = parseCsv((await batch(".csv", CSV, ...args)).bytes!.toString());
  assert.deepEqual(header?.slice(-4), ["id", "note", "requested", "a, b"]);
  assert.deepEqual(records, expected.map(cells));
});

test("unseal batch --keep-all adds the other columns of CSV, in their order", async (t) => {
  const { rows } = workplace(t);
  const [first] = await rows(CSV, ...KEEP, "--keep-all", "--keep", `""=last,time=requested`);
  const kept = { id: "0012", 'the "note"': 'a "b", c\r\nd', requested: "noon", last: "x" };
  assert.deepEqual(Object.entries(first), Object.entries({ row: 1, ...rowV4, ...kept }));
});

test("unseal batch --keep copies values of JSON as they are", async (t) => {
  const { batch, rows } = workplace(t);
  const numbers =
    '{"n":12345678901234567890,"e":1.0e2,"text":"1\\ud8002\\u0041","o":{"a":[1,\n2 , "]}\\\\\\""]},"z":null}';
  const record = `{\n"a":${numbers}, "body":${
    JSON.stringify(JSON.stringify({ s: sealedV4, x: { y: 1 } }))
  } ,"__proto__":7}`;
  const args = ["--summary", "--field", "body.s"];
  const keep = ["--keep", "a.n,a.e=e,a.text=text,a.o=o,a.z=z,body.x.y=y,missing,__proto__,a.o.a.1=two"];
  const { bytes, stderr } = await batch("", record, ...args, ...keep);
  const kept =
    '"a.n":12345678901234567890,"e":1.0e2,"text":"1\\ufffd2\\u0041","o":{"a":[1, 2 , "]}\\\\\\""]},"z":null,' +
    '"y":1,"missing":null,"__proto__":7,"two":2}\n';
  assert.ok(bytes?.toString().endsWith(`,"error":null,${kept}`), `${bytes}${stderr}`);
  const csv = (await batch(".csv", record, ...args, ...keep)).bytes!.toString(); // written
  const [, values] = parseCsv(csv);
  assert.deepEqual(values?.slice(22), [
    "12345678901234567890",
    "1.0e2",
    "1\ufffd2A",
    '{"a":[1,\n2 , "]}\\\\\\""]}',
    null,
    "1",
    null,
    "7",
    "2",
  ]);
  const [all] = await rows(record, ...args, "--keep-all", "--keep", "a.n=n");
  assert.deepEqual(Object.keys(all).slice(22), ["n", "a", "__proto__"]);
});

test("unseal batch --keep-all refuses a JSON record whose field has the name of an output column", async (t) => {
  const { rows } = workplace(t);
  const input = [{ s: sealedV4, a: 1 }, { s: sealedV4, IP: 1 }, { s: sealedV4, ip: 1 }, 7, { a: 2 }];
  const args = ["--summary", "--field=s", "--keep-all"];
  assert.deepEqual(await rows(JSON.stringify(input), ...args, "--keep=ip=client"), [
    { row: 1, ...rowV4, client: null, a: 1 },
    { row: 2, ...toErrorRow("ERR_LINE_COLUMNS"), client: null },
    { row: 3, ...rowV4, client: 1 },
    { row: 4, ...toErrorRow("ERR_LINE_JSON"), client: null },
    { row: 5, ...toErrorRow("ERR_LINE_FIELD"), client: null, a: 2 },
  ]);
});

test("unseal batch --keep ends with a line about each field of JSON for which no record has a value", async (t) => {
  const { batch } = workplace(t);
  const json = JSON.stringify([{ s: sealedV4, a: 0, b: null, o: {} }, { s: "AAAA", c: "" }, {}, 7]);
  const keep = ["--field=s", "--keep=a,b=x,c", "--keep=o.p"];
  const { code, stderr } = await batch(".csv", json, "--summary", ...keep);
  const lines = ["b", "o.p"].map((field) => `unseal: no record has a value for --keep ${field}\n`);
  assert.deepEqual([code, stderr], [1, lines.join("")]);
  // Where nothing was opened, the reason is another one. In CSV, an empty column exists.
  assert.equal((await batch("", '[{"s":"AAAA"}]', "--summary", ...keep)).stderr, "");
  assert.equal((await batch("", `s,a\n${sealedV4},`, "--summary", "--column=s", "--keep=a")).stderr, "");
});

test("unseal batch reads an array of JSON whose lines end with CR alone", async (t) => {
  const { rows } = workplace(t);
  const json = JSON.stringify([{ s: sealedV4, a: 1 }, { s: sealedV3, a: 2 }], null, 1).replaceAll("\n", "\r");
  const found = await rows(json, "--summary", "--field=s", "--keep=a");
  assert.deepEqual(found, [{ row: 1, ...rowV4, a: 1 }, { row: 2, ...rowV3, a: 2 }]);
});

test("unseal batch --resume knows which fields of JSON had a value before the interruption", async (t) => {
  const { path, batch } = workplace(t);
  const args = ["--summary", "--field=s", "--keep=a,b"];
  const first = `{\n"s":"${sealedV4}","a":1}\n`;
  const { code, output } = await batch(".ndjson", `${first}{`, ...args);
  assert.equal(code, 3);
  const text = readFileSync(`${output}.checkpoint`, "utf8");
  writeFileSync(path("in"), `${first}{"s":"${sealedV3}"}`);
  const { size, mtimeMs } = statSync(path("in"));
  const resume = async (tally: object) => {
    const { run: runOf, ...checkpoint } = JSON.parse(text);
    const changed = { ...checkpoint, run: { ...runOf, inputBytes: size, inputModifiedMs: mtimeMs } };
    writeFileSync(`${output}.checkpoint`, JSON.stringify({ ...changed, tally: { ...checkpoint.tally, ...tally } }));
    return await run("batch", path("in"), "-o", output, "-q", "--key-file", path("key"), ...args, "--resume");
  };
  for (const unfound of ["b", [7], null]) {
    assert.match((await resume({ unfound })).stderr, /is not a checkpoint of this version/);
  }
  assert.deepEqual(await resume({}), { code: 0, stderr: "unseal: no record has a value for --keep b\n" });
});

test("unseal batch --summary replaces half of a surrogate pair, for which databases end a query", async (t) => {
  const { batch } = workplace(t);
  const halves = "\ud800|\udc00\ud800|\u{1f600}|\\\\ud800";
  const held = "\ufffd|\ufffd\ufffd|\u{1f600}|\\\\ud800";
  const linked_id = halves;
  const json = JSON.stringify(sampleEventV4({ linked_id })).replace("\u{1f600}", "\\uD83D\\uDE00");
  const record = JSON.stringify({ s: await sealText(json), k: halves, o: { k: halves } });
  const args = ["--summary", "--v4", "--field=s", "--keep=k,o"];
  const line = (await batch("", record, ...args)).bytes!.toString(); // written
  const [, values = []] = parseCsv((await batch(".csv", record, ...args)).bytes!.toString());
  const row = JSON.parse(line);
  assert.deepEqual([row.linked_id, row.event.linked_id, row.k, row.o], [held, held, held, { k: held }]);
  const [event, k, o] = values.slice(-3);
  assert.deepEqual([values[4], k, JSON.parse(`${o}`)], [held, held, { k: held }]);
  assert.equal(JSON.parse(`${event}`).linked_id, held);
});

test("unseal batch --spreadsheet puts an apostrophe before text that is a formula, and not before numbers", async (t) => {
  const { batch } = workplace(t);
  const values = ["=1", "+49 170", "-1,5", "-1", "+1e5", "@x", "\t=1", "'=1", "'x", "a=1", "-", "\uff1d1"];
  const input = `n,s\n${values.map((value) => `"${value}",${sealedV4}\n`).join("")}`;
  const args = ["--summary", "--column=s", "--keep=n"];
  const columnOf = (text: string) => parseCsv(text).slice(1).map((record) => record.at(-1));
  const plain = (await batch(".csv", input, ...args)).bytes!.toString(); // written
  assert.deepEqual(columnOf(plain), values);
  const guarded = (await batch(".csv", input, ...args, "--spreadsheet")).bytes!.toString();
  assert.ok(guarded.startsWith("\ufeffrow,event_id,"));
  assert.deepEqual(columnOf(guarded.slice(1)), [
    "'=1",
    "'+49 170",
    "-1,5",
    "-1",
    "+1e5",
    "'@x",
    "'\t=1",
    "''=1",
    "'x",
    "a=1",
    "'-",
    "'\uff1d1",
  ]);
  assert.ok(parseCsv(guarded)[1]?.includes(`'${v4.linked_id}`));
});

test("unseal batch --summary writes the header of CSV for an empty input", async (t) => {
  const { batch } = workplace(t);
  assert.equal(parseCsv((await batch(".csv", "", "--summary")).bytes!.toString()).length, 1);
  for (const header of ["s,a\n", "s,a"]) {
    const { bytes } = await batch(".csv.gz", header, "--summary", "--column=s", "--keep-all");
    assert.match(gunzipSync(bytes!).toString(), /^row,.*,error,a\r\n$/); // written
  }
});

/** A batch that ended at a quoted field without an end, so that there is a checkpoint. */
async function interrupted(t: TestContext) {
  const { path, batch } = workplace(t);
  const args = [...KEEP, "--keep=id"];
  const { code, output, bytes } = await batch(".csv", `id,sealed\n1,${sealedV4}\n2,${sealedV3}\n"`, ...args);
  assert.equal(code, 3);
  const checkpoint = JSON.parse(readFileSync(`${output}.checkpoint`, "utf8"));
  const resume = (changes: object) => {
    writeFileSync(`${output}.checkpoint`, JSON.stringify({ ...checkpoint, ...changes }));
    return run("batch", path("in"), "-o", output, "-q", "--key-file", path("key"), ...args, "--resume");
  };
  return { output, whole: bytes!, checkpoint, resume }; // written, because there is a checkpoint
}

test("unseal batch --resume writes the header of CSV once, also when the first run was killed before it", async (t) => {
  const { output, whole, checkpoint, resume } = await interrupted(t);
  assert.equal(parseCsv(whole.toString()).length, 3);
  const layout = { ...checkpoint.layout, position: "id,sealed\n".length, line: 2 };
  const tally = { ...checkpoint.tally, records: 0 };
  for (const changes of [{}, { layout, tally, outputBytes: 0 }]) {
    assert.equal((await resume(changes)).code, 3);
    assert.equal(readFileSync(output, "utf8"), whole.toString());
  }
});

test("unseal batch --resume refuses a checkpoint whose kept columns are damaged", async (t) => {
  const { checkpoint: { layout }, resume } = await interrupted(t);
  const [column] = layout.keep.columns;
  assert.deepEqual(column, { from: "id", name: "id", index: 0 });
  for (const columns of [[{}], [{ ...column, index: -1 }], [{ ...column, name: 7 }], "x", {}, null]) {
    const { code, stderr } = await resume({ layout: { ...layout, keep: { ...layout.keep, columns } } });
    assert.deepEqual([code, /is not a checkpoint of this version/.test(stderr)], [2, true], stderr);
  }
});

const REFUSED: readonly (readonly [name: string, header: string, args: readonly string[], message: RegExp])[] = [
  ["CSV without --summary", "s", ["--column=s", "--csv"], /CSV needs --summary/],
  ["--spreadsheet without CSV", "s", ["--column=s", "--summary", "--spreadsheet"], /--spreadsheet needs CSV/],
  ["--keep without --summary", "s,a", ["--column=s", "--keep=a"], /need --summary/],
  ["--keep of lines", "s", ["--summary", "--keep=a"], /--column or --field: a line has no other columns/],
  ["--keep-all of lines", "s", ["--summary", "--keep-all"], /a line has no other columns/],
  ["CSV of all fields of JSON", "s", ["--summary", "--keep-all", "--csv", "--field=s"], /name the fields with --keep/],
  ["a missing column", "s,a", [...KEEP.slice(0, 1), "--column=s", "--keep=b"], /header has no column b among s, a/],
  ["a column twice", "s,a", ["--summary", "--column=s", "--keep=a", "--keep=a=b"], /--keep names a twice/],
  ["a column twice under one name", "s,a", ["--summary", "--column=s", "--keep=a,a"], /--keep names a twice/],
  ["a repeated column", "s,a,a", ["--summary", "--column=s", "--keep=a"], /names several columns a/],
  ["a name of the output", "s,ip", ["--summary", "--column=s", "--keep=ip"], /also one of the output.*--keep ip=NAME/],
  ["such a name in capitals", "s,IP", ["--summary", "--column=s", "--keep-all"], /the column IP .*--keep IP=NAME/],
  ["such a name with a blank", "s,a b", ["--summary", "--column=s", "--keep=a b=row"], /--keep '"a b"'=NAME/],
  ["one new name twice", "s,a,b", ["--summary", "--column=s", "--keep=a=x,b=X"], /the column X is also one/],
  ["a new name that another has", "s,a,b", ["--summary", "--column=s", "--keep=a=b", "--keep-all"], /column b is also/],
  ["event beside --v4", "s,event", ["--summary", "--v4", "--column=s", "--keep-all"], /column event is also/],
  ["an empty name", "s,,a", ["--summary", "--column=s", "--keep-all"], /no name for column 2: list the columns/],
  ["a repeated name", "s,a,a", ["--summary", "--column=s", "--keep-all"], /names several columns a/],
  ["an empty list", "s,a", ["--summary", "--column=s", "--keep="], /names separated by commas/],
  ["an empty item", "s,a", ["--summary", "--column=s", "--keep=a,"], /names separated by commas/],
  ["an empty new name", "s,a", ["--summary", "--column=s", "--keep=a="], /names separated by commas/],
  ["a quotation mark within a name", "s,a", ["--summary", "--column=s", '--keep=a"b'], /names separated by commas/],
];
for (const [name, header, args, message] of REFUSED) {
  test(`unseal batch refuses ${name}, before it writes anything`, async (t) => {
    const { code, bytes, stderr } = await workplace(t).batch("", `${header}\n`, ...args);
    assert.deepEqual([code, bytes], [2, undefined], stderr);
    assert.match(stderr, message);
  });
}

test("unseal batch --v4 writes an event that is nested deeply, or reports it, and opens the others", async (t) => {
  const { batch } = workplace(t);
  const deep = JSON.stringify(sampleEventV3({ products: { identification: { data: { tag: { text: "" } } } } }))
    .replace('"text":""', `"text":${"[".repeat(20_000)}${"]".repeat(20_000)}`);
  const content = `${await sealText(deep)}\n${sealedV3}\n`;
  const id = v3.products.identification?.data?.requestId;
  for (const args of [["--v4"], ["--v4", "--summary"]]) {
    const { code, bytes } = await batch(".ndjson", content, ...args);
    const [first = "", second = ""] = `${bytes}`.split("\n");
    // V8's JSON.stringify of Node exhausts the stack; those of Deno and Bun do not.
    if (code === 0) assert.ok(first.includes("]".repeat(20_000)));
    else assert.ok(first.startsWith('{"row":1,') && first.includes('"error":"ERR_UPGRADE_SHAPE"'), first.slice(0, 200));
    assert.equal(JSON.parse(second).event_id, id);
  }
});
