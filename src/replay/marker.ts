/**
 * Checks events and marks their ids as used: the part of the replay guard that the verifier shares.
 *
 * @module
 */

import type { ErrorDetails } from "../details.ts";
import type { EventSummary } from "../event/summary.ts";
import { checkFunction, checkMethods, checkMilliseconds } from "../options.ts";
import { isPromiseLike, type MaybePromise } from "../promise.ts";
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

/** The mark of an event in the store. */
export interface Mark {
  readonly summary: EventSummary;
  readonly id: string;
  readonly token: string;
  /** Whether it has been released. */
  isReleased: boolean;
}

/** Marks each event once. Its errors have the store's error as their `cause`. */
export interface Marker {
  /**
   * Checks an event and marks its id as used, in the order of `ReplayGuard.check`.
   *
   * @param summary The event's summary; `undefined` if the event is no object.
   * @param findMismatch Compares the event with the claims.
   * @returns The mark, which {@linkcode Marker.release} removes.
   */
  mark(
    summary: EventSummary | undefined,
    findMismatch: (summary: EventSummary) => ReplayError | undefined,
  ): MaybePromise<Mark>;
  /** Removes a mark, once. It is missing when the store has no `release`. */
  readonly release: ((mark: Mark | undefined) => MaybePromise<void>) | undefined;
}

/**
 * An id in visible ASCII, so that every database distinguishes any two ids: some drop, fold or refuse other characters.
 * Real ids have about twenty characters.
 */
const ID = /^[!-~]{1,256}$/;

/**
 * Creates a marker.
 *
 * @param own The guard's options, without inherited properties.
 * @throws {TypeError | RangeError} When an option is invalid.
 */
export function createMarker(own: Omit<ReplayGuardOptions, "onError">): Marker {
  const store = checkMethods("store", own.store, "add");
  const maxAgeMs = checkMilliseconds("maxAgeMs", own.maxAgeMs ?? 120_000);
  const clockSkewMs = checkMilliseconds("clockSkewMs", own.clockSkewMs ?? 30_000, 0);
  const timeoutMs = checkMilliseconds("timeoutMs", own.timeoutMs ?? 2_000);
  const now = checkFunction("now", own.now ?? Date.now);

  function mark(
    summary: EventSummary | undefined,
    findMismatch: (summary: EventSummary) => ReplayError | undefined,
  ): MaybePromise<Mark> {
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
    const mismatch = findMismatch(summary);
    if (mismatch !== undefined) throw mismatch;
    const token = makeToken();
    // The longest time for which any machine could accept the event: its clock is behind by the skew, ours is ahead by
    // the skew, it checks the event at the last moment, and its call to the store takes the whole timeout. An age is
    // not subtracted, because a clock that is set back makes an event younger.
    const ttlMs = Math.floor(maxAgeMs - Math.min(ageMs, 0) + 2 * clockSkewMs + timeoutMs) + 1;

    const isNew = (answer: unknown): boolean => {
      if (typeof answer !== "boolean") throw new TypeError("store.add() must return a boolean, got another type");
      // On a machine that was suspended meanwhile, the result may arrive before the timer fires.
      if (!(now() - checkedAt <= timeoutMs)) throw tooSlow(timeoutMs);
      return answer;
    };
    const finish = (isNew: boolean): Mark => {
      if (!isNew) throw new ReplayError("ERR_REPLAY_SEEN", "Cannot accept event: used before");
      return { summary, id, token, isReleased: false };
    };
    const asked = askStore("Cannot accept event", () => store.add(id, ttlMs, token), isNew);
    return isPromiseLike(asked) ? asked.then(finish) : finish(asked);
  }

  function release(mark: Mark | undefined): MaybePromise<void> {
    if (mark === undefined || mark.isReleased) {
      throw new TypeError("passed must be a result of check() that was not released before");
    }
    mark.isReleased = true;
    return askStore("Cannot release event", () => store.release?.(mark.id, mark.token), () => {});
  }

  /** Asks the store, and waits only for a promise. An error of the store, or of `read`, becomes `ERR_REPLAY_STORE`. */
  function askStore<Answer, Result>(
    failure: string,
    ask: () => MaybePromise<Answer>,
    read: (answer: Answer) => Result,
  ): MaybePromise<Result> {
    const failed = (cause: unknown): never => {
      throw new ReplayError("ERR_REPLAY_STORE", `${failure}: the replay store failed or was too slow`, { cause });
    };
    try {
      const answer = ask();
      return isPromiseLike(answer) ? settledWithin(timeoutMs, answer).then(read).catch(failed) : read(answer);
    } catch (cause) {
      return failed(cause);
    }
  }

  return { mark, release: typeof store.release === "function" ? release : undefined };
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
function settledWithin<Value>(timeoutMs: number, promise: PromiseLike<Value>): Promise<Value> {
  if (typeof setTimeout !== "function") return Promise.resolve(promise);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(timeoutMs)), timeoutMs);
    // A late rejection is handled here, too.
    Promise.resolve(promise).finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function tooSlow(timeoutMs: number): Error {
  return new Error(`Store took longer than ${timeoutMs} ms`);
}
