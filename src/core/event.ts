/**
 * What a sealed result holds: an event, in one of two shapes.
 *
 * @module
 */

import { UnsealError } from "./errors.ts";
import type { FingerprintEventV3 } from "./event-v3.ts";
import type { FingerprintEventV4 } from "./event-v4.ts";
import { parseJson } from "./json.ts";
import { ownProperties } from "../options.ts";

/**
 * A v3 or a v4 event. `event.products` and `event.event_id` tell them apart:
 *
 * @example
 * ```ts
 * import type { FingerprintEvent } from "@unseal/sealed-results";
 *
 * function isBot(event: FingerprintEvent): boolean {
 *   if (event.products !== undefined) return event.products.botd?.data?.bot?.result === "bad";
 *   return event.bot === "bad";
 * }
 * ```
 */
export type FingerprintEvent = FingerprintEventV3 | FingerprintEventV4;

/**
 * Parses the text of an event.
 *
 * @param text What was sealed: authentic, but no more than that.
 * @throws {UnsealError} `ERR_EVENT_JSON`, `ERR_EVENT_SHAPE`.
 */
export function parseEvent(text: string): FingerprintEvent {
  const value = parseJson(text);
  if (value === undefined) throw new UnsealError("ERR_EVENT_JSON", "Event is not JSON");
  if (isEvent(value)) return value;
  throw new UnsealError("ERR_EVENT_SHAPE", "Event has neither the v3 nor the v4 shape");
}

/** Whether `value` has what makes an event of one of the two shapes. */
export function isEvent(value: unknown): value is FingerprintEvent {
  if (!isRecord(value)) return false;
  const { products, event_id, timestamp } = ownProperties(value);
  if (products !== undefined) return isRecord(products);
  return typeof event_id === "string" && typeof timestamp === "number";
}

/** Whether `value` is an object, and neither `null` nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
