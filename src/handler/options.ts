/**
 * The endpoint's options, and what the application's functions get and return.
 *
 * @module
 */

import type { FingerprintEvent } from "../core/event.ts";
import type { Unsealer } from "../core/unseal.ts";
import type { EventClaims } from "../replay/claims.ts";
import type { HandlerError } from "./problem.ts";

/** How the endpoint works. */
export interface SealedResultHandlerOptions<Event = FingerprintEvent, Info = unknown> {
  /**
   * Opens the sealed results. A function is called for each request that has a sealed result, and may return a promise:
   * for keys from a secret store, or keys that rotate without a restart. Let it return the same unsealer as long as the
   * keys are the same: creating one imports its keys.
   */
  readonly unsealer:
    | SealedResultOpener<Event>
    | ((request: Request, info: Info | undefined) =>
      | SealedResultOpener<Event>
      | Promise<SealedResultOpener<Event>>);
  /**
   * The application. It gets each event that passed every check, and returns the answer. When it returns nothing, the
   * answer is 204; when it throws, 500.
   */
  readonly onEvent: (event: Event, context: EventContext<Info>) => Response | void | Promise<Response | void>;
  /** Refuses an event that was used before: a guard of `./replay`. Without it, events can be replayed. */
  readonly replay?: ReplayCheck<Event>;
  /**
   * Whether an event may be used again after `onEvent` threw or rejected. `false` by default: an event reaches `onEvent` at
   * most once, and when that fails, the page needs a new event.
   *
   * Set it only when an `onEvent` that throws has had no effect, as with a transaction that is rolled back: after an effect,
   * a client could repeat it. It needs a guard whose store has `release`, as all stores of `./replay` have. The mark is
   * taken back after `onEvent` has ended and before the answer is sent, and only the mark of this very request; when that
   * fails, the event stays used up. After a crash it stays used up as well.
   */
  readonly releaseOnError?: boolean;
  /**
   * What the server itself knows about the client, for `replay` to compare with the event. It must return a plain object
   * of these names; anything else is answered with 500.
   *
   * Which header holds the client's address depends on the proxies before this server; the client can write the left-most
   * entry of `X-Forwarded-For`. Without a proxy, the address is in what the server gives beside the request: `info`.
   */
  readonly claims?: (request: Request, info: Info | undefined) => RequestClaims | Promise<RequestClaims>;
  /**
   * Gets an event by its id when there is no sealed result: a client of `./events-api`. Any client can trigger a request
   * to it.
   *
   * An id proves nothing about its sender, unlike a sealed result, so `fallback` needs `replay` and `claims`, and a
   * request is refused unless its claims have an `ip` that is text. Without them, knowing the id of another visitor's event
   * would be enough to use that event, and to make the visitor's own request fail as a replay.
   */
  readonly fallback?: EventSource<Event>;
  /**
   * Lets `fallback` work without `replay` and `claims`, and without an `ip`: then whoever posts an id is taken for the
   * visitor of that event. `false` by default.
   */
  readonly dangerouslyTrustPostedIds?: boolean;
  /**
   * Most bytes of a body: a whole number from 0, or `Infinity`. 512 KiB by default, which is many times what real sealed
   * results need (under 30 KB). The unsealer's own default, 4 MiB, needs 6 MiB here as base64.
   */
  readonly maxBodyBytes?: number;
  /** How long a body may take, in milliseconds: from 1 to 2^31 - 1, or `Infinity`. 30 seconds by default. */
  readonly bodyTimeoutMs?: number;
  /** Called for each refused request, for a log. What it throws is ignored. */
  readonly onError?: (error: HandlerError, context: { readonly request: Request }) => unknown;
}

/** What opens sealed results: an `Unsealer`. */
export type SealedResultOpener<Event = FingerprintEvent> = Pick<Unsealer<Event>, "open">;

/** What comes with an event. */
export interface EventContext<Info = unknown> {
  /** The request. Its body is read. */
  readonly request: Request;
  /** What the server gave beside the request, as `Deno.serve` does with the client's address. */
  readonly info: Info | undefined;
  /** Where the event comes from: a sealed result, or the `fallback`. */
  readonly source: "sealed" | "events-api";
  /** The id of the key that opened the sealed result; `undefined` with the `fallback`. */
  readonly keyId: string | undefined;
}

/** What the server knows about the client: the claims of `./replay` without the event's id, which the client posts. */
export type RequestClaims = Omit<EventClaims, "id">;

/** What `createReplayGuard` of `./replay` creates. */
export interface ReplayCheck<Event = FingerprintEvent> {
  /** Rejects when the event must not be used. An error whose `code` is one of `./replay` is answered as such. */
  check(event: Event, claims?: EventClaims): Promise<unknown>;
  /** Takes the mark of an event back. It gets what `check` resolved with, the very object. */
  release?(passed: unknown): Promise<unknown>;
}

/** What `createEventsClient` of `./events-api` creates. */
export interface EventSource<Event = FingerprintEvent> {
  /** Gets an event by its id, which is untrusted. The event must have that id. */
  getEvent(id: string): Promise<Event>;
}
