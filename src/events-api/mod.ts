/**
 * Fetches events from Fingerprint's Events API, for a backend that has the id of an event but no sealed result, and
 * analyzes requests that come without any agent.
 *
 * @module
 */

export { createEventsClient, type EventsClient, type EventsClientV4 } from "./client.ts";
export type { AnalyzeOptions, EdgeRequest } from "./edge.ts";
export type { CallOptions, EventsClientOptions, GetEventOptions } from "./options.ts";
export {
  EventsApiError,
  type EventsApiErrorCode,
  type EventsApiErrorDetails,
  type EventsApiServiceCode,
  SERVICE_CODES,
} from "./errors.ts";
