/**
 * `npm run scale`: measures the examples for archives and streams, with the packed package on real engines, and writes
 * `bench/results/scale.json`. It takes some minutes on an idle machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { KEPT_RESULTS, type ScaleDocument } from "../bench/report/documents.ts";
import { append, connectRedis } from "../examples/redis-stream/flow.ts";
import { generateKey, sampleEventV4 } from "../src/testing/mod.ts";
import { listNodes } from "../tests/runtimes/programs.ts";
import { ROOT } from "../tests/runtimes/project.ts";
import { layOutExample } from "../tests/package/example.ts";
import { until } from "../tests/services/support/engine.ts";
import { startPostgres } from "../tests/services/support/postgres.ts";
import { startRedis } from "../tests/services/support/redis.ts";
import { sealWithNode } from "../tests/services/support/node-seal.ts";

const ROWS = 1_000_000;
const ENTRIES = 300_000;
/** How many entries are appended together. */
const TOGETHER = 500;

const node = listNodes().filter(({ path }) => path !== undefined).at(-1)?.path ?? process.execPath;
const folder = mkdtempSync(join(tmpdir(), "unseal-scale-"));
const packed = execFileSync("npm", ["pack", "--json", `--pack-destination=${folder}`], { cwd: ROOT, encoding: "utf8" });
const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
const tarball = join(folder, filename);

let load = 0;
const document: ScaleDocument = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
  duckdb: measureDuckdb(),
  flow: [await measureFlow(1), await measureFlow(2)],
  load,
};
rmSync(folder, { recursive: true });
writeFileSync(join(KEPT_RESULTS, "scale.json"), `${JSON.stringify(document, undefined, 2)}\n`);
console.log(JSON.stringify(document, undefined, 2));

function measureDuckdb(): ScaleDocument["duckdb"] {
  const example = layOutExample("duckdb", tarball);
  const run = (program: string) => {
    execFileSync(node, [program, `${ROWS}`, `${program}.json`], { cwd: example, stdio: "inherit" });
    return JSON.parse(readFileSync(join(example, `${program}.json`), "utf8"));
  };
  const { answers, ...figures } = run("main.ts");
  noteLoad();
  assert.deepEqual(answers, run("count.ts"), "the answers of SQL and of the count without it");
  rmSync(example, { recursive: true });
  return figures;
}

function noteLoad(): void {
  load = Math.max(load, Math.round((loadavg()[0] ?? 0) * 10) / 10);
}

/** Measures the time that workers need for a stream that was filled before. */
async function measureFlow(workers: number): Promise<ScaleDocument["flow"][number]> {
  const example = layOutExample("redis-stream", tarball);
  const [redisServer, postgres] = [await startRedis(), await startPostgres()];
  const redis = await connectRedis(redisServer.url);
  const key = generateKey();
  const rawKey = Uint8Array.from(Buffer.from(key, "base64"));
  for (let index = 0; index < ENTRIES; index += TOGETHER) {
    const events = Array.from(
      { length: TOGETHER },
      (_, offset) => sampleEventV4({ event_id: `1708102555327.${index + offset}` }),
    );
    await Promise.all(events.map((event) => append(redis, sealWithNode(JSON.stringify(event), rawKey))));
  }
  const env = { ...process.env, REDIS_URL: redisServer.url, DATABASE_URL: postgres.url, FINGERPRINT_KEYS: key };
  const startedAt = performance.now();
  const children = Array.from({ length: workers }, () => spawn(node, ["worker.ts"], { cwd: example, env }));
  await until("the stream is empty", async () => await redis.xLen("fingerprint:sealed") === 0, 600_000);
  const seconds = Math.round(performance.now() - startedAt) / 1000;
  noteLoad();
  for (const child of children) child.kill("SIGKILL");
  redis.destroy();
  const database = new Client({ connectionString: postgres.url });
  await database.connect();
  const { rows: [stored] } = await database.query("SELECT count(*)::int AS n FROM events");
  await database.end();
  if (stored?.n !== ENTRIES) throw new Error(`PostgreSQL has ${stored?.n} of ${ENTRIES} events`);
  await Promise.all([redisServer.close(), postgres.close()]);
  rmSync(example, { recursive: true });
  return { workers, entries: ENTRIES, seconds };
}
