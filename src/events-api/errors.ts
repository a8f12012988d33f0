/**
 * The error of the Events API client, and its codes.
 *
 * An error names the check that failed. It contains no secret key, URL or content, and no cause that could contain
 * them.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";
import { readPath } from "../event/fields.ts";

/**
 * What failed.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_EVENTS_API_REQUEST` | the id is not text of 1 to 1024 characters, or is `.` or `..`; nothing was sent |
 * | `ERR_EVENTS_API_NETWORK` | the service could not be reached, or its response broke off |
 * | `ERR_EVENTS_API_TIMEOUT` | no complete response arrived within `timeoutMs` |
 * | `ERR_EVENTS_API_ABORTED` | the `signal` fired first |
 * | `ERR_EVENTS_API_STATUS` | the response has another status than 200, such as a redirect; see `serviceStatus` |
 * | `ERR_EVENTS_API_TOO_LARGE` | the response is over `maxBodyBytes` |
 * | `ERR_EVENTS_API_BODY` | the response is not JSON in UTF-8, not an event of the client's version, or an event with another id |
 */
export type EventsApiErrorCode =
  | "ERR_EVENTS_API_REQUEST"
  | "ERR_EVENTS_API_NETWORK"
  | "ERR_EVENTS_API_TIMEOUT"
  | "ERR_EVENTS_API_ABORTED"
  | "ERR_EVENTS_API_STATUS"
  | "ERR_EVENTS_API_TOO_LARGE"
  | "ERR_EVENTS_API_BODY";

/** The error codes that the service documents for v4 and v3. */
export const SERVICE_CODES = [
  // v4
  "request_cannot_be_parsed",
  "request_read_timeout",
  "secret_api_key_required",
  "secret_api_key_not_found",
  "public_api_key_required",
  "public_api_key_not_found",
  "subscription_not_active",
  "wrong_region",
  "feature_not_enabled",
  "request_not_found",
  "event_not_found",
  "visitor_not_found",
  "ruleset_not_found",
  "too_many_requests",
  "state_not_ready",
  "missing_module",
  "payload_too_large",
  "service_unavailable",
  "failed",
  // v3
  "RequestCannotBeParsed",
  "RequestReadTimeout",
  "TokenRequired",
  "TokenNotFound",
  "SubscriptionNotActive",
  "WrongRegion",
  "FeatureNotEnabled",
  "WorkspaceScopedSecretKeyRequired",
  "RequestNotFound",
  "VisitorNotFound",
  "TooManyRequests",
  "429 Too Many Requests",
  "StateNotReady",
  "Failed",
] as const;

/** The service's own error code: one of those that it documents for v4 and v3. */
export type EventsApiServiceCode = typeof SERVICE_CODES[number];

/** The properties of an {@linkcode EventsApiError} besides its code. */
export interface EventsApiErrorDetails {
  /** With `ERR_EVENTS_API_STATUS`: the service's HTTP status. */
  readonly serviceStatus?: number | undefined;
  /** With `ERR_EVENTS_API_STATUS`: the service's own code, when the response has a documented one. */
  readonly serviceCode?: EventsApiServiceCode | undefined;
  /** With `ERR_EVENTS_API_STATUS`: how long the service asks you to wait, in milliseconds from 0. */
  readonly retryAfterMs?: number | undefined;
}

/** The error of the Events API client. Match on `code`, `serviceStatus` and `serviceCode`; the message is for people. */
export class EventsApiError extends SealedResultsError<EventsApiErrorCode> {
  /** Always `EventsApiError`. */
  override readonly name: string = "EventsApiError";
  /** With `ERR_EVENTS_API_STATUS`: the service's HTTP status. */
  declare readonly serviceStatus?: number;
  /** With `ERR_EVENTS_API_STATUS`: the service's own code, when the response has a documented one. */
  declare readonly serviceCode?: EventsApiServiceCode;
  /**
   * With `ERR_EVENTS_API_STATUS`: how long the service asks you to wait (`Retry-After`), in milliseconds from 0; absent
   * when it does not say. The value has no upper limit: apply your own.
   */
  declare readonly retryAfterMs?: number;

  /**
   * Creates the error.
   *
   * @param code What failed.
   * @param message For people.
   * @param details The other properties.
   */
  constructor(code: EventsApiErrorCode, message: string, details?: EventsApiErrorDetails) {
    super(code, message);
    if (details?.serviceStatus !== undefined) this.serviceStatus = details.serviceStatus;
    if (details?.serviceCode !== undefined) this.serviceCode = details.serviceCode;
    if (details?.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}

/**
 * Creates the error for a response whose status is not 200.
 *
 * @param response The response; its body is not read.
 * @param answer The parsed body, or `undefined`: `{ error: { code, message } }` in v4 and v3. Only documented codes are
 * repeated, because any other text may quote a part of the request, such as the secret key.
 */
export function statusError(response: Response, answer: unknown): EventsApiError {
  const code = readPath(answer, "error", "code");
  const serviceCode = SERVICE_CODES.find((documented) => documented === code);
  const got = serviceCode === undefined ? `${response.status}` : `${response.status} (${serviceCode})`;
  return new EventsApiError("ERR_EVENTS_API_STATUS", `Cannot fetch event: status ${got}`, {
    serviceStatus: response.status,
    serviceCode,
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after")),
  });
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Converts seconds or an HTTP date (RFC 9110 §10.2.3) to milliseconds from now. */
function parseRetryAfter(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined; // null, or what an application's `fetch` has instead
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const instant = HTTP_DATE.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - Date.now());
}
