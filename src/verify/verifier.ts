/**
 * The verifier: the whole safe way from a posted sealed result to its event, for a route of the application.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { ErrorDetails } from "../details.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { checkFunction } from "../options.ts";
import { report } from "../report.ts";
import { asVerifyError, createCheck, type RequestClaims, type VerifiedEvent } from "./check.ts";
import { checkVerifierOptions, type LooseOptions, VERIFIER_OPTION_NAMES, type VerifierOptions } from "./options.ts";
import type { PostedFields } from "./posted.ts";

/** What a verifier passes on to the application's functions. */
export interface VerifyDetails<Context = unknown> {
  /** The request, for `onError` and for an `unsealer` that is a function. */
  readonly request?: Request | undefined;
  /** The server's second argument, such as a Worker's `env`. */
  readonly context?: Context | undefined;
}

/** Verifies posted sealed results. It may be shared and called concurrently. */
export interface Verifier<Event = FingerprintEvent, Context = unknown> {
  /**
   * Verifies a posted sealed result, in this order: it opens it, or fetches the event by its id; compares the event
   * with the posted id and the claims; and refuses it if it is stale or was used before. The event is then used up.
   *
   * @param posted The parsed body, or an object of its sealed result and id: untrusted. Other fields are ignored.
   * @param claims What the server itself knows about the client: a plain object with these names only, or a function
   * that returns it, which is called only for an event that was opened. Each value that is present is compared, and
   * `undefined` and `null` match no event.
   * @param details What is passed on to the application's functions.
   * @returns The event. For a given event exactly one call returns it.
   * @throws {VerifyError} See {@linkcode VerifyErrorCode}. The promise rejects; nothing is thrown synchronously.
   */
  verify(
    posted: PostedFields | undefined,
    claims?: RequestClaims | (() => RequestClaims | Promise<RequestClaims>),
    details?: VerifyDetails<Context>,
  ): Promise<VerifiedEvent<Event>>;
}

/**
 * Creates a verifier. Do it once, at start.
 *
 * @param options The keys, the replay protection, and the application's functions.
 * @throws {TypeError | RangeError} When an option is invalid, unknown, or missing.
 * @throws {UnsealError} As `createUnsealer`, with `keys`.
 *
 * @example A login that takes each sealed result once
 * ```ts
 * import { memoryStore } from "@unseal/sealed-results/replay";
 * import { sampleEventV4, seal } from "@unseal/sealed-results/testing";
 * import { createVerifier, VerifyError } from "@unseal/sealed-results/verify";
 * import assert from "node:assert/strict";
 *
 * const key = "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=";
 * const verifier = createVerifier({ keys: key, store: memoryStore() });
 *
 * const body = { email: "anna@shop.example", sealedResult: await seal(sampleEventV4({ linked_id: "6f1c9a" }), key) };
 * const { summary } = await verifier.verify(body, { linkedId: "6f1c9a" }); // the session's own
 * assert.equal(summary.bot, "not_detected");
 *
 * await assert.rejects(
 *   verifier.verify(body, { linkedId: "6f1c9a" }),
 *   (error) => error instanceof VerifyError && error.status === 409 && error.code === "ERR_REPLAY_SEEN",
 * );
 * ```
 */
export function createVerifier<Event = FingerprintEvent, Context = unknown>(
  options: VerifierOptions<Event, Context>,
): Verifier<Event, Context> {
  const own = checkedOptions<LooseOptions<Event, Context>>(options, VERIFIER_OPTION_NAMES);
  const checked = checkVerifierOptions(own);
  const onError = own.onError === undefined ? undefined : checkFunction("onError", own.onError);
  const check = createCheck(checked, (cause, known) => {
    const error = asVerifyError(cause);
    // `request` and `context` are those that the caller has passed on.
    void report(onError, error, known as ErrorDetails<Context>);
    return error;
  });

  return Object.freeze({
    verify: (
      posted: PostedFields | undefined,
      claims: RequestClaims | (() => RequestClaims | Promise<RequestClaims>) = {},
      details?: VerifyDetails<Context>,
    ) => check(posted, claims, { request: details?.request, context: details?.context }),
  });
}
