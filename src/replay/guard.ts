/**
 * Deciding whether an unsealed event may be acted upon, once.
 *
 * A sealed result proves who wrote it, not that it is new: anyone who has one can send it again. The guard accepts each
 * event once.
 *
 * @module
 */

import { type FingerprintEvent, isRecord } from "../core/event.ts";
import { checkFunction, checkMethods, checkMilliseconds, ownProperties } from "../options.ts";
import { report } from "../report.ts";
import { isPromiseLike } from "../core/promise.ts";
import { type EventSummary, summarizeEvent } from "../core/summary.ts";
import { type EventClaims, findMismatch } from "./claims.ts";
import { ReplayError } from "./errors.ts";
import type { ReplayStore } from "./store.ts";

/** How to guard. */
export interface ReplayGuardOptions {
  /** Where ids are remembered. */
  readonly store: ReplayStore;
  /**
   * The greatest age of an event: milliseconds from 1 to 2,147,483,647 (24 days). Two minutes by default. A page that
   * caches the agent's results sends them again later: its honest visitors are refused too.
   */
  readonly maxAgeMs?: number;
  /**
   * How far the clock of any of your machines may be from Fingerprint's: milliseconds from 0 to 2,147,483,647. 30 seconds
   * by default. An event may be this far in the future, and its id is remembered longer by twice as much.
   */
  readonly clockSkewMs?: number;
  /** How long to wait for the store: milliseconds from 1 to 2,147,483,647. Two seconds by default. */
  readonly timeoutMs?: number;
  /** The time, in Unix milliseconds. `Date.now` by default. */
  readonly now?: () => number;
  /**
   * Called with the error of a store that failed, which `ERR_REPLAY_STORE` does not contain: it may have what the store's
   * client puts into its errors, such as hosts and users. What it throws is ignored.
   */
  readonly onStoreError?: (error: unknown) => unknown;
}

/** Lets each event pass once. */
export interface ReplayGuard {
  /**
   * Checks an event and marks its id as used, in this order: it has an id and a time, it is fresh, Fingerprint has not
   * flagged it, it matches what the request claims, its id is new. The mark comes last, so that an event which is refused
   * for another reason does not lose its one use.
   *
   * An event passes at most once: when the work that follows fails, the event is used up, unless `release` is called.
   *
   * @param event An event that was unsealed: authentic, but perhaps not the sender's.
   * @param claims What the request claims about it: a plain object of untrusted values.
   * @returns The event's summary. Exactly one caller receives the summary for a given id.
   * @throws {ReplayError} See {@linkcode ReplayErrorCode}; the promise rejects, nothing is thrown synchronously. After
   * `ERR_REPLAY_STORE` the id may be marked or not: let the page get a new event.
   * @throws {TypeError} When `claims` is not a plain object of known names.
   */
  check(event: FingerprintEvent, claims?: EventClaims): Promise<EventSummary>;
  /**
   * Takes the mark of an event back, so that it passes once more. Call it only when the work for the event has ended without
   * any effect. It is missing when the store has no `release`.
   *
   * Only what `check` returned gives the right to it, and only once: the store compares a token that belongs to this one
   * pass, so that neither a delay nor a repeated command can remove the mark of a later one.
   *
   * @param passed What `check` returned, the very object.
   * @throws {TypeError} When this guard did not return `passed`, or has released it before.
   * @throws {ReplayError} `ERR_REPLAY_STORE` when the store fails; the event stays used up or not.
   */
  release?(passed: EventSummary): Promise<void>;
}

/**
 * An id in visible ASCII, so that every engine tells any two apart: some drop, fold or refuse other characters. Real
 * ones have some twenty.
 */
const ID = /^[!-~]{1,256}$/;

/**
 * Creates a replay guard.
 *
 * @param options The store, and what counts as fresh.
 * @throws {TypeError | RangeError} When an option is not what it should be.
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
 *   (error) => error instanceof ReplayError && error.code === "ERR_EVENT_SEEN",
 * );
 * ```
 */
