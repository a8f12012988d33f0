/**
 * The content of a sealed result: an event of v3 or v4.
 *
 * @module
 */

import { UnsealError } from "./errors.ts";
import type { FingerprintEventV3 } from "./events/v3.ts";
import type { FingerprintEventV4 } from "./events/v4.ts";
import { parseJson } from "./json.ts";
import { ownProperties } from "../options.ts";
import { decodeUtf8 } from "./text.ts";

/**
 * A v3 or a v4 event. Check `event.products` or `event.event_id` to distinguish them:
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

/** A version of Fingerprint's event format. */
export type EventVersion = keyof EventByVersion;

/** The event of each version. */
export interface EventByVersion {
  /** The v3 event: products, in camelCase. */
  v3: FingerprintEventV3;
  /** The v4 event: flat, in snake_case. */
  v4: FingerprintEventV4;
}

/**
 * Parses an event.
 *
 * @param json The event's JSON in UTF-8: authentic, but otherwise unchecked.
 * @param version The only version to accept; both by default.
 * @throws {UnsealError} `ERR_EVENT_UTF8`, `ERR_EVENT_JSON`, `ERR_EVENT_SHAPE`, or `ERR_EVENT_TOO_LARGE` when the text
 * exceeds the engine's longest string.
 */
export function parseEvent(json: Uint8Array, version?: EventVersion): FingerprintEvent {
  const value = parseJson(toText(json));
  if (value === undefined) throw new UnsealError("ERR_EVENT_JSON", "Cannot parse event: not JSON");
  if (!isEvent(value)) throw new UnsealError("ERR_EVENT_SHAPE", "Cannot accept event: neither a v3 nor a v4 event");
  if (version !== undefined && version !== versionOf(value)) {
    throw new UnsealError(
      "ERR_EVENT_SHAPE",
      `Cannot accept event: a ${versionOf(value)} event, but version is ${version}`,
    );
  }
  return value;
}

function toText(json: Uint8Array): string {
  let text;
  try {
    text = decodeUtf8(json);
  } catch {
    throw new UnsealError("ERR_EVENT_TOO_LARGE", "Cannot decode event: longer than this engine's strings");
  }
  if (text === undefined) throw new UnsealError("ERR_EVENT_UTF8", "Cannot decode event: not UTF-8");
  return text;
}

/** Checks the `version` option. */
export function checkVersion(version: EventVersion | undefined): EventVersion | undefined {
  if (version === undefined || version === "v3" || version === "v4") return version;
  throw new TypeError('version must be "v3" or "v4"');
}

/** Whether `value` has the distinguishing fields of a v3 or a v4 event. */
export function isEvent(value: unknown): value is FingerprintEvent {
  if (!isRecord(value)) return false;
  const { products, event_id, timestamp } = ownProperties(value);
  if (products !== undefined) return isRecord(products);
  return typeof event_id === "string" && typeof timestamp === "number";
}

/** The version of an event. */
export function versionOf(event: FingerprintEvent): EventVersion {
  return ownProperties(event).products === undefined ? "v4" : "v3";
}

/** Whether `value` is an object, and neither `null` nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
