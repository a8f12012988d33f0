/**
 * One view of both versions' events.
 *
 * @module
 */

import type { FingerprintEvent } from "./event.ts";
import { isRecord } from "./fields.ts";
import { botResult, confidence, flag, number, oneOf, read, text } from "./fields.ts";
import { type Products, productsOf, readOrigin } from "./products.ts";
import { parseTime } from "./time.ts";
import type { BotResult, Confidence } from "./types/shared.ts";
import type { FingerprintEventV4 } from "./types/v4.ts";
import type { BotIdentity } from "./types/v4-bot.ts";
import type { WebhookEvent } from "./webhook.ts";

/**
 * The fields that both versions have, under one name each. A field that is missing or of another type is `undefined`.
 */
export interface EventSummary {
  /** The event's unique id: v3 `requestId`, v4 `event_id`. */
  readonly id: string | undefined;
  /** When it happened, in Unix milliseconds. */
  readonly timestamp: number | undefined;
  /** The visitor id. */
  readonly visitorId: string | undefined;
  /** How sure the identification is, from 0 to 1. */
  readonly confidence: number | undefined;
  /** When the visitor was first seen in this workspace, in Unix milliseconds. */
  readonly firstSeenAt: number | undefined;
  /** When the visitor was last seen in this workspace, in Unix milliseconds. */
  readonly lastSeenAt: number | undefined;
  /** The address that Fingerprint saw, IPv4 or IPv6. For an edge event: the one that was sent to `POST /v4/edge`. */
  readonly ip: string | undefined;
  /** The IPv4 address, if the event has one. */
  readonly ipv4: string | undefined;
  /** The IPv6 address, if the event has one. */
  readonly ipv6: string | undefined;
  /** The page. Its path and query may be hashed: compare origins only. */
  readonly url: string | undefined;
  /** The linked id that the page passed. */
  readonly linkedId: string | undefined;
  /** The id of the workspace's environment. */
  readonly environmentId: string | undefined;
  /** Whether Fingerprint found that the agent's request was sent again. */
  readonly replayed: boolean | undefined;
  /**
   * `false` when the identification was only partially completed. Fingerprint has then not computed the Smart Signals,
   * and all fields below are `undefined`, even if the event has values for them.
   */
  readonly complete: boolean;
  /**
   * `bad`: automation tools and headless browsers. `good`: bots that name themselves, such as search engines and AI
   * agents; `botInfo.identity` says whether the name is true. `not_detected`: no bot. Edge events lack it.
   */
  readonly bot: BotResult | undefined;
  /** The kind of bot, such as `selenium` or `chatgpt_agent`. */
  readonly botType: string | undefined;
  /** The bot's operator, purpose and identity; `undefined` if none was detected. v4 only. */
  readonly botInfo: BotInfoSummary | undefined;
  /** The country of the address, as an ISO 3166-1 code such as `DE`. */
  readonly countryCode: string | undefined;
  /** The number of the address's autonomous system, such as `7922`. */
  readonly asn: string | undefined;
  /** The kind of network: `isp`, `hosting`, `business`, `education` and others. */
  readonly asnType: string | undefined;
  /** Whether the address belongs to a data centre. */
  readonly datacenter: boolean | undefined;
  /** Whether a VPN or another anonymizing service is used. */
  readonly vpn: boolean | undefined;
  /** Whether the address belongs to a public or residential proxy. */
  readonly proxy: boolean | undefined;
  /** Whether the address belongs to the Tor network. */
  readonly tor: boolean | undefined;
  /** Whether the browser's or device's attributes were tampered with. */
  readonly tampering: boolean | undefined;
  /** Whether the browser is in a private mode. */
  readonly incognito: boolean | undefined;
  /** Whether the browser runs in a virtual machine. */
  readonly virtualMachine: boolean | undefined;
  /** Whether the mobile device is an emulator (Android), or a simulator (iOS; v4 only). */
  readonly emulator: boolean | undefined;
  /** Android: whether applications that manage root access are installed. */
  readonly rootApps: boolean | undefined;
  /** iOS: whether the device is jailbroken. */
  readonly jailbroken: boolean | undefined;
  /** Whether the visitor is unusually active. */
  readonly highActivity: boolean | undefined;
  /** The sum of the weights of the signals that fired, from 0. */
  readonly suspectScore: number | undefined;
}

