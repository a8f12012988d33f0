/** Conversions of v3 events to the shape of v4. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FingerprintEvent } from "../../mod.ts";
import { type FingerprintEventV4, type ProductsV3, summarize } from "../../src/event/mod.ts";
import { UpgradeError, upgradeEvent } from "../../src/event/mod.ts";
import { createReplayGuard, memoryStore } from "../../src/replay/mod.ts";
import type { WebhookEvent } from "../../src/webhook/mod.ts";
import { COMPLETE_V3, COMPLETE_WEBHOOK_V3 } from "../support/complete-events.ts";
import { COMPLETE_V4 } from "../support/complete-events-v4.ts";
import { partialV3 } from "../support/events.ts";
import { runs } from "../support/runs.ts";
import { findCounterparts, leaves, replaced } from "./counterparts.ts";

const MINIMAL = { event_id: "1.A", timestamp: 1 };

/** A v3 event with an id and a time, and these products. */
function withProducts(products: unknown): FingerprintEvent {
  return partialV3({ requestId: "1.A", timestamp: 1 }, products as ProductsV3);
}

test("upgradeEvent() returns a v4 event unchanged", () => {
  assert.equal(upgradeEvent(COMPLETE_V4 as FingerprintEventV4), COMPLETE_V4);
  const event = { ...MINIMAL, field_of_tomorrow: 1 };
  assert.equal(upgradeEvent(event), event);
  assert.equal(upgradeEvent({ ...MINIMAL, products: undefined }).event_id, "1.A");
});

test("upgradeEvent() converts every field of a complete v3 event to the type of v4", () => {
  const types = new Map([...leaves(COMPLETE_V4)].map(([path, leaf]) => [path, typeof leaf]));
  for (const event of [COMPLETE_V3, COMPLETE_WEBHOOK_V3]) {
    const upgraded = leaves(upgradeEvent(event));
    assert.ok(upgraded.size > 150);
    for (const [path, leaf] of upgraded) assert.equal(typeof leaf, types.get(path), path);
  }
});

test("upgradeEvent() keeps the summary of an event, whichever of its fields is missing", () => {
  for (const complete of [COMPLETE_V3, COMPLETE_WEBHOOK_V3]) {
    const removed = [...leaves(complete).keys()].flatMap((path) => {
      const steps = path.split(".");
      return steps.map((_, i) => steps.slice(0, i + 1).join("."));
    });
    for (const path of ["", ...new Set(removed)]) {
      // Without these two, v4 allows no identification; without the others, it is not an event.
      if (/\b(visitorId|visitorFound)$|^(products|requestId|timestamp)$/.test(path)) continue;
      const event = (path === "" ? complete : replaced(complete, path, () => undefined)) as FingerprintEvent;
      const summary = summarize(event);
      assert.ok(summary.id !== undefined && summary.timestamp !== undefined, path);
      assert.deepEqual(summarize(upgradeEvent(event)), summary, path);
    }
  }
  assert.deepEqual(undefinedNames(summarize(COMPLETE_V3)), ["botInfo"]);
});

function undefinedNames(fields: object): string[] {
  return Object.entries(fields).filter(([, field]) => field === undefined).map(([name]) => name);
}

