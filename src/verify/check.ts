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
import { readPosted } from "./posted.ts";

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

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

/**
 * Verifies what a request posts, and adds to `known` what it finds out.
 *
 * @param posted The fields that the request has posted: untrusted, of any type.
 * @param claims The claims, or a function that returns them or a promise.
 */
export type Check<Event, Context> = (
  posted: unknown,
  claims: unknown,
  known: Known<Context>,
) => Promise<VerifiedEvent<Event>>;

/**
 * Creates the check.
 *
 * @param refused Creates the error of a refused request.
 */
export function createCheck<Event, Context>(
  { unsealer, replay, fallback, trustsPostedIds }: CheckedOptions<Event, Context>,
  refused: (cause: unknown, known: Known<Context>) => VerifyError,
): Check<Event, Context> {
  /** Fetches the event that has this id, if the claims prove that the client is its visitor. */
  async function fetchEvent(id: string | undefined, given: unknown): Promise<[Event, EventClaims]> {
    if (fallback === undefined || id === undefined) {
      throw new VerifyError("ERR_REQUEST_EMPTY", "Cannot accept request: it has no sealed result");
    }
    const claims = collectClaims(await claimsOf(given), id);
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

  // One function, which awaits only promises: each `await`, and each asynchronous function, delays the result by a turn
  // of the queue.
  return async (posted, given, known) => {
    try {
      const { sealed, id } = readPosted(posted);
      let event: Event;
      let claims: EventClaims;
      if (sealed === undefined) {
        known.source = "events-api";
        [event, claims] = await fetchEvent(id, given);
      } else {
        known.source = "sealed";
        const opener = typeof unsealer === "function"
          // The verifier's parameters have the request and the context if the caller has passed them on.
          ? checkMethods("the unsealer for a request", await unsealer(known.request!, known.context!), "open")
          : unsealer;
        let opened;
        try {
          opened = await opener.open(sealed);
        } catch (cause) {
          throw refusal(codeIn(OPEN_ANSWERS, cause), cause);
        }
        event = opened.event;
        known.keyId = opened.keyId;
        known.bytes = opened.bytes;
        const claimed = claimsOf(given);
        claims = collectClaims(isPromiseLike(claimed) ? await claimed : claimed, id);
      }
      const summary = known.summary = summaryOf(event);
      // Checked here, because `replay` may be the application's own and ignore claims; and before `replay` marks the
      // event.
      if (id !== undefined && id !== summary.id) {
        throw new VerifyError("ERR_REPLAY_MISMATCH", "Cannot accept event: it does not have the posted id");
      }
      let passed: unknown;
      try {
        passed = replay.check(event, claims, summary);
        if (isPromiseLike(passed)) passed = await passed;
      } catch (cause) {
        // A check that rejects has not passed, whatever its error.
        throw refusal(codeIn(REPLAY_ANSWERS, cause), cause);
      }
      const verified: Writable<VerifiedEvent<Event>> = {
        event,
        summary,
        source: known.source,
        keyId: known.keyId,
        bytes: known.bytes,
      };
      if (typeof replay.release === "function") verified.release = async () => void await replay.release?.(passed);
      return verified;
    } catch (cause) {
      throw refused(cause, known);
    }
  };
}

/** A schema's output of another shape has no id. */
function summaryOf(event: unknown): EventSummary {
  return summarize(event as FingerprintEvent); // reads own properties only, of any value
}

/** The claims, or a promise of them. */
function claimsOf(given: unknown): unknown {
  return typeof given === "function" ? given() : given;
}

/** The claims to compare with the event: those of the server, and the id that the client posted. */
function collectClaims(given: unknown, id: string | undefined): EventClaims {
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
