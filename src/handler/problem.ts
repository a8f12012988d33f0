/**
 * The response to a refused request: problem details (RFC 9457), and the table of codes and statuses.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";
import type { UnsealErrorCode } from "../unseal/errors.ts";
import type { ReplayErrorCode } from "../replay/errors.ts";

/** Why a posted body was refused. */
export type RequestErrorCode =
  | "ERR_REQUEST_METHOD"
  | "ERR_REQUEST_TYPE"
  | "ERR_REQUEST_TIMEOUT"
  | "ERR_REQUEST_TOO_LARGE"
  | "ERR_REQUEST_BODY"
  | "ERR_REQUEST_EMPTY";

/** Why a posted id led to no event. */
export type FallbackErrorCode =
  | "ERR_FALLBACK_CLAIMS"
  | "ERR_FALLBACK_NOT_FOUND"
  | "ERR_FALLBACK_BUSY"
  | "ERR_FALLBACK_TIMEOUT"
  | "ERR_FALLBACK";

/** The unsealing codes that a request can cause. The other codes are mistakes of the application: `ERR_INTERNAL`. */
export type OpenErrorCode = Exclude<
  UnsealErrorCode,
  "ERR_SEALED_TYPE" | "ERR_KEY" | "ERR_RUNTIME" | "ERR_ASYNC" | "ERR_BROWSER"
>;

/**
 * Why a request was refused, with the status of the response.
 *
 * | status | code | when |
 * | --- | --- | --- |
 * | 405 | `ERR_REQUEST_METHOD` | it is not a `POST` |
 * | 415 | `ERR_REQUEST_TYPE` | its content type is not one of the three forms, or the body has a content coding |
 * | 408 | `ERR_REQUEST_TIMEOUT` | its body took longer than `bodyTimeoutMs` |
 * | 413 | `ERR_REQUEST_TOO_LARGE` | its body has more than `maxBodyBytes` |
 * | 400 | `ERR_REQUEST_BODY` | its body broke off, was read before, is not what its content type says, or contradicts itself |
 * | 400 | `ERR_REQUEST_EMPTY` | it has no sealed result; with a `fallback`, no id either |
 * | 400 | `ERR_SEALED_ENCODING`, `ERR_SEALED_TOO_SHORT`, `ERR_SEALED_HEADER` | its sealed result is malformed |
 * | 413 | `ERR_SEALED_TOO_LARGE` | its sealed result is over the unsealer's `maxSealedBytes` |
 * | 403 | `ERR_NO_KEY_FITS` | no key authenticates its sealed result: it is forged, or sealed with an unknown key |
 * | 422 | `ERR_DEFLATE`, `ERR_EVENT_TOO_LARGE`, `ERR_EVENT_UTF8`, `ERR_EVENT_JSON`, `ERR_EVENT_SHAPE` | it is authentic, but not an event |
 * | 422 | `ERR_REPLAY_INCOMPLETE` | `replay`: the event has no id or no time |
 * | 403 | `ERR_REPLAY_MISMATCH` | the event does not match the posted id or, with `replay`, the `claims` |
 * | 403 | `ERR_REPLAY_STALE`, `ERR_REPLAY_FUTURE`, `ERR_REPLAY_FLAGGED` | `replay`: the event is too old, from the future, or flagged by Fingerprint |
 * | 409 | `ERR_REPLAY_SEEN` | `replay`: the event was used before |
 * | 503 | `ERR_REPLAY_STORE` | `replay`: the store failed or was too slow |
 * | 403 | `ERR_FALLBACK_CLAIMS` | `fallback`: it has only an id, and `claims` gave no `ip` to compare with the event |
 * | 404 | `ERR_FALLBACK_NOT_FOUND` | `fallback`: no event has this id, or not yet |
 * | 503 | `ERR_FALLBACK_BUSY` | `fallback`: the Events API asks to retry later; `Retry-After` says when, if known |
 * | 504 | `ERR_FALLBACK_TIMEOUT` | `fallback`: the Events API did not answer in time |
 * | 502 | `ERR_FALLBACK` | `fallback`: every other failure of the Events API |
 * | 500 | `ERR_INTERNAL` | a function of the application, or anything else, failed |
 */
export type HandlerErrorCode =
  | RequestErrorCode
  | OpenErrorCode
  | ReplayErrorCode
  | FallbackErrorCode
  | "ERR_INTERNAL";

type Status = keyof typeof TITLE_BY_STATUS;

