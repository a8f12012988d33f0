/** The summary of events of both versions. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type EventSummary,
  type FingerprintEventV4,
  type IdentifiedSummary,
  type ProductsV3,
  summarize,
} from "../../src/event/mod.ts";
import { COMPLETE_V3 } from "../support/complete-events.ts";
import { EDGE_V4 } from "../support/complete-events-v4.ts";
import { partialV3 } from "../support/events.ts";

/** The summary of an event without any known field. */
const NOTHING = {
  ...Object.fromEntries(
    ("id timestamp visitorId confidence firstSeenAt lastSeenAt ip ipv4 ipv6 url linkedId environmentId replayed bot " +
      "botType botInfo countryCode asn asnType datacenter vpn proxy tor tampering incognito virtualMachine emulator " +
      "rootApps jailbroken highActivity suspectScore").split(" ").map((name) => [name, undefined]),
  ),
  complete: true,
};

test("summarize() reads the identification of a v3 event", () => {
  const event = partialV3({
    visitorId: "2ZEDCZEfOfXjEmMuE3tq",
    requestId: "1703067132750.Z5hutJ",
    timestamp: 1703067132750,
    ip: "61.127.217.15",
    url: "https://example.com/a?b",
    linkedId: "somelinkedId",
    environmentId: "ae_1",
    confidence: { score: 0.9 },
    firstSeenAt: { global: "2022-03-16T11:26:45.362Z", subscription: "2022-03-16T11:31:01.101Z" },
    lastSeenAt: { global: "2022-03-16T11:28:34.023Z", subscription: null },
    replayed: true,
  });
  assert.deepEqual(summarize(event), {
    ...NOTHING,
    id: "1703067132750.Z5hutJ",
    timestamp: 1703067132750,
    visitorId: "2ZEDCZEfOfXjEmMuE3tq",
    ip: "61.127.217.15",
    ipv4: "61.127.217.15",
    url: "https://example.com/a?b",
    linkedId: "somelinkedId",
    environmentId: "ae_1",
    confidence: 0.9,
    firstSeenAt: Date.UTC(2022, 2, 16, 11, 31, 1, 101),
    replayed: true,
  });
});

test("summarize() reads the identification of a v4 event", () => {
  const summary = summarize({
    event_id: "1708102555327.NLOjmg",
    timestamp: 1708102555327,
    linked_id: "somelinkedId",
    environment_id: "ae_2",
    url: "https://example.com/",
    ip_address: "2001:db8::1",
    replayed: false,
    identification: {
      visitor_id: "TaDnMBz9XCpZNuSzFUqP",
      confidence: { score: 1 },
      visitor_found: true,
      first_seen_at: 1708102555000,
      last_seen_at: 1708102555326,
    },
  });
  assert.deepEqual(summary, {
    ...NOTHING,
    id: "1708102555327.NLOjmg",
    timestamp: 1708102555327,
    visitorId: "TaDnMBz9XCpZNuSzFUqP",
    ip: "2001:db8::1",
    ipv6: "2001:db8::1",
    url: "https://example.com/",
    linkedId: "somelinkedId",
    environmentId: "ae_2",
    confidence: 1,
    firstSeenAt: 1708102555000,
    lastSeenAt: 1708102555326,
    replayed: false,
  });
});

const botd = (bot: object) => ({ botd: { data: { bot } } });

