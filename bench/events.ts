// deno-fmt-ignore-file: the events are data, several fields to a line

/**
 * Realistic v3 and v4 events of an exact size: the fields, the order and the kinds of values of published ones, with
 * values from a seeded source.
 *
 * A small event has the identification and the small signals; a typical one, from about 6 KB, has all of them and the raw
 * device attributes. The tag fills the rest with records such as applications put there.
 *
 * @module
 */

import type { RandomNumbers } from "../tests/support/random.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { [name: string]: Json };

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BROWSERS = ["Chrome", "Safari", "Firefox", "Edge", "Samsung Internet"];
const SYSTEMS = ["Windows", "Mac OS X", "Android", "iOS", "Linux"];
const TIME_ZONES = ["Europe/Berlin", "America/Sao_Paulo", "Asia/Tokyo", "America/New_York", "Europe/Prague"];
const NETWORKS = ["AMAZON-02", "COMCAST-7922", "Telefonica Germany", "DTAG", "GOOGLE", "ORANGE", "HETZNER-AS"];
const WORDS = [
  "order", "basket", "sku", "voucher", "müsli", "campaign", "résumé", "newsletter", "東京", "checkout", "blue",
];
const FONTS = [
  "Arial Unicode MS", "Gill Sans", "Helvetica Neue", "Menlo", "Calibri", "Franklin Gothic", "Century", "MS UI Gothic",
  "Segoe UI Light", "Ubuntu", "Futura Bk BT", "Lucida Bright", "Monotype Corsiva", "Staccato222 BT", "ZWAdobeF",
];
const PLACES = [
  {
    city: "Frankfurt am Main", code: "DE", country: "Germany", region: "Hesse", iso: "HE",
    continent: ["EU", "Europe"],
  },
  {
    city: "São Paulo", code: "BR", country: "Brazil", region: "São Paulo", iso: "SP",
    continent: ["SA", "South America"],
  },
  {
    city: "Prague", code: "CZ", country: "Czechia", region: "Hlavni mesto Praha", iso: "10",
    continent: ["EU", "Europe"],
  },
  {
    city: "Ashburn", code: "US", country: "United States", region: "Virginia", iso: "VA",
    continent: ["NA", "North America"],
  },
] as const;

