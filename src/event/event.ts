/**
 * The content of a sealed result: an event of v3 or v4.
 *
 * @module
 */

import { isRecord, read } from "./fields.ts";
import type { FingerprintEventV3 } from "./types/v3.ts";
import type { FingerprintEventV4 } from "./types/v4.ts";

/**
 * A v3 or a v4 event. Check `event.products` or `event.event_id` to distinguish them:
 *
 * @example
 * ```ts
 * import type { FingerprintEvent } from "@unseal/sealed-results/event";
 *
 * function isBot(event: FingerprintEvent): boolean {
 *   if (event.products !== undefined) return event.products.botd?.data?.bot?.result === "bad";
 *   return event.bot === "bad";
 * }
 * ```
 */
export type FingerprintEvent = FingerprintEventV3 | FingerprintEventV4;

/** A version of Fingerprint's event format. */
export type EventVersion = keyof EventByVersion;

/** The event of each version. */
export interface EventByVersion {
  /** The v3 event: products, in camelCase. */
  v3: FingerprintEventV3;
  /** The v4 event: flat, in snake_case. */
  v4: FingerprintEventV4;
}

/** Whether `value` has the distinguishing fields of an event of `version`, or by default of either version. */
export function isEvent(value: unknown, version?: EventVersion): value is FingerprintEvent {
  const products = read(value, "products");
  if (products !== undefined) return version !== "v4" && isRecord(products);
  return version !== "v3" && typeof read(value, "event_id") === "string" &&
    typeof read(value, "timestamp") === "number";
}
