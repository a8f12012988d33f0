/**
 * One view of both event shapes.
 *
 * @module
 */

import { type FingerprintEvent, isRecord } from "./event.ts";
import { parseTime } from "./time.ts";

/** What both shapes say, under one name each. A field that the event lacks, or has with another type, is `undefined`. */
export interface EventSummary {
  /** The event's unique id: v3 `requestId`, v4 `event_id`. */
  readonly id: string | undefined;
  /** When it happened, in Unix milliseconds. */
  readonly timestamp: number | undefined;
  readonly visitorId: string | undefined;
  /** The address that Fingerprint saw. */
  readonly ip: string | undefined;
  /** The page. Its path and query may be hashed: compare origins only. */
  readonly url: string | undefined;
  readonly linkedId: string | undefined;
  readonly environmentId: string | undefined;
  /** How sure the identification is, from 0 to 1. */
  readonly confidence: number | undefined;
  /** Whether Fingerprint has seen this very request before; `false` if the event does not say. */
  readonly replayed: boolean;
  /** `false` when identification was only partially completed: Smart Signals must then be ignored. */
  readonly complete: boolean;
}

/**
 * Summarizes an event of either shape.
 *
 * @param event A v3 or v4 event.
 * @returns The summary. Only own properties of the event are read, and each has the type it declares.
 *
 * @example
 * ```ts
 * import { summarizeEvent } from "@unseal/sealed-results";
 * import assert from "node:assert/strict";
 *
 * const { id, visitorId } = summarizeEvent({
 *   event_id: "1708102555327.NLOjmg",
 *   timestamp: 1708102555327,
 *   identification: { visitor_id: "TaDnMBz9XCpZNuSzFUqP" },
 * });
 * assert.equal(id, "1708102555327.NLOjmg");
 * assert.equal(visitorId, "TaDnMBz9XCpZNuSzFUqP");
 * ```
 */
export function summarizeEvent(event: FingerprintEvent): EventSummary {
  if (Object.hasOwn(event, "products")) {
    const data = (...path: string[]) => read(event, "products", "identification", "data", ...path);
    return {
      id: text(data("requestId")),
      timestamp: number(data("timestamp")) ?? parseTime(data("time")),
      visitorId: text(data("visitorId")),
      ip: text(data("ip")),
      url: text(data("url")),
      linkedId: text(data("linkedId")),
      environmentId: text(data("environmentId")),
      confidence: number(data("confidence", "score")),
      replayed: data("replayed") === true,
      complete: true,
    };
  }
  return {
    id: text(read(event, "event_id")),
    timestamp: number(read(event, "timestamp")),
    visitorId: text(read(event, "identification", "visitor_id")),
    ip: text(read(event, "ip_address")),
    url: text(read(event, "url")),
    linkedId: text(read(event, "linked_id")),
    environmentId: text(read(event, "environment_id")),
    confidence: number(read(event, "identification", "confidence", "score")),
    replayed: read(event, "replayed") === true,
    complete: read(event, "incremental_identification_status") !== "partially_completed",
  };
}

/** Follows own properties; `undefined` where there is none. */
function read(value: unknown, ...path: string[]): unknown {
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
