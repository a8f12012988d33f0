/**
 * The error of a refused request: its codes, their HTTP statuses and the texts for the client.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";
import type { ReplayErrorCode } from "../replay/errors.ts";
import type { UnsealErrorCode } from "../unseal/errors.ts";

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
 * Why a request was refused, with the HTTP status for the client. `ERR_REQUEST_METHOD`, `ERR_REQUEST_TYPE`,
 * `ERR_REQUEST_TIMEOUT` and `ERR_REQUEST_TOO_LARGE` come from the endpoint of `./handler` only.
 *
 * | status | code | when |
 * | --- | --- | --- |
 * | 405 | `ERR_REQUEST_METHOD` | it is not a `POST` |
 * | 415 | `ERR_REQUEST_TYPE` | its body is neither text, JSON, a form nor bytes, or has a content coding |
 * | 408 | `ERR_REQUEST_TIMEOUT` | its body took longer than `bodyTimeoutMs` |
 * | 413 | `ERR_REQUEST_TOO_LARGE` | its body has more than `maxBodyBytes` |
 * | 400 | `ERR_REQUEST_BODY` | its body broke off, is not what its content type says, or contradicts itself |
 * | 400 | `ERR_REQUEST_EMPTY` | it has no sealed result; with a `fallback`, no id either |
 * | 400 | `ERR_SEALED_ENCODING`, `ERR_SEALED_TOO_SHORT`, `ERR_SEALED_HEADER` | its sealed result is malformed |
 * | 413 | `ERR_SEALED_TOO_LARGE` | its sealed result is over the unsealer's `maxSealedBytes` |
 * | 403 | `ERR_NO_KEY_FITS` | no key authenticates its sealed result: it is forged, or sealed with an unknown key |
 * | 503 | `ERR_CIPHER` | the unsealer's cipher failed; whether a key fits is not known |
 * | 422 | `ERR_DEFLATE`, `ERR_EVENT_TOO_LARGE`, `ERR_EVENT_UTF8`, `ERR_EVENT_JSON`, `ERR_EVENT_SHAPE` | it is authentic, but not an event |
 * | 422 | `ERR_REPLAY_INCOMPLETE` | the event has no id or no time |
 * | 403 | `ERR_REPLAY_MISMATCH` | the event does not match the posted id or the claims |
 * | 403 | `ERR_REPLAY_STALE`, `ERR_REPLAY_FUTURE`, `ERR_REPLAY_FLAGGED` | the event is too old, from the future, or flagged by Fingerprint |
 * | 409 | `ERR_REPLAY_SEEN` | the event was used before |
 * | 503 | `ERR_REPLAY_STORE` | the replay store failed or was too slow |
 * | 403 | `ERR_FALLBACK_CLAIMS` | `fallback`: it has only an id, and the claims have no `ip` to compare with the event |
 * | 404 | `ERR_FALLBACK_NOT_FOUND` | `fallback`: no event has this id, or not yet |
 * | 503 | `ERR_FALLBACK_BUSY` | `fallback`: the Events API asks to retry later; `Retry-After` says when, if known |
 * | 504 | `ERR_FALLBACK_TIMEOUT` | `fallback`: the Events API did not answer in time |
 * | 502 | `ERR_FALLBACK` | `fallback`: every other failure of the Events API |
 * | 500 | `ERR_INTERNAL` | a function of the application, or anything else, failed |
 */
export type VerifyErrorCode =
  | RequestErrorCode
  | OpenErrorCode
  | ReplayErrorCode
  | FallbackErrorCode
  | "ERR_INTERNAL";

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

/** A status, and the sentence that the client gets. */
type Answer = readonly [status: keyof typeof TITLE_BY_STATUS, detail: string];

const NOT_AN_EVENT: Answer = [422, "The sealed result is authentic, but its content is not accepted."];

const REQUEST_ANSWERS: Readonly<Record<RequestErrorCode, Answer>> = {
  ERR_REQUEST_METHOD: [405, "Send the sealed result with POST."],
  ERR_REQUEST_TYPE: [415, "Send the sealed result as text, in JSON, in a form or as bytes, without a content coding."],
  ERR_REQUEST_TIMEOUT: [408, "The body took too long."],
  ERR_REQUEST_TOO_LARGE: [413, "The body is too large."],
  ERR_REQUEST_BODY: [
    400,
    "The body is incomplete, malformed or contradicts itself. A sealed_result that is an object must be sent as " +
    "sealed_result.base64().",
  ],
  ERR_REQUEST_EMPTY: [400, "The request has no sealed result."],
};

/** The answers to errors of unsealing. */
export const OPEN_ANSWERS: Readonly<Record<OpenErrorCode, Answer>> = {
  ERR_SEALED_ENCODING: [400, "The sealed result is not base64."],
  ERR_SEALED_TOO_SHORT: [400, "The sealed result is incomplete."],
  ERR_SEALED_HEADER: [400, "The text or the bytes are not a sealed result."],
  ERR_SEALED_TOO_LARGE: [413, "The sealed result is too large."],
  ERR_NO_KEY_FITS: [403, "The sealed result is not accepted."],
  ERR_CIPHER: [503, "The sealed result cannot be opened at present."],
  ERR_DEFLATE: NOT_AN_EVENT,
  ERR_EVENT_TOO_LARGE: NOT_AN_EVENT,
  ERR_EVENT_UTF8: NOT_AN_EVENT,
  ERR_EVENT_JSON: NOT_AN_EVENT,
  ERR_EVENT_SHAPE: NOT_AN_EVENT,
};

