/**
 * One view of both versions' events.
 *
 * @module
 */

import type { FingerprintEvent } from "./event.ts";
import type { BotResult } from "./types/shared.ts";
import type { FingerprintEventV4 } from "./types/v4.ts";
import { botResult, flag, number, read, text } from "./fields.ts";
import { parseTime } from "./time.ts";
import type { WebhookEventV3 } from "./types/webhook-v3.ts";
import { eventOfWebhook, isWebhookEvent, type WebhookEvent } from "./webhook.ts";

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
  /** The address that Fingerprint saw. */
  readonly ip: string | undefined;
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
  /** `bad`: automation tools and headless browsers. `good`: search engines and the like. `not_detected`: no bot. */
  readonly bot: BotResult | undefined;
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
 * @param event A v3 or v4 event, opened, fetched, or received from a webhook. The same event has the same `id` in each.
 * @returns The summary. Only own properties of the event are read, and each field has its declared type or is
 * `undefined`.
 *
 * @example Evaluate events of either version
 * ```ts
 * import { type FingerprintEvent, summarize } from "@unseal/sealed-results/event";
 *
 * function isSuspicious(event: FingerprintEvent): boolean {
 *   const { complete, bot, vpn, tampering } = summarize(event);
 *   return !complete || bot === "bad" || vpn === true || tampering === true;
 * }
 * ```
 */
export function summarize(event: FingerprintEventV4 | WebhookEvent): IdentifiedSummary;
/** Summarizes an event that may have no id, as a v3 event whose identification failed. */
export function summarize(event: FingerprintEvent | WebhookEvent): EventSummary;
export function summarize(event: FingerprintEvent | WebhookEvent): EventSummary {
  if (read(event, "products") !== undefined) return summarizeV3(event);
  // The body of a v3 webhook has no `products`. isWebhookEvent() also checks event_id first.
  const isV3Webhook = read(event, "event_id") === undefined && isWebhookEvent(event);
  return isV3Webhook ? summarizeV3(eventOfWebhook(event as WebhookEventV3)) : summarizeV4(event);
}

function summarizeV3(event: unknown): EventSummary {
  const data = (...path: string[]) => read(event, "products", "identification", "data", ...path);
  const signal = (product: string) => read(event, "products", product, "data", "result");
  return {
    id: text(data("requestId")),
    timestamp: number(data("timestamp")) ?? parseTime(data("time")),
    visitorId: text(data("visitorId")),
    confidence: number(data("confidence", "score")),
    firstSeenAt: parseTime(data("firstSeenAt", "subscription")),
    lastSeenAt: parseTime(data("lastSeenAt", "subscription")),
    ip: text(data("ip")),
    url: text(data("url")),
    linkedId: text(data("linkedId")),
    environmentId: text(data("environmentId")),
    replayed: flag(data("replayed")),
    complete: true,
    bot: botResult(read(event, "products", "botd", "data", "bot", "result")),
    vpn: flag(signal("vpn")),
    proxy: flag(signal("proxy")),
    tor: flag(signal("tor")),
    tampering: flag(signal("tampering")),
    incognito: flag(signal("incognito")) ?? flag(data("incognito")),
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
  const signal = (...path: string[]) => complete ? read(event, ...path) : undefined;
  const emulator = flag(signal("emulator"));
  const simulator = flag(signal("simulator"));
  return {
    id: text(read(event, "event_id")),
    timestamp: number(read(event, "timestamp")),
    visitorId: text(read(event, "identification", "visitor_id")),
    confidence: number(read(event, "identification", "confidence", "score")),
    firstSeenAt: number(read(event, "identification", "first_seen_at")),
    lastSeenAt: number(read(event, "identification", "last_seen_at")),
    ip: text(read(event, "ip_address")),
    url: text(read(event, "url")),
    linkedId: text(read(event, "linked_id")),
    environmentId: text(read(event, "environment_id")),
    replayed: flag(read(event, "replayed")),
    complete,
    bot: botResult(signal("bot")),
    vpn: flag(signal("vpn")),
    proxy: flag(signal("proxy")),
    tor: flag(signal("ip_blocklist", "tor_node")),
    tampering: flag(signal("tampering")),
    incognito: flag(signal("incognito")),
    virtualMachine: flag(signal("virtual_machine")),
    emulator: emulator === undefined || simulator ? simulator : emulator,
    rootApps: flag(signal("root_apps")),
    jailbroken: flag(signal("jailbroken")),
    highActivity: flag(signal("high_activity_device")),
    suspectScore: number(signal("suspect_score")),
  };
}
