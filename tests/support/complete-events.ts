/**
 * Events with every field of the types; the compiler reports a missing field. The fields of an event have different
 * values, as far as their types allow.
 *
 * @module
 */

import type {
  AllowActionV4,
  BlockActionV4,
  EdgeEventV4,
  FingerprintEventV3,
  FingerprintEventV4,
  GeolocationV3,
  GeolocationV4,
  IpAddressInfoV3,
  IpAddressInfoV4,
  ProductErrorV3,
  RawDeviceAttributesV3,
} from "../../src/event/mod.ts";
import type { SupplementaryIdV3, WebhookEventV3 } from "../../src/event/mod.ts";

/** `T` with every field required, at any depth. Fields that can only be `undefined` are removed. */
export type Complete<T> = T extends string ? T
  : T extends readonly (infer Element)[] ? Complete<Element>[]
  : string extends keyof T ? T
  : T extends object
    ? { [Name in keyof T as T[Name] extends undefined ? never : Name]-?: Complete<NonNullable<T[Name]>> }
  : T;

const ERROR: Complete<ProductErrorV3> = { code: "Failed", message: "internal server error" };

function signal(result: boolean): { data: { result: boolean }; error: Complete<ProductErrorV3> } {
  return { data: { result }, error: ERROR };
}

function series(start: number): { intervals: { "5m": number; "1h": number; "24h": number } } {
  return { intervals: { "5m": start, "1h": start + 1, "24h": start + 2 } };
}

function geolocationV3(name: string): Complete<GeolocationV3> {
  return {
    accuracyRadius: name.length,
    latitude: 50.05,
    longitude: 14.4,
    postalCode: `${name} 150`,
    timezone: `Europe/${name}`,
    city: { name },
    country: { code: `${name} CZ`, name: `${name} country` },
    continent: { code: `${name} EU`, name: `${name} continent` },
    subdivisions: [{ isoCode: `${name} 10`, name: `${name} part` }],
  };
}

function addressV3(address: string, name: string): Complete<IpAddressInfoV3> {
  return {
    address,
    geolocation: geolocationV3(name),
    asn: { asn: `${name} 7922`, name: `${name} network`, network: `${address}/8`, type: `${name} isp` },
    datacenter: { result: false, name: `${name} centre` },
  };
}

const FONTS = { default: 147.5, serif: 147.6, sans: 144, mono: 133, apple: 147.7, min: 9.2, system: 146 };
const EMOJI = { font: "Times", width: 1600, height: 18, top: 14, bottom: 32, left: 8, right: 1608, x: 9, y: 15 };
const PDF = { type: "application/pdf", suffixes: "pdf", description: "PDF" };
const PLUGIN = { name: "PDF Viewer", description: "Portable Document Format", mimeTypes: [PDF] };

/** The attributes that v4 also has under a name with one word or in camel case. */
const SAME = {
  timezone: "America/Sao_Paulo",
  vendor: "Google Inc.",
  platform: "MacIntel",
  audio: 124.04,
  math: "5f03",
};