export function createReplayGuard(options: ReplayGuardOptions): ReplayGuard {
  const own = ownProperties(options);
  const store = checkMethods("store", own.store, "add");
  const maxAgeMs = checkMilliseconds("maxAgeMs", own.maxAgeMs ?? 120_000);
  const clockSkewMs = checkMilliseconds("clockSkewMs", own.clockSkewMs ?? 30_000, 0);
  const timeoutMs = checkMilliseconds("timeoutMs", own.timeoutMs ?? 2_000);
  const now = checkFunction("now", own.now ?? Date.now);
  const onStoreError = checkFunction("onStoreError", own.onStoreError ?? (() => {}));

  /** The mark behind each summary that may still be released. */
  const marks = new WeakMap<EventSummary, { readonly id: string; readonly token: string }>();

  async function check(event: FingerprintEvent, claims: EventClaims = {}): Promise<EventSummary> {
    const summary = isRecord(event) ? summarizeEvent(event) : undefined;
    const { id = "", timestamp = NaN } = summary ?? {};
    if (summary === undefined || !ID.test(id) || !Number.isFinite(timestamp)) {
      throw new ReplayError("ERR_EVENT_INCOMPLETE", "Event has no usable id or no time");
    }
    const checkedAt = now();
    const ageMs = checkedAt - timestamp;
    // Both ask for what must hold, so that a clock that gives NaN refuses.
    if (!(ageMs <= maxAgeMs)) throw new ReplayError("ERR_EVENT_STALE", `Event is older than ${maxAgeMs} ms`);
    if (!(ageMs >= -clockSkewMs)) {
      throw new ReplayError("ERR_EVENT_FUTURE", `Event is more than ${clockSkewMs} ms in the future`);
    }
    if (summary.replayed) throw new ReplayError("ERR_EVENT_REPLAYED", "Event is flagged as replayed");
    const mismatch = findMismatch(summary, claims);
    if (mismatch !== undefined) {
      throw new ReplayError("ERR_EVENT_MISMATCH", `Event does not match the claimed ${mismatch}`, mismatch);
    }
    const token = makeToken();
    if (await mark(id, ageMs, checkedAt, token)) {
      marks.set(summary, { id, token });
      return summary;
    }
    throw new ReplayError("ERR_EVENT_SEEN", "Event was seen before");
  }

  /** Whether the store says that `id` is new, and says so in time. */
  async function mark(id: string, ageMs: number, checkedAt: number, token: string): Promise<boolean> {
    // For as long as the event could pass anywhere: on a machine whose clock is behind by the skew while ours is ahead by
    // as much, which finds it fresh at its last moment and whose mark then takes all the time it may.
    const ttlMs = Math.floor(maxAgeMs - ageMs + 2 * clockSkewMs + timeoutMs) + 1;
    try {
      const isNew: unknown = await settledWithin(timeoutMs, store.add(id, ttlMs, token));
      if (typeof isNew !== "boolean") throw new TypeError("Store expected to answer a boolean, got something else");
      // A machine that was suspended meanwhile may see the answer before it sees the timer.
      if (!(now() - checkedAt <= timeoutMs)) throw tooSlow(timeoutMs);
      return isNew;
    } catch (error) {
      void report(onStoreError, error);
      throw new ReplayError("ERR_REPLAY_STORE", "Replay store gave no answer, so the event is refused");
    }
  }

  async function release(passed: EventSummary): Promise<void> {
    const mark = marks.get(passed);
    if (mark === undefined) throw new TypeError("release() must get what check() returned, once");
    marks.delete(passed);
    try {
      await settledWithin(timeoutMs, store.release?.(mark.id, mark.token));
    } catch (error) {
      void report(onStoreError, error);
      throw new ReplayError("ERR_REPLAY_STORE", "Replay store did not release the event in time");
    }
  }

  return Object.freeze(typeof store.release === "function" ? { check, release } : { check });
}

/** Unique on all machines; not a secret. Only QuickJS lacks `crypto`, and has but one machine's memory for a store. */
function makeToken(): string {
  const random = typeof crypto === "object" ? crypto.getRandomValues(new Uint32Array(4)) : [Math.random() * 2 ** 32];
  return `${Date.now().toString(36)}-${Array.from(random, (value) => Math.floor(value).toString(36)).join("-")}`;
}

/** Settles as `promise` does, or rejects when that takes too long. Without timers, as in QuickJS, there is no limit. */
function settledWithin<Value>(timeoutMs: number, promise: PromiseLike<Value> | Value): PromiseLike<Value> | Value {
  if (!isPromiseLike(promise) || typeof setTimeout !== "function") return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(timeoutMs)), timeoutMs);
    // A rejection that comes too late is handled here as well.
    Promise.resolve(promise).finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function tooSlow(timeoutMs: number): Error {
  return new Error(`Store took longer than ${timeoutMs} ms`);
}
