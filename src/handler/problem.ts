/**
 * What the endpoint answers when it refuses a request: problem details (RFC 9457), and the one table of codes and
 * statuses.
 *
 * @module
 */

/**
 * Why a request was refused, with the status of the answer.
 *
 * | status | code | when |
 * | --- | --- | --- |
 * | 405 | `ERR_REQUEST_METHOD` | it is not a `POST` |
 * | 415 | `ERR_REQUEST_TYPE` | its content type is none of the three forms, or the body has a content coding |
 * | 408 | `ERR_REQUEST_TIMEOUT` | its body took longer than `bodyTimeoutMs` |
 * | 413 | `ERR_REQUEST_TOO_LARGE` | its body has more than `maxBodyBytes` |
 * | 400 | `ERR_REQUEST_BODY` | its body broke off, was read before, or is not what its content type says |
 * | 400 | `ERR_REQUEST_EMPTY` | it has no sealed result; with a `fallback`, no id either |
 * | 400 | `ERR_SEALED_ENCODING`, `ERR_SEALED_TOO_SHORT`, `ERR_SEALED_HEADER` | its sealed result is malformed |
 * | 413 | `ERR_SEALED_TOO_LARGE` | its sealed result is over the unsealer's `maxSealedBytes` |
 * | 403 | `ERR_NO_KEY_FITS` | no key authenticates its sealed result: it is forged, or sealed with a key not known here |
 * | 422 | `ERR_DEFLATE`, `ERR_EVENT_TOO_LARGE`, `ERR_EVENT_UTF8`, `ERR_EVENT_JSON`, `ERR_EVENT_SHAPE` | it is authentic, but not an event |
 * | 422 | `ERR_EVENT_INCOMPLETE` | `replay`: the event has no id or no time |
 * | 403 | `ERR_EVENT_STALE`, `ERR_EVENT_FUTURE`, `ERR_EVENT_REPLAYED`, `ERR_EVENT_MISMATCH` | `replay`: the event is not of now, or not of this client |
 * | 409 | `ERR_EVENT_SEEN` | `replay`: the event was used before |
 * | 503 | `ERR_REPLAY_STORE` | `replay`: it could not be found out whether the event was used before |
 * | 404 | `ERR_FALLBACK_NOT_FOUND` | `fallback`: there is no event with this id, or not yet |
 * | 503 | `ERR_FALLBACK_BUSY` | `fallback`: the Events API asks to come back later |
 * | 504 | `ERR_FALLBACK_TIMEOUT` | `fallback`: the Events API did not answer in time |
 * | 502 | `ERR_FALLBACK` | `fallback`: every other failure of the Events API |
 * | 500 | `ERR_INTERNAL` | the application's own functions failed, or anything else did |
 */
export type HandlerErrorCode =
  | "ERR_REQUEST_METHOD"
  | "ERR_REQUEST_TYPE"
  | "ERR_REQUEST_TIMEOUT"
  | "ERR_REQUEST_TOO_LARGE"
  | "ERR_REQUEST_BODY"
  | "ERR_REQUEST_EMPTY"
  | "ERR_SEALED_ENCODING"
  | "ERR_SEALED_TOO_SHORT"
  | "ERR_SEALED_HEADER"
  | "ERR_SEALED_TOO_LARGE"
  | "ERR_NO_KEY_FITS"
  | "ERR_DEFLATE"
  | "ERR_EVENT_TOO_LARGE"
  | "ERR_EVENT_UTF8"
  | "ERR_EVENT_JSON"
  | "ERR_EVENT_SHAPE"
  | "ERR_EVENT_INCOMPLETE"
  | "ERR_EVENT_STALE"
  | "ERR_EVENT_FUTURE"
  | "ERR_EVENT_REPLAYED"
  | "ERR_EVENT_MISMATCH"
  | "ERR_EVENT_SEEN"
  | "ERR_REPLAY_STORE"
  | "ERR_FALLBACK_NOT_FOUND"
  | "ERR_FALLBACK_BUSY"
  | "ERR_FALLBACK_TIMEOUT"
  | "ERR_FALLBACK"
  | "ERR_INTERNAL";

const STATUS_BY_CODE: Readonly<Record<HandlerErrorCode, keyof typeof TITLE_BY_STATUS>> = {
  ERR_REQUEST_METHOD: 405,
  ERR_REQUEST_TYPE: 415,
  ERR_REQUEST_TIMEOUT: 408,
  ERR_REQUEST_TOO_LARGE: 413,
  ERR_REQUEST_BODY: 400,
  ERR_REQUEST_EMPTY: 400,
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
  ERR_EVENT_INCOMPLETE: 422,
  ERR_EVENT_STALE: 403,
  ERR_EVENT_FUTURE: 403,
  ERR_EVENT_REPLAYED: 403,
  ERR_EVENT_MISMATCH: 403,
  ERR_EVENT_SEEN: 409,
  ERR_REPLAY_STORE: 503,
  ERR_FALLBACK_NOT_FOUND: 404,
  ERR_FALLBACK_BUSY: 503,
  ERR_FALLBACK_TIMEOUT: 504,
  ERR_FALLBACK: 502,
  ERR_INTERNAL: 500,
};

/** The reason phrases of RFC 9110: of problems of the type `about:blank` they are the titles. */
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

/** A refused request. Its `cause`, where there is one, is the error behind it: for a log, never for the client. */
export class HandlerError extends Error {
  override readonly name: string = "HandlerError";
  /** Why the request was refused. */
  readonly code: HandlerErrorCode;
  /** The status of the answer. */
  readonly status: number;

  constructor(code: HandlerErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.status = STATUS_BY_CODE[code];
  }
}

/** The code of `error`, if the table has it and it begins with one of `prefixes`. */
export function knownCode(error: unknown, ...prefixes: readonly string[]): HandlerErrorCode | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  if (typeof code !== "string" || !Object.hasOwn(STATUS_BY_CODE, code)) return undefined;
  // An own key of the table.
  return prefixes.some((prefix) => code.startsWith(prefix)) ? code as HandlerErrorCode : undefined;
}

/** The answer to a refused request: its code, and nothing of what was wrong beyond it. */
export function problemResponse({ code }: HandlerError): Response {
  const status = STATUS_BY_CODE[code];
  const problem = { type: "about:blank", title: TITLE_BY_STATUS[status], status, code };
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 405 ? { allow: "POST" } : {}),
    },
  });
}
