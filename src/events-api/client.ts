/**
 * The client of the Events API.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import { type EventByVersion, type EventVersion, type FingerprintEvent, isEvent } from "../event/event.ts";
import { summarize } from "../event/summary.ts";
import type { EdgeEventV4 } from "../event/types/v4.ts";
import { type AnalyzeOptions, edgeBody, type EdgeRequest } from "./edge.ts";
import { within } from "./ending.ts";
import { EventsApiError } from "./errors.ts";
import {
  checkGetEventOptions,
  checkOptions,
  checkSignal,
  encodeQuery,
  type EventsClientOptions,
  type GetEventOptions,
} from "./options.ts";
import { sendRequest } from "./request.ts";
import { withRetries } from "./retry.ts";

/** Fetches events. It may be shared and called concurrently. Printing it does not show its key. */
export interface EventsClient<Event extends FingerprintEvent = FingerprintEvent> {
  /**
   * Fetches one event. While the service does not have it yet, or is unavailable, asks again: see `retryForMs`.
   *
   * @param id The event's id: v4 `event_id`, v3 `requestId`. Untrusted; from 1 to 1024 characters.
   * @param options Options of this call.
   * @returns The event. An event with another id or of another version is refused; a v3 event without `data` of
   * identification and bot detection has no id to compare.
   * @throws {EventsApiError} See {@linkcode EventsApiErrorCode}. The promise rejects; nothing is thrown synchronously.
   * @throws {TypeError} When an option of this call is invalid, or the client's `fetch` does not return a `Response`.
   */
  getEvent(id: string, options?: GetEventOptions): Promise<Event>;
}

/** Fetches v4 events, and creates edge events. */
export interface EventsClientV4 extends EventsClient<EventByVersion["v4"]> {
  /**
   * Analyzes a request that has reached your server, without an agent in a page (`POST /v4/edge`, a beta of
   * Fingerprint's): whether a bot sent it, which one, and what is known of its address. One call is one request and
   * creates one event.
   *
   * @param request The request. Values of headers that have a secret are not sent, its URL is sent with its query.
   * @param options The client's address, and more.
   * @returns The event. `summarize` reads it.
   * @throws {EventsApiError} As for `getEvent`, without `ERR_EVENTS_API_REQUEST`.
   * @throws {TypeError} When the request or an option is invalid. The promise rejects; nothing is thrown synchronously.
   *
   * @example Decide before the origin is asked
   * ```ts
   * import { createEventsClient } from "@unseal/sealed-results/events-api";
   * import { summarize } from "@unseal/sealed-results/event";
   *
   * const client = createEventsClient({ secretKey: "SECRET_API_KEY", timeoutMs: 300 });
   *
   * async function isSpoofed(request: Request, ip: string): Promise<boolean> {
   *   const event = await client.analyze(request, { ip });
   *   return summarize(event).botInfo?.identity === "spoofed";
   * }
   * ```
   */
  analyze(request: EdgeRequest, options: AnalyzeOptions): Promise<EdgeEventV4>;
}

/** Real ids have about 20 characters. */
const MAX_ID_CHARACTERS = 1024;

const ANALYZE_NAMES = { ip: 1, linkedId: 1, tags: 1, secretHeaders: 1, signal: 1 } as const satisfies Record<
  keyof AnalyzeOptions,
  1
>;

/**
 * Creates a client.
 *
 * @param options The service to call, and how to call it.
 * @throws {TypeError | RangeError} When an option has the wrong type or range, or an unknown name.
 *
 * @example Fetch an event, and recognise a missing one
 * ```ts
 * import { createEventsClient, EventsApiError } from "@unseal/sealed-results/events-api";
 * import assert from "node:assert/strict";
 *
 * const client = createEventsClient({
 *   secretKey: "SECRET_API_KEY",
 *   region: "eu",
 *   // Replaces the service in this example:
 *   fetch: async (url) =>
 *     url.endsWith("/v4/events/1708102555327.NLOjmg")
 *       ? Response.json({ event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 })
 *       : Response.json({ error: { code: "event_not_found", message: "…" } }, { status: 404 }),
 *   retryForMs: 0, // By default, it asks for the missing event for three seconds.
 * });
 *
 * const event = await client.getEvent("1708102555327.NLOjmg");
 * assert.equal(event.event_id, "1708102555327.NLOjmg");
 * await assert.rejects(
 *   client.getEvent("1708102555327.xxxxxx"),
 *   (error) => error instanceof EventsApiError && error.serviceCode === "event_not_found",
 * );
 * ```
 */
export function createEventsClient(options: EventsClientOptions<"v4">): EventsClientV4;
/** Creates a client of v3. */
export function createEventsClient(options: EventsClientOptions<"v3">): EventsClient<EventByVersion["v3"]>;
/** Creates a client of a version that is known at run time only. */
export function createEventsClient(options: EventsClientOptions): EventsClient;
export function createEventsClient(options: EventsClientOptions): EventsClient | EventsClientV4 {
  const checked = checkOptions(options);
  const { version, baseUrl, timeoutMs } = checked;
  const events = baseUrl + (version === "v4" ? "/v4/events/" : "/events/");

  async function getEvent(id: string, options: GetEventOptions = {}): Promise<FingerprintEvent> {
    const { signal, rulesetId } = checkGetEventOptions(options);
    const query = rulesetId === undefined ? checked.query : encodeQuery(rulesetId, version);
    const url = events + encodeId(id) + query;
    return await withRetries(checked, signal, async (ending) => {
      const event = checkEvent(await sendRequest(checked, url, null, ending), version);
      const { id: answered } = summarize(event);
      if (answered === id || (answered === undefined && version === "v3")) return event;
      throw new EventsApiError("ERR_EVENTS_API_BODY", "Cannot fetch event: the response is an event with another id");
    });
  }

  async function analyze(request: EdgeRequest, options: AnalyzeOptions): Promise<EdgeEventV4> {
    const own = checkedOptions(options, ANALYZE_NAMES);
    checkSignal(own.signal);
    const body = edgeBody(request, own);
    return await within(timeoutMs, own.signal, async (ending) => {
      const event = checkEvent(await sendRequest(checked, `${baseUrl}/v4/edge`, body, ending), "v4");
      return event as EdgeEventV4; // as the service answers requests of this kind
    });
  }

  return Object.freeze(version === "v4" ? { getEvent, analyze } : { getEvent });
}

function checkEvent(value: unknown, version: EventVersion): FingerprintEvent {
  if (isEvent(value, version)) return value;
  throw new EventsApiError("ERR_EVENTS_API_BODY", `Cannot fetch event: the response is not a ${version} event in JSON`);
}

/** Encodes an id as one path segment. `.` and `..` are refused: they change the path (WHATWG URL §4.4). */
function encodeId(id: string): string {
  if (typeof id === "string" && id !== "" && id !== "." && id !== ".." && id.length <= MAX_ID_CHARACTERS) {
    try {
      return encodeURIComponent(id);
    } catch {
      // The id contains half of a surrogate pair.
    }
  }
  throw new EventsApiError(
    "ERR_EVENTS_API_REQUEST",
    `Cannot fetch event: the id must be text of 1 to ${MAX_ID_CHARACTERS} characters, not . or ..`,
  );
}