test("upgradeEvent() fills each v4 field from the v3 field with the same meaning", () => {
  const { filled } = findCounterparts();
  // The names that differ. All other names must be the same in snake case and in camel case.
  const renamed: Readonly<Record<string, string>> = Object.fromEntries(
    ("event_id:requestId timestamp:timestamp version:revision first_seen_at:subscription " +
      "last_seen_at:subscription ip_address:ip city_name:name country_code:code country_name:name " +
      "continent_code:code continent_name:name asn_name:name asn_network:network asn_type:type " +
      "datacenter_result:result datacenter_name:name tor_node:result factory_reset_timestamp:time bot_type:type " +
      "5_minutes:5m 1_hour:1h 24_hours:24h oscpu:osCpu indexed_db:indexedDB")
      .split(" ").map((pair) => pair.split(":")),
  );
  for (const { v4, v3: [source = ""] } of filled) {
    const name = v4.replaceAll("[]", "").split(".").at(-1)!; // split() gives one element at least
    const v3 = source.replace(/\.value$/, "").replaceAll("[]", "").replace(/\.value$/, "").split(".").at(-1)!;
    const [, product = "", signal = ""] = /^products\.(\w+)\.data\.(\w+)$/.exec(source) ?? [];
    const accepted = [
      renamed[name],
      name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      // In v4, the name of a signal begins with its product, as in vpn_ml_score.
      ...(signal === "result" ? [] : [signal]),
    ].map((name) => name?.toLowerCase());
    const isSignal = name.startsWith(snake(product)) || (product === "highActivity" && name === "high_activity_device");
    assert.ok(accepted.includes(v3.toLowerCase()) || isSignal || v4.startsWith("bot"), `${v4} from ${source}`);
  }
});

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

test("upgradeEvent() uses every v3 field that v4 has under any name", () => {
  const { dropped, missing, filledFromWebhooks } = findCounterparts();
  assert.deepEqual(
    dropped.filter((path) => !/\.error\.\w+$/.test(path)).map((path) => path.slice("products.".length)),
    ("identification.data.firstSeenAt.global identification.data.lastSeenAt.global " +
      "identification.data.components.colorGamut.value ipBlocklist.data.result factoryReset.data.timestamp " +
      "rawDeviceAttributes.data.colorGamut.value highActivity.data.dailyRequests remoteControl.data.result").split(" "),
  );
  const group = /^(rule_action|triggered_by|bot_info|device_details).*/;
  assert.deepEqual(
    [...new Set(missing.map((path) => path.replace(group, "$1")))],
    ("source incremental_identification_status rule_action triggered_by bundle_id package_name bot_info " +
      "proxy_details.provider active_call device_details simulator raw_device_attributes.device_model " +
      "raw_device_attributes.device_manufacturer raw_device_attributes.font_hash " +
      "raw_device_attributes.timezone_offset raw_device_attributes.battery_level " +
      "raw_device_attributes.battery_charging raw_device_attributes.battery_low_power_mode " +
      "raw_device_attributes.keyboard_layout_hash raw_device_attributes.keyboard_layout_name").split(" "),
  );
  const ofWebhooks = new Map(filledFromWebhooks.map(({ v4, v3 }) => [v4, v3.join()]));
  assert.equal(ofWebhooks.get("client_referrer"), "clientReferrer");
  assert.equal(ofWebhooks.get("supplementary_id_high_recall.visitor_id"), "supplementaryIds.highRecall.visitorId");
  assert.equal(ofWebhooks.size, 8);
});

test("upgradeEvent() and the guard read the id and the time of an event whose identification failed", async () => {
  const { identification: _, ...products } = COMPLETE_V3.products;
  const failed = {
    products: { ...products, identification: { error: { code: "Failed", message: "failed" } } },
  } as const;
  const now = () => Date.UTC(2024, 1, 16, 16, 55, 57);
  for (const event of [failed, upgradeEvent(failed)]) {
    const guard = createReplayGuard({ store: memoryStore(), now });
    const { id, timestamp } = await guard.check(event, { ip: "61.127.217.16", linkedId: "order-2" });
    assert.deepEqual([id, timestamp], ["1708102555328.NLOjmg", Date.UTC(2024, 1, 16, 16, 55, 56)]);
  }
});

test("upgradeEvent() converts the location of older events, which have no ipInfo", () => {
  const ipLocation = { country: { code: "DE", name: "Germany" } };
  const upgraded = (ip: string) => upgradeEvent(partialV3({ requestId: "1.A", timestamp: 1, ip, ipLocation })).ip_info;
  const geolocation = { country_code: "DE", country_name: "Germany" };
  assert.deepEqual(upgraded("192.0.2.1"), { v4: { address: "192.0.2.1", geolocation } });
  assert.deepEqual(upgraded("2001:db8::1"), { v6: { address: "2001:db8::1", geolocation } });
});

