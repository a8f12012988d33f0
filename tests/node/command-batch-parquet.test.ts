/** `unseal batch` and `unseal stats` with Parquet, by the DuckDB that is installed for `examples/duckdb`. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { connectDuckdb, DUCKDB_PACKAGE, DUCKDB_VERSION } from "../../src/cli/batch/duckdb.ts";
import { headerOf } from "../../src/cli/batch/lines.ts";
import { openParquet, rowsPath } from "../../src/cli/batch/parquet.ts";
import { EVENT_COLUMNS, toErrorRow, toRow } from "../../src/event/mod.ts";
import { generateKey, sampleEventV3, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { ROOT } from "../runtimes/project.ts";
import { run, runPrinting } from "../support/in-process-command.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const EXAMPLE = join(ROOT, "examples/duckdb");
const absence = absenceOfPackages("examples/duckdb");

const key = generateKey();
const ID = "2026-11";
/** Text of visitors that CSV, SQL or UTF-8 could change. */
const v4 = sampleEventV4({
  linked_id: "a\0b\",\r\n'; DROP TABLE t --",
  url: "https://shop.example/?q=\ud800",
  tags: {},
});
const v3 = sampleEventV3({ products: { botd: { data: { bot: { result: "bad" } } } } });
const [sealedV4, sealedV3] = await Promise.all([seal(v4, key), seal(v3, key)]);
/** A name that SQL or a pattern of files could read otherwise. */
const COLUMN = `se"al'ed; --`;

/** A folder with the key, in which DuckDB is found; `sql()` returns rows. */
async function workplace(t: TestContext) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("key"), `${ID}:${key}`, { mode: 0o600 });
  const before = process.cwd();
  process.chdir(EXAMPLE);
  const { connection, close } = await connectDuckdb("a test");
  t.after(() => {
    close();
    process.chdir(before);
  });
  const sql = async (text: string) => (await connection.runAndReadAll(text)).getRowObjectsJson();
  const batch = (input: string, output: string, ...args: readonly string[]) =>
    run("batch", path(input), "-o", path(output), "--quiet", "--key-file", path("key"), ...args);
  return { folder, path, sql, batch };
}

