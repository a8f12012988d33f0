/**
 * Sample events of both versions, of a visitor without any signal.
 *
 * @module
 */

import type { FingerprintEventV3 } from "../event/types/v3.ts";
import type { FingerprintEventV4 } from "../event/types/v4.ts";
import { override, type Overrides } from "./overrides.ts";
import { randomText } from "./text.ts";

const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const URL = "https://example.com/login";
const IP = "192.0.2.17";
const VISITOR_ID = "2ZEDCZEfOfXjEmMuE3tq";

/** Generates an id as Fingerprint does: Unix milliseconds, a full stop, six characters. */
export function generateEventId(timestamp: number): string {
  return `${timestamp}.${randomText(6)}`;
}

/**
 * Creates a v3 event with the current time and a new id.
 *
 * @param overrides Fields to set or replace, at any depth; `undefined` removes a field. Fields of other products that
 * repeat those of `products.identification.data` get the same values.
 *
 * @example A bot
 * ```ts
 * import { sampleEventV3 } from "@unseal/sealed-results/testing";
 * import assert from "node:assert/strict";
 *
 * const event = sampleEventV3({ products: { botd: { data: { bot: { result: "bad" } } } } });
 * assert.equal(event.products.botd?.data?.bot.result, "bad");
 * ```
 */
export function sampleEventV3(overrides: Overrides<FingerprintEventV3> = {}): FingerprintEventV3 {
  const given = overrides.products?.identification?.data;
  const { timestamp = Date.now(), url = URL, ip = IP } = given ?? {};
  const { requestId = generateEventId(timestamp), time = new Date(timestamp).toISOString() } = given ?? {};
  const { userAgent = USER_AGENT } = given?.browserDetails ?? {};
  const linked = given?.linkedId === undefined ? {} : { linkedId: given.linkedId };
  const no = { data: { result: false } };
  const event: FingerprintEventV3 = {
    products: {
      identification: {
        data: {
          visitorId: VISITOR_ID,
          requestId,
          browserDetails: {
            browserName: "Firefox",
            browserMajorVersion: "145",
            browserFullVersion: "145.0",
            os: "Linux",
            osVersion: "",
            device: "Other",
            userAgent,
          },
          incognito: false,
          ip,
          timestamp,
          time,
          url,
          tag: {},
          confidence: { score: 0.98 },
          visitorFound: true,
          firstSeenAt: { global: time, subscription: time },
          lastSeenAt: { global: null, subscription: null },
          replayed: false,
        },
      },
      botd: { data: { bot: { result: "notDetected" }, url, ip, time, userAgent, requestId, ...linked } },
      ipInfo: { data: { v4: { address: ip, geolocation: { country: { code: "DE", name: "Germany" } } } } },
      ipBlocklist: { data: { result: false, details: { emailSpam: false, attackSource: false } } },
      vpn: {
        data: {
          result: false,
          confidence: "high",
          originTimezone: "Europe/Berlin",
          originCountry: "unknown",
          methods: {
            timezoneMismatch: false,
            publicVPN: false,
            auxiliaryMobile: false,
            osMismatch: false,
            relay: false,
          },
        },
      },
      proxy: { data: { result: false, confidence: "high" } },
      tor: no,
      incognito: no,
      tampering: {
        data: { result: false, confidence: "high", anomalyScore: 0, mlScore: 0, antiDetectBrowser: false },
      },
      virtualMachine: no,
      developerTools: no,
      privacySettings: no,
      highActivity: no,
      suspectScore: { data: { result: 0 } },
    },
  };
  return override<FingerprintEventV3>(event, overrides);
}

/**
 * Creates a v4 event with the current time and a new id.
 *
 * @param overrides Fields to set or replace, at any depth; `undefined` removes a field.
 */
export function sampleEventV4(overrides: Overrides<FingerprintEventV4> = {}): FingerprintEventV4 {
  const { timestamp = Date.now(), ip_address: ip = IP } = overrides;
  const event: FingerprintEventV4 = {
    event_id: generateEventId(timestamp),
    timestamp,
    linked_id: "order-1",
    tags: {},
    url: URL,
    ip_address: ip,
    user_agent: USER_AGENT,
    browser_details: {
      browser_name: "Firefox",
      browser_major_version: "145",
      browser_full_version: "145.0",
      os: "Linux",
      os_version: "",
      device: "Other",
    },
    replayed: false,
    identification: {
      visitor_id: VISITOR_ID,
      confidence: { score: 0.98 },
      visitor_found: true,
      first_seen_at: timestamp,
      last_seen_at: timestamp,
    },
    bot: "not_detected",
    ip_info: { v4: { address: ip, geolocation: { country_code: "DE", country_name: "Germany" } } },
    ip_blocklist: { email_spam: false, attack_source: false, tor_node: false },
    vpn: false,
    vpn_confidence: "high",
    proxy: false,
    proxy_confidence: "high",
    incognito: false,
    tampering: false,
    virtual_machine: false,
    developer_tools: false,
    privacy_settings: false,
    high_activity_device: false,
    suspect_score: 0,
  };
  return override<FingerprintEventV4>(event, overrides);
}
