/**
 * Reads v3 events: those of a sealed result or of the Events API, and the bodies of webhooks, which have the same
 * fields in another arrangement.
 *
 * @module
 */

import { number, read, text } from "./fields.ts";
import { parseTime } from "./time.ts";
import { isWebhookEvent } from "./webhook.ts";

/** Returns the `data` of a product; `undefined` when it failed or is missing. */
export type Products = (product: string) => unknown;

/** The products of a v3 event or webhook; `undefined` for any other value. */
export function productsOf(event: unknown): Products | undefined {
  const products = read(event, "products");
  if (products !== undefined) return (product) => read(read(products, product), "data");
  if (read(event, "event_id") !== undefined || !isWebhookEvent(event)) return undefined;
  // The identification's fields, and `bot`, are at the top level of the body.
  return (product) => product === "identification" || product === "botd" ? event : read(event, product);
}

/** What a v3 event says about its origin. */
export interface OriginV3 {
  readonly id: string | undefined;
  readonly timestamp: number | undefined;
  readonly ip: string | undefined;
  readonly url: string | undefined;
  readonly linkedId: string | undefined;
}

/**
 * Reads the origin of a v3 event, for its summary and its upgrade alike. When the identification failed, it is in the
 * bot detection.
 */
export function readOrigin(identification: unknown, botd: unknown): OriginV3 {
  const either = (name: string) => text(read(identification, name)) ?? text(read(botd, name));
  return {
    id: either("requestId"),
    timestamp: number(read(identification, "timestamp")) ??
      parseTime(read(identification, "time")) ?? parseTime(read(botd, "time")),
    ip: either("ip"),
    url: either("url"),
    linkedId: either("linkedId"),
  };
}
