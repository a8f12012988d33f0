/**
 * Generates an archive of sealed results, opens it into another Parquet file, and answers a fraud analyst's questions.
 *
 * `node main.ts [ROWS] [RESULT]`, on Node 22.18 or later; RESULT is a file for the figures and the answers.
 *
 * @module
 */

import { DuckDBInstance } from "@duckdb/node-api";
import { createSyncUnsealer } from "@unseal/sealed-results";
import { nodeCipher } from "@unseal/sealed-results/node-cipher";
import { generateKey } from "@unseal/sealed-results/testing";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerUnseal } from "./unseal-function.ts";

const here = import.meta.dirname;
const rows = Number(process.argv[2] ?? 100_000);
const resultFile = process.argv[3];
const folder = mkdtempSync(join(tmpdir(), "unseal-duckdb-"));
const [oldKey, newKey] = [generateKey(), generateKey()];

const instance = await DuckDBInstance.create(":memory:", {
  memory_limit: "1GB",
  temp_directory: folder,
  preserve_insertion_order: "false", // less memory; the rows have their time
});
const connection = await instance.connect();
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt) / 1000;
};

const sealed = join(folder, "sealed.parquet");
const file = join(folder, "events.parquet");
// In a separate process, so that the memory below is only that of opening.
execFileSync(process.execPath, ["archive.ts", `${rows}`, sealed], {
  cwd: here,
  env: { ...process.env, OLD_KEY: oldKey, NEW_KEY: newKey },
});

const keys = [{ id: "new", key: newKey }, { id: "old", key: oldKey }];
registerUnseal(connection, createSyncUnsealer({ keys, cipher: nodeCipher() }));
const openingSeconds = await seconds(() =>
  connection.run(
    `COPY (SELECT received_at, unnest(unseal(sealed)) FROM read_parquet($sealed))
     TO $file (FORMAT parquet, COMPRESSION zstd)`,
    { sealed, file },
  )
);
const mostMemory = process.resourceUsage().maxRSS * 1024;

await connection.run(`CREATE VIEW opened AS FROM '${file.replaceAll("'", "''")}'`);
await connection.run(readFileSync(join(here, "events.sql"), "utf8"));
const answers: Record<string, readonly unknown[]> = {};
const answeringSeconds = await seconds(async () => {
  for (const name of readdirSync(join(here, "questions")).sort()) {
    const sql = readFileSync(join(here, "questions", name), "utf8");
    const answer = await connection.runAndReadAll(sql);
    answers[name.replace(".sql", "")] = answer.getRowObjectsJS();
    console.log(`\n${sql.slice("-- ".length, sql.indexOf("\n"))}`);
    console.table(answer.getRowObjectsJson().slice(0, 5));
  }
});

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
const figures = {
  rows,
  openingSeconds,
  answeringSeconds,
  sealedMegabytes: megabytes(statSync(sealed).size),
  eventsMegabytes: megabytes(statSync(file).size),
  mostMemoryMegabytes: megabytes(mostMemory),
};
console.log(JSON.stringify(figures));
if (resultFile !== undefined) {
  const result = { ...figures, answers };
  writeFileSync(
    resultFile,
    JSON.stringify(result, (_name, value) => typeof value === "bigint" ? Number(value) : value),
  );
}
connection.closeSync();
instance.closeSync();
rmSync(folder, { recursive: true });