/** Writes 5,000 rows in several groups: v4, v3, NULL, a truncated one, and one that is empty. */
function writeArchive(sql: (text: string) => Promise<unknown>, file: string): Promise<unknown> {
  const name = `"${COLUMN.replaceAll('"', '""')}"`;
  return sql(`COPY (SELECT
      i::INTEGER AS i, [i] AS list, i / 3::DOUBLE AS ratio, timestamptz '2026-10-01 00:00:00.5+02' AS at,
      CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '"q",' || chr(13) || chr(10) || i END AS note,
      unhex('${Buffer.from(sealedV4, "base64").toString("hex")}') AS bytes,
      CASE i % 5 WHEN 0 THEN '${sealedV4}' WHEN 1 THEN '${sealedV3}' WHEN 3 THEN '${sealedV4.slice(0, -8)}'
        WHEN 4 THEN '' END AS ${name}
    FROM range(5000) t(i)) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
}

/** The row of an event as DuckDB prints it: times without zone, U+FFFD for half of a surrogate pair. */
function shown(row: ReturnType<typeof toRow>) {
  const entries = EVENT_COLUMNS.map(({ name, type }) => {
    const value = row[name];
    if (typeof value !== "string") return [name, value];
    const time = value.replace("T", " ").replace(/\.?0*Z$/, "");
    return [name, type === "TIMESTAMP" ? time : value.replace("\ud800", "\ufffd")];
  });
  return Object.fromEntries(entries);
}

test("unseal batch reads and writes Parquet: rows in order, types kept, names and text unchanged", async (t) => {
  if (skipIfAbsent(t, absence)) return;
  const { folder, path, sql, batch } = await workplace(t);
  const [input, output] = ["in'[a]*?.parquet", "out'[b]*.parquet"];
  await writeArchive(sql, path(input).replaceAll("'", "''"));
  await sql(`COPY (SELECT 1 AS other) TO '${path("in''axx.parquet")}' (FORMAT parquet)`); // fits the name as a pattern
  const ended = await batch(input, output, `--column=${COLUMN}`, "--keep=i=place,list,ratio,at,note");
  assert.deepEqual([ended.code, ended.stderr], [1, ""]);
  const table = `read_parquet('${path(output).replaceAll("'", "''").replace("[", "[[]").replace("*", "[*]")}')`;
  const types = (await sql(`DESCRIBE FROM ${table}`)).map(({ column_name, column_type }) => [column_name, column_type]);
  assert.deepEqual(types, [
    ["row", "BIGINT"],
    ...EVENT_COLUMNS.map(({ name, type }) => [name, type]),
    ["place", "INTEGER"],
    ["list", "VARCHAR"],
    ["ratio", "DOUBLE"],
    ["at", "TIMESTAMP WITH TIME ZONE"],
    ["note", "VARCHAR"],
  ]);
  const rows = await sql(`SELECT * EXCLUDE ("at"), epoch_ms("at")::VARCHAR AS "at" FROM ${table}`);
  assert.equal(rows.length, 5000);
  const codes = ["ERR_LINE_FIELD", "ERR_NO_KEY_FITS", "ERR_LINE_FIELD"];
  rows.forEach((row, index) => {
    const event = [v4, v3][index % 5];
    assert.deepEqual(row, {
      row: `${index + 1}`,
      ...event === undefined ? toErrorRow(codes[index % 5 - 2]!) : shown(toRow(event, ID)), // 2 to 4
      place: index,
      list: `[${index}]`,
      ratio: index / 3,
      at: `${Date.UTC(2026, 8, 30, 22, 0, 0, 500)}`,
      note: [null, "", `"q",\r\n${index}`][index % 3],
    });
  });
  assert.deepEqual(readdirSync(folder).sort(), [output, input, "in'axx.parquet", "key"].sort());
});

test("unseal batch reads Parquet as it reads CSV, and writes Parquet from CSV", async (t) => {
  if (skipIfAbsent(t, absence)) return;
  const { path, sql, batch } = await workplace(t);
  writeFileSync(path("in.csv"), `sealed,note\n${sealedV4},"x ""y"""\n${sealedV3},\nno,""\n`);
  const all = ["--column=sealed", "--v4", "--keep-all"];
  assert.equal((await batch("in.csv", "out.parquet", ...all)).code, 1);
  const opened = await sql(
    `SELECT row, bot, error, event->>'$.bot' AS v4, note FROM '${path("out.parquet")}' ORDER BY row`,
  );
  assert.deepEqual(opened, [
    { row: "1", bot: "not_detected", error: null, v4: "not_detected", note: 'x "y"' },
    { row: "2", bot: "bad", error: null, v4: "bad", note: null },
    { row: "3", bot: null, error: "ERR_SEALED_TOO_SHORT", v4: null, note: "" },
  ]);
  await sql(
    `COPY (FROM read_csv('${path("in.csv")}', all_varchar = true, allow_quoted_nulls = false)) TO '${
      path("in.parquet")
    }' (FORMAT parquet)`,
  );
  const errors = ["--errors", path("errors.ndjson"), "--force"];
  for (const [input, output] of [["in.csv", "1.ndjson"], ["in.parquet", "2.ndjson"]] as const) {
    assert.equal((await batch(input, output, "--summary", ...all, ...errors)).code, 1);
    assert.match(readFileSync(path("errors.ndjson"), "utf8"), /^\{"row":3,"code":"ERR_SEALED_TOO_SHORT"\}\n$/);
  }
  assert.equal(readFileSync(path("2.ndjson"), "utf8"), readFileSync(path("1.ndjson"), "utf8"));
  await writeArchive(sql, path("bytes.parquet"));
  assert.equal((await batch("bytes.parquet", "events.ndjson", "--column=bytes")).code, 0);
  assert.equal(readFileSync(path("events.ndjson"), "utf8"), `${JSON.stringify(v4)}\n`.repeat(5000));
});

test("unseal stats counts Parquet, beside the table that unseal batch made of it", async (t) => {
  if (skipIfAbsent(t, absence)) return;
  const { path, sql, batch } = await workplace(t);
  await writeArchive(sql, path("in.parquet"));
  assert.equal((await batch("in.parquet", "table.csv", `--column=${COLUMN}`, "--summary")).code, 1);
  const stats = (...args: readonly string[]) =>
    runPrinting("stats", "--json", "--quiet", "--by=bot", "--key-file", path("key"), ...args);
  const { code, stdout, stderr } = await stats(path("in.parquet"), `--column=${COLUMN}`);
  assert.deepEqual([code, stderr], [1, ""]);
  const { records, failed, failures, keys, breakdowns } = JSON.parse(stdout);
  assert.deepEqual({ records, failed, failures, keys }, {
    records: 5000,
    failed: 3000,
    failures: [{ error: "ERR_LINE_FIELD", records: 2000 }, { error: "ERR_NO_KEY_FITS", records: 1000 }],
    keys: [{ key_id: ID, events: 2000 }],
  });
  const bots = breakdowns[0].groups.map(({ bot, events }: Record<string, unknown>) => [bot, events]);
  assert.deepEqual(bots, [["bad", 1000], ["not_detected", 1000]]);
  assert.equal((await stats(path("table.csv"))).stdout, stdout);
  const unnamed = await stats(path("in.parquet"));
  assert.deepEqual([unnamed.code, unnamed.stdout], [2, ""]);
  assert.match(unnamed.stderr, /in\.parquet: it is Parquet: name the column with --column, of i, list, /);
});

test("unseal batch refuses what Parquet cannot do, and leaves no file", async (t) => {
  if (skipIfAbsent(t, absence)) return;
  const { folder, path, sql, batch } = await workplace(t);
  await writeArchive(sql, path("in.parquet"));
  const whole = readFileSync(path("in.parquet"));
  writeFileSync(path("cut.parquet"), whole.subarray(0, -100));
  const hollow = Buffer.from(whole);
  hollow.fill(0xff, 4, 3000); // within the first pages
  writeFileSync(path("hollow.parquet"), hollow);
  writeFileSync(path("old.parquet"), "old");
  writeFileSync(path("key.parquet"), "PAR1");
  const before = readdirSync(folder).sort();
  const column = `--column=${COLUMN}`;
  const refused: readonly (readonly [input: string, output: string, args: string[], code: number, message: RegExp])[] =
    [
      ["in.parquet", "out.parquet", [], 2, /it is Parquet: name the column with --column, of i, list, ratio, /],
      ["in.parquet", "out.parquet", ["--column=x"], 2, /it has no column x among i, list/],
      ["in.parquet", "out.parquet", [column, "--keep=x"], 2, /it has no column x among i, list/],
      ["in.parquet", "out.parquet", [column, "--resume"], 2, /Cannot resume a batch with Parquet/],
      ["in.parquet", "out.parquet", [column, "--csv"], 2, /--csv and Parquet exclude each other/],
      ["in.parquet", "old.parquet", [column], 2, /old\.parquet exists: --force overwrites it/],
      ["in.parquet", "in.parquet", [column, "--force"], 2, /must be different files/],
      ["in.parquet", "none/out.parquet", [column], 3, /Cannot write .*no such file or directory/],
      ["cut.parquet", "out.parquet", [column], 3, /Cannot read .*cut\.parquet: DuckDB: [\w ]+ Error/],
      ["key.parquet", "out.parquet", [column], 3, /Cannot read .*key\.parquet: DuckDB: [\w ]+ Error/],
      ["hollow.parquet", "out.parquet", [`--column=i`], 3, /Cannot read .*hollow\.parquet: DuckDB: [\w ]+ Error/],
    ];
  for (const [input, output, args, code, message] of refused) {
    const ended = await batch(input, output, ...args);
    assert.match(ended.stderr, message);
    assert.equal(ended.code, code, ended.stderr);
    assert.deepEqual(readdirSync(folder).sort(), before, ended.stderr);
  }
  assert.equal(readFileSync(path("old.parquet"), "utf8"), "old");
});

test("unseal batch writes no Parquet when DuckDB does not read every row", async (t) => {
  if (skipIfAbsent(t, absence)) return;
  const { folder, path } = await workplace(t);
  const output = path("out.parquet");
  const form = { summary: true, v4: false, csv: true, parquet: true, spreadsheet: false };
  const place = { column: "sealed", delimiter: 0x2c, field: undefined };
  writeFileSync(rowsPath(output), headerOf(form, []) + `1${",".repeat(EVENT_COLUMNS.length)}\r\n`.repeat(2));
  const before = readdirSync(folder);
  const parquet = await openParquet(path("key"), output, place, form, undefined);
  t.after(() => parquet?.close());
  await assert.rejects(async () => await parquet?.write?.([], 3), { message: /DuckDB read 2 of 3 rows/, exitCode: 3 });
  assert.deepEqual(readdirSync(folder), before);
  await parquet?.write?.([], 2);
  assert.ok(existsSync(output));
});

test("unseal batch names the package to install for Parquet, before it writes anything", async (t) => {
  const folder = temporaryFolder(t);
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  writeFileSync("in.parquet", "PAR1");
  writeFileSync("in.txt", sealedV4);
  writeFileSync("key", key, { mode: 0o600 });
  for (const [input, output] of [["in.parquet", "out.ndjson"], ["in.txt", "out.parquet"]] as const) {
    const { code, stderr } = await run("batch", input, "-o", output, "--key-file", "key", "--column=sealed");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /Parquet needs DuckDB, which is not installed \(ERR_DUCKDB_MISSING\)\nnpm install @duckdb\/node-api@1\.5\./,
    );
  }
  assert.deepEqual(readdirSync(folder).sort(), ["in.parquet", "in.txt", "key"]);
  const { dependencies } = createRequire(import.meta.url)(join(EXAMPLE, "package.json"));
  assert.equal(dependencies[DUCKDB_PACKAGE], DUCKDB_VERSION);
});