/** The answers to errors of the replay check. */
export const REPLAY_ANSWERS: Readonly<Record<ReplayErrorCode, Answer>> = {
  ERR_REPLAY_INCOMPLETE: [422, "The event has no id or no time."],
  ERR_REPLAY_STALE: [403, "The event is too old. Request a new one from the agent."],
  ERR_REPLAY_FUTURE: [403, "The event is from the future."],
  ERR_REPLAY_FLAGGED: [403, "The event is flagged as replayed."],
  ERR_REPLAY_MISMATCH: [403, "The event does not belong to this request."],
  ERR_REPLAY_SEEN: [409, "The event has been used before. Request a new one from the agent."],
  ERR_REPLAY_STORE: [503, "The event cannot be checked now. Request a new one from the agent and try again."],
};

const FALLBACK_ANSWERS: Readonly<Record<FallbackErrorCode, Answer>> = {
  ERR_FALLBACK_CLAIMS: [403, "An id without a sealed result is not accepted."],
  ERR_FALLBACK_NOT_FOUND: [404, "There is no event with this id."],
  ERR_FALLBACK_BUSY: [503, "The event cannot be fetched now. Try again later."],
  ERR_FALLBACK_TIMEOUT: [504, "The event could not be fetched in time."],
  ERR_FALLBACK: [502, "The event could not be fetched."],
};

const ANSWERS: Readonly<Record<VerifyErrorCode, Answer>> = {
  ...REQUEST_ANSWERS,
  ...OPEN_ANSWERS,
  ...REPLAY_ANSWERS,
  ...FALLBACK_ANSWERS,
  ERR_INTERNAL: [500, "The request could not be processed."],
};

/** Problem details (RFC 9457): what the client gets to know about a refused request. */
export interface Problem {
  /** Always `about:blank`. */
  readonly type: string;
  /** The reason phrase of the status. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** Why the request was refused. */
  readonly code: VerifyErrorCode;
  /** A sentence for people, always the same for a code. */
  readonly detail: string;
}

/** The properties of a {@linkcode VerifyError} besides its code. */
export interface VerifyErrorDetails {
  /** The error behind it. */
  readonly cause?: unknown;
  /** With `ERR_FALLBACK_BUSY`: how long the Events API asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A refused request.
 *
 * Web frameworks for Node read `statusCode` or `status`, `headers` and `expose` of an error that a route throws, and
 * answer accordingly; Hono and Elysia send the error's own response. With other frameworks, return
 * {@linkcode VerifyError.toResponse}.
 *
 * The `message` and the stack may reach a client, because some frameworks send them. They contain neither a key nor
 * content, nor anything of the `cause`, which is the error behind it: for a log, never for the client.
 */
export class VerifyError extends SealedResultsError<VerifyErrorCode> {
  /** Always `VerifyError`. */
  override readonly name: string = "VerifyError";
  /** The HTTP status for the client. */
  readonly status: number;
  /** The same as `status`, under the name that Express, Fastify, Nest and h3 read. */
  readonly statusCode: number;
  /** Always `false`: Koa and others then do not send the message to the client. */
  readonly expose: boolean = false;
  /** Headers for the client: `cache-control: no-store`, and where they apply `allow`, `connection`, `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  /** With `ERR_FALLBACK_BUSY`: how long the Events API asks to wait, in milliseconds; absent when it does not say. */
  declare readonly retryAfterMs?: number;

  /**
   * Creates the error.
   *
   * @param code Why the request was refused. It determines the status.
   * @param message For the developer; by default the sentence for the client.
   * @param details The other properties.
   */
  constructor(code: VerifyErrorCode, message?: string, { retryAfterMs, ...options }: VerifyErrorDetails = {}) {
    const [status, detail] = ANSWERS[code];
    super(code, message ?? detail, options);
    this.status = this.statusCode = status;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
    this.headers = {
      "cache-control": "no-store",
      ...(status === 405 ? { allow: "POST" } : {}),
      // RFC 9110 §15.5.9: the server closes the connection, because the rest of the body may still arrive.
      ...(status === 408 ? { connection: "close" } : {}),
      ...(retryAfterMs === undefined ? {} : { "retry-after": `${Math.ceil(retryAfterMs / 1000)}` }),
    };
  }

  /** What the client gets to know, and all that `JSON.stringify` shows. */
  toJSON(): Problem {
    const [status, detail] = ANSWERS[this.code];
    return { type: "about:blank", title: TITLE_BY_STATUS[status], status, code: this.code, detail };
  }

  /** The response to the refused request: {@linkcode Problem} as `application/problem+json`. */
  toResponse(): Response {
    return new Response(JSON.stringify(this), {
      status: this.status,
      headers: { "content-type": "application/problem+json", ...this.headers },
    });
  }

  /** The same, under the name that Hono calls. */
  getResponse(): Response {
    return this.toResponse();
  }
}

/** The code of `error`, if it is a key of `answers`. */
export function codeIn<Code extends VerifyErrorCode>(
  answers: Readonly<Record<Code, Answer>>,
  error: unknown,
): Code | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  // Checked to be an own key of the table.
  return typeof code === "string" && Object.hasOwn(answers, code) ? code as Code : undefined;
}