/** The operator, the purpose and the identity of a bot, such as an AI agent. */
export interface BotInfoSummary {
  /** Its purpose, such as `ai_agent`, `ai_crawler` or `search_engine_crawler`: see `BotCategory`. */
  readonly category: string | undefined;
  /** Its operator, such as `OpenAI`. */
  readonly provider: string | undefined;
  /** Its name, such as `GPTBot`. */
  readonly name: string | undefined;
  /**
   * Whether it is what it claims to be. Trust `verified` (a known bot, directed by its operator) and `signed` (directed
   * by the operator's customers) only. `spoofed`: the check failed. `unknown`: it cannot be checked.
   */
  readonly identity: BotIdentity | undefined;
  /** How sure this identification of the bot is. */
  readonly confidence: Confidence | undefined;
}

/** The summary of an event that has an id and a time, as each event of v4 and each webhook has. */
export interface IdentifiedSummary extends EventSummary {
  /** The event's unique id: v3 `requestId`, v4 `event_id`. */
  readonly id: string;
  /** When it happened, in Unix milliseconds. */
  readonly timestamp: number;
}

/**
 * Summarizes an event of either version, or the body of a webhook.
 *
 * @param event A v3 or v4 event: opened, fetched, received from a webhook, or the answer of `POST /v4/edge`. The same
 * event has the same `id` in each.
 * @returns The summary. Only own properties of the event are read, and each field has its declared type or is
 * `undefined`.
 *
 * @example Decide on a request
 * ```ts
 * import { type FingerprintEvent, summarize } from "@unseal/sealed-results/event";
 * import assert from "node:assert/strict";
 *
 * function decide(event: FingerprintEvent): "allow" | "challenge" | "block" {
 *   const { complete, bot, botInfo, vpn, tampering } = summarize(event);
 *   if (!complete) return "challenge"; // There are no signals to decide on.
 *   // A bot may name itself after another: only these two identities are checked. bot is "good" for all of them.
 *   if (botInfo?.identity === "verified" || botInfo?.identity === "signed") {
 *     return botInfo.category === "search_engine_crawler" ? "allow" : "block";
 *   }
 *   if (bot === "bad" || botInfo !== undefined) return "block";
 *   return vpn === true || tampering === true ? "challenge" : "allow";
 * }
 *
 * const event = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
 * const botInfo = { category: "ai_agent", provider: "OpenAI", name: "ChatGPT Agent", confidence: "high" } as const;
 * assert.equal(decide({ ...event, bot: "not_detected" }), "allow");
 * assert.equal(decide({ ...event, bot: "good", bot_info: { ...botInfo, identity: "spoofed" } }), "block");
 * ```
 */
export function summarize(event: FingerprintEventV4): IdentifiedSummary;
/** Summarizes the body of a webhook. */
export function summarize(event: WebhookEvent): IdentifiedSummary;
/** Summarizes an event that may have no id, as a v3 event in which identification and bot detection failed. */
export function summarize(event: FingerprintEvent | WebhookEvent): EventSummary;
export function summarize(event: FingerprintEvent | WebhookEvent): EventSummary {
  const products = productsOf(event);
  return products === undefined ? summarizeV4(event) : summarizeV3(products);
}

function summarizeV3(products: Products): EventSummary {
  const signal = (product: string) => read(products(product), "result");
  const identification = products("identification");
  const botd = products("botd");
  const bot = read(botd, "bot");
  const { id, timestamp, ip, url, linkedId } = readOrigin(identification, botd);
  const addresses = readAddresses(ip, products("ipInfo"));
  const { info } = addresses;
  const asn = read(info, "asn");
  const location = info === undefined ? read(identification, "ipLocation") : read(info, "geolocation");
  return {
    id,
    timestamp,
    visitorId: text(read(identification, "visitorId")),
    confidence: number(read(read(identification, "confidence"), "score")),
    firstSeenAt: parseTime(read(read(identification, "firstSeenAt"), "subscription")),
    lastSeenAt: parseTime(read(read(identification, "lastSeenAt"), "subscription")),
    ip: addresses.ip,
    ipv4: addresses.ipv4,
    ipv6: addresses.ipv6,
    url,
    linkedId,
    environmentId: text(read(identification, "environmentId")),
    replayed: flag(read(identification, "replayed")),
    complete: true,
    bot: botResult(read(bot, "result")),
    botType: text(read(bot, "type")),
    botInfo: undefined,
    countryCode: text(read(read(location, "country"), "code")),
    asn: text(read(asn, "asn")),
    asnType: text(read(asn, "type")),
    datacenter: flag(read(read(info, "datacenter"), "result")),
    vpn: flag(signal("vpn")),
    proxy: flag(signal("proxy")),
    tor: flag(signal("tor")),
    tampering: flag(signal("tampering")),
    incognito: flag(signal("incognito")) ?? flag(read(identification, "incognito")),
    virtualMachine: flag(signal("virtualMachine")),
    emulator: flag(signal("emulator")),
    rootApps: flag(signal("rootApps")),
    jailbroken: flag(signal("jailbroken")),
    highActivity: flag(signal("highActivity")),
    suspectScore: number(signal("suspectScore")),
  };
}

