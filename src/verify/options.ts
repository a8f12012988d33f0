/**
 * The verifier's options.
 *
 * @module
 */

import type { ErrorDetails } from "../details.ts";
import type { FingerprintEvent } from "../event/event.ts";
import type { EventSummary } from "../event/summary.ts";
import { checkFlag, checkMethods, ownProperties } from "../options.ts";
import { type EventClaims, findMismatch } from "../replay/claims.ts";
import type { ReplayableEvent } from "../replay/guard.ts";
import { createMarker, type Mark } from "../replay/marker.ts";
import type { ReplayStore } from "../replay/store.ts";
import type { KeyInput } from "../unseal/keyring.ts";
import { createUnsealer } from "../unseal/unseal.ts";
import type { SealedResultOpener } from "../unseal/unsealer.ts";
import type { VerifyError } from "./errors.ts";

/** The keys, or what opens sealed results with them: exactly one. */
export type OpenerOption<Event, Context> =
  | {
    /** The key, or all keys that may be in use while they are rotated: those of `createUnsealer`. */
    readonly keys: KeyInput | readonly KeyInput[];
    readonly unsealer?: undefined;
  }
  | {
    readonly keys?: undefined;
    /**
     * Opens the sealed results. A function is called for each request that has a sealed result, and may return a
     * promise: for keys from a secret store, keys of tenants, or keys that rotate without a restart. It should return
     * the same unsealer as long as the keys are the same, because creating an unsealer imports its keys.
     */
    readonly unsealer:
      | SealedResultOpener<Event>
      | ((request: Request, context: Context) => SealedResultOpener<Event> | Promise<SealedResultOpener<Event>>);
  };

/** The replay protection: exactly one of a guard and a store. */
export type ReplayOption<Event> =
  | {
    /**
     * A guard of `./replay`, or a check of your own, which refuses an event that was used before.
     *
     * `"none"` gives replay protection up: anyone who has a sealed result can use it again, at any time and any number
     * of times. Only the claims are then compared.
     */
    readonly replay: ReplayCheck<Event> | "none";
    readonly store?: undefined;
  }
  | {
    readonly replay?: undefined;
    /** Remembers the used events: a store of `./replay`, for a guard with its defaults. */
    readonly store: StoreFor<Event>;
  };

/** A store for events that a guard can check: the output of a schema must keep the id and the time. */
export type StoreFor<Event> = Event extends ReplayableEvent ? ReplayStore : never;

/** The options that a verifier has in common with the endpoint of `./handler`. */
export interface CommonVerifierOptions<Event, Context> {
  /**
   * Fetches an event by its id when a request has no sealed result: a client of `./events-api`. Any client can trigger
   * a request to the Events API.
   *
   * Unlike a sealed result, an id proves nothing about its sender. So a request that has only an id is refused unless
   * its claims have an `ip` that is text. Without one, a client that knows the id of another visitor's event could use
   * that event, and make the visitor's own request fail as a replay.
   */
  readonly fallback?: EventsSource<Event> | undefined;
  /** Allows `fallback` without an `ip`. Any client that posts an id then counts as the visitor of that event. */
  readonly dangerouslyTrustPostedIds?: boolean | undefined;
  /**
   * Called for each refused request, for a log: of `error.code`, `error.message` and the message of `error.cause`.
   * Exceptions of this function are ignored.
   */
  readonly onError?: ((error: VerifyError, details: ErrorDetails<Context>) => unknown) | undefined;
}

/** Options of `createVerifier`. */
export type VerifierOptions<Event = FingerprintEvent, Context = unknown> =
  & OpenerOption<Event, Context>
  & ReplayOption<NoInfer<Event>>
  & CommonVerifierOptions<NoInfer<Event>, Context>;

/** The names of these options. */
export const VERIFIER_OPTION_NAMES: Readonly<Record<keyof LooseOptions<unknown, unknown>, 1>> = {
  keys: 1,
  unsealer: 1,
  replay: 1,
  store: 1,
  fallback: 1,
  dangerouslyTrustPostedIds: 1,
  onError: 1,
};

