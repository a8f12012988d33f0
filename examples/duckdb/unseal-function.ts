/**
 * The SQL function `unseal(sealed)`, for a DuckDB connection in Node.
 *
 * DuckDB calls it with up to 2,048 rows at a time and waits for the result, so it needs the synchronous unsealer. It
 * runs on Node's main thread: one core opens events, while any number of threads read and write Parquet.
 *
 * @module
 */

import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  DuckDBTimestampMillisecondsValue,
  STRUCT,
  structValue,
  TIMESTAMP_MS,
  VARCHAR,
} from "@duckdb/node-api";
import type { SyncUnsealer } from "@unseal/sealed-results";
import { type EventSummary, summarize } from "@unseal/sealed-results/event";

/** The columns of a result: a field of the summary by its SQL name and type. */
const COLUMNS = {
  id: VARCHAR,
  timestamp: TIMESTAMP_MS,
  visitorId: VARCHAR,
  confidence: DOUBLE,
  ip: VARCHAR,
  url: VARCHAR,
  linkedId: VARCHAR,
  bot: VARCHAR,
  vpn: BOOLEAN,
  proxy: BOOLEAN,
  tor: BOOLEAN,
  tampering: BOOLEAN,
  incognito: BOOLEAN,
  virtualMachine: BOOLEAN,
  suspectScore: DOUBLE,
} as const satisfies Partial<Record<keyof EventSummary, unknown>>;

const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]; // the keys of a constant

/** `error` is the code of a refusal; all other fields are NULL then. `event` is the event's JSON, see {@linkcode storable}. */
const RESULT = STRUCT({ error: VARCHAR, event: VARCHAR, key_id: VARCHAR, ...COLUMNS });

/** Registers `unseal(sealed VARCHAR)` for all connections of the instance. */
export function registerUnseal(connection: DuckDBConnection, unsealer: SyncUnsealer): void {
  const decoder = new TextDecoder();

  function open(sealed: string): Record<string, string | number | boolean | DuckDBTimestampMillisecondsValue | null> {
    try {
      const { event, keyId, bytes } = unsealer.open(sealed);
      const summary = summarize(event);
      const columns = NAMES.map((name) => [name, summary[name] ?? null]);
      return {
        ...Object.fromEntries(columns),
        timestamp: timeOf(summary.timestamp),
        error: null,
        event: storable(decoder.decode(bytes)),
        key_id: keyId,
      };
    } catch (error) {
      const empty = NAMES.map((name) => [name, null]);
      return { ...Object.fromEntries(empty), error: codeOf(error), event: null, key_id: null };
    }
  }

  connection.registerScalarFunction(DuckDBScalarFunction.create({
    name: "unseal",
    parameterTypes: [VARCHAR],
    returnType: RESULT,
    mainFunction(_info, input, output) {
      const sealed = input.getColumnVector(0);
      for (let row = 0; row < input.rowCount; row++) {
        const text = sealed.getItem(row);
        output.setItem(row, typeof text === "string" ? structValue(open(text)) : null);
      }
      output.flush();
    },
  }));
}

/** An escape in JSON: a whole surrogate pair, half of one, or any other. */
const ESCAPE = /\\(?:u(d[89ab]..)\\ud[c-f]..|u(d[89a-f]..)|.)/gi;

/** JSON for DuckDB, whose JSON functions end the query for half of a surrogate pair. It becomes U+FFFD. */
function storable(json: string): string {
  return json.replace(ESCAPE, (escape, _pair, half) => half === undefined ? escape : "\\ufffd");
}

/** A time for DuckDB. An error here would end the query, so a time that no date can have is NULL. */
function timeOf(ms: number | undefined): DuckDBTimestampMillisecondsValue | null {
  return ms === undefined || Number.isNaN(new Date(ms).getTime())
    ? null
    : new DuckDBTimestampMillisecondsValue(BigInt(Math.trunc(ms)));
}

/** The code of an `UnsealError`. Any other error is a bug of this program. */
function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}