const REQUEST_STATUSES: Readonly<Record<RequestErrorCode, Status>> = {
  ERR_REQUEST_METHOD: 405,
  ERR_REQUEST_TYPE: 415,
  ERR_REQUEST_TIMEOUT: 408,
  ERR_REQUEST_TOO_LARGE: 413,
  ERR_REQUEST_BODY: 400,
  ERR_REQUEST_EMPTY: 400,
};

/** The statuses for errors of unsealing. */
export const OPEN_STATUSES: Readonly<Record<OpenErrorCode, Status>> = {
  ERR_SEALED_ENCODING: 400,
  ERR_SEALED_TOO_SHORT: 400,
  ERR_SEALED_HEADER: 400,
  ERR_SEALED_TOO_LARGE: 413,
  ERR_NO_KEY_FITS: 403,
  ERR_DEFLATE: 422,
  ERR_EVENT_TOO_LARGE: 422,
  ERR_EVENT_UTF8: 422,
  ERR_EVENT_JSON: 422,
  ERR_EVENT_SHAPE: 422,
};

/** The statuses for errors of the replay check. */
export const REPLAY_STATUSES: Readonly<Record<ReplayErrorCode, Status>> = {
  ERR_REPLAY_INCOMPLETE: 422,
  ERR_REPLAY_STALE: 403,
  ERR_REPLAY_FUTURE: 403,
  ERR_REPLAY_FLAGGED: 403,
  ERR_REPLAY_MISMATCH: 403,
  ERR_REPLAY_SEEN: 409,
  ERR_REPLAY_STORE: 503,
};

const FALLBACK_STATUSES: Readonly<Record<FallbackErrorCode, Status>> = {
  ERR_FALLBACK_CLAIMS: 403,
  ERR_FALLBACK_NOT_FOUND: 404,
  ERR_FALLBACK_BUSY: 503,
  ERR_FALLBACK_TIMEOUT: 504,
  ERR_FALLBACK: 502,
};

const STATUSES: Readonly<Record<HandlerErrorCode, Status>> = {
  ...REQUEST_STATUSES,
  ...OPEN_STATUSES,
  ...REPLAY_STATUSES,
  ...FALLBACK_STATUSES,
  ERR_INTERNAL: 500,
};

/** The reason phrases of RFC 9110, which RFC 9457 uses as titles of problems of the type `about:blank`. */
const TITLE_BY_STATUS = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
} as const;

/** The properties of a {@linkcode HandlerError} besides its code. */
export interface HandlerErrorDetails {
  /** The error behind it. */
  readonly cause?: unknown;
  /** With `ERR_FALLBACK_BUSY`: how long the Events API asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** A refused request. Its `cause`, if any, is the error behind it: for a log, never for the client. */
export class HandlerError extends SealedResultsError<HandlerErrorCode> {
  /** Always `HandlerError`. */
  override readonly name: string = "HandlerError";
  /** The status of the response. */
  readonly status: number;
  /** The error behind it, if any. Declared here because `Error` has it only in the library of ES2022. */
  declare readonly cause?: unknown;
  /** With `ERR_FALLBACK_BUSY`: how long the Events API asks to wait, in milliseconds; absent when it does not say. */
  declare readonly retryAfterMs?: number;

  /**
   * Creates the error.
   *
   * @param code Why the request was refused. It determines the status.
   * @param message For people.
   * @param details The other properties.
   */
  constructor(code: HandlerErrorCode, message: string, { retryAfterMs, ...options }: HandlerErrorDetails = {}) {
    super(code, message, options);
    this.status = STATUSES[code];
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/** The code of `error`, if it is a key of `statuses`. */
export function codeIn<Code extends HandlerErrorCode>(
  statuses: Readonly<Record<Code, Status>>,
  error: unknown,
): Code | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  // Checked to be an own key of the table.
  return typeof code === "string" && Object.hasOwn(statuses, code) ? code as Code : undefined;
}

/** The response to a refused request: its code and status, and no other detail. */
export function problemResponse({ code, retryAfterMs }: HandlerError): Response {
  const status = STATUSES[code];
  const problem = { type: "about:blank", title: TITLE_BY_STATUS[status], status, code };
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 405 ? { allow: "POST" } : {}),
      // RFC 9110 §15.5.9: the server closes the connection, because the rest of the body may still arrive.
      ...(status === 408 ? { connection: "close" } : {}),
      ...(retryAfterMs === undefined ? {} : { "retry-after": `${Math.ceil(retryAfterMs / 1000)}` }),
    },
  });
}
