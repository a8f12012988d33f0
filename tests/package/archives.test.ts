/** Runs the examples for archives and streams, with the packed package, on real engines. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { EVENT_COLUMNS, toRow } from "../../src/event/mod.ts";
import { generateKey, sampleEventV3, sampleEventV4, seal } from "../../src/testing/mod.ts";
import {
  append,
  connectRedis,
  createGroup,
  finish,
  hold,
  type Redis,
  takeAbandoned,
  takeNew,
} from "../../examples/redis-stream/flow.ts";
import { run } from "../runtimes/run.ts";
import { until } from "../services/support/engine.ts";
import { sealWithNode } from "../services/support/node-seal.ts";
import { postgresAbsence, startPostgres } from "../services/support/postgres.ts";
import { redisAbsence, startRedis } from "../services/support/redis.ts";
import { needs } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { layOutExample, typescriptAbsence } from "./example.ts";
import { installPacked } from "./packed.ts";

const duckdb = needs(typescriptAbsence, absenceOfPackages("examples/duckdb"));
const redisAlone = needs(redisAbsence);
const stream = needs(typescriptAbsence, redisAbsence, postgresAbsence);

const { tarball } = await installPacked();

function layOut(name: string): string {
  const folder = layOutExample(name, tarball);
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

test("examples/duckdb answers each question over a mixed archive as a count without SQL does", duckdb, async () => {
  const folder = layOut("duckdb");
  const parse = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  for (const program of ["main.ts", "count.ts"]) {
    const { trouble } = await run(process.execPath, [program, "3000", `${program}.json`], { cwd: folder });
    assert.equal(trouble, undefined);
  }
  const { rows, answers } = parse("main.ts.json");
  assert.equal(rows, 3000);
  const counts: Record<string, unknown[]> = parse("count.ts.json");
  assert.deepEqual(Object.keys(answers), Object.keys(counts).sort());
  for (const [question, count] of Object.entries(counts)) {
    assert.ok(count.length > 1, question);
    assert.deepEqual(answers[question], count, question);
  }
});

/** Runs a program in a copy of the example, in which `answer(sql)` has `unseal()`. Returns what it prints. */
async function runOnDuckdb(key: string, program: string): Promise<unknown> {
  const folder = layOut("duckdb");
  const setting = `
    import { DuckDBInstance } from "@duckdb/node-api";
    import { createSyncUnsealer } from "@unseal/sealed-results";
    import { EVENT_COLUMNS } from "@unseal/sealed-results/event";
    import { nodeCipher } from "@unseal/sealed-results/node-cipher";
    import { registerUnseal } from "./unseal-function.ts";
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    registerUnseal(connection, createSyncUnsealer({ keys: { id: "first", key: "${key}" }, cipher: nodeCipher() }));
    const answer = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson();`;
  writeFileSync(join(folder, "program.mjs"), `${setting}\nconsole.log(JSON.stringify(${program}));`);
  const { output, trouble } = await run(process.execPath, ["program.mjs"], { cwd: folder });
  assert.equal(trouble, undefined, output);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

test("examples/duckdb has the columns of the command, and NULL beside the error of a row", duckdb, async () => {
  const key = generateKey();
  const good = await seal(sampleEventV3({ products: { botd: { data: { bot: { result: "bad" } } } } }), key);
  const short = "ERR_SEALED_TOO_SHORT";
  const cases = [
    [`'${good}'`, null],
    ["NULL", short],
    ["''", short],
    ["'[object Object]'", "ERR_SEALED_ENCODING"],
    [`'${good.slice(0, -8)}'`, "ERR_NO_KEY_FITS"],
    ["'\u{1f600}'", "ERR_SEALED_ENCODING"],
  ];
  const rows = `SELECT unnest(unseal(sealed)) FROM (VALUES ${cases.map(([text]) => `(${text})`).join()}) t(sealed)`;
  const [types, columns, opened] = await runOnDuckdb(
    key,
    `[await answer("DESCRIBE ${rows}"), EVENT_COLUMNS, await answer(${JSON.stringify(rows)})]`,
  ) as [Record<string, string>[], unknown[], Record<string, unknown>[]];
  assert.deepEqual(
    types.map(({ column_name: name, column_type: type }) => ({ name, type })),
    [...columns, { name: "event", type: "VARCHAR" }],
  );
  assert.deepEqual(opened.map(({ error }) => error), cases.map(([, code]) => code));
  for (const { error: _, ...rest } of opened.slice(1)) {
    assert.deepEqual(new Set(Object.values(rest)), new Set([null]));
  }
  const { bot, key_id, event } = opened[0] ?? {};
  assert.deepEqual([bot, key_id, JSON.parse(`${event}`).bot], ["bad", "first", "bad"]);
});

test("examples/duckdb opens events that DuckDB could not hold", duckdb, async () => {
  const key = generateKey();
  const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
  const sealed = await Promise.all([
    sampleEventV4({
      timestamp: 1e300,
      url: "https://shop.example/\ud800",
      tags: { half: "\ud800", text: "\\ud800", pair: "\u{1f600}", nul: "\0" },
    }),
    sampleEventV4({ timestamp: -62_135_596_800_000, tags: { nested: nested(1000) } }),
    { products: {} },
    sampleEventV3({ products: { identification: { data: { tag: { text: "" } } } } }),
  ].map((event) => {
    const text = JSON.stringify(event).replace('"text":""', `"text":${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    return seal(new TextEncoder().encode(text), key);
  }));
  const values = sealed.map((text, index) => `('${text}', ${index})`).join();
  const sql = `SELECT unnest(unseal(sealed)), json_extract_string(unseal(sealed).event, '$.tags') AS tags
    FROM (VALUES ${values}) t(sealed, place) ORDER BY place`;
  const rows = await runOnDuckdb(key, `await answer(${JSON.stringify(sql)})`) as Record<string, string | null>[];
  const [first, second, ...failed] = rows;
  const [, , noId, tooDeep] = rows.map(({ error }) => error);
  assert.deepEqual([first?.["error"], second?.["error"], noId], [null, null, "ERR_UPGRADE_INCOMPLETE"]);
  assert.ok(tooDeep === null || tooDeep === "ERR_UPGRADE_SHAPE"); // Node 26 writes JSON of any depth
  assert.deepEqual([first?.["time"], first?.["url"]], [null, "https://shop.example/\ufffd"]);
  assert.equal(JSON.parse(first?.["event"] ?? "").timestamp, 1e300);
  assert.deepEqual(JSON.parse(first?.["tags"] ?? ""), {
    half: "\ufffd",
    text: "\\ud800",
    pair: "\u{1f600}",
    nul: "\0",
  });
  assert.equal(second?.["time"], "0001-01-01 00:00:00");
  for (const { error, ...rest } of failed) {
    if (error !== null) assert.deepEqual(new Set(Object.values(rest)), new Set([null]));
  }
});

const ENTRIES = 10_000;
/** How many entries are appended together. */
const TOGETHER = 500;
/** Workers are killed at even shares of the work: killed by the clock, they would do none on a busy machine. */
const KILLS = 20;

test("examples/redis-stream loses and doubles no event while its workers are killed", stream, async () => {
  const folder = layOut("redis-stream");
  const key = generateKey();
  const [redisServer, postgres] = [await startRedis(), await startPostgres()];
  const redis = await connectRedis(redisServer.url);
  const database = new Client({ connectionString: postgres.url });
  await database.connect();
  const env = {
    ...process.env,
    REDIS_URL: redisServer.url,
    DATABASE_URL: postgres.url,
    FINGERPRINT_KEYS: key,
    IDLE_MS: "500",
  };
  const printed: string[] = [];
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, ["worker.ts"], { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (text) => printed.push(String(text)));
    return child;
  };
  const workers = [start(), start(), start()];
  try {
    let isFilled = false;
    const filling = fill(redis, key).finally(() => isFilled = true);
    const isEmpty = async () => isFilled && await redis.xLen("fingerprint:sealed") === 0;
    // The table does not exist before a worker has started.
    const stored = () =>
      database.query("SELECT count(*)::int AS n FROM events").then(({ rows }) => rows[0].n as number, () => 0);
    for (let kills = 0; kills < KILLS; kills++) {
      const share = (kills + 1) / (KILLS + 1);
      await until(`${share} of the events are stored`, async () => await stored() >= share * ENTRIES);
      const turn = kills % workers.length;
      workers[turn]!.kill("SIGKILL"); // turn is an index of workers
      workers[turn] = start();
    }
    await filling;
    await until("the stream is empty", isEmpty, 300_000);
    const { rows: [kept] } = await database.query(
      "SELECT count(*)::int AS n, count(DISTINCT event_id)::int AS ids FROM events",
    );
    assert.deepEqual(kept, { n: ENTRIES, ids: ENTRIES }, printed.join(""));
    const refused = await redis.xRange("fingerprint:refused", "-", "+");
    const codes = new Set(refused?.map(({ message }) => message["code"]));
    assert.deepEqual(codes, new Set(["ERR_NO_KEY_FITS", "ERR_SEALED_ENCODING", "refused-by-database"]));
    const { pending } = await redis.xPending("fingerprint:sealed", "unsealers");
    assert.equal(pending, 0);
    for (const worker of workers) worker.kill("SIGKILL");
    const last = start();
    workers.push(last);
    await append(redis, "not base64!");
    await until("the stream is empty", async () => await redis.xLen("fingerprint:sealed") === 0);
    last.kill("SIGTERM");
    await until("the worker ends", () => last.exitCode !== null || last.signalCode !== null);
    assert.deepEqual([last.exitCode, last.signalCode], [0, null], printed.join(""));
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    await database.end();
    redis.destroy();
    await Promise.all([redisServer.close(), postgres.close()]);
  }
});

/** Appends valid entries, each hundredth twice, and some that can never be opened or stored. */
async function fill(redis: Redis, key: string): Promise<void> {
  const rawKey = Uint8Array.from(Buffer.from(key, "base64"));
  const seal = (event: unknown) => sealWithNode(JSON.stringify(event), rawKey);
  const appendAt = async (index: number) => {
    const sealed = seal(sampleEventV4({ event_id: `1708102555327.${index}`, tags: { text: "\0" } }));
    await append(redis, sealed);
    if (index % 100 === 0) await append(redis, sealed);
    if (index % 500 === 0) {
      await append(redis, "not base64!");
      await append(redis, `${sealed.slice(0, -8)}AAAAAAAA`);
      await append(redis, seal(sampleEventV4({ event_id: `nul\0${index}` })));
    }
  };
  // Redis writes to disk before it answers, so that entries that are appended one after another take minutes.
  for (let index = 0; index < ENTRIES; index += TOGETHER) {
    await Promise.all(Array.from({ length: TOGETHER }, (_, offset) => appendAt(index + offset)));
  }
}

test("examples/redis-stream parks events that PostgreSQL refuses, and outlives its restart", stream, async () => {
  const folder = layOut("redis-stream");
  const key = generateKey();
  const [redisServer, postgres] = [await startRedis(), await startPostgres()];
  const redis = await connectRedis(redisServer.url);
  const env = { ...process.env, REDIS_URL: redisServer.url, DATABASE_URL: postgres.url, FINGERPRINT_KEYS: key };
  const worker = spawn(process.execPath, ["worker.ts"], { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
  const printed: string[] = [];
  worker.stderr.on("data", (text) => printed.push(String(text)));
  const seal = (changes: Parameters<typeof sampleEventV4>[0]) =>
    sealWithNode(JSON.stringify(sampleEventV4(changes)), Uint8Array.from(Buffer.from(key, "base64")));
  const isEmpty = async () => {
    assert.equal(worker.exitCode, null, printed.join(""));
    return await redis.xLen("fingerprint:sealed") === 0;
  };
  try {
    await append(redis, seal({ event_id: randomBytes(20_000).toString("hex") })); // too long for the index
    await append(redis, seal({ event_id: "first", timestamp: 1_708_102_555_327, linked_id: "a\0\ud800" }));
    await append(redis, seal({ event_id: "late", timestamp: 1e300 }));
    await until("the stream is empty", isEmpty);
    const refused = await redis.xRange("fingerprint:refused", "-", "+");
    assert.deepEqual(refused?.map(({ message }) => message["code"]), ["refused-by-database"]);

    await postgres.process.kill();
    await append(redis, seal({ event_id: "second", timestamp: 1_708_102_555_327 }));
    await until("the worker notices the outage", () => printed.length > 0);
    await postgres.process.start();
    await until("the stream is empty", isEmpty);
    const database = new Client({ connectionString: postgres.url });
    await database.connect();
    const { rows, fields } = await database.query("SELECT * FROM events ORDER BY time, event_id");
    await database.end();
    assert.deepEqual(fields.map(({ name }) => name), [
      ...EVENT_COLUMNS.map(({ name }) => name).filter((name) => name !== "error"),
      "event",
    ]);
    const time = new Date(1_708_102_555_327);
    const expected = [["first", time, "a\ufffd\ufffd"], ["second", time, "order-1"], ["late", null, "order-1"]];
    assert.deepEqual(rows.map(({ event_id, time, linked_id }) => [event_id, time, linked_id]), expected);
    const { event, first_seen, last_seen, ...stored } = rows[0];
    const { time: _, error: __, first_seen: ___, last_seen: ____, ...row } = toRow(event, "key-0");
    assert.deepEqual(stored, { ...row, time, linked_id: "a\ufffd\ufffd" });
    assert.deepEqual([first_seen, last_seen].map((date) => date?.getTime()), [
      event.identification.first_seen_at,
      event.identification.last_seen_at,
    ]);
  } finally {
    worker.kill("SIGKILL");
    redis.destroy();
    await Promise.all([redisServer.close(), postgres.close()]);
  }
});

test("examples/redis-stream refuses an entry that crashes its workers, and none beside it", redisAlone, async () => {
  const redisServer = await startRedis();
  const redis = await connectRedis(redisServer.url);
  try {
    await createGroup(redis);
    for (let index = 0; index < 10; index++) await append(redis, index === 4 ? "crash" : `entry ${index}`);
    const deliveries = new Map<string, number>();
    for (let attempt = 0; await redis.xLen("fingerprint:sealed") > 0; attempt++) {
      assert.ok(attempt < 100, "entries remain");
      const worker = `worker ${attempt}`;
      const entries = attempt === 0 ? await takeNew(redis, worker) : await takeAbandoned(redis, worker, 0);
      for (const { sealed, deliveries: times } of entries) deliveries.set(sealed, times);
      // A worker stores a batch as a whole, so that its crash leaves all entries unfinished.
      if (entries.every(({ sealed, deliveries: times }) => sealed !== "crash" || times > 5)) {
        await finish(redis, entries);
      }
    }
    assert.equal(deliveries.get("crash"), 6);
    deliveries.delete("crash");
    assert.deepEqual([deliveries.size, Math.max(...deliveries.values())], [9, 3]);
  } finally {
    redis.destroy();
    await redisServer.close();
  }
});

test("examples/redis-stream holds entries that wait for the database, and none comes again", redisAlone, async () => {
  const redisServer = await startRedis();
  const redis = await connectRedis(redisServer.url);
  try {
    await createGroup(redis);
    await append(redis, "entry");
    const entries = await takeNew(redis, "one");
    await delay(300);
    await hold(redis, "one", entries);
    assert.deepEqual(await takeAbandoned(redis, "other", 250), []);
    const [claimed] = await takeAbandoned(redis, "other", 0);
    assert.deepEqual([claimed?.sealed, claimed?.deliveries], ["entry", 2]);
  } finally {
    redis.destroy();
    await redisServer.close();
  }
});