/** Each signal of the summary, as both versions represent it. */
const SIGNALS: readonly {
  readonly name: keyof EventSummary;
  readonly value: unknown;
  readonly v3?: unknown;
  readonly v4: Partial<FingerprintEventV4>;
}[] = [
  { name: "bot", value: "bad", v3: botd({ result: "bad" }), v4: { bot: "bad" } },
  { name: "bot", value: "good", v3: botd({ result: "good" }), v4: { bot: "good" } },
  { name: "bot", value: "not_detected", v3: botd({ result: "notDetected" }), v4: { bot: "not_detected" } },
  { name: "botType", value: "selenium", v3: botd({ type: "selenium" }), v4: { bot_type: "selenium" } },
  { name: "suspectScore", value: 8, v3: { suspectScore: { data: { result: 8 } } }, v4: { suspect_score: 8 } },
  { name: "emulator", value: true, v4: { simulator: true } },
  { name: "emulator", value: true, v4: { simulator: true, emulator: false } },
  { name: "emulator", value: true, v4: { simulator: false, emulator: true } },
  { name: "emulator", value: false, v4: { simulator: false } },
  ...[true, false].flatMap((value) => {
    const v3 = { data: { result: value } };
    return [
      { name: "vpn", value, v3: { vpn: v3 }, v4: { vpn: value } },
      { name: "proxy", value, v3: { proxy: v3 }, v4: { proxy: value } },
      { name: "tor", value, v3: { tor: v3 }, v4: { ip_blocklist: { tor_node: value } } },
      { name: "tampering", value, v3: { tampering: v3 }, v4: { tampering: value } },
      { name: "incognito", value, v3: { incognito: v3 }, v4: { incognito: value } },
      { name: "incognito", value, v3: { identification: { data: { incognito: value } } }, v4: { incognito: value } },
      { name: "virtualMachine", value, v3: { virtualMachine: v3 }, v4: { virtual_machine: value } },
      { name: "emulator", value, v3: { emulator: v3 }, v4: { emulator: value } },
      { name: "rootApps", value, v3: { rootApps: v3 }, v4: { root_apps: value } },
      { name: "jailbroken", value, v3: { jailbroken: v3 }, v4: { jailbroken: value } },
      { name: "highActivity", value, v3: { highActivity: v3 }, v4: { high_activity_device: value } },
    ] as const;
  }),
];

for (const { name, value, v3, v4 } of SIGNALS) {
  test(`summarize() reads ${name} from ${JSON.stringify(v4)} and its v3 counterpart`, () => {
    const event = { event_id: "x", timestamp: 1, ...v4 };
    assert.deepEqual(summarize(event), { ...NOTHING, id: "x", timestamp: 1, [name]: value });
    if (v3 !== undefined) {
      assert.deepEqual(summarize({ products: v3 as ProductsV3 }), { ...NOTHING, [name]: value });
    }
    const partial = { ...event, incremental_identification_status: "partially_completed" } as const;
    assert.deepEqual(summarize(partial), { ...NOTHING, id: "x", timestamp: 1, complete: false });
  });
}

const AGENT = { category: "ai_agent", provider: "OpenAI", name: "ChatGPT Agent", confidence: "high" } as const;

test("summarize() shows a spoofed bot whose legacy signal is good", () => {
  for (const identity of ["spoofed", "unknown", "signed", "verified"] as const) {
    const summary = summarize({ event_id: "x", timestamp: 1, bot: "good", bot_info: { ...AGENT, identity } });
    assert.equal(summary.bot, "good");
    assert.deepEqual(summary.botInfo, { ...AGENT, identity });
  }
});

test("summarize() shows a bot without known fields, and no fields of another type", () => {
  const names = ["category", "provider", "name", "identity", "confidence"];
  const nothing = Object.fromEntries(names.map((name) => [name, undefined]));
  const ofBot = (json: string) => summarize(JSON.parse(`{"event_id":"x","timestamp":1,"bot_info":${json}}`)).botInfo;
  assert.deepEqual(ofBot("{}"), nothing);
  const strange = '{"category":[],"provider":7,"name":null,"identity":"VERIFIED","confidence":1}';
  assert.deepEqual(ofBot(strange), nothing);
  assert.deepEqual(ofBot('{"__proto__":{"identity":"verified"}}'), nothing);
  assert.deepEqual(ofBot('{"category":"of_tomorrow"}'), { ...nothing, category: "of_tomorrow" });
  for (const json of ["null", "[]", '"verified"', "true"]) assert.equal(ofBot(json), undefined);
});

const IPV4 = "94.142.239.124";
const IPV6 = "2001:db8::1";
const CZ = { countryCode: "CZ", asn: "7922", asnType: "isp", datacenter: false };
const PL = { countryCode: "PL", asn: "24940", asnType: "hosting", datacenter: true };
const BOTH = { ipv4: IPV4, ipv6: IPV6 };

