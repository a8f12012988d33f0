/**
 * The replay guard, which accepts each unsealed event once.
 *
 * A sealed result proves that Fingerprint wrote it, not that it is new: anyone who has one can send it again.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { isRecord } from "../event/fields.ts";
import { type EventSummary, summarize } from "../event/summary.ts";
import { checkFunction } from "../options.ts";
import { isPromiseLike } from "../promise.ts";
import { report } from "../report.ts";
import { checkClaims, CLAIM_NAMES, type EventClaims, findMismatch } from "./claims.ts";
import { ReplayError } from "./errors.ts";
import { createMarker, type Mark, type ReplayGuardOptions } from "./marker.ts";

/**
 * An event with an id and a time: of any version, or the output of a schema that keeps these fields (`event_id` and
 * `timestamp` of v4, `products` of v3).
 */
export type ReplayableEvent =
  | FingerprintEvent
  | { readonly event_id: string; readonly timestamp: number }
  | { readonly products: object };

/** Accepts each event once. */
export interface ReplayGuard {
  /**
   * Checks an event and marks its id as used, in this order: it has an id and a time, it is fresh, Fingerprint has not
   * flagged it, it matches the claims, its id is new. The mark comes last, so that an event which is refused for
   * another reason is not used up.
   *
   * An event passes at most once. When the work that follows fails, the event stays used up, unless `release` is
   * called.
   *
   * @param event An unsealed event: authentic, but possibly another visitor's.
   * @param claims The request's claims about it: a plain object of untrusted values.
   * @param summary The event's summary, if you have computed it for this call: `summarize(event)` of `./event`.
   * @returns The event's summary. Exactly one caller receives the summary for a given id.
   * @throws {ReplayError} See {@linkcode ReplayErrorCode}. The promise rejects; nothing is thrown synchronously. After
   * `ERR_REPLAY_STORE`, the id may or may not be marked: the page should request a new event.
   * @throws {TypeError} When `claims` is not a plain object of known names.
   */
  check(event: ReplayableEvent, claims?: EventClaims, summary?: EventSummary): Promise<EventSummary>;
  /**
   * Removes the mark of an event, so that the event passes once more. Call it only when the work for the event has
   * ended without any effect. This method is missing when the store has no `release`.
   *
   * It works once for each result of `check`. The store compares a token that is unique to that call of `check`, so
   * that a delayed or repeated command cannot remove the mark of a later call.
   *
   * @param passed The same object that `check` returned.
   * @throws {TypeError} When this guard did not return `passed`, or has released it before.
   * @throws {ReplayError} `ERR_REPLAY_STORE` when the store fails; the mark may or may not be removed.
   */
  release?(passed: EventSummary): Promise<void>;
}

const OPTION_NAMES = { store: 1, maxAgeMs: 1, clockSkewMs: 1, timeoutMs: 1, now: 1, onError: 1 } as const;

/**
 * Creates a replay guard.
 *
 * @param options The store, and the time limits.
 * @throws {TypeError | RangeError} When an option is invalid.
 *
 * @example Refuse the second use of an event
 * ```ts
 * import { createReplayGuard, memoryStore, ReplayError } from "@unseal/sealed-results/replay";
 * import assert from "node:assert/strict";
 *
 * const guard = createReplayGuard({ store: memoryStore() });
 * const event = { event_id: "1708102555327.NLOjmg", timestamp: Date.now(), ip_address: "192.0.2.1" };
 *
 * const { id } = await guard.check(event, { ip: "::ffff:192.0.2.1" });
 * assert.equal(id, "1708102555327.NLOjmg");
 * await assert.rejects(
 *   guard.check(event, { ip: "::ffff:192.0.2.1" }),
 *   (error) => error instanceof ReplayError && error.code === "ERR_REPLAY_SEEN",
 * );
 * ```
 */
export function createReplayGuard(options: ReplayGuardOptions): ReplayGuard {
  const own = checkedOptions(options, OPTION_NAMES);
  const marker = createMarker(own);
  const onError = checkFunction("onError", own.onError ?? (() => {}));

  /** The mark of each summary that can still be released. */
  const marks = new WeakMap<EventSummary, Mark>();

  async function check(
    event: ReplayableEvent,
    claims: EventClaims = {},
    summary: EventSummary | undefined = isRecord(event) ? summarize(event as FingerprintEvent) : undefined,
  ): Promise<EventSummary> {
    try {
      const marking = marker.mark(summary, (summary) => findMismatch(summary, checkClaims(claims, CLAIM_NAMES)));
      const mark = isPromiseLike(marking) ? await marking : marking;
      marks.set(mark.summary, mark);
      return mark.summary;
    } catch (error) {
      throw reported(error, summary);
    }
  }

  async function release(passed: EventSummary): Promise<void> {
    try {
      await marker.release?.(marks.get(passed));
    } catch (error) {
      throw reported(error, passed);
    }
  }

  /** Reports an error of the store, and returns an error without it. */
  function reported(error: unknown, summary: EventSummary | undefined): unknown {
    if (!(error instanceof ReplayError) || error.code !== "ERR_REPLAY_STORE") return error;
    void report(onError, error, { request: undefined, context: undefined, summary: summary! }); // the store is asked last
    return new ReplayError("ERR_REPLAY_STORE", error.message);
  }

  return Object.freeze(marker.release === undefined ? { check } : { check, release });
}
