/**
 * An endpoint for sealed results, as a function from `Request` to `Response`, for every server and framework that uses
 * these classes. `nodeListener` of `./node-http` adapts it to `node:http`, Express and the like.
 *
 * @module
 */

import { type FingerprintEvent, isRecord } from "../event/event.ts";
import { summarize } from "../event/summary.ts";
import { checkRequest, isResponse, kindOf } from "../http/fetch-api.ts";
import { checkByteLimit, checkFlag, checkFunction, checkMethods, checkTimeout, ownProperties } from "../options.ts";
import { checkClaims, type EventClaims } from "../replay/claims.ts";
import { report } from "../report.ts";
import { fallbackCode, retryAfterOf } from "./fallback.ts";
import type { EventContext, SealedResultHandlerOptions } from "./options.ts";
import {
  codeIn,
  HandlerError,
  type HandlerErrorCode,
  OPEN_STATUSES,
  problemResponse,
  REPLAY_STATUSES,
} from "./problem.ts";
import { readSealedRequest, type SealedRequest } from "./request.ts";

export type { EventClaims } from "../replay/claims.ts";
export type { EventContext, EventSource, ReplayCheck, RequestClaims, SealedResultHandlerOptions } from "./options.ts";
export type { SealedResultOpener } from "../unseal/unsealer.ts";
export {
  type FallbackErrorCode,
  HandlerError,
  type HandlerErrorCode,
  type HandlerErrorDetails,
  type OpenErrorCode,
  type RequestErrorCode,
} from "./problem.ts";

const DEFAULT_MAX_BODY_BYTES = 512 * 1024;
const DEFAULT_BODY_TIMEOUT_MS = 30_000;
const REQUEST_CLAIM_NAMES = ["ip", "origin", "linkedId"] as const;

