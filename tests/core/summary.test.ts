/** The one view of both event shapes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { summarizeEvent } from "../../mod.ts";

test("summarizeEvent() reads a v3 event", () => {
  const summary = summarizeEvent({
    products: {
      identification: {
        data: {
          visitorId: "2ZEDCZEfOfXjEmMuE3tq",
          requestId: "1703067132750.Z5hutJ",
          timestamp: 1703067132750,
          ip: "61.127.217.15",
          url: "https://example.com/a?b",
          linkedId: "somelinkedId",
          environmentId: "ae_1",
          confidence: { score: 0.9 },
          replayed: true,
        },
      },
    },
  });
  assert.deepEqual(summary, {
    id: "1703067132750.Z5hutJ",
    timestamp: 1703067132750,
    visitorId: "2ZEDCZEfOfXjEmMuE3tq",
    ip: "61.127.217.15",
    url: "https://example.com/a?b",
    linkedId: "somelinkedId",
    environmentId: "ae_1",
    confidence: 0.9,
    replayed: true,
    complete: true,
  });
});

test("summarizeEvent() reads a v4 event", () => {
  const summary = summarizeEvent({
    event_id: "1708102555327.NLOjmg",
    timestamp: 1708102555327,
    incremental_identification_status: "partially_completed",
    linked_id: "somelinkedId",
    environment_id: "ae_2",
    url: "https://example.com/",
    ip_address: "2001:db8::1",
    replayed: false,
    identification: { visitor_id: "TaDnMBz9XCpZNuSzFUqP", confidence: { score: 1 } },
  });
  assert.deepEqual(summary, {
    id: "1708102555327.NLOjmg",
    timestamp: 1708102555327,
    visitorId: "TaDnMBz9XCpZNuSzFUqP",
    ip: "2001:db8::1",
    url: "https://example.com/",
    linkedId: "somelinkedId",
    environmentId: "ae_2",
    confidence: 1,
    replayed: false,
    complete: false,
  });
});

test("summarizeEvent() leaves out what the event does not say", () => {
  const nothing = {
    timestamp: undefined,
    visitorId: undefined,
    ip: undefined,
    url: undefined,
    linkedId: undefined,
    environmentId: undefined,
    confidence: undefined,
    replayed: false,
    complete: true,
  };
  assert.deepEqual(summarizeEvent({ products: {} }), { id: undefined, ...nothing });
  assert.deepEqual(summarizeEvent({ event_id: "x", timestamp: 1 }), { ...nothing, id: "x", timestamp: 1 });
});

test("summarizeEvent() leaves out a failed identification", () => {
  const event = { products: { identification: { error: { code: "Failed", message: "internal server error" } } } };
  assert.equal(summarizeEvent(event).id, undefined);
});

test("summarizeEvent() reads the time of a v3 event that has no timestamp", () => {
  const at = (time: string) => summarizeEvent({ products: { identification: { data: { time } } } }).timestamp;
  assert.equal(at("2023-12-20T10:12:12Z"), 1703067132000);
  assert.equal(at("2023-12-20T10:12:12.5Z"), 1703067132500);
  assert.equal(at("2023-12-20T10:12:12.123999Z"), 1703067132123);
  assert.equal(at("2023-12-20T11:42:12+01:30"), 1703067132000);
  assert.equal(at("2023-12-20T02:12:12-08:00"), 1703067132000);
  assert.equal(at("2024-02-29T00:00:00Z"), 1709164800000);
  assert.equal(at("1970-01-01T00:00:00Z"), 0);
});

test("summarizeEvent() leaves out a time that is not ISO 8601 with a zone", () => {
  const times = [
    "7",
    "2023",
    "yesterday",
    "2023-12-20",
    "2023-12-20T10:12:12",
    "2023-12-20T10:12Z",
    "2023-12-20 10:12:12Z",
    "Wed, 20 Dec 2023 10:12:12 GMT",
    "2023-12-20T10:12:12Z ",
    "2023-12-20T10:12:12Z\n",
    "2023-12-20T10:12:12+0100",
    "2023-12-20T10:12:12+24:00",
    "2023-12-20T10:12:12+01:60",
    "2023-02-30T10:12:12Z",
    "2023-02-29T10:12:12Z",
    "2023-12-20T24:00:00Z",
    "2023-12-20T10:12:60Z",
    "+002023-12-20T10:12:12Z",
    "",
  ];
  for (const time of times) {
    assert.equal(summarizeEvent({ products: { identification: { data: { time } } } }).timestamp, undefined, time);
  }
});

test("summarizeEvent() leaves out a field of another type", () => {
  const strange = JSON.parse(
    '{"event_id":7,"timestamp":"now","ip_address":[],"url":{},"replayed":"yes","identification":"x","linked_id":null}',
  );
  const summary = summarizeEvent(strange);
  assert.deepEqual([summary.id, summary.timestamp, summary.ip, summary.url, summary.linkedId, summary.visitorId], [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(summary.replayed, false);
});

test("summarizeEvent() reads own properties only", () => {
  const event = Object.create({ event_id: "inherited" });
  assert.equal(summarizeEvent(event).id, undefined);
  const proto = JSON.parse('{"event_id":"x","timestamp":1,"__proto__":{"linked_id":"smuggled"}}');
  assert.equal(summarizeEvent(proto).linkedId, undefined);
});