test("upgradeEvent() converts units, names and literals", () => {
  const upgraded = upgradeEvent(COMPLETE_V3);
  assert.equal(upgraded.factory_reset_timestamp, 1689445704000);
  assert.equal(upgraded.identification?.first_seen_at, Date.UTC(2022, 2, 16, 11, 31, 1, 101));
  assert.equal(upgraded.identification?.confidence?.version, "v1.1");
  assert.equal(upgraded.proxy_details?.last_seen_at, Date.UTC(2025, 7, 12, 13));
  assert.deepEqual(upgraded.tags, { purpose: "login" });
  assert.deepEqual(upgraded.velocity?.events, { "5_minutes": 50, "1_hour": 51, "24_hours": 52 });
  assert.equal(upgradeEvent(withProducts({ botd: { data: { bot: { result: "notDetected" } } } })).bot, "not_detected");
  const service = { proxy: { data: { details: { proxyType: "residential", service: "Massive" } } } };
  assert.equal(upgradeEvent(withProducts(service)).proxy_details?.provider, "Massive");
  const sdk = { platform: "flutter", version: "1" };
  assert.equal(upgradeEvent(partialV3({ requestId: "1.A", timestamp: 1, sdk })).sdk?.platform, "unknown");
});

test("upgradeEvent() keeps every literal that both versions have", () => {
  const kept = (products: unknown) => upgradeEvent(withProducts(products));
  for (const percentileBucket of ["<p95", "p95-p99", "p99-p99.5", "p99.5-p99.9", "p99.9+", "not_seen"] as const) {
    const { rare_device_percentile_bucket } = kept({ rareDevice: { data: { percentileBucket } } });
    assert.equal(rare_device_percentile_bucket, percentileBucket);
  }
  for (const precisionRadius of [10, 25, 65, 175, 450, 1200, 3300, 8500, 22500]) {
    const { proximity } = kept({ proximity: { data: { id: "a", precisionRadius, confidence: 1 } } });
    assert.equal(proximity?.precision_radius, precisionRadius);
  }
  for (const proxyType of ["data_center", "residential", "unknown"]) {
    assert.equal(kept({ proxy: { data: { details: { proxyType } } } }).proxy_details?.proxy_type, proxyType);
  }
  for (const confidence of ["low", "medium", "high"]) {
    assert.equal(kept({ vpn: { data: { confidence } } }).vpn_confidence, confidence);
  }
  for (const platform of ["android", "ios", "js", "unknown"]) {
    const sdk = { platform, version: "1" };
    assert.equal(upgradeEvent(partialV3({ requestId: "1.A", timestamp: 1, sdk })).sdk?.platform, platform);
  }
});

test("upgradeEvent() leaves out fields that the v3 event does not have", () => {
  assert.deepEqual(upgradeEvent(withProducts({})), MINIMAL);
  const unseen = partialV3({
    requestId: "1.A",
    timestamp: 1,
    visitorId: "v",
    visitorFound: false,
    firstSeenAt: { global: null, subscription: null },
    lastSeenAt: { global: null, subscription: null },
  });
  assert.deepEqual(upgradeEvent(unseen), {
    ...MINIMAL,
    identification: { visitor_id: "v", visitor_found: false },
  });
});

test("upgradeEvent() leaves out failed products", () => {
  const failed = { error: { code: "Failed", message: "internal server error" } };
  const products = Object.fromEntries(Object.keys(COMPLETE_V3.products).map((name) => [name, failed]));
  assert.deepEqual(upgradeEvent(withProducts(products)), MINIMAL);
});