/** The address that was seen, the addresses with information, and the fields of the summary. Edge events lack the first. */
const ADDRESSES: readonly (readonly [
  ip: string | undefined,
  infos: readonly ("v4" | "v6")[],
  expected: Partial<EventSummary>,
])[] = [
  [IPV4, ["v4", "v6"], { ip: IPV4, ...BOTH, ...CZ }],
  [IPV6, ["v4", "v6"], { ip: IPV6, ...BOTH, ...PL }],
  [IPV6, ["v4"], { ip: IPV6, ...BOTH, ...CZ }],
  [IPV6, [], { ip: IPV6, ipv6: IPV6 }],
  [undefined, ["v4"], { ip: IPV4, ipv4: IPV4, ...CZ }],
  [undefined, ["v6"], { ip: IPV6, ipv6: IPV6, ...PL }],
];

for (const [ip, infos, expected] of ADDRESSES) {
  test(`summarize() reads the address ${ip} and information about ${infos.join(" and ") || "none"}`, () => {
    const v4 = (address: string, { countryCode, asn, asnType, datacenter }: typeof CZ) => ({
      address,
      geolocation: { country_code: countryCode },
      asn,
      asn_type: asnType,
      datacenter_result: datacenter,
    });
    const v3 = (address: string, { countryCode: code, asn, asnType: type, datacenter: result }: typeof CZ) => ({
      address,
      geolocation: { country: { code } },
      asn: { asn, type },
      datacenter: { result },
    });
    const only = (info: typeof v3 | typeof v4) =>
      Object.fromEntries(infos.map((name) => [name, name === "v4" ? info(IPV4, CZ) : info(IPV6, PL)]));
    const event = { event_id: "x", timestamp: 1, ...(ip && { ip_address: ip }), ip_info: only(v4) };
    assert.deepEqual(summarize(event), { ...NOTHING, id: "x", timestamp: 1, ...expected });
    const older = partialV3({ ...(ip && { ip }) }, { ipInfo: { data: only(v3) } });
    assert.deepEqual(summarize(older), { ...NOTHING, ...expected });
  });
}

test("summarize() ignores information about addresses in an incomplete event", () => {
  const event = {
    event_id: "x",
    timestamp: 1,
    ip_address: IPV6,
    ip_info: { v4: { address: IPV4, asn_type: "isp" } },
    bot_info: { ...AGENT, identity: "verified" },
    incremental_identification_status: "partially_completed",
  } as const;
  const expected = { id: "x", timestamp: 1, ip: IPV6, ipv6: IPV6, complete: false };
  assert.deepEqual(summarize(event), { ...NOTHING, ...expected });
});

test("summarize() reads the country of older v3 events, which have ipLocation", () => {
  const ipLocation = { country: { code: "DE", name: "Germany" } };
  assert.equal(summarize(partialV3({ ip: IPV4, ipLocation })).countryCode, "DE");
  const ipInfo = { data: { v4: { address: IPV4, geolocation: { country: { code: "CZ", name: "Czechia" } } } } };
  assert.equal(summarize(partialV3({ ip: IPV4, ipLocation }, { ipInfo })).countryCode, "CZ");
});

test("summarize() reads id, time, address and page from botd when the identification failed", () => {
  const identification = { error: { code: "Failed", message: "failed" } } as const;
  const { identification: _, ...products } = COMPLETE_V3.products;
  const { id, timestamp, ip, url, linkedId } = summarize({ products: { ...products, identification } });
  assert.deepEqual({ id, timestamp, ip, url, linkedId }, {
    id: "1708102555328.NLOjmg",
    timestamp: Date.UTC(2024, 1, 16, 16, 55, 56),
    ip: "61.127.217.16",
    url: "https://example.com/bot",
    linkedId: "order-2",
  });
});

test("summarize() reads edge events", () => {
  const summary: IdentifiedSummary = summarize(EDGE_V4);
  assert.deepEqual(summary, {
    ...NOTHING,
    id: "1758130560902.8tRtrH",
    timestamp: 1758130560902,
    ip: IPV4,
    ...BOTH,
    url: "https://example.com/login",
    linkedId: "order-1",
    botInfo: { ...AGENT, identity: "signed" },
    ...CZ,
    vpn: false,
    proxy: true,
  });
});

