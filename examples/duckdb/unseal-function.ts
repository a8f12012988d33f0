/**
 * The SQL function `unseal(sealed)`, for a DuckDB connection in Node.
 *
 * It returns a struct: the columns `EVENT_COLUMNS`, and `event`, the event's JSON in the shape of v4, so that one query
 * reads events of both versions. They are those of `unseal batch --summary --v4`.
 *
 * A row that fails has the error's code in `error` and NULL in all other columns, and never ends the query: a sealed
 * result that cannot be opened, or a v3 event without the id and the time that v4 requires. Text of DuckDB is UTF-8:
 * half of a surrogate pair becomes U+FFFD.
 *
 * DuckDB calls the function with up to 2,048 rows at a time and waits for the result, so it needs the synchronous
 * unsealer. It runs on Node's main thread: one core opens events, while any number of threads read and write Parquet.
 *
 * @module
 */

import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  DuckDBTimestampValue,
  type DuckDBValue,
  STRUCT,
  structValue,
  TIMESTAMP,
  VARCHAR,
} from "@duckdb/node-api";
import type { SyncUnsealer } from "@unseal/sealed-results";
import {
  EVENT_COLUMNS,
  type EventRow,
  type FingerprintEvent,
  toErrorRow,
  toRow,
  UpgradeError,
  upgradeEvent,
} from "@unseal/sealed-results/event";

const TYPES = { VARCHAR, BOOLEAN, DOUBLE, TIMESTAMP };
const RESULT = STRUCT({
  ...Object.fromEntries(EVENT_COLUMNS.map(({ name, type }) => [name, TYPES[type]])),
  event: VARCHAR,
});

const TIMES = ["time", "first_seen", "last_seen"] as const;

/** Registers `unseal(sealed VARCHAR)` for all connections of the instance. */
export function registerUnseal(connection: DuckDBConnection, unsealer: SyncUnsealer): void {
  connection.registerScalarFunction(DuckDBScalarFunction.create({
    name: "unseal",
    parameterTypes: [VARCHAR],
    returnType: RESULT,
    specialHandling: true, // also called for NULL, which has an error as any text that is not a sealed result
    mainFunction(_info, input, output) {
      const sealed = input.getColumnVector(0);
      for (let row = 0; row < input.rowCount; row++) output.setItem(row, open(sealed.getItem(row)));
      output.flush();
    },
  }));

  function open(sealed: DuckDBValue) {
    try {
      const { event, keyId } = unsealer.open(typeof sealed === "string" ? sealed : "");
      return valueOf(toRow(event, keyId), jsonOf(event));
    } catch (error) {
      return valueOf(toErrorRow(codeOf(error)), null);
    }
  }
}

function valueOf(row: EventRow, event: string | null) {
  const columns: Record<string, DuckDBValue> = { ...row, event };
  for (const name of TIMES) {
    const time = row[name];
    if (time !== null) {
      columns[name] = new DuckDBTimestampValue(BigInt(Date.parse(time)) * 1000n); // microseconds
    }
  }
  return structValue(columns);
}

/** Any escape in JSON, or half of a surrogate pair. `JSON.stringify` writes whole pairs without escapes. */
const ESCAPE = /\\(?:(ud[89a-f]..)|.)/g;

/** JSON that DuckDB reads: its functions end the query for half of a surrogate pair. */
function jsonOf(event: FingerprintEvent): string {
  const newer = upgradeEvent(event);
  let json: string;
  try {
    json = JSON.stringify(newer);
  } catch {
    throw new UpgradeError("ERR_UPGRADE_SHAPE", "Cannot write event: it is nested too deeply");
  }
  return json.includes("\\ud") ? json.replace(ESCAPE, (escape, half) => half ? "\\ufffd" : escape) : json;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? `${error.code}` : "ERR_INTERNAL";
}
