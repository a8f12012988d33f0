/**
 * The event of a webhook, in the two versions that Fingerprint sends.
 *
 * @module
 */

import { read } from "./fields.ts";
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
  const id = read(value, read(value, "event_id") === undefined ? "requestId" : "event_id");
  return typeof id === "string" && typeof read(value, "timestamp") === "number";
}
