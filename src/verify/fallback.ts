/**
 * Maps errors of the `fallback` to the codes of a refused request.
 *
 * @module
 */

import type { EventsApiErrorCode } from "../events-api/errors.ts";
import type { FallbackErrorCode } from "./errors.ts";

/** Longest `Retry-After` that is passed on to a client: a day. */
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * The codes for errors of `./events-api`. The id is the only part of the request to the service that the client chose.
 */
const FALLBACK_CODES: Readonly<Record<EventsApiErrorCode, FallbackErrorCode>> = {
  ERR_EVENTS_API_REQUEST: "ERR_FALLBACK_NOT_FOUND",
  ERR_EVENTS_API_NETWORK: "ERR_FALLBACK",
  ERR_EVENTS_API_TIMEOUT: "ERR_FALLBACK_TIMEOUT",
  ERR_EVENTS_API_ABORTED: "ERR_FALLBACK",
  ERR_EVENTS_API_STATUS: "ERR_FALLBACK",
  ERR_EVENTS_API_TOO_LARGE: "ERR_FALLBACK",
  ERR_EVENTS_API_BODY: "ERR_FALLBACK",
};

/** The code for an error of a `fallback`. */
export function fallbackCode(error: unknown): FallbackErrorCode {
  const { serviceStatus: status, code } = (error ?? {}) as { serviceStatus?: unknown; code?: unknown };
  if (status === 404 || status === 400) return "ERR_FALLBACK_NOT_FOUND";
  if (status === 429 || status === 503) return "ERR_FALLBACK_BUSY";
  if (status === 504) return "ERR_FALLBACK_TIMEOUT";
  if (typeof code !== "string" || !Object.hasOwn(FALLBACK_CODES, code)) return "ERR_FALLBACK";
  return FALLBACK_CODES[code as EventsApiErrorCode]; // an own key of the table
}

/** How long the Events API asks to wait, at most a day. */
export function retryAfterOf(error: unknown): number | undefined {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown };
  return typeof retryAfterMs === "number" && retryAfterMs >= 0 ? Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) : undefined;
}
