/**
 * Verifies what a request posts, for the verifier and for the endpoint of `./handler`.
 *
 * @module
 */

import type { EventDetails } from "../details.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { type EventSummary, summarize } from "../event/summary.ts";
import { checkMethods } from "../options.ts";
import { isPromiseLike } from "../promise.ts";
import { checkClaims, type EventClaims } from "../replay/claims.ts";
import type { OpenedResult } from "../unseal/unsealer.ts";
import { codeIn, OPEN_ANSWERS, REPLAY_ANSWERS, VerifyError, type VerifyErrorCode } from "./errors.ts";
import { fallbackCode, retryAfterOf } from "./fallback.ts";
import type { CheckedOptions } from "./options.ts";
import type { Posted } from "./posted.ts";

/** What the server itself knows about the client: the claims of `./replay` without the id, which the client posts. */
export type RequestClaims = Omit<EventClaims, "id">;

const REQUEST_CLAIM_NAMES = ["ip", "origin", "linkedId"] as const;

/** An event that passed every check. */
export interface VerifiedEvent<Event = FingerprintEvent> {
  /** The event. */
  readonly event: Event;
  /** The event's summary. */
  readonly summary: EventSummary;
  /** Where the event is from: a sealed result, or the `fallback`. */
  readonly source: "sealed" | "events-api";
  /** The id of the key that opened the sealed result; `undefined` with the `fallback`. */
  readonly keyId: string | undefined;
  /** The event's JSON as it was sealed, byte for byte; `undefined` with the `fallback`. */
  readonly bytes: OpenedResult["bytes"] | undefined;
  /**
   * Removes the event's mark, so that the event passes once more. Call it only when the work for the event has ended
   * without any effect, as with a transaction that was rolled back. Absent when the replay store has no `release`.
   */
  readonly release?: () => Promise<void>;
}

/** What is known about a request so far: for `onError`. */
export type Known<Context> = {
  -readonly [Name in keyof EventDetails<Context>]?: EventDetails<Context>[Name] | undefined;
};

/** Verifies what a request posts, and adds to `known` what it finds out. It does not report. */
export type Check<Event, Context> = (
  posted: Posted,
  claimsOf: () => unknown,
  known: Known<Context>,
) => Promise<VerifiedEvent<Event>>;

/** Creates the check. */
export function createCheck<Event, Context>(
  { unsealer, replay, fallback, trustsPostedIds }: CheckedOptions<Event, Context>,
): Check<Event, Context> {
  /** Opens the sealed result. */
  async function open(sealed: string | Uint8Array, known: Known<Context>): Promise<OpenedResult<Event>> {
    const opener = typeof unsealer === "function"
      // The verifier's parameters have the request and the context if the caller has passed them on.
      ? checkMethods("the unsealer for a request", await unsealer(known.request!, known.context!), "open")
      : unsealer;
    try {
      return await opener.open(sealed);
    } catch (cause) {
      throw refusal(codeIn(OPEN_ANSWERS, cause), cause);
    }
  }

  /** Fetches the event that has this id, if the claims prove that the client is its visitor. */
  async function fetchEvent(id: string | undefined, claimsOf: () => unknown): Promise<[Event, EventClaims]> {
    if (fallback === undefined || id === undefined) {
      throw new VerifyError("ERR_REQUEST_EMPTY", "Cannot accept request: it has no sealed result");
    }
    const claims = await collectClaims(claimsOf, id);
    if (!trustsPostedIds && typeof claims.ip !== "string") {
      throw new VerifyError("ERR_FALLBACK_CLAIMS", "Cannot accept request: it has only an id, and claims have no ip");
    }
    let event;
    try {
      event = await fallback.getEvent(id);
    } catch (cause) {
      throw refusal(fallbackCode(cause), cause);
    }
    if (summaryOf(event).id === id) return [event, claims];
    throw new VerifyError("ERR_FALLBACK", "Cannot accept event: fallback returned one with another id");
  }

  return async ({ sealed, id }, claimsOf, known) => {
    let event: Event;
    let claims: EventClaims;
    if (sealed === undefined) {
      known.source = "events-api";
      [event, claims] = await fetchEvent(id, claimsOf);
    } else {
      known.source = "sealed";
      const opened = await open(sealed, known);
      event = opened.event;
      known.keyId = opened.keyId;
      known.bytes = opened.bytes;
      claims = await collectClaims(claimsOf, id);
    }
    const summary = known.summary = summaryOf(event);
    // Checked here, because `replay` may be the application's own and ignore claims; and before `replay` marks the
    // event.
    if (id !== undefined && id !== summary.id) {
      throw new VerifyError("ERR_REPLAY_MISMATCH", "Cannot accept event: it does not have the posted id");
    }
    let passed: unknown;
    try {
      passed = await replay.check(event, claims, summary);
    } catch (cause) {
      // A check that rejects has not passed, whatever its error.
      throw refusal(codeIn(REPLAY_ANSWERS, cause), cause);
    }
    return {
      event,
      summary,
      source: known.source,
      keyId: known.keyId,
      bytes: known.bytes,
      ...(typeof replay.release === "function" ? { release: async () => void await replay.release?.(passed) } : {}),
    };
  };
}

/** A schema's output of another shape has no id. */
function summaryOf(event: unknown): EventSummary {
  return summarize(event as FingerprintEvent); // reads own properties only, of any value
}

/** The claims to compare with the event: those of the server, and the id that the client posted. */
async function collectClaims(claimsOf: () => unknown, id: string | undefined): Promise<EventClaims> {
  const claimed = claimsOf();
  const given = isPromiseLike(claimed) ? await claimed : claimed;
  try {
    // The values are untrusted and may have any type: `replay` compares them.
    const claims: Partial<Record<keyof EventClaims, unknown>> = checkClaims(given, REQUEST_CLAIM_NAMES);
    if (id !== undefined) claims.id = id;
    return claims as EventClaims;
  } catch (error) {
    // The message names the mistake and quotes no value.
    throw new VerifyError("ERR_INTERNAL", (error as TypeError).message, { cause: error });
  }
}

/** The refusal for an error of a stage. Without a code, the error is the application's: `ERR_INTERNAL`. */
function refusal(code: VerifyErrorCode = "ERR_INTERNAL", cause: unknown): VerifyError {
  const retryAfterMs = code === "ERR_FALLBACK_BUSY" ? retryAfterOf(cause) : undefined;
  // The message is the sentence for the client, because frameworks may send it: `cause` has the details.
  return new VerifyError(code, undefined, { cause, retryAfterMs });
}

/** An error of any kind as a refusal. */
export function asVerifyError(error: unknown): VerifyError {
  return error instanceof VerifyError ? error : new VerifyError("ERR_INTERNAL", undefined, { cause: error });
}
