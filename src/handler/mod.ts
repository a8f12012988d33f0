/**
 * An endpoint that takes sealed results, as a function from `Request` to `Response`: for `POST /sealed` in any server or
 * framework that speaks these.
 *
 * @module
 */

import type { FingerprintEvent } from "../core/event.ts";
import { checkByteLimit, checkFunction, checkMethods, checkTimeout, ownProperties } from "../options.ts";
import { report } from "../report.ts";
import type { Unsealer } from "../core/unseal.ts";
import { HandlerError, type HandlerErrorCode, knownCode, problemResponse } from "./problem.ts";
import { readSealedRequest } from "./request.ts";

export { HandlerError, type HandlerErrorCode } from "./problem.ts";

/** How the endpoint works. */
export interface SealedResultHandlerOptions<Event = FingerprintEvent, Info = unknown> {
  /** What opens the sealed results. */
  readonly unsealer: Pick<Unsealer<Event>, "open">;
  /**
   * The application: told of each event that passed every check, it decides the answer. Without one (`undefined`) the
   * answer is 204, and when it throws, 500.
   */
  readonly onEvent: (event: Event, context: EventContext<Info>) => Response | void | Promise<Response | void>;
  /** What refuses an event that was used before: a guard of `./replay`. Without it, events can be replayed. */
  readonly replay?: ReplayCheck<Event>;
  /**
   * What the server itself knows of the client, for `replay` to compare with the event. Which header holds the client's
   * address depends on what stands before this server: of `X-Forwarded-For`, the left-most entry is the client's to write.
   * Where nothing stands before it, the address is in what the server gives beside the request: `info`.
   */
  readonly claims?: (request: Request, info: Info | undefined) => RequestClaims | Promise<RequestClaims>;
  /** What gets an event by its id when there is no sealed result: a client of `./events-api`. Anyone can make it ask. */
  readonly fallback?: EventSource<Event>;
  /**
   * Most bytes of a body: a whole number from 0, or `Infinity`. 6 MiB by default, which is room for the base64 of the
   * largest sealed result that an unsealer takes by default.
   */
  readonly maxBodyBytes?: number;
  /** How long a body may take, in milliseconds: from 1 to 2^31 - 1, or `Infinity`. 30 seconds by default. */
  readonly bodyTimeoutMs?: number;
  /** Told of each refused request, for a log. What it throws is ignored. */
  readonly onError?: (error: HandlerError, context: { readonly request: Request }) => unknown;
}

/** What comes with an event. */
export interface EventContext<Info = unknown> {
  /** The request. Its body is read. */
  readonly request: Request;
  /** What the endpoint was given beside the request, as `Deno.serve` does with the client's address. */
  readonly info: Info | undefined;
  /** Where the event comes from: a sealed result, or the `fallback`. */
  readonly source: "sealed" | "events-api";
  /** The id of the key that opened the sealed result; `undefined` with the `fallback`. */
  readonly keyId: string | undefined;
}

/**
 * What the server knows of the client. A property that is there is compared, also when it is `null` or `undefined`, as a
 * missing header is: then it agrees with no event.
 */
export interface RequestClaims {
  /** The client's address. */
  readonly ip?: string | null | undefined;
  /** The origin of the page, such as `https://example.com`. */
  readonly origin?: string | null | undefined;
}

/** What an event is compared with: what the server knows, and the id that the client claims. */
export interface EventClaims extends RequestClaims {
  /** The event's id, where the client sent it beside the sealed result or in its place. */
  readonly id?: string;
}

/** What `createReplayGuard` of `./replay` makes. */
export interface ReplayCheck<Event = FingerprintEvent> {
  /** Rejects when the event must not be used; with an error whose `code` is in {@linkcode HandlerErrorCode}, with that. */
  check(event: Event, claims?: EventClaims): Promise<unknown>;
}

/** What `createEventsClient` of `./events-api` makes. */
export interface EventSource<Event = FingerprintEvent> {
  /** Gets an event by its id, which is untrusted. */
  getEvent(id: string): Promise<Event>;
}

const DEFAULT_MAX_BODY_BYTES = 6 * 1024 * 1024;
const DEFAULT_BODY_TIMEOUT_MS = 30_000;

/**
 * Creates the endpoint.
 *
 * It takes a `POST` whose body is
 * - base64 text, as `fetch(url, { method: "POST", body: sealedResult })` sends it: `text/plain` or no content type;
 * - JSON with `sealedResult` or `sealed_result`, and perhaps the event's `requestId` or `event_id`: `application/json`
 *   or another type that ends in `+json`. `null` stands for no sealed result;
 * - the bytes of a sealed result: `application/octet-stream` or no content type.
 *
 * A refused request is answered with problem details (RFC 9457) that have a `code` and say nothing of keys or content:
 * {@linkcode HandlerErrorCode} lists the codes and statuses. Every answer that does not say otherwise has
 * `cache-control: no-store`. The path and cross-origin access are for the application's router.
 *
 * @param options What opens, checks and receives the events.
 * @returns The endpoint. Its promise never rejects. What a server gives beside the request, as `Deno.serve` does, goes on
 * to `claims` and `onEvent` as `info`.
 * @throws {TypeError | RangeError} When an option is not what it should be.
 *
 * @example Answer a page's post
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { createSealedResultHandler } from "@unseal/sealed-results/handler";
 * import assert from "node:assert/strict";
 *
 * const handle = createSealedResultHandler({
 *   unsealer: createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=" }),
 *   onEvent: (event, { keyId }) => Response.json({ keyId, isV3: event.products !== undefined }),
 * });
 *
 * const response = await handle(new Request("https://example.com/sealed", { method: "POST", body: "bm90IHNlYWxlZA==" }));
 * assert.equal(response.status, 400);
 * assert.equal((await response.json()).code, "ERR_SEALED_TOO_SHORT");
 * ```
 */
