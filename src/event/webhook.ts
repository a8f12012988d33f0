/**
 * The event of a webhook, in the two versions that Fingerprint sends.
 *
 * @module
 */

import { isRecord } from "./fields.ts";
import type { FingerprintEventV4 } from "./types/v4.ts";
import type { WebhookEventV3 } from "./types/webhook-v3.ts";

/** The event of a webhook. Check `event.event_id` or `event.requestId` to distinguish the two versions. */
export type WebhookEvent = WebhookEventV4 | WebhookEventV3;

/** The body of a v4 webhook: the v4 event itself. */
export interface WebhookEventV4 extends FingerprintEventV4 {
  /** Present in v3 webhooks only; it distinguishes the two versions. */
  readonly requestId?: undefined;
}

/** Whether `value` has an id and a timestamp, as every webhook of v3 or v4 has. */
export function isWebhookEvent(value: unknown): value is WebhookEvent {
  if (!isRecord(value) || !Object.hasOwn(value, "timestamp") || typeof value.timestamp !== "number") return false;
  const id = Object.hasOwn(value, "event_id") ? value.event_id : Object.hasOwn(value, "requestId") && value.requestId;
  return typeof id === "string";
}
