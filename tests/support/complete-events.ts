/**
 * v3 events with every field of the types; the compiler reports a missing field. The fields of an event have different
 * values, as far as their types allow.
 *
 * @module
 */

import type {
  FingerprintEventV3,
  GeolocationV3,
  IpAddressInfoV3,
  ProductErrorV3,
  RawDeviceAttributesV3,
  SupplementaryIdV3,
  WebhookEventV3,
} from "../../src/event/mod.ts";

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

export const FONTS = { default: 147.5, serif: 147.6, sans: 144, mono: 133, apple: 147.7, min: 9.2, system: 146 };

export const EMOJI = { font: "Times", width: 1600, height: 18, top: 14, bottom: 32, left: 8, right: 1608, x: 9, y: 15 };

const PDF = { type: "application/pdf", suffixes: "pdf", description: "PDF" };

export const PLUGIN = { name: "PDF Viewer", description: "Portable Document Format", mimeTypes: [PDF] };

/** The attributes that v4 also has under a name with one word or in camel case. */
export const SAME = {
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