function summarizeV4(event: unknown): EventSummary {
  const complete = read(event, "incremental_identification_status") !== "partially_completed";
  const signals = complete ? event : undefined;
  const identification = read(event, "identification");
  const { ip, ipv4, ipv6, info } = readAddresses(text(read(event, "ip_address")), read(signals, "ip_info"));
  const emulator = flag(read(signals, "emulator"));
  const simulator = flag(read(signals, "simulator"));
  return {
    id: text(read(event, "event_id")),
    timestamp: number(read(event, "timestamp")),
    visitorId: text(read(identification, "visitor_id")),
    confidence: number(read(read(identification, "confidence"), "score")),
    firstSeenAt: number(read(identification, "first_seen_at")),
    lastSeenAt: number(read(identification, "last_seen_at")),
    ip,
    ipv4,
    ipv6,
    url: text(read(event, "url")),
    linkedId: text(read(event, "linked_id")),
    environmentId: text(read(event, "environment_id")),
    replayed: flag(read(event, "replayed")),
    complete,
    bot: botResult(read(signals, "bot")),
    botType: text(read(signals, "bot_type")),
    botInfo: readBotInfo(read(signals, "bot_info")),
    countryCode: text(read(read(info, "geolocation"), "country_code")),
    asn: text(read(info, "asn")),
    asnType: text(read(info, "asn_type")),
    datacenter: flag(read(info, "datacenter_result")),
    vpn: flag(read(signals, "vpn")),
    proxy: flag(read(signals, "proxy")),
    tor: flag(read(read(signals, "ip_blocklist"), "tor_node")),
    tampering: flag(read(signals, "tampering")),
    incognito: flag(read(signals, "incognito")),
    virtualMachine: flag(read(signals, "virtual_machine")),
    emulator: emulator === undefined || simulator ? simulator : emulator,
    rootApps: flag(read(signals, "root_apps")),
    jailbroken: flag(read(signals, "jailbroken")),
    highActivity: flag(read(signals, "high_activity_device")),
    suspectScore: number(read(signals, "suspect_score")),
  };
}

/** Any object counts as a bot, also one without a known field. */
function readBotInfo(info: unknown): BotInfoSummary | undefined {
  if (!isRecord(info)) return undefined;
  return {
    category: text(read(info, "category")),
    provider: text(read(info, "provider")),
    name: text(read(info, "name")),
    identity: oneOf(read(info, "identity"), ["signed", "spoofed", "unknown", "verified"]),
    confidence: confidence(read(info, "confidence")),
  };
}

/**
 * Reads the addresses, and finds the information about the one that Fingerprint saw.
 *
 * @param ip The address that Fingerprint saw. Edge events have it in `ipInfo` only.
 * @param ipInfo Information about up to two addresses. Without its `address`, an entry is ignored.
 */
function readAddresses(ip: string | undefined, ipInfo: unknown) {
  const v4 = read(ipInfo, "v4");
  const v6 = read(ipInfo, "v6");
  const addressV4 = text(read(v4, "address"));
  const addressV6 = text(read(v6, "address"));
  const infoV4 = addressV4 === undefined ? undefined : v4;
  const infoV6 = addressV6 === undefined ? undefined : v6;
  const seen = ip ?? addressV4 ?? addressV6;
  const isV6 = seen?.includes(":") === true;
  return {
    ip: seen,
    ipv4: addressV4 ?? (isV6 ? undefined : seen),
    ipv6: addressV6 ?? (isV6 ? seen : undefined),
    info: isV6 ? infoV6 ?? infoV4 : infoV4 ?? infoV6,
  };
}