test("upgradeEvent() reads id and time from the bot detection when the identification failed", () => {
  const botd = { data: { requestId: "1.A", time: "1970-01-01T00:00:01Z", url: "https://a.example" } };
  assert.deepEqual(upgradeEvent({ products: { identification: {}, botd } as unknown as ProductsV3 }), {
    event_id: "1.A",
    timestamp: 1000,
    url: "https://a.example",
  });
});

test("upgradeEvent() reads an attribute from the components when the raw device attributes lack it", () => {
  const event = partialV3(
    { requestId: "1.A", timestamp: 1, components: { audio: { value: 1 }, vendor: { value: "a" } } },
    { rawDeviceAttributes: { data: { audio: { value: 2 }, vendor: { error: { name: "Error" } } } } },
  );
  assert.deepEqual(upgradeEvent(event).raw_device_attributes, { audio: 2, vendor: "a" });
});

test("upgradeEvent() upgrades the bodies of webhooks", () => {
  const { supplementary_id_high_recall: highRecall, client_referrer, ...rest } = upgradeEvent(COMPLETE_WEBHOOK_V3);
  assert.equal(highRecall?.visitor_id, "0jnGMkPYXX37DqVa4ZIO3f_hr");
  assert.equal(client_referrer, "https://example.com/blog");
  const { labels: _labels, suspect: _suspect, ...event } = upgradeEvent(COMPLETE_V3);
  assert.deepEqual(rest, event);
  const v4: WebhookEvent = { ...MINIMAL, triggered_by: [] };
  assert.equal(upgradeEvent(v4), v4);
});

test("upgradeEvent() refuses an event without an id or a time, and values that are not events", () => {
  const incomplete = [
    { products: {} },
    { products: { identification: { error: { code: "Failed", message: "failed" } } } },
    { products: { identification: { data: { requestId: "1.A" } } } },
    { products: { identification: { data: { requestId: "1.A", time: "yesterday" } } } },
    { products: { identification: { data: { timestamp: 1 } } } },
    { products: { __proto__: { identification: { data: { requestId: "1.A", timestamp: 1 } } } } },
  ];
  for (const event of incomplete) assertRefused(event, "ERR_UPGRADE_INCOMPLETE");
  for (
    const event of [null, undefined, 7, "text", [], {}, { event_id: "1.A" }, { requestId: "1.A" }, { products: 7 }]
  ) {
    assertRefused(event, "ERR_UPGRADE_SHAPE");
  }
});

function assertRefused(event: unknown, code: string): void {
  assert.throws(() => upgradeEvent(event as FingerprintEvent), (error) => {
    assert.ok(error instanceof UpgradeError);
    assert.equal(error.code, code);
    assert.doesNotMatch(error.message, /1\.A|yesterday/);
    return true;
  });
}

/** Objects that throw `thrown` when they are read: a property, every property, the prototype. */
function unreadable(thrown: unknown): unknown[] {
  const fails = (): never => {
    throw thrown;
  };
  const getter = (name: string) => Object.defineProperty({}, name, { enumerable: true, get: fails });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const { proxy: list, revoke: revokeList } = Proxy.revocable([], {});
  revokeList();
  const traps = { get: fails, has: fails, ownKeys: fails, getOwnPropertyDescriptor: fails, getPrototypeOf: fails };
  const ofEveryRead = [proxy, list, new Proxy({}, traps)];
  const data = { requestId: "1.A", timestamp: 1 };
  return [
    ...ofEveryRead,
    ...["products", "event_id", "timestamp", "requestId"].map(getter),
    ...ofEveryRead.map((products) => ({ products })),
    ...ofEveryRead.map((identification) => ({ products: { identification } })),
    ...ofEveryRead.map((velocity) => ({ products: { identification: { data }, velocity } })),
    ...ofEveryRead.map((value) => ({ products: { identification: { data }, labels: { data: [value] } } })),
    ...ofEveryRead.map((bot) => ({ ...data, bot })),
    { products: { identification: { data }, vpn: getter("data") } },
    { products: getter("identification") },
    Object.defineProperty({ ...data }, "sdk", { enumerable: true, get: fails }),
  ];
}

