/**
 * The event of a webhook, in the two versions that Fingerprint sends.
 *
 * @module
 */

import { isRecord } from "../core/event.ts";
import type { FingerprintEventV3, ProductsV3 } from "../core/events/v3.ts";
import type { FingerprintEventV4 } from "../core/events/v4.ts";
import { type EventSummary, summarizeEvent } from "../core/summary.ts";
import type { WebhookEventV3 } from "./event-v3.ts";

/** The event of a webhook. Check `event.event_id` or `event.requestId` to distinguish the two versions. */
export type WebhookEvent = WebhookEventV4 | WebhookEventV3;

/** The body of a v4 webhook: the v4 event itself. */
export interface WebhookEventV4 extends FingerprintEventV4 {
  /** Present in v3 webhooks only; it distinguishes the two versions. */
  readonly requestId?: undefined;
}

/** The {@linkcode EventSummary} of a webhook, which always has an id and a time. */
export interface WebhookSummary extends EventSummary {
  /** The event's unique id: v3 `requestId`, v4 `event_id`. */
  readonly id: string;
  /** When it happened, in Unix milliseconds. */
  readonly timestamp: number;
}

/** Whether `value` has an id and a timestamp, as every webhook of v3 or v4 has. */
export function isWebhookEvent(value: unknown): value is WebhookEvent {
  if (!isRecord(value) || !Object.hasOwn(value, "timestamp") || typeof value.timestamp !== "number") return false;
  const id = Object.hasOwn(value, "event_id") ? value.event_id : Object.hasOwn(value, "requestId") && value.requestId;
  return typeof id === "string";
}

/**
 * Summarizes the event of a webhook, v3 or v4, as `summarizeEvent` does for an opened sealed result. The same event has
 * the same `id` in both summaries.
 *
 * @param event The event that `verifyWebhook` returned.
 * @returns The summary; `timestamp` is in Unix milliseconds.
 *
 * @example Recognise an event that arrives twice
 * ```ts
 * import { summarizeWebhook } from "@unseal/sealed-results/webhook";
 * import assert from "node:assert/strict";
 *
 * const { id, visitorId } = summarizeWebhook({
 *   event_id: "1708102555327.NLOjmg",
 *   timestamp: 1708102555327,
 *   identification: { visitor_id: "TaDnMBz9XCpZNuSzFUqP", visitor_found: true },
 * });
 * assert.equal(id, "1708102555327.NLOjmg");
 * assert.equal(visitorId, "TaDnMBz9XCpZNuSzFUqP");
 * ```
 */
export function summarizeWebhook(event: WebhookEvent): WebhookSummary {
  // isWebhookEvent() also checks event_id first.
  const isV4 = Object.hasOwn(event, "event_id");
  const id = isV4 ? (event as WebhookEventV4).event_id : (event as WebhookEventV3).requestId;
  const summary = summarizeEvent(isV4 ? event as WebhookEventV4 : eventOfWebhook(event as WebhookEventV3));
  return { ...summary, id, timestamp: event.timestamp };
}

/**
 * Converts a v3 webhook's body to the shape of a v3 event. Required fields of a product may be missing, as in the body.
 */
export function eventOfWebhook(webhook: WebhookEventV3): FingerprintEventV3 {
  const products = Object.fromEntries(Object.entries(webhook).map(([name, data]) => [name, { data }]));
  // The identification's fields, and `bot`, are at the top level of the body.
  return {
    products: { ...products, identification: { data: webhook }, botd: { data: webhook } } as unknown as ProductsV3,
  };
}