function attributes(values: Readonly<Record<string, unknown>>): RawDeviceAttributesV3 {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

/** The attributes that v4 also has, and one that v4 does not have. */
const ATTRIBUTES: RawDeviceAttributesV3 = {
  ...attributes({ ...SAME, fontPreferences: FONTS, emoji: EMOJI, fonts: ["Menlo"], plugins: [PLUGIN] }),
  ...attributes({ canvas: { Winding: true, Geometry: "4dce9d60", Text: "dd2474a5" }, languages: [["en-US"]] }),
  ...attributes({
    webGlExtensions: {
      contextAttributes: "6b1e",
      parameters: "ea11",
      shaderPrecisions: "f223",
      extensions: "5723",
      extensionParameters: "86a8",
      unsupportedExtensions: ["none"],
    },
    webGlBasics: {
      version: "WebGL 1.0",
      vendor: "WebKit",
      vendorUnmasked: "Google Inc. (Apple)",
      renderer: "WebKit WebGL",
      rendererUnmasked: "ANGLE",
      shadingLanguageVersion: "WebGL GLSL ES 1.0",
    },
  }),
  ...attributes({ touchSupport: { touchEvent: false, touchStart: false, maxTouchPoints: 5 }, architecture: 127 }),
  ...attributes({ deviceMemory: 8, screenResolution: [1920], osCpu: "Windows NT 6.1", hardwareConcurrency: 10 }),
  ...attributes({ cookiesEnabled: true, sessionStorage: true, localStorage: true, indexedDB: true }),
  ...attributes({ dateTimeLocale: "en-US", colorDepth: 24 }),
  colorGamut: { value: "p3", error: { name: "Error", message: "internal server error" } },
};

/** A v3 event. */
export const COMPLETE_V3: Complete<FingerprintEventV3> = {
  products: {
    identification: {
      data: {
        visitorId: "Ibk1527CUFmcnjLwIs4A",
        requestId: "1708102555327.NLOjmg",
        browserDetails: {
          browserName: "Chrome",
          browserMajorVersion: "74",
          browserFullVersion: "74.0.3729",
          os: "Windows",
          osVersion: "7",
          device: "Other",
          userAgent: "Mozilla/5.0 (Windows NT 6.1; Win64; x64)",
        },
        incognito: false,
        ip: "61.127.217.15",
        ipLocation: geolocationV3("Berlin"),
        linkedId: "order-1",
        suspect: false,
        timestamp: 1708102555327,
        time: "2024-02-16T16:55:55Z",
        url: "https://example.com/login",
        tag: { purpose: "login" },
        confidence: { score: 0.97, revision: "v1.1", comment: "none" },
        visitorFound: true,
        firstSeenAt: { global: "2022-03-16T11:26:45.362Z", subscription: "2022-03-16T11:31:01.101Z" },
        lastSeenAt: { global: "2022-03-16T11:28:34.023Z", subscription: "2022-03-16T11:32:01.101Z" },
        components: { ...ATTRIBUTES },
        replayed: false,
        sdk: {
          platform: "js",
          version: "3.11.10",
          integrations: [{
            name: "fingerprint-pro-react",
            version: "3.11.11",
            subintegration: { name: "preact", version: "10.21.0" },
          }],
        },
        environmentId: "ae_47abaca3db2c7c43",
      },
      error: ERROR,
    },
    botd: {
      data: {
        bot: { result: "good", type: "googlebot" },
        meta: { purpose: "payment" },
        linkedId: "order-2",
        url: "https://example.com/bot",
        ip: "61.127.217.16",
        time: "2024-02-16T16:55:56Z",
        userAgent: "Mozilla/5.0 (compatible; Googlebot/2.1)",
        requestId: "1708102555328.NLOjmg",
      },
      error: ERROR,
    },
    rootApps: signal(false),
    emulator: signal(false),
    ipInfo: {
      data: { v4: addressV3("94.142.239.124", "Prague"), v6: addressV3("2001:db8::1", "Warsaw") },
      error: ERROR,
    },
    ipBlocklist: { data: { result: false, details: { emailSpam: false, attackSource: false } }, error: ERROR },
    tor: signal(false),
    vpn: {
      data: {
        result: false,
        confidence: "high",
        mlScore: 0.21,
        originTimezone: "Europe/Paris",
        originCountry: "DE",
        methods: {
          timezoneMismatch: false,
          publicVPN: false,
          auxiliaryMobile: false,
          osMismatch: false,
          relay: false,
          mlPrediction: false,
        },
      },
      error: ERROR,
    },
    proxy: {
      data: {
        result: true,
        confidence: "low",
        details: { proxyType: "residential", lastSeenAt: "2025-08-12T13:00:00Z" },
        mlScore: 0.22,
      },
      error: ERROR,
    },
    incognito: signal(false),
    tampering: {
      data: { result: false, confidence: "medium", anomalyScore: 0.1955, mlScore: 0.23, antiDetectBrowser: false },
      error: ERROR,
    },
    clonedApp: signal(false),
    factoryReset: { data: { time: "2023-07-15T18:28:24Z", timestamp: 1689445704 }, error: ERROR },
    jailbroken: signal(false),
    frida: signal(false),
    privacySettings: signal(false),
    virtualMachine: { data: { result: false, mlScore: 0.24 }, error: ERROR },
    rawDeviceAttributes: { data: ATTRIBUTES, error: ERROR },
    highActivity: { data: { result: false, dailyRequests: 11 }, error: ERROR },
    locationSpoofing: signal(false),
    suspectScore: { data: { result: 12 }, error: ERROR },
    remoteControl: signal(false),
    velocity: {
      data: {
        distinctIp: series(20),
        distinctLinkedId: series(30),
        distinctCountry: series(40),
        events: series(50),
        ipEvents: series(60),
        distinctIpByLinkedId: series(70),
        distinctVisitorIdByLinkedId: series(80),
      },
      error: ERROR,
    },
    developerTools: signal(false),
    mitmAttack: signal(false),
    rareDevice: { data: { result: false, percentileBucket: "<p95" }, error: ERROR },
    proximity: { data: { id: "w1aTfd4MCvl", precisionRadius: 10, confidence: 0.95 }, error: ERROR },
    labels: { data: [{ label: "automation_tool", prediction: false, mlScore: 0.25 }], error: ERROR },
  },
};

function supplementaryId(visitorId: string): Complete<SupplementaryIdV3> {
  const { visitorFound, confidence, firstSeenAt, lastSeenAt } = COMPLETE_V3.products.identification.data;
  return { visitorId, visitorFound, confidence, firstSeenAt, lastSeenAt };
}

const { identification, botd, incognito: _incognito, labels: _labels, ...PRODUCTS } = COMPLETE_V3.products;
const { suspect: _suspect, ...IDENTIFICATION } = identification.data;
const DATA = Object.fromEntries(Object.entries(PRODUCTS).map(([name, { data }]) => [name, data]));

/** The body of a v3 webhook, of the same event. */
export const COMPLETE_WEBHOOK_V3: Complete<WebhookEventV3> = {
  ...DATA as { [Name in keyof typeof PRODUCTS]: typeof PRODUCTS[Name]["data"] },
  ...IDENTIFICATION,
  bot: botd.data.bot,
  userAgent: botd.data.userAgent,
  clientReferrer: "https://example.com/blog",
  supplementaryIds: {
    standard: supplementaryId("Ibk1527CUFmcnjLwIs4A"),
    highRecall: supplementaryId("0jnGMkPYXX37DqVa4ZIO3f_hr"),
  },
};

const COUNTS = { "5_minutes": 1, "1_hour": 2, "24_hours": 3 };

const GEOLOCATION_V4: Complete<GeolocationV4> = {
  accuracy_radius: 20,
  latitude: 50.05,
  longitude: 14.4,
  postal_code: "150 00",
  timezone: "Europe/Prague",
  city_name: "Prague",
  country_code: "CZ",
  country_name: "Czechia",
  continent_code: "EU",
  continent_name: "Europe",
  subdivisions: [{ iso_code: "10", name: "Prague" }],
};

const ADDRESS_V4: Complete<IpAddressInfoV4> = {
  address: "94.142.239.124",
  geolocation: GEOLOCATION_V4,
  asn: "7922",
  asn_name: "COMCAST-7922",
  asn_network: "73.136.0.0/13",
  asn_type: "isp",
  datacenter_result: false,
  datacenter_name: "",
};

const RULE_ACTION: Complete<AllowActionV4> & Omit<Complete<BlockActionV4>, "type"> = {
  type: "allow",
  ruleset_id: "rs_b1k1blhqpOX3kU",
  rule_id: "r_uE0af8497PFAOD",
  rule_expression: "incognito",
  request_header_modifications: {
    remove: ["x-a"],
    set: [{ name: "x-b", value: "1" }],
    append: [{ name: "x-c", value: "2" }],
  },
  status_code: 403,
  headers: [{ name: "x-d", value: "3" }],
  body: "{}",
};

const IDENTIFICATION_V4 = {
  visitor_id: "Ibk1527CUFmcnjLwIs4A",
  confidence: { score: 0.97, version: "1.1", comment: "none" },
  visitor_found: true,
  first_seen_at: 1708102555327,
  last_seen_at: 1708102555328,
};

/** A v4 event. Its `rule_action` has the fields of both kinds. */
export const COMPLETE_V4: Complete<Omit<FingerprintEventV4, "rule_action">> & { rule_action: typeof RULE_ACTION } = {
  event_id: "1708102555327.NLOjmg",
  timestamp: 1708102555327,
  source: "device",
  incremental_identification_status: "completed",
  linked_id: "order-1",
  tags: { purpose: "login" },
  environment_id: "ae_47abaca3db2c7c43",
  suspect: false,
  replayed: false,
  identification: IDENTIFICATION_V4,
  supplementary_id_high_recall: IDENTIFICATION_V4,
  sdk: {
    platform: "js",
    version: "4.1.5",
    integrations: [{ name: "react", version: "3.11.11", subintegration: { name: "preact", version: "10.21.0" } }],
  },
  rule_action: RULE_ACTION,
  triggered_by: [{ id: "1", name: "rule", description: "a rule" }],
  labels: [{ label: "automation_tool", prediction: false, ml_score: 0.25 }],
  url: "https://example.com/login",
  client_referrer: "https://example.com/blog",
  bundle_id: "com.foo.app",
  package_name: "com.foo.app",
  ip_address: "61.127.217.15",
  user_agent: "Mozilla/5.0 (Windows NT 6.1; Win64; x64)",
  device: "Other",
  os: "Windows",
  os_version: "7",
  browser_details: {
    browser_name: "Chrome",
    browser_major_version: "74",
    browser_full_version: "74.0.3729",
    os: "Windows",
    os_version: "7",
    device: "Other",
  },
  proximity: { id: "w1aTfd4MCvl", precision_radius: 10, confidence: 0.95 },
  bot: "good",
  bot_type: "googlebot",
  bot_info: {
    category: "search_engine_crawler",
    provider: "Google",
    provider_url: "https://google.com",
    name: "Googlebot",
    identity: "verified",
    confidence: "high",
  },
  ip_info: { v4: ADDRESS_V4, v6: { ...ADDRESS_V4, address: "2001:db8::1" } },
  ip_blocklist: { email_spam: false, attack_source: false, tor_node: false },
  proxy: true,
  proxy_confidence: "low",
  proxy_details: { proxy_type: "residential", last_seen_at: 1708102555327, provider: "Massive" },
  proxy_ml_score: 0.22,
  vpn: false,
  vpn_confidence: "high",
  vpn_ml_score: 0.21,
  vpn_origin_timezone: "Europe/Paris",
  vpn_origin_country: "DE",
  vpn_methods: {
    timezone_mismatch: false,
    public_vpn: false,
    auxiliary_mobile: false,
    os_mismatch: false,
    relay: false,
    ml_prediction: false,
  },
  active_call: false,
  cloned_app: false,
  developer_tools: false,
  device_details: { device_manufacturer: "samsung", device_model: "SM-G991U", os_version: "13" },
  emulator: false,
  factory_reset_timestamp: 1689445704000,
  frida: false,
  incognito: false,
  jailbroken: false,
  location_spoofing: false,
  mitm_attack: false,
  privacy_settings: false,
  rare_device: false,
  rare_device_percentile_bucket: "<p95",
  root_apps: false,
  simulator: false,
  tampering: false,
  tampering_confidence: "medium",
  tampering_ml_score: 0.23,
  tampering_details: { anomaly_score: 0.1955, anti_detect_browser: false },
  virtual_machine: false,
  virtual_machine_ml_score: 0.24,
  high_activity_device: false,
  velocity: {
    distinct_ip: COUNTS,
    distinct_linked_id: COUNTS,
    distinct_country: COUNTS,
    events: COUNTS,
    ip_events: COUNTS,
    distinct_ip_by_linked_id: COUNTS,
    distinct_visitor_id_by_linked_id: COUNTS,
  },
  suspect_score: 12,
  raw_device_attributes: {
    ...SAME,
    font_preferences: FONTS,
    emoji: EMOJI,
    fonts: ["Menlo"],
    device_memory: 8,
    canvas: { winding: true, geometry: "4dce9d60", text: "dd2474a5" },
    languages: [["en-US"]],
    webgl_extensions: {
      context_attributes: "6b1e",
      parameters: "ea11",
      shader_precisions: "f223",
      extensions: "5723",
      extension_parameters: "86a8",
      unsupported_extensions: ["none"],
    },
    webgl_basics: {
      version: "WebGL 1.0",
      vendor: "WebKit",
      vendor_unmasked: "Google Inc. (Apple)",
      renderer: "WebKit WebGL",
      renderer_unmasked: "ANGLE",
      shading_language_version: "WebGL GLSL ES 1.0",
    },
    screen_resolution: [1920],
    touch_support: { touch_event: false, touch_start: false, max_touch_points: 5 },
    oscpu: "Windows NT 6.1",
    architecture: 127,
    cookies_enabled: true,
    hardware_concurrency: 10,
    date_time_locale: "en-US",
    color_depth: 24,
    session_storage: true,
    local_storage: true,
    plugins: [PLUGIN],
    indexed_db: true,
    device_model: "iPhone 15 Pro",
    device_manufacturer: "Apple",
    font_hash: "e9f96f6c",
    timezone_offset: "+02:00",
    battery_level: 75,
    battery_charging: false,
    battery_low_power_mode: false,
    keyboard_layout_hash: "3f33b682",
    keyboard_layout_name: "de-DE",
  },
};

/** The response of `POST /v4/edge`. */
export const EDGE_V4: Complete<EdgeEventV4> = {
  event_id: "1758130560902.8tRtrH",
  timestamp: 1758130560902,
  source: "edge",
  linked_id: "order-1",
  tags: { purpose: "login" },
  url: "https://example.com/login",
  bot_info: {
    category: "ai_agent",
    provider: "OpenAI",
    provider_url: "https://openai.com",
    name: "ChatGPT Agent",
    identity: "signed",
    confidence: "high",
  },
  ip_info: COMPLETE_V4.ip_info,
  proxy: true,
  proxy_confidence: "high",
  proxy_details: COMPLETE_V4.proxy_details,
  vpn: false,
  vpn_confidence: "medium",
  vpn_methods: COMPLETE_V4.vpn_methods,
};
