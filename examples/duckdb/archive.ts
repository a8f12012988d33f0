/**
 * Generates an archive of sealed results: one event per row, 1 in 100 truncated.
 *
 * `node archive.ts ROWS FILE`, with the key in `FINGERPRINT_KEY`
 *
 * @module
 */

import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampMillisecondsValue,
  TIMESTAMP_MS,
  VARCHAR,
} from "@duckdb/node-api";
import { sampleEventV3, sampleEventV4 } from "@unseal/sealed-results/testing";
import { createCipheriv, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";

const START = Date.UTC(2026, 9, 1);

/** Writes `rows` sealed results to a Parquet file, with the time at which each arrived. */
async function writeArchive(
  connection: DuckDBConnection,
  file: string,
  rows: number,
  key: string,
): Promise<void> {
  await connection.run("CREATE TEMP TABLE archive (received_at TIMESTAMP_MS, sealed VARCHAR)");
  const appender = await connection.createAppender("archive", undefined, "temp");
  const rawKey = Buffer.from(key, "base64");
  for (let row = 0; row < rows; row++) {
    const text = sealWithNode(eventOf(row), rawKey);
    appender.appendValue(new DuckDBTimestampMillisecondsValue(BigInt(timeOf(row))), TIMESTAMP_MS);
    appender.appendValue(row % 100 === 99 ? text.slice(0, -8) : text, VARCHAR);
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(`COPY archive TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  await connection.run("DROP TABLE archive");
}

/** Does the same as `seal` of `./testing`, ten times faster on Node. */
function sealWithNode(event: unknown, key: Uint8Array): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const ciphertext = cipher.update(deflateRawSync(JSON.stringify(event)));
  cipher.final();
  return Buffer.concat([Buffer.from("9e85dced", "hex"), nonce, ciphertext, cipher.getAuthTag()]).toString("base64");
}

/** One event in ten seconds. */
function timeOf(row: number): number {
  return START + row * 10_000;
}

/** Every fourth event is a v3 event; every seventh comes from a bot. */
function eventOf(row: number): unknown {
  const id = `${timeOf(row)}.${row.toString(36).padStart(6, "0")}`;
  const visitorId = `visitor${row % 1000}`;
  const ip = `192.0.2.${row % 251}`;
  if (row % 4 === 3) {
    const data = { requestId: id, timestamp: timeOf(row), visitorId, ip };
    return sampleEventV3({ products: { identification: { data } } });
  }
  return sampleEventV4({
    event_id: id,
    timestamp: timeOf(row),
    ip_address: ip,
    identification: { visitor_id: visitorId, visitor_found: true },
    bot: row % 7 === 0 ? "bad" : "not_detected",
    vpn: row % 5 === 0,
    suspect_score: row % 30,
  });
}

const [, , rows, file = "sealed.parquet"] = process.argv;
const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1GB" });
const connection = await instance.connect();
await writeArchive(connection, file, Number(rows), process.env["FINGERPRINT_KEY"] ?? "");
connection.closeSync();
instance.closeSync();