test("upgradeEvent() refuses an event whose getters or proxies throw, with its own error", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const thrown = [new Error("1.A"), new UpgradeError("ERR_UPGRADE_INCOMPLETE", "1.A"), undefined, "1.A", proxy];
  for (const error of thrown) {
    for (const event of unreadable(error)) assertRefused(event, "ERR_UPGRADE_SHAPE");
  }
});

test("upgradeEvent() leaves out fields of another type, and objects that lack required fields of v4", () => {
  const strange: unknown[] = [null, "text", 7, true, [], {}, [[]], { result: {} }, { data: { result: "yes" } }];
  for (const name of Object.keys(COMPLETE_V3.products)) {
    for (const value of strange) {
      const upgraded = upgradeEvent(withProducts({ ...COMPLETE_V3.products, [name]: { data: value } }));
      const types = new Map([...leaves(COMPLETE_V4)].map(([path, leaf]) => [path, typeof leaf]));
      for (const [path, leaf] of leaves(upgraded)) {
        if (Array.isArray(leaf) || leaf === undefined || !types.has(path)) continue;
        assert.equal(typeof leaf, types.get(path), path);
      }
    }
  }
  const lacking = withProducts({
    proxy: { data: { details: { lastSeenAt: "2025-08-12T13:00:00Z" } } },
    proximity: { data: { id: "a", precisionRadius: 11, confidence: 1 } },
    velocity: { data: { events: { intervals: { "5m": 1 } } } },
    labels: { data: [{ prediction: true }] },
    ipInfo: { data: { v4: { geolocation: { latitude: 1 } } } },
  });
  assert.deepEqual(upgradeEvent(lacking), { ...MINIMAL, labels: [] });
  const geolocation = { subdivisions: [{ isoCode: "10" }, { name: "Prague" }] };
  const { ip_info } = upgradeEvent(withProducts({ ipInfo: { data: { v4: { address: "192.0.2.1", geolocation } } } }));
  assert.deepEqual(ip_info?.v4?.geolocation, { subdivisions: [] });
});

test("upgradeEvent() reads own properties only, and pollutes no prototype", () => {
  const text =
    `{"products":{"identification":{"data":{"requestId":"1.A","timestamp":1,"tag":{"__proto__":{"polluted":1}},
    "__proto__":{"linkedId":"smuggled"}}},"__proto__":{"vpn":{"data":{"result":true}}}}}`;
  const upgraded = upgradeEvent(JSON.parse(text));
  assert.deepEqual(Object.keys(upgraded), ["event_id", "timestamp", "tags"]);
  assert.ok(Object.hasOwn(upgraded.tags ?? {}, "__proto__"));
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test("upgradeEvent() returns an event or throws an error with a code, for any products", () => {
  const names = fc.constantFrom(...Object.keys(COMPLETE_V3.products), "__proto__", "data", "result", "constructor");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, NaN, "1.A", "2025-08-12T13:00:00Z", "high"),
      fc.dictionary(names, tie("value")),
      fc.array(tie("value"), { maxLength: 2 }),
    ),
  }));
  fc.assert(
    fc.property(value, value, (products, identification) => {
      try {
        const data = typeof identification === "object" ? { requestId: "1.A", timestamp: 1, ...identification } : {};
        const products_ = typeof products === "object" ? products : {};
        const upgraded = upgradeEvent(
          { products: { ...products_, identification: { data } } } as unknown as FingerprintEvent,
        );
        assert.equal(upgraded.event_id, "1.A");
      } catch (error) {
        assert.ok(error instanceof UpgradeError);
      }
    }),
    { numRuns: runs(500) },
  );
});