export function createSealedResultHandler<Event = FingerprintEvent, Info = unknown>(
  options: SealedResultHandlerOptions<Event, Info>,
): (request: Request, info?: Info) => Promise<Response> {
  const own = ownProperties(options);
  const unsealer = checkMethods("unsealer", own.unsealer, "open");
  const onEvent = checkFunction("onEvent", own.onEvent);
  const replay = own.replay === undefined ? undefined : checkMethods("replay", own.replay, "check");
  const claimsOf = own.claims === undefined ? undefined : checkFunction("claims", own.claims);
  if (claimsOf !== undefined && replay === undefined) {
    throw new TypeError("claims must come with replay, which checks them");
  }
  const fallback = own.fallback === undefined ? undefined : checkMethods("fallback", own.fallback, "getEvent");
  const onError = own.onError === undefined ? undefined : checkFunction("onError", own.onError);
  const limits = {
    maxBodyBytes: checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
    bodyTimeoutMs: checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS),
  };

  async function answer(request: Request, info: Info | undefined): Promise<Response> {
    const { sealed, id } = await readSealedRequest(request, limits);
    const { event, ...origin } = await find(sealed, id);
    if (replay !== undefined) {
      const claims = { ...await claimsOf?.(request, info), ...(id === undefined ? {} : { id }) };
      await refuseWith(replayCode, () => replay.check(event, claims));
    }
    const response = await onEvent(event, { request, info, ...origin });
    return withoutStore(response ?? new Response(null, { status: 204 }));
  }

  async function find(sealed: string | Uint8Array | undefined, id: string | undefined): Promise<
    { event: Event; source: EventContext["source"]; keyId: string | undefined }
  > {
    if (sealed !== undefined) {
      const { event, keyId } = await refuseWith(unsealCode, () => unsealer.open(sealed));
      return { event, source: "sealed", keyId };
    }
    if (fallback !== undefined && id !== undefined) {
      const event = await refuseWith(fallbackCode, () => fallback.getEvent(id));
      return { event, source: "events-api", keyId: undefined };
    }
    throw new HandlerError("ERR_REQUEST_EMPTY", "Request expected a sealed result");
  }

  return async (request, info) => {
    try {
      return await answer(request, info);
    } catch (cause) {
      const error = cause instanceof HandlerError
        ? cause
        : new HandlerError("ERR_INTERNAL", "Request could not be answered", { cause });
      void report(onError, error, { request });
      return problemResponse(error);
    }
  };
}

/** Runs a stage; what it throws or rejects with becomes a refusal. */
async function refuseWith<Value>(
  codeOf: (error: unknown) => HandlerErrorCode,
  stage: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await stage();
  } catch (cause) {
    const code = codeOf(cause);
    throw new HandlerError(code, `Request was refused: ${code}`, { cause });
  }
}

function unsealCode(error: unknown): HandlerErrorCode {
  return knownCode(error, "ERR_SEALED_", "ERR_NO_KEY_FITS", "ERR_DEFLATE", "ERR_EVENT_") ?? "ERR_INTERNAL";
}

/** A check that fails in a way of its own has not passed. */
function replayCode(error: unknown): HandlerErrorCode {
  return knownCode(error, "ERR_EVENT_", "ERR_REPLAY_STORE") ?? "ERR_INTERNAL";
}

function fallbackCode(error: unknown): HandlerErrorCode {
  const { status, code } = (error ?? {}) as { status?: unknown; code?: unknown };
  // Of all that was sent, only the id was the client's.
  if (status === 404 || status === 400 || code === "ERR_EVENTS_API_REQUEST") return "ERR_FALLBACK_NOT_FOUND";
  if (status === 429 || status === 503) return "ERR_FALLBACK_BUSY";
  if (status === 504 || code === "ERR_EVENTS_API_TIMEOUT") return "ERR_FALLBACK_TIMEOUT";
  return "ERR_FALLBACK";
}

/** An answer about one visitor is not another's, unless the application has said how long it may be kept. */
function withoutStore(response: Response): Response {
  if (response.headers.has("cache-control")) return response;
  // The headers of a redirect, or of what fetch() gave, cannot be changed: those of a copy can.
  const copy = new Response(response.body, response);
  copy.headers.set("cache-control", "no-store");
  return copy;
}
