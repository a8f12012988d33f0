/**
 * Generates an archive of sealed results, opens it into another Parquet file, and runs an analyst's queries.
 *
 * `node main.ts [ROWS] [RESULT]`, on Node 22.18 or later; RESULT is a file for the figures.
 *
 * @module
 */

import { DuckDBInstance } from "@duckdb/node-api";
import { createSyncUnsealer } from "@unseal/sealed-results";
import { nodeCipher } from "@unseal/sealed-results/node-cipher";
import { generateKey } from "@unseal/sealed-results/testing";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerUnseal } from "./unseal-function.ts";

const rows = Number(process.argv[2] ?? 100_000);
const resultFile = process.argv[3];
const folder = mkdtempSync(join(tmpdir(), "unseal-duckdb-"));
const key = process.env["FINGERPRINT_KEY"] ?? generateKey();

const instance = await DuckDBInstance.create(":memory:", {
  memory_limit: "1GB",
  preserve_insertion_order: "false", // less memory; the rows have their time
});
const connection = await instance.connect();
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt) / 1000;
};

const sealed = join(folder, "sealed.parquet");
const events = join(folder, "events.parquet");
// In a separate process, so that the memory below is only that of opening.
execFileSync(process.execPath, ["archive.ts", `${rows}`, sealed], {
  cwd: import.meta.dirname,
  env: { ...process.env, FINGERPRINT_KEY: key },
});

registerUnseal(connection, createSyncUnsealer({ keys: key, cipher: nodeCipher() }));
const openingSeconds = await seconds(() =>
  connection.run(`
    COPY (SELECT received_at, unnest(unseal(sealed)) FROM '${sealed}')
    TO '${events}' (FORMAT parquet, COMPRESSION zstd)`)
);
const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
const figures = {
  rows,
  openingSeconds,
  sealedMegabytes: megabytes(statSync(sealed).size),
  eventsMegabytes: megabytes(statSync(events).size),
  mostMemoryMegabytes: megabytes(process.resourceUsage().maxRSS * 1024),
};
console.log(JSON.stringify(figures));
if (resultFile !== undefined) writeFileSync(resultFile, `${JSON.stringify(figures)}\n`);

for (
  const [question, sql] of Object.entries({
    "What could not be opened?": `SELECT error, count(*) AS n FROM '${events}' WHERE error IS NOT NULL GROUP BY ALL`,
    "Bots by day, the first two": `
    SELECT timestamp::DATE AS day, bot, count(*) AS n FROM '${events}' WHERE error IS NULL GROUP BY ALL ORDER BY ALL LIMIT 4`,
    "Visitors that came from most addresses": `
    SELECT visitorId, count(DISTINCT ip) AS addresses, count(*) AS events
    FROM '${events}' GROUP BY visitorId ORDER BY addresses DESC, visitorId LIMIT 3`,
    "Behind a VPN, with a high suspect score": `
    SELECT count(*) AS n, round(avg(suspectScore), 1) AS score FROM '${events}' WHERE vpn AND suspectScore > 10`,
    "A field that the summary does not have": `
    SELECT event->>'$.url' AS page, count(*) AS n
    FROM '${events}' WHERE error IS NULL GROUP BY ALL ORDER BY n DESC, page LIMIT 3`,
  })
) {
  console.log(`\n${question}`);
  const result = await connection.runAndReadAll(sql);
  console.log(JSON.stringify(result.getRowObjectsJson()));
}
connection.closeSync();
instance.closeSync();
rmSync(folder, { recursive: true });