test("summarize() reads the signals of a completed event", () => {
  const event = { event_id: "x", timestamp: 1, incremental_identification_status: "completed", vpn: true } as const;
  assert.deepEqual(summarize(event), { ...NOTHING, id: "x", timestamp: 1, vpn: true });
});

test("summarize() returns undefined for fields that the event lacks", () => {
  assert.deepEqual(summarize({ products: {} }), NOTHING);
  assert.deepEqual(summarize({ event_id: "x", timestamp: 1 }), { ...NOTHING, id: "x", timestamp: 1 });
});

test("summarize() leaves out failed products", () => {
  const failed = { error: { code: "Failed", message: "internal server error" } } as const;
  const products = { identification: failed, botd: failed, vpn: failed, incognito: failed, suspectScore: failed };
  assert.deepEqual(summarize({ products }), NOTHING);
});

test("summarize() reads the time of a v3 event that has no timestamp", () => {
  const times: readonly [time: string, milliseconds: number][] = [
    ["2023-12-20T10:12:12Z", 1703067132000],
    ["2023-12-20T10:12:12.5Z", 1703067132500],
    ["2023-12-20T10:12:12.123999Z", 1703067132123],
    ["2023-12-20T11:42:12+01:30", 1703067132000],
    ["2023-12-20T02:12:12-08:00", 1703067132000],
    ["2024-02-29T00:00:00Z", 1709164800000],
    ["1970-01-01T00:00:00Z", 0],
  ];
  for (const [time, expected] of times) assert.equal(summarize(partialV3({ time })).timestamp, expected);
});

test("summarize() leaves out a time that is not ISO 8601 with a zone", () => {
  const times = [
    "2023-12-20 10:12:12Z",
    "Wed, 20 Dec 2023 10:12:12 GMT",
    "2023-12-20T10:12:12Z ",
    "2023-12-20T10:12:12Z\n",
    "",
    ...("7 2023 yesterday 2023-12-20 2023-12-20T10:12:12 2023-12-20T10:12Z 2023-12-20T10:12:12+0100 " +
      "2023-12-20T10:12:12+24:00 2023-12-20T10:12:12+01:60 2023-02-30T10:12:12Z 2023-02-29T10:12:12Z " +
      "2023-00-20T10:12:12Z 2023-13-20T10:12:12Z 2023-12-00T10:12:12Z 2023-12-32T10:12:12Z " +
      "0023-12-20T10:12:12Z 2023-12-20T10:60:12Z 2023-12-20T24:00:00Z 2023-12-20T10:12:60Z " +
      "+002023-12-20T10:12:12Z").split(" "),
  ];
  for (const time of times) assert.equal(summarize(partialV3({ time })).timestamp, undefined, time);
});

test("summarize() leaves out a field of another type", () => {
  const fields = SIGNALS.flatMap(({ v4 }) => Object.keys(v4)).filter((name) => name !== "bot_type");
  const strange = JSON.parse(
    '{"event_id":7,"timestamp":"now","bot_type":7,"ip_address":[],"url":{},"replayed":"yes","identification":"x","linked_id":null}',
  );
  for (const value of [null, "true", 1n, [true], { result: true }, Symbol("true")]) {
    for (const field of fields) strange[field] = value;
    assert.deepEqual(summarize(strange), NOTHING);
    const products = JSON.parse('{"identification":[],"botd":7,"vpn":{"data":null},"proxy":{"data":{"result":"yes"}}}');
    assert.deepEqual(summarize({ products }), NOTHING);
  }
});

test("summarize() leaves out numbers that are not finite, which JSON can hold", () => {
  const event = JSON.parse('{"event_id":"x","timestamp":1e400,"suspect_score":-1e400}');
  assert.deepEqual(summarize(event), { ...NOTHING, id: "x" });
});

test("summarize() reads own properties only", () => {
  const event = Object.create({ event_id: "inherited" });
  assert.equal(summarize(event).id, undefined);
  const proto = JSON.parse('{"event_id":"x","timestamp":1,"__proto__":{"linked_id":"smuggled"}}');
  assert.equal(summarize(proto).linkedId, undefined);
});
