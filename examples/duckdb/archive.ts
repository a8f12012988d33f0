/**
 * Generates a mixed archive of sealed results: events of v3 and of v4, of two keys, some damaged.
 *
 * `node archive.ts ROWS FILE`, with the keys in `OLD_KEY` and `NEW_KEY`
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
import { type Visit, visits } from "./visits.ts";

/** Writes `rows` sealed results to a Parquet file, with the time at which each arrived. */
async function writeArchive(
  connection: DuckDBConnection,
  file: string,
  rows: number,
  keys: Readonly<Record<Visit["keyId"], Uint8Array>>,
): Promise<void> {
  await connection.run("CREATE TEMP TABLE archive (received_at TIMESTAMP_MS, sealed VARCHAR)");
  const appender = await connection.createAppender("archive", undefined, "temp");
  for (const visit of visits(rows)) {
    const text = sealWithNode(visit.version === 3 ? eventV3(visit) : eventV4(visit), keys[visit.keyId]);
    appender.appendValue(new DuckDBTimestampMillisecondsValue(BigInt(visit.receivedAt)), TIMESTAMP_MS);
    appender.appendValue(damaged(text, visit.damage), VARCHAR);
    appender.endRow();
  }
  appender.closeSync();
  await connection.run("COPY archive TO $file (FORMAT parquet, COMPRESSION zstd)", { file });
  await connection.run("DROP TABLE archive");
}

function damaged(text: string, damage: Visit["damage"]): string | null {
  if (damage === "missing") return null;
  return damage === "truncated" ? text.slice(0, -8) : damage === "not-base64" ? "[object Object]" : text;
}

/** Does the same as `seal` of `./testing`, ten times faster on Node. */
function sealWithNode(event: unknown, key: Uint8Array): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const ciphertext = cipher.update(deflateRawSync(JSON.stringify(event)));
  cipher.final();
  return Buffer.concat([Buffer.from("9e85dced", "hex"), nonce, ciphertext, cipher.getAuthTag()]).toString("base64");
}

/** A visitor may write anything behind the page's path: here, half of a surrogate pair. */
function urlOf({ page }: Visit): string {
  return `https://shop.example${page}?q=\ud800`;
}

function eventV3(visit: Visit): unknown {
  const { id: requestId, time, ip, linkedId, firstSeen, place: { country, latitude, longitude, asn } } = visit;
  const result = (value: boolean) => ({ data: { result: value } });
  return sampleEventV3({
    products: {
      identification: {
        data: {
          requestId,
          timestamp: time,
          visitorId: visit.visitorId,
          ip,
          linkedId,
          url: urlOf(visit),
          firstSeenAt: { subscription: new Date(firstSeen).toISOString() },
        },
      },
      botd: { data: { bot: { result: visit.bot === "not_detected" ? "notDetected" : visit.bot } } },
      ipInfo: {
        data: { v4: { address: ip, geolocation: { country: { code: country }, latitude, longitude }, asn: { asn } } },
      },
      vpn: result(visit.vpn),
      proxy: result(visit.proxy),
      tor: result(visit.tor),
      suspectScore: { data: { result: visit.suspectScore } },
    },
  });
}

function eventV4(visit: Visit): unknown {
  const { ip, place: { country, latitude, longitude, asn } } = visit;
  return sampleEventV4({
    event_id: visit.id,
    timestamp: visit.time,
    linked_id: visit.linkedId,
    url: urlOf(visit),
    ip_address: ip,
    identification: { visitor_id: visit.visitorId, first_seen_at: visit.firstSeen },
    // The signals of an incomplete event have no meaning.
    ...!visit.isComplete && { incremental_identification_status: "partially_completed" },
    bot: visit.bot,
    ip_info: { v4: { address: ip, geolocation: { country_code: country, latitude, longitude }, asn } },
    ip_blocklist: { tor_node: visit.tor },
    vpn: visit.vpn,
    proxy: visit.proxy,
    suspect_score: visit.suspectScore,
  });
}

const [, , rows, file = "sealed.parquet"] = process.argv;
const keyOf = (name: string): Uint8Array => Buffer.from(process.env[name] ?? "", "base64");
const instance = await DuckDBInstance.create(":memory:", { memory_limit: "1GB" });
const connection = await instance.connect();
await writeArchive(connection, file, Number(rows), { old: keyOf("OLD_KEY"), new: keyOf("NEW_KEY") });
connection.closeSync();
instance.closeSync();
