/**
 * The event of a webhook, in the two shapes that Fingerprint sends.
 *
 * @module
 */

import { isRecord } from "../core/event.ts";
import type { IdentificationV3, ProductsV3 } from "../core/event-v3.ts";
import type { FingerprintEventV4 } from "../core/event-v4.ts";
import { type EventSummary, summarizeEvent } from "../core/summary.ts";

/** The event of a webhook. Check `event.event_id` or `event.requestId` to tell the two shapes apart. */
export type WebhookEvent = WebhookEventV4 | WebhookEventV3;

/** The body of a v4 webhook: the v4 event itself. */
export interface WebhookEventV4 extends FingerprintEventV4 {
  /** In v3 only, so that the type can be narrowed. */
  readonly requestId?: undefined;
  /** In webhooks only. */
  readonly triggered_by?: unknown;
}

/** The `data` of a product in a v3 event. */
export type ProductDataV3<Product extends keyof ProductsV3> = NonNullable<NonNullable<ProductsV3[Product]>["data"]>;

/**
 * The body of a v3 webhook: the fields of a v3 event's `products.identification.data`, and beside them the `data` of the
 * other products. Only `requestId` and `timestamp` are checked.
 */
export interface WebhookEventV3 extends IdentificationV3 {
  /** The id of the event, unique: `<Unix milliseconds>.<characters>`. */
  readonly requestId: string;
  /** Unix milliseconds. */
  readonly timestamp: number;
  /** In v4 only, so that the type can be narrowed. */
  readonly event_id?: undefined;
  readonly userAgent?: string;
  readonly bot?: NonNullable<ProductDataV3<"botd">["bot"]>;
  readonly clonedApp?: ProductDataV3<"clonedApp">;
  readonly developerTools?: ProductDataV3<"developerTools">;
  readonly emulator?: ProductDataV3<"emulator">;
  readonly factoryReset?: ProductDataV3<"factoryReset">;
  readonly frida?: ProductDataV3<"frida">;
  readonly highActivity?: ProductDataV3<"highActivity">;
  readonly ipBlocklist?: ProductDataV3<"ipBlocklist">;
  readonly ipInfo?: ProductDataV3<"ipInfo">;
  readonly jailbroken?: ProductDataV3<"jailbroken">;
  readonly locationSpoofing?: ProductDataV3<"locationSpoofing">;
  readonly mitmAttack?: ProductDataV3<"mitmAttack">;
  readonly privacySettings?: ProductDataV3<"privacySettings">;
  readonly proxy?: ProductDataV3<"proxy">;
  readonly rawDeviceAttributes?: ProductDataV3<"rawDeviceAttributes">;
  readonly remoteControl?: ProductDataV3<"remoteControl">;
  readonly rootApps?: ProductDataV3<"rootApps">;
  readonly suspectScore?: ProductDataV3<"suspectScore">;
  readonly tampering?: ProductDataV3<"tampering">;
  readonly tor?: ProductDataV3<"tor">;
  readonly velocity?: ProductDataV3<"velocity">;
  readonly virtualMachine?: ProductDataV3<"virtualMachine">;
  readonly vpn?: ProductDataV3<"vpn">;
}

/** The {@linkcode EventSummary} of a webhook. It always has an id and a time. */
export interface WebhookSummary extends EventSummary {
  readonly id: string;
  readonly timestamp: number;
}

/** Whether `value` has the fields that every event of its shape has. */
export function isWebhookEvent(value: unknown): value is WebhookEvent {
  if (!isRecord(value) || !Object.hasOwn(value, "timestamp") || typeof value.timestamp !== "number") return false;
  const id = Object.hasOwn(value, "event_id") ? value.event_id : Object.hasOwn(value, "requestId") && value.requestId;
  return typeof id === "string";
}

/**
 * Summarizes the event of a webhook, v3 or v4, as `summarizeEvent` summarizes an opened sealed result: the same event has
 * the same `id` in both.
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
 *   requestId: "1708102555327.NLOjmg",
 *   timestamp: 1708102555327,
 *   visitorId: "TaDnMBz9XCpZNuSzFUqP",
 * });
 * assert.equal(id, "1708102555327.NLOjmg");
 * assert.equal(visitorId, "TaDnMBz9XCpZNuSzFUqP");
 * ```
 */
export function summarizeWebhook(event: WebhookEvent): WebhookSummary {
  if (Object.hasOwn(event, "event_id")) {
    const { event_id: id, timestamp } = event as WebhookEventV4; // isWebhookEvent() checks event_id first, too.
    return { ...summarizeEvent(event as WebhookEventV4), id, timestamp };
  }
  const { requestId: id, timestamp } = event as WebhookEventV3;
  return { ...summarizeEvent({ products: { identification: { data: event as WebhookEventV3 } } }), id, timestamp };
}