/** Values that both shapes of an event contain. */
function drawVisit(random: RandomNumbers) {
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!; // an index below the length
  const text = (length: number, alphabet = LETTERS): string =>
    Array.from({ length }, () => alphabet[random(alphabet.length)]).join("");
  const hex = (length: number) => text(length, "0123456789abcdef");
  const chance = (percent: number) => random(100) < percent;
  const timestamp = 1_760_000_000_000 + random(20_000_000) * 1000 +
    random(1000);
  const iso = (time: number) => new Date(time).toISOString();
  const major = 100 + random(45);
  const system = pick(SYSTEMS);
  return {
    pick,
    text,
    hex,
    chance,
    timestamp,
    iso,
    major,
    system,
    id: `${timestamp - random(30)}.${text(6)}`,
    visitor: text(20),
    browser: pick(BROWSERS),
    systemVersion: `${10 + random(8)}.${random(16)}.${random(9)}`,
    agent: `Mozilla/5.0 (${system}; ${
      hex(4)
    }) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
    ip: `${1 + random(223)}.${random(256)}.${random(256)}.${random(256)}`,
    url: `https://${pick(["www", "shop", "app"])}.example.com/${pick(["login", "checkout", "account"])}?session=${
      text(12)
    }`,
    zone: pick(TIME_ZONES),
    place: pick(PLACES),
    latitude: random(900_000) / 10_000,
    longitude: random(1_800_000) / 10_000,
    postalCode: String(10_000 + random(89_999)),
    score: (70 + random(31)) / 100,
    firstSeen: timestamp - random(400 * 86_400) * 1000,
    network: pick(NETWORKS),
    asn: String(1000 + random(60_000)),
    hour: random(40),
  };
}

/** A v3 event whose JSON has `bytes` bytes. */
export function eventV3(random: RandomNumbers, bytes: number): JsonObject {
  const visit = drawVisit(random);
  const { place, chance } = visit;
  const tag: JsonObject = {};
  const seen = { global: visit.iso(visit.firstSeen), subscription: visit.iso(visit.firstSeen + random(1e9)) };
  const geolocation = {
    accuracyRadius: 5 * (1 + random(200)), latitude: visit.latitude, longitude: visit.longitude,
    postalCode: visit.postalCode, timezone: visit.zone, city: { name: place.city },
    country: { code: place.code, name: place.country },
    continent: { code: place.continent[0], name: place.continent[1] },
    subdivisions: [{ isoCode: place.iso, name: place.region }],
  };
  const products: JsonObject = {
    identification: {
      data: {
        visitorId: visit.visitor, requestId: visit.id,
        browserDetails: {
          browserName: visit.browser, browserMajorVersion: String(visit.major),
          browserFullVersion: `${visit.major}.0.${random(7000)}`, os: visit.system, osVersion: visit.systemVersion,
          device: "Other", userAgent: visit.agent,
        },
        incognito: chance(10), ip: visit.ip, timestamp: visit.timestamp, time: visit.iso(visit.timestamp),
        url: visit.url, tag, confidence: { score: visit.score, revision: "v1.1" }, visitorFound: chance(80),
        firstSeenAt: seen, lastSeenAt: seen,
      },
    },
  };
  const event: JsonObject = { products };
  const result = (percent: number): Json => ({ data: { result: chance(percent) } });
  const intervals = (): Json => ({ intervals: { "5m": 1 + random(4), "1h": 3 + visit.hour, "24h": 9 + visit.hour } });
  const attributes = Object.entries(deviceAttributes(random, visit)).map((
    [name, value],
  ) => [name, { value }] as const);
  const signals: [string, Json][] = [
    ["incognito", result(10)],
    ["botd", {
      data: { bot: { result: chance(5) ? "bad" : "notDetected" }, url: visit.url, ip: visit.ip, requestId: visit.id },
    }],
    ["vpn", {
      data: {
        result: chance(15), confidence: visit.pick(["low", "medium", "high"]), originTimezone: visit.zone,
        originCountry: "unknown",
        methods: {
          timezoneMismatch: chance(9), publicVPN: chance(9), auxiliaryMobile: chance(2), osMismatch: chance(3),
        },
      },
    }],
    ["ipInfo", {
      data: {
        v4: {
          address: visit.ip, geolocation,
          asn: { asn: visit.asn, name: visit.network, network: `${visit.ip.split(".")[0]}.0.0.0/13` },
          datacenter: { result: chance(10), name: "" },
        },
      },
    }],
    ["velocity", {
      data: { distinctIp: intervals(), distinctCountry: intervals(), events: intervals(), ipEvents: intervals() },
    }],
    ["tampering", {
      data: { result: chance(4), anomalyScore: random(10_000) / 10_000, antiDetectBrowser: chance(2) },
    }],
    ["ipBlocklist", { data: { result: chance(5), details: { emailSpam: chance(5), attackSource: chance(5) } } }],
    ["rawDeviceAttributes", { data: Object.fromEntries(attributes) }],
    ...[
      "tor", "proxy", "emulator", "rootApps", "clonedApp", "jailbroken", "frida", "privacySettings", "virtualMachine",
    ]
    .map((name): [string, Json] => [name, result(4)]),
    ["factoryReset", { data: { time: "1970-01-01T00:00:00Z", timestamp: 0 } }],
    ["suspectScore", { data: { result: random(30) } }], ["highActivity", result(5)], ["developerTools", result(5)],
  ];
  addWhatFits(event, products, signals, bytes);
  fillTag(event, tag, visit, random, bytes);
  return event;
}

/** A v4 event whose JSON has `bytes` bytes. */
export function eventV4(random: RandomNumbers, bytes: number): JsonObject {
  const visit = drawVisit(random);
  const { place, chance } = visit;
  const tags: JsonObject = {};
  const geolocation = {
    accuracy_radius: 5 * (1 + random(200)), latitude: visit.latitude, longitude: visit.longitude,
    postal_code: visit.postalCode, timezone: visit.zone, city_name: place.city, country_code: place.code,
    country_name: place.country, continent_code: place.continent[0], continent_name: place.continent[1],
    subdivisions: [{ iso_code: place.iso, name: place.region }],
  };
  const event: JsonObject = {
    linked_id: visit.text(16), tags, timestamp: visit.timestamp, event_id: visit.id, url: visit.url,
    ip_address: visit.ip, user_agent: visit.agent,
    browser_details: {
      browser_name: visit.browser, browser_major_version: String(visit.major),
      browser_full_version: `${visit.major}.0.${random(7000)}`, os: visit.system, os_version: visit.systemVersion,
      device: "Other",
    },
    identification: {
      visitor_id: visit.visitor, confidence: { score: visit.score, version: "1.1" }, visitor_found: chance(80),
      first_seen_at: visit.firstSeen, last_seen_at: visit.timestamp - random(1e6),
    },
    bot: chance(5) ? "bad" : "not_detected", incognito: chance(10), replayed: false,
  };
  const intervals = (): Json => ({
    "5_minutes": 1 + random(4), "1_hour": 3 + visit.hour, "24_hours": 9 + visit.hour,
  });
  const signals: [string, Json][] = [
    ["vpn", chance(15)], ["vpn_confidence", visit.pick(["low", "medium", "high"])],
    ["vpn_methods", {
      timezone_mismatch: chance(9), public_vpn: chance(9), auxiliary_mobile: chance(2), os_mismatch: chance(3),
      relay: chance(2),
    }],
    ["suspect_score", random(30)],
    ["ip_info", {
      v4: {
        address: visit.ip, geolocation, asn: visit.asn, asn_name: visit.network,
        asn_network: `${visit.ip.split(".")[0]}.0.0.0/13`, asn_type: visit.pick(["isp", "hosting", "business"]),
        datacenter_result: chance(10), datacenter_name: "",
      },
    }],
    ["velocity", {
      distinct_ip: intervals(), distinct_country: intervals(), events: intervals(), ip_events: intervals(),
      distinct_ip_by_linked_id: intervals(), distinct_visitor_id_by_linked_id: intervals(),
    }],
    ["tampering", chance(4)], ["tampering_ml_score", random(10_000) / 10_000],
    ["tampering_details", { anomaly_score: random(10_000) / 10_000, anti_detect_browser: chance(2) }],
    ["ip_blocklist", { email_spam: chance(5), attack_source: chance(5), tor_node: chance(2) }],
    ["raw_device_attributes", deviceAttributes(random, visit)], ["proxy", chance(5)], ["proxy_confidence", "low"],
    ["sdk", {
      platform: "js", version: "3.11.10", integrations: [{ name: "fingerprint-pro-react", version: "3.11.10" }],
    }],
    ...["root_apps", "emulator", "cloned_app", "jailbroken", "frida", "privacy_settings", "virtual_machine"]
    .map((name): [string, Json] => [name, chance(4)]), ["factory_reset_timestamp", 0],
    ["high_activity_device", chance(5)], ["developer_tools", chance(5)],
  ];
  addWhatFits(event, event, signals, bytes);
  fillTag(event, tags, visit, random, bytes);
  return event;
}

/** What a browser reports about a device. */
function deviceAttributes(
  random: RandomNumbers,
  visit: ReturnType<typeof drawVisit>,
): JsonObject {
  const { hex } = visit;
  const plugin = (name: string): Json => ({
    name, description: "Portable Document Format",
    mimeTypes: [{ type: "application/pdf", suffixes: "pdf" }, { type: "text/pdf", suffixes: "pdf" }],
  });
  return {
    architecture: 127,
    audio: 124 + random(1e9) / 1e9,
    canvas: { Geometry: hex(32), Text: hex(32), Winding: true },
    colorDepth: 24,
    cookiesEnabled: true,
    deviceMemory: 8,
    emoji: {
      font: "Times", width: 1600, height: 18 + random(9) / 2, top: 14, bottom: 32, left: 8, right: 1608, x: 8, y: 14,
    },
    fontPreferences: {
      default: 147.5625, mono: 133.0625 + random(64) / 64, sans: 144.015625, serif: 147.5625, min: 9.234375,
    },
    fonts: FONTS.filter(() => visit.chance(40)),
    hardwareConcurrency: 2 + 2 * random(8),
    languages: [[visit.pick(["en-US", "de-DE", "pt-BR", "ja-JP"])]],
    math: hex(32),
    platform: visit.pick(["MacIntel", "Win32", "Linux x86_64"]),
    plugins: ["PDF Viewer", "Chrome PDF Viewer", "Chromium PDF Viewer", "Microsoft Edge PDF Viewer"].map(plugin),
    screenResolution: [600 + 8 * random(200), 800 + 8 * random(300)],
    timezone: visit.zone,
    touchSupport: { maxTouchPoints: 0, touchEvent: false, touchStart: false },
    webGlBasics: {
      renderer: "WebKit WebGL",
      rendererUnmasked: `ANGLE (Apple, ANGLE Metal Renderer: Apple M${1 + random(4)}, Unspecified Version)`,
      shadingLanguageVersion: "WebGL GLSL ES 1.0 (OpenGL ES GLSL ES 1.0 Chromium)", vendor: "WebKit",
      version: "WebGL 1.0 (OpenGL ES 2.0 Chromium)",
    },
    webGlExtensions: {
      contextAttributes: hex(32), extensionParameters: hex(32), extensions: hex(32), parameters: hex(32),
      shaderPrecisions: hex(32), unsupportedExtensions: [],
    },
  };
}

/** Minimum bytes of the tag's last entry: its name, its quotes, a comma. */
const NOTE_BYTES = 10;

function addWhatFits(
  event: JsonObject,
  target: JsonObject,
  signals: readonly [string, Json][],
  bytes: number,
): void {
  let used = byteLength(event) + NOTE_BYTES;
  for (const [name, value] of signals) {
    const needed = byteLength({ [name]: value }) - 1; // without the two braces, with a comma
    if (used + needed > bytes) continue;
    target[name] = value;
    used += needed;
  }
}

/** Fills the tag with records, and with a note in the last few bytes, until the event has `bytes` bytes of JSON. */
function fillTag(
  event: JsonObject,
  tag: JsonObject,
  visit: ReturnType<typeof drawVisit>,
  random: RandomNumbers,
  bytes: number,
): void {
  let used = byteLength(event) + NOTE_BYTES;
  const records: Json[] = [];
  if (bytes - used > 250) {
    tag["records"] = records;
    used += 13;
    for (;;) {
      const record: Json = {
        id: visit.text(12), kind: visit.pick(WORDS),
        label: `${visit.pick(WORDS)} ${visit.pick(WORDS)} ${random(100)}`, amount: random(1_000_000) / 100,
        count: 1 + random(9), active: visit.chance(70), createdAt: visit.iso(visit.firstSeen + random(1e9)),
      };
      used += byteLength(record) + 1;
      if (used > bytes) break;
      records.push(record);
    }
  }
  tag["note"] = "";
  tag["note"] = visit.text(Math.max(0, bytes - byteLength(event)));
}

function byteLength(value: Json): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