/** A replay check, as a guard of `./replay` has it. */
export interface ReplayCheck<Event = FingerprintEvent> {
  /**
   * Rejects when the event must not be used. An error with a `code` of `./replay` is answered with that code.
   *
   * @param claims What the request claims about the event.
   * @param summary The event's summary.
   */
  check(event: Event, claims: EventClaims, summary: EventSummary): unknown;
  /** Removes the mark of an event. It gets the same object that `check` resolved with. */
  release?(passed: unknown): unknown;
}

/** A source of events, as `createEventsClient` of `./events-api` creates it. */
export interface EventsSource<Event = FingerprintEvent> {
  /** Fetches an event by its id, which is untrusted. The event must have that id. */
  getEvent(id: string): Promise<Event>;
}

/** The options without the rules on which of them belong together, which {@linkcode checkVerifierOptions} checks. */
export interface LooseOptions<Event, Context> extends CommonVerifierOptions<Event, Context> {
  readonly keys?: KeyInput | readonly KeyInput[] | undefined;
  readonly unsealer?: Exclude<OpenerOption<Event, Context>["unsealer"], undefined> | undefined;
  readonly replay?: ReplayCheck<Event> | "none" | undefined;
  readonly store?: ReplayStore | undefined;
}

/** Checked options. */
export interface CheckedOptions<Event, Context> extends Pick<CommonVerifierOptions<Event, Context>, "fallback"> {
  readonly unsealer: Exclude<OpenerOption<Event, Context>["unsealer"], undefined>;
  readonly replay: ReplayCheck<Event>;
  readonly trustsPostedIds: boolean;
}

/**
 * Checks the options of a verifier or an endpoint.
 *
 * @param own The options' own properties, of which those of {@linkcode LooseOptions} are read.
 * @throws {TypeError} When an option is invalid, missing, or given twice.
 */
export function checkVerifierOptions<Event, Context>(
  own: Omit<LooseOptions<Event, Context>, "onError">,
): CheckedOptions<Event, Context> {
  if ((own.keys === undefined) === (own.unsealer === undefined)) {
    throw new TypeError("keys or unsealer must be given, and only one of them");
  }
  if ((own.replay === undefined) === (own.store === undefined)) {
    throw new TypeError(
      "replay or store must be given, and only one of them. Without replay protection, anyone who has a sealed result " +
        'can use it again: replay: "none" gives it up',
    );
  }
  return {
    unsealer: checkUnsealer(own),
    replay: checkReplay(own),
    fallback: own.fallback === undefined ? undefined : checkMethods("fallback", own.fallback, "getEvent"),
    trustsPostedIds: checkFlag("dangerouslyTrustPostedIds", own.dangerouslyTrustPostedIds ?? false),
  };
}

function checkUnsealer<Event, Context>(
  { keys, unsealer }: Pick<LooseOptions<Event, Context>, "keys" | "unsealer">,
): CheckedOptions<Event, Context>["unsealer"] {
  // With keys, nothing but the default determines the type of the event.
  if (keys !== undefined) return createUnsealer({ keys }) as unknown as SealedResultOpener<Event>;
  return typeof unsealer === "function" ? unsealer : checkMethods("unsealer", unsealer!, "open"); // one is given
}

function checkReplay<Event>(
  { replay, store }: Pick<LooseOptions<Event, unknown>, "replay" | "store">,
): ReplayCheck<Event> {
  if (replay === "none") return CLAIMS_ONLY;
  // A guard checks itself that an event has an id and a time.
  return store === undefined ? checkMethods("replay", replay!, "check") : guardWith(store);
}

/** A guard with the defaults, for claims that are checked, and whose errors have the store's error as their cause. */
function guardWith(store: ReplayStore): ReplayCheck<unknown> {
  const { mark, release } = createMarker(ownProperties({ store }));
  return {
    check: (_event, claims, summary) => mark(summary, () => findMismatch(summary, claims)),
    // It gets the result of check().
    ...(release === undefined ? {} : { release: (passed) => release(passed as Mark) }),
  };
}

/** Compares the claims, and remembers nothing. */
const CLAIMS_ONLY: ReplayCheck<unknown> = {
  check(_event, claims, summary) {
    const mismatch = findMismatch(summary, claims);
    if (mismatch !== undefined) throw mismatch;
  },
};
