/**
 * The replay guard, which accepts each unsealed event once.
 *
 * A sealed result proves that Fingerprint wrote it, not that it is new: anyone who has one can send it again.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { ErrorDetails } from "../details.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { isRecord } from "../event/fields.ts";
import { type EventSummary, summarize } from "../event/summary.ts";
import { checkFunction, checkMethods, checkMilliseconds } from "../options.ts";
import { isPromiseLike, type MaybePromise, settle } from "../promise.ts";
import { report } from "../report.ts";
import { type EventClaims, findMismatch } from "./claims.ts";
import { ReplayError } from "./errors.ts";
import type { ReplayStore } from "./store.ts";

/** Options of a replay guard. */
export interface ReplayGuardOptions {
  /** Remembers the ids. */
  readonly store: ReplayStore;
  /**
   * The greatest age of an event: milliseconds from 1 to 2,147,483,647 (24 days). Two minutes by default. A page that
   * caches the agent's results sends them again later, and its honest visitors are refused.
   */
  readonly maxAgeMs?: number | undefined;
  /**
   * The greatest difference between the clock of any of your machines and Fingerprint's: milliseconds from 0 to
   * 2,147,483,647. 30 seconds by default. An event may be this far in the future, and its id is remembered twice as
   * much longer.
   */
  readonly clockSkewMs?: number | undefined;
  /** How long to wait for the store: milliseconds from 1 to 2,147,483,647. Two seconds by default. */
  readonly timeoutMs?: number | undefined;
  /** The time, in Unix milliseconds. `Date.now` by default. */
  readonly now?: (() => number) | undefined;
  /**
   * Called when the store fails, with `ERR_REPLAY_STORE`, and `details.summary` of the event. Only here, the error has
   * the store's error as its `cause`: it may have what the store's client puts into its errors, such as hosts and users.
   * Exceptions of this function are ignored.
   */
  readonly onError?: ((error: ReplayError, details: ErrorDetails) => unknown) | undefined;
}

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

/**
 * An id in visible ASCII, so that every database distinguishes any two ids: some drop, fold or refuse other characters.
 * Real ids have about twenty characters.
 */
const ID = /^[!-~]{1,256}$/;

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
  const store = checkMethods("store", own.store, "add");
  const maxAgeMs = checkMilliseconds("maxAgeMs", own.maxAgeMs ?? 120_000);
  const clockSkewMs = checkMilliseconds("clockSkewMs", own.clockSkewMs ?? 30_000, 0);
  const timeoutMs = checkMilliseconds("timeoutMs", own.timeoutMs ?? 2_000);
  const now = checkFunction("now", own.now ?? Date.now);
  const onError = checkFunction("onError", own.onError ?? (() => {}));

  /** The mark of each summary that can still be released. */
  const marks = new WeakMap<EventSummary, { readonly id: string; readonly token: string }>();

  async function check(
    event: ReplayableEvent,
    claims: EventClaims = {},
    summary: EventSummary | undefined = isRecord(event) ? summarize(event as FingerprintEvent) : undefined,
  ): Promise<EventSummary> {
    const { id = "", timestamp = NaN } = summary ?? {};
    if (summary === undefined || !ID.test(id) || !Number.isFinite(timestamp)) {
      throw new ReplayError("ERR_REPLAY_INCOMPLETE", "Cannot accept event: no usable id or no time");
    }
    const checkedAt = now();
    const ageMs = checkedAt - timestamp;
    // Both conditions are negated, so that a clock that returns NaN refuses every event.
    if (!(ageMs <= maxAgeMs)) {
      throw new ReplayError("ERR_REPLAY_STALE", `Cannot accept event: older than ${maxAgeMs} ms`);
    }
    if (!(ageMs >= -clockSkewMs)) {
      throw new ReplayError("ERR_REPLAY_FUTURE", `Cannot accept event: more than ${clockSkewMs} ms in the future`);
    }
    if (summary.replayed) throw new ReplayError("ERR_REPLAY_FLAGGED", "Cannot accept event: flagged as replayed");
    const mismatch = findMismatch(summary, claims);
    if (mismatch !== undefined) throw mismatch;
    const token = makeToken();
    // The longest time for which any machine could accept the event: its clock is behind by the skew, ours is ahead by
    // the skew, it checks the event at the last moment, and its call to the store takes the whole timeout. An age is
    // not subtracted, because a clock that is set back makes an event younger.
    const ttlMs = Math.floor(maxAgeMs - Math.min(ageMs, 0) + 2 * clockSkewMs + timeoutMs) + 1;
    const asked = askStore("Cannot accept event", summary, () => store.add(id, ttlMs, token), (answer: unknown) => {
      if (typeof answer !== "boolean") throw new TypeError("store.add() must return a boolean, got another type");
      // On a machine that was suspended meanwhile, the result may arrive before the timer fires.
      if (!(now() - checkedAt <= timeoutMs)) throw tooSlow(timeoutMs);
      return answer;
    });
    const isNew = isPromiseLike(asked) ? await asked : asked;
    if (!isNew) throw new ReplayError("ERR_REPLAY_SEEN", "Cannot accept event: used before");
    marks.set(summary, { id, token });
    return summary;
  }

  async function release(passed: EventSummary): Promise<void> {
    const mark = marks.get(passed);
    if (mark === undefined) throw new TypeError("passed must be a result of check() that was not released before");
    marks.delete(passed);
    await askStore("Cannot release event", passed, () => store.release?.(mark.id, mark.token), () => {});
  }

  /**
   * Asks the store, and waits only for a promise. Reports its error, or that of `read`, to `onError`, and throws an error
   * without it.
   */
  function askStore<Answer, Result>(
    failure: string,
    summary: EventSummary,
    ask: () => MaybePromise<Answer>,
    read: (answer: Answer) => Result,
  ): MaybePromise<Result> {
    return settle(
      () => settle(() => settledWithin(timeoutMs, ask()), read),
      (result) => result,
      (cause) => {
        const message = `${failure}: the replay store failed or was too slow`;
        const details = { request: undefined, context: undefined, summary };
        void report(onError, new ReplayError("ERR_REPLAY_STORE", message, { cause }), details);
        throw new ReplayError("ERR_REPLAY_STORE", message);
      },
    );
  }

  return Object.freeze(typeof store.release === "function" ? { check, release } : { check });
}

/**
 * Creates a token that is unique on all machines. It is not a secret. `randomUUID` took a hundredth of the time of
 * `getRandomValues` on Node. QuickJS lacks `crypto`, but has a memory store only.
 */
function makeToken(): string {
  const { crypto } = globalThis as { crypto?: { randomUUID?(): string } };
  return crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}

/** Settles as `promise` does, or rejects when it takes too long. QuickJS has no timers, and so no limit. */
function settledWithin<Value>(timeoutMs: number, promise: MaybePromise<Value>): MaybePromise<Value> {
  if (!isPromiseLike(promise) || typeof setTimeout !== "function") return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(timeoutMs)), timeoutMs);
    // A late rejection is handled here, too.
    Promise.resolve(promise).finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function tooSlow(timeoutMs: number): Error {
  return new Error(`Store took longer than ${timeoutMs} ms`);
}