/**
 * Creates the endpoint.
 *
 * It accepts a `POST` whose body is
 * - base64 text, as `fetch(url, { method: "POST", body: sealedResult })` sends it: `text/plain` or no content type;
 * - JSON with `sealedResult` or `sealed_result`, and optionally the event's id as `eventId`, `event_id` or `requestId`:
 *   `application/json` or another type that ends in `+json`. `null` stands for no sealed result. Names that mean the
 *   same must have the same value, and the event must have the posted id;
 * - the bytes of a sealed result: `application/octet-stream` or no content type.
 *
 * A refused request is answered with problem details (RFC 9457) that have a `code` and contain neither keys nor
 * content: {@linkcode HandlerErrorCode} lists the codes and statuses. Every response has `cache-control: no-store`
 * unless `onEvent` sets another value. Routing, cross-origin access and protection against CSRF are the application's
 * task.
 *
 * @param options The unsealer, the checks and the application's function.
 * @returns The endpoint. Its promise never rejects. Its second parameter is the server's information on the request, as
 * `Deno.serve` passes it; `unsealer`, `claims` and `onEvent` receive it as `info`. It throws a `TypeError`
 * synchronously when its first argument is not a `Request`.
 * @throws {TypeError | RangeError} When an option is invalid.
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
  const unsealer = typeof own.unsealer === "function" ? own.unsealer : checkMethods("unsealer", own.unsealer, "open");
  const onEvent = checkFunction("onEvent", own.onEvent);
  const replay = own.replay === undefined ? undefined : checkMethods("replay", own.replay, "check");
  const releasesOnError = checkFlag("releaseOnError", own.releaseOnError ?? false);
  if (releasesOnError && typeof replay?.release !== "function") {
    throw new TypeError("releaseOnError must come with a replay that has release(), as a guard whose store has it");
  }
  const claimsOf = own.claims === undefined ? undefined : checkFunction("claims", own.claims);
  if (claimsOf !== undefined && replay === undefined) {
    throw new TypeError("claims must come with replay, which checks them");
  }
  const fallback = own.fallback === undefined ? undefined : checkMethods("fallback", own.fallback, "getEvent");
  const trustsPostedIds = checkFlag("dangerouslyTrustPostedIds", own.dangerouslyTrustPostedIds ?? false);
  if (fallback !== undefined && claimsOf === undefined && !trustsPostedIds) {
    throw new TypeError(
      "fallback must come with replay and claims, because an id proves nothing about its sender; " +
        "dangerouslyTrustPostedIds: true disables this protection",
    );
  }
  const onError = own.onError === undefined ? undefined : checkFunction("onError", own.onError);
  const limits = {
    maxBodyBytes: checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
    bodyTimeoutMs: checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS),
  };

  async function answer(request: Request, info: Info | undefined): Promise<Response> {
    const posted = await readSealedRequest(request, limits);
    const { event, claims, ...origin } = await findEvent(posted, request, info);
    // Checked here, because `replay` may be the application's own and ignore claims; and before `replay` marks the
    // event.
    if (posted.id !== undefined && posted.id !== idOf(event)) {
      throw new HandlerError("ERR_REPLAY_MISMATCH", "Cannot accept event: it does not have the posted id");
    }
    // A check that rejects has not passed. A rejection with an unknown code is answered with 500.
    const passed = await refuseWith((error) => codeIn(REPLAY_STATUSES, error), () => replay?.check(event, claims));
    const response = await runApplication(event, { request, info, ...origin }, passed);
    if (response === undefined || response === null) return withoutStore(new Response(null, { status: 204 }));
    if (isResponse(response)) return withoutStore(response);
    throw new HandlerError("ERR_INTERNAL", `onEvent must return a Response or nothing, got ${kindOf(response)}`);
  }

  async function runApplication(event: Event, context: EventContext<Info>, passed: unknown): Promise<unknown> {
    try {
      return await onEvent(event, context);
    } catch (error) {
      // A guard reports errors of its release() to its own onError.
      if (releasesOnError) await report((mark: unknown) => replay?.release?.(mark), passed);
      throw error;
    }
  }

  async function findEvent(
    { sealed, id }: SealedRequest,
    request: Request,
    info: Info | undefined,
  ): Promise<FoundEvent<Event>> {
    if (sealed !== undefined) {
      const opener = typeof unsealer === "function"
        ? checkMethods("the unsealer for a request", await unsealer(request, info), "open")
        : unsealer;
      const { event, keyId } = await refuseWith((error) => codeIn(OPEN_STATUSES, error), () => opener.open(sealed));
      return { event, claims: await collectClaims(request, info, id), source: "sealed", keyId };
    }
    if (fallback === undefined || id === undefined) {
      throw new HandlerError("ERR_REQUEST_EMPTY", "Cannot accept request: it has no sealed result");
    }
    const claims = await collectClaims(request, info, id);
    if (!trustsPostedIds && typeof claims.ip !== "string") {
      throw new HandlerError("ERR_FALLBACK_CLAIMS", "Cannot accept request: it has only an id, and claims have no ip");
    }
    const event = await refuseWith(fallbackCode, () => fallback.getEvent(id));
    if (idOf(event) !== id) {
      throw new HandlerError("ERR_FALLBACK", "Cannot accept event: fallback returned one with another id");
    }
    return { event, claims, source: "events-api", keyId: undefined };
  }

  /** The claims that `replay` compares with the event: those of the server, and the id that the client posted. */
  async function collectClaims(request: Request, info: Info | undefined, id: string | undefined): Promise<EventClaims> {
    const known = claimsOf === undefined ? {} : checkClaims(await claimsOf(request, info), REQUEST_CLAIM_NAMES);
    // The values are untrusted and may have any type: `replay` compares them.
    return { ...known, ...(id === undefined ? {} : { id }) } as EventClaims;
  }

  async function respond(request: Request, info: Info | undefined): Promise<Response> {
    try {
      return await answer(request, info);
    } catch (cause) {
      const error = cause instanceof HandlerError
        ? cause
        : new HandlerError("ERR_INTERNAL", "Cannot answer request", { cause });
      void report(onError, error, { request });
      return problemResponse(error);
    }
  }

  return (request, info) => respond(checkRequest(request), info);
}

/** An event, its source, and the claims to compare it with. */
interface FoundEvent<Event> extends Pick<EventContext, "source" | "keyId"> {
  readonly event: Event;
  readonly claims: EventClaims;
}

/** Runs a stage. An error for which `codeOf` returns a code becomes a refusal, any other error `ERR_INTERNAL`. */
async function refuseWith<Value>(
  codeOf: (error: unknown) => HandlerErrorCode | undefined,
  stage: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await stage();
  } catch (cause) {
    const code = codeOf(cause) ?? "ERR_INTERNAL";
    const retryAfterMs = code === "ERR_FALLBACK_BUSY" ? retryAfterOf(cause) : undefined;
    throw new HandlerError(code, `Cannot accept request: ${code}`, { cause, retryAfterMs });
  }
}

/** The id of an event of v3 or v4; `undefined` for a schema's output of another shape. */
function idOf(event: unknown): string | undefined {
  return isRecord(event) ? summarize(event as unknown as FingerprintEvent).id : undefined;
}

/** Sets `cache-control: no-store`, unless the application has set the header, so that no cache shares the response. */
function withoutStore(response: Response): Response {
  if (response.headers.has("cache-control")) return response;
  // The headers of a redirect and of a response of fetch() are immutable; those of a copy are not.
  const copy = new Response(response.body, response);
  copy.headers.set("cache-control", "no-store");
  return copy;
}
