/**
 * The event of a visit, in both versions' shapes.
 *
 * @module
 */

import type { FingerprintEventV3 } from "../../event/types/v3.ts";
import type { FingerprintEventV4 } from "../../event/types/v4.ts";
import type { WebhookEventV3 } from "../../event/types/webhook-v3.ts";
import { override } from "../overrides.ts";
import { sampleEventV3, sampleEventV4 } from "../sample-events.ts";
import type { Scenario } from "../scenario.ts";
import { parseUserAgent } from "./user-agent.ts";

/** What is known of a visit besides its scenario. */
export interface Visit {
  readonly id: string;
  /** Unix milliseconds, of the service's clock. */
  readonly timestamp: number;
  readonly url: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly linkedId: string | undefined;
  readonly tag: { readonly [name: string]: unknown };
  readonly visitorId: string;
  readonly visitorFound: boolean;
  readonly firstSeenAt: number;
  /** When the visitor was seen before; `undefined` for a new one. */
  readonly lastSeenAt: number | undefined;
  readonly sdkVersion: string;
}

/** How much each signal adds to the suspect score. */
const WEIGHTS = {
  vpn: 5,
  proxy: 5,
  tor: 10,
  tampering: 10,
  incognito: 3,
  virtualMachine: 5,
  developerTools: 3,
} as const;

export function eventV4(visit: Visit, scenario: Scenario): FingerprintEventV4 {
  const { bot = "not_detected", vpn = false, proxy = false, tampering = false, country = "DE", replayed } = scenario;
  const { browser, os } = parseUserAgent(visit.userAgent);
  const event = sampleEventV4({
    event_id: visit.id,
    timestamp: visit.timestamp,
    source: "device",
    linked_id: visit.linkedId,
    tags: visit.tag,
    url: visit.url,
    ip_address: visit.ip,
    user_agent: visit.userAgent,
    browser_details: {
      browser_name: browser.name,
      browser_major_version: browser.major,
      browser_full_version: browser.version,
      os: os.name,
      os_version: os.version,
    },
    sdk: { platform: "js", version: visit.sdkVersion },
    replayed: replayed ?? false,
    identification: {
      visitor_id: visit.visitorId,
      confidence: { score: scenario.confidence ?? 0.98 },
      visitor_found: visit.visitorFound,
      first_seen_at: visit.firstSeenAt,
      last_seen_at: visit.lastSeenAt,
    },
    bot,
    ...(bot === "bad" && { bot_type: "headlessChrome" }),
    ip_info: { v4: { geolocation: { country_code: country, country_name: countryName(country) } } },
    ip_blocklist: { tor_node: scenario.tor ?? false },
    vpn,
    ...(vpn && { vpn_methods: { public_vpn: true } }),
    proxy,
    ...(proxy && { proxy_details: { proxy_type: "residential" } }),
    incognito: scenario.incognito ?? false,
    tampering,
    ...(tampering && { tampering_details: { anomaly_score: 0.9, anti_detect_browser: true } }),
    virtual_machine: scenario.virtualMachine ?? false,
    developer_tools: scenario.developerTools ?? false,
    suspect_score: suspectScore(scenario),
    incremental_identification_status: scenario.partial === true ? "partially_completed" : "completed",
  });
  return override<FingerprintEventV4>(event, scenario.v4);
}

export function eventV3(visit: Visit, scenario: Scenario): FingerprintEventV3 {
  const { bot = "not_detected", vpn = false, proxy = false, tampering = false, country = "DE", replayed } = scenario;
  const { browser, os } = parseUserAgent(visit.userAgent);
  const iso = (time: number): string => new Date(time).toISOString();
  const firstSeen = iso(visit.firstSeenAt);
  const lastSeen = visit.lastSeenAt === undefined ? null : iso(visit.lastSeenAt);
  const event = sampleEventV3({
    products: {
      identification: {
        data: {
          requestId: visit.id,
          timestamp: visit.timestamp,
          url: visit.url,
          ip: visit.ip,
          linkedId: visit.linkedId,
          tag: visit.tag,
          visitorId: visit.visitorId,
          visitorFound: visit.visitorFound,
          firstSeenAt: { global: firstSeen, subscription: firstSeen },
          lastSeenAt: { global: lastSeen, subscription: lastSeen },
          confidence: { score: scenario.confidence ?? 0.98 },
          incognito: scenario.incognito ?? false,
          browserDetails: {
            browserName: browser.name,
            browserMajorVersion: browser.major,
            browserFullVersion: browser.version,
            os: os.name,
            osVersion: os.version,
            userAgent: visit.userAgent,
          },
          replayed: replayed ?? false,
          sdk: { platform: "js", version: visit.sdkVersion },
        },
      },
      botd: {
        data: {
          bot: bot === "bad"
            ? { result: "bad", type: "headlessChrome" }
            : { result: bot === "good" ? "good" : "notDetected" },
        },
      },
      ipInfo: { data: { v4: { geolocation: { country: { code: country, name: countryName(country) } } } } },
      vpn: { data: { result: vpn, ...(vpn && { methods: { publicVPN: true } }) } },
      proxy: { data: { result: proxy, ...(proxy && { details: { proxyType: "residential" } }) } },
      tor: { data: { result: scenario.tor ?? false } },
      incognito: { data: { result: scenario.incognito ?? false } },
      tampering: { data: { result: tampering, ...(tampering && { anomalyScore: 0.9, antiDetectBrowser: true }) } },
      virtualMachine: { data: { result: scenario.virtualMachine ?? false } },
      developerTools: { data: { result: scenario.developerTools ?? false } },
      suspectScore: { data: { result: suspectScore(scenario) } },
    },
  });
  return override<FingerprintEventV3>(event, scenario.v3);
}

/** The body of a v3 webhook: the identification's fields and each product's data, flat. */
export function webhookV3({ products }: FingerprintEventV3): WebhookEventV3 {
  const { identification, botd, incognito: _, ...others } = products;
  const flat = Object.entries(others).map(([name, product]) => [name, product?.data] as const);
  const { browserDetails, ...data } = identification?.data ?? {};
  return {
    ...Object.fromEntries(flat.filter(([, data]) => data !== undefined)),
    ...data,
    browserDetails,
    userAgent: browserDetails?.userAgent,
    bot: botd?.data?.bot,
  } as WebhookEventV3;
}

function suspectScore({ suspectScore, bot, ...signals }: Scenario): number {
  if (suspectScore !== undefined) return suspectScore;
  const weights = Object.entries(WEIGHTS).map(([name, weight]) =>
    signals[name as keyof typeof WEIGHTS] === true ? weight : 0
  );
  return weights.reduce((sum: number, weight) => sum + weight, bot === "bad" ? 20 : 0);
}

function countryName(code: string): string {
  const { Intl } = globalThis as { Intl?: typeof globalThis.Intl };
  const Names = Intl?.DisplayNames; // QuickJS has no Intl.
  return Names === undefined ? code : new Names("en", { type: "region", fallback: "code" }).of(code) ?? code;
}
