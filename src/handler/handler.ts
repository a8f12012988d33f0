/**
 * An endpoint for sealed results: it reads a request, verifies it, and answers.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { checkRequest, isResponse, kindOf } from "../http/fetch-api.ts";
import { servedResponse } from "../http/served-response.ts";
import { checkFlag, checkFunction } from "../options.ts";
import { report } from "../report.ts";
import { asVerifyError, createCheck, type Known } from "../verify/check.ts";
import { VerifyError } from "../verify/errors.ts";
import { checkVerifierOptions } from "../verify/options.ts";
import type { PostedBody } from "./body.ts";
import { createCors } from "./cors.ts";
import {
  HANDLER_OPTION_NAMES,
  type HandlerDetails,
  type HandlerErrorDetails,
  type LooseHandlerOptions,
  type SealedResultHandler,
  type SealedResultHandlerOptions,
} from "./options.ts";
import { createReader } from "./request.ts";

/**
 * Creates the endpoint.
 *
 * It accepts a `POST` whose body is
 * - base64 text, as `fetch(url, { method: "POST", body: sealedResult })` sends it;
 * - JSON with `sealedResult` or `sealed_result`, and optionally the event's id as `eventId`, `event_id` or `requestId`,
 *   beside any other fields. A body that begins with `{` is JSON whatever its content type. `null` stands for no sealed
 *   result. Names that mean the same must have the same value, and the event must have the posted id;
 * - a form with these fields: `application/x-www-form-urlencoded` or `multipart/form-data`;
 * - the bytes of a sealed result: `application/octet-stream` or no content type.
 *
 * A refused request is answered with problem details (RFC 9457) that have a `code` and contain neither keys nor
 * content: {@linkcode VerifyErrorCode} lists the codes and statuses. Every response has `cache-control: no-store`
 * unless `onEvent` sets another value. Routing and protection against CSRF are the application's task.
 *
 * @param options The keys, the replay protection, and the application's functions.
 * @returns The endpoint. Its promise never rejects. Its second parameter is the server's information on the request, as
 * `Deno.serve` passes it; the application's functions receive it as `context`. It throws a `TypeError` synchronously
 * when its first argument is not a `Request`.
 * @throws {TypeError | RangeError} When an option is invalid, unknown, or missing.
 * @throws {UnsealError} As `createUnsealer`, with `keys`.
 *
 * @example Answer a page's post
 * ```ts
 * import { createSealedResultHandler } from "@unseal/sealed-results/handler";
 * import { memoryStore } from "@unseal/sealed-results/replay";
 * import assert from "node:assert/strict";
 *
 * const handle = createSealedResultHandler({
 *   keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=",
 *   store: memoryStore(),
 *   onEvent: (_event, { summary }) => Response.json({ isBot: summary.bot === "bad" }),
 * });
 *
 * const response = await handle(new Request("https://example.com/sealed", { method: "POST", body: "bm90IHNlYWxlZA==" }));
 * assert.equal(response.status, 400);
 * assert.equal((await response.json()).code, "ERR_SEALED_TOO_SHORT");
 * ```
 */
export function createSealedResultHandler<Event = FingerprintEvent, Context = unknown>(
  options: SealedResultHandlerOptions<Event, Context>,
): SealedResultHandler<Context> {
  const own = checkedOptions<LooseHandlerOptions<Event, Context>>(options, HANDLER_OPTION_NAMES);
  const checked = checkVerifierOptions<Event, Context>(own);
  const check = createCheck(checked, asVerifyError);
  const read = createReader(own);
  const cors = own.cors === undefined ? undefined : createCors(own.cors, own.header);
  const onEvent = checkFunction("onEvent", own.onEvent);
  const onError = own.onError === undefined ? undefined : checkFunction("onError", own.onError);
  const claimsOf = own.claims === undefined ? undefined : checkFunction("claims", own.claims);
  if (checked.fallback !== undefined && claimsOf === undefined && !checked.trustsPostedIds) {
    throw new TypeError(
      "fallback must come with claims, because an id proves nothing about its sender; " +
        "dangerouslyTrustPostedIds: true disables this protection",
    );
  }
  const releasesOnError = checkFlag("releaseOnError", own.releaseOnError ?? false);
  if (releasesOnError && typeof checked.replay.release !== "function") {
    throw new TypeError("releaseOnError must come with a replay store that has release()");
  }

  type KnownHere = Known<Context> & { body?: PostedBody };

  function tell(error: VerifyError, known: KnownHere): Promise<void> {
    return report(onError, error, known as HandlerErrorDetails<Context>); // has the request from the start
  }

  async function answer(request: Request, context: Context, known: KnownHere): Promise<Response> {
    const posted = await read(request, known);
    const { event, release } = await check(
      posted,
      claimsOf === undefined ? {} : () => claimsOf(request, context),
      known,
    );
    // read() and check() have set the rest.
    const details = { ...known, ...(release && { release }) } as HandlerDetails<Context>;
    const response = await runApplication(event, details, known);
    if (response === undefined || response === null) return new Response(null, { status: 204 });
    if (!isResponse(response)) {
      throw new VerifyError("ERR_INTERNAL", `onEvent must return a Response or nothing, got ${kindOf(response)}`);
    }
    // The headers of a response of fetch() describe another connection, and perhaps another coding.
    return response.url ? servedResponse(response) : response;
  }

  async function runApplication(event: Event, details: HandlerDetails<Context>, known: KnownHere): Promise<unknown> {
    try {
      return await onEvent(event, details);
    } catch (error) {
      if (releasesOnError) {
        await details.release?.().catch((cause) =>
          tell(new VerifyError("ERR_REPLAY_STORE", "Cannot release event: it stays used up", { cause }), known)
        );
      }
      throw error;
    }
  }

  async function respond(request: Request, context: Context): Promise<Response> {
    const known: KnownHere = { request, context };
    let corsHeaders: Record<string, string> = {};
    try {
      corsHeaders = cors?.headersFor(request) ?? {};
      if (cors?.isPreflight(request)) return withHeaders(new Response(null, { status: 204 }), corsHeaders);
      return withHeaders(await answer(request, context, known), corsHeaders);
    } catch (cause) {
      const error = asVerifyError(cause);
      void tell(error, known);
      return withHeaders(error.toResponse(), corsHeaders);
    }
  }

  // A Context other than `unknown` makes the second parameter required.
  return ((request: Request, context: Context) => respond(checkRequest(request), context)) as SealedResultHandler<
    Context
  >;
}

/**
 * Sets headers, and `cache-control: no-store` unless the application has set that header, so that no cache shares the
 * response.
 */
function withHeaders(response: Response, { vary, ...headers }: Record<string, string>): Response {
  // The headers of a redirect and of a response of fetch() are immutable; those of a copy are not.
  const copy = new Response(response.body, response);
  if (!copy.headers.has("cache-control")) copy.headers.set("cache-control", "no-store");
  if (vary !== undefined) copy.headers.append("vary", vary);
  for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value);
  return copy;
}
