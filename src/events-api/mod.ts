/**
 * Fetches events from Fingerprint's Events API: for a backend that has the id of an event but no sealed result.
 *
 * One call is one request. Nothing is retried: {@linkcode EventsApiError} says whether a retry makes sense, and when.
 *
 * @module
 */

export { createEventsClient, type EventsClient, type EventsClientOptions, type GetEventOptions } from "./client.ts";
export {
  EventsApiError,
  type EventsApiErrorCode,
  type EventsApiErrorDetails,
  type EventsApiServiceCode,
  SERVICE_CODES,
} from "./errors.ts";
export type { FingerprintEvent } from "../event/event.ts";
