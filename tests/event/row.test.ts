/** One flat row for each event, of either version. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT_COLUMNS, type EventRow, summarize, toErrorRow, toRow } from "../../src/event/mod.ts";
import { COMPLETE_V3, COMPLETE_WEBHOOK_V3 } from "../support/complete-events.ts";
import { COMPLETE_V4, EDGE_V4 } from "../support/complete-events-v4.ts";
import { partialV3 } from "../support/events.ts";

const EMPTY = toRow({ products: {} });

test("EVENT_COLUMNS are the fields of a row, in order, each once", () => {
  const names = EVENT_COLUMNS.map(({ name }) => name);
  assert.deepEqual(Object.keys(EMPTY), names);
  assert.deepEqual(Object.keys(toErrorRow("ERR_KEY")), names);
  assert.equal(new Set(names).size, names.length);
});

test("toRow() fills each column of complete events with a value of its type", () => {
  const types = { VARCHAR: "string", TIMESTAMP: "string", BOOLEAN: "boolean", DOUBLE: "number" };
  for (const event of [COMPLETE_V3, COMPLETE_V4, COMPLETE_WEBHOOK_V3]) {
    const row = toRow(event, "2026-11");
    for (const { name, type } of EVENT_COLUMNS) {
      if (name === "error") assert.equal(row.error, null);
      else assert.equal(typeof row[name], types[type], name);
      if (type === "TIMESTAMP") assert.match(`${row[name]}`, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  }
});

test("toRow() has the values of the summary", () => {
  for (const event of [COMPLETE_V3, COMPLETE_V4, EDGE_V4, COMPLETE_WEBHOOK_V3]) {
    const { time, first_seen, last_seen, ...row } = toRow(event, "k");
    const summary = summarize(event);
    const milliseconds = (text: string | null) => text === null ? undefined : Date.parse(text);
    assert.deepEqual([milliseconds(time), milliseconds(first_seen), milliseconds(last_seen)], [
      summary.timestamp,
      summary.firstSeenAt,
      summary.lastSeenAt,
    ]);
    const expected = {
      event_id: summary.id,
      visitor_id: summary.visitorId,
      linked_id: summary.linkedId,
      bot: summary.bot,
      vpn: summary.vpn,
      proxy: summary.proxy,
      tor: summary.tor,
      tampering: summary.tampering,
      incognito: summary.incognito,
      suspect_score: summary.suspectScore,
      country: summary.countryCode,
      asn: summary.asn,
      ip: summary.ip,
      url: summary.url,
      confidence: summary.confidence,
      replayed: summary.replayed,
      key_id: "k",
      error: undefined,
    };
    assert.deepEqual(row, Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, value ?? null])));
  }
});

test("toRow() has null for what an event lacks, also for its signals when it is incomplete", () => {
  assert.ok(Object.values(EMPTY).every((value) => value === null));
  const { vpn, event_id } = toRow({
    event_id: "x",
    timestamp: 1,
    vpn: true,
    incremental_identification_status: "partially_completed",
  });
  assert.deepEqual([vpn, event_id], [null, "x"]);
});

test("toRow() has null for a value that is no event, and for fields of another type", () => {
  for (const json of ["null", "7", "[]", '""', "{}", '{"products":7}', '{"event_id":7,"timestamp":"1","vpn":"yes"}']) {
    assert.deepEqual(toRow(JSON.parse(json)), EMPTY, json);
  }
});

test("toRow() has null for a time with a year that has no four digits", () => {
  const times: readonly (readonly [milliseconds: number, time: string | null])[] = [
    [0, "1970-01-01T00:00:00.000Z"],
    [-1, "1969-12-31T23:59:59.999Z"],
    [1703067132750.9, "2023-12-20T10:12:12.750Z"],
    [-62135596800000, "0001-01-01T00:00:00.000Z"],
    [-62135596800001, null],
    [253402300799999, "9999-12-31T23:59:59.999Z"],
    [253402300800000, null],
    [8.64e15 + 1, null],
    [1e300, null],
    [Infinity, null],
    [NaN, null],
  ];
  for (const [timestamp, time] of times) {
    const identification = { visitor_id: "v", visitor_found: true, first_seen_at: timestamp, last_seen_at: timestamp };
    const row = toRow({ event_id: "x", timestamp, identification });
    assert.deepEqual([row.time, row.first_seen, row.last_seen], [time, time, time], `${timestamp}`);
    assert.equal(toRow(partialV3({ timestamp })).time, time);
  }
});

test("toRow() keeps text as it is, and JSON.stringify() escapes its lone surrogates", () => {
  const linked_id = 'a\ud800"\u0000\n,=1';
  const row: EventRow = toRow({ event_id: "x", timestamp: 1, linked_id });
  assert.equal(row.linked_id, linked_id);
  assert.ok(JSON.stringify(row).includes('"linked_id":"a\\ud800\\"\\u0000\\n,=1"'));
});

test("toErrorRow() has nothing but the code", () => {
  assert.deepEqual(toErrorRow("ERR_NO_KEY_FITS"), { ...EMPTY, error: "ERR_NO_KEY_FITS" });
});
