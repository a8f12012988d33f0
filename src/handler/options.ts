/**
 * The endpoint's options, and the types of the application's functions.
 *
 * @module
 */

import type { FingerprintEvent } from "../event/event.ts";
import type { SealedResultOpener } from "../unseal/unsealer.ts";
import type { EventClaims } from "../replay/claims.ts";
import type { HandlerError } from "./problem.ts";

/** How the endpoint works. */
export interface SealedResultHandlerOptions<Event = FingerprintEvent, Info = unknown> {
  /**
   * Opens the sealed results. A function is called for each request that has a sealed result, and may return a promise:
   * for keys from a secret store, or keys that rotate without a restart. It should return the same unsealer as long as
   * the keys are the same, because creating an unsealer imports its keys.
   */
  readonly unsealer:
    | SealedResultOpener<Event>
    | ((request: Request, info: Info | undefined) =>
      | SealedResultOpener<Event>
      | Promise<SealedResultOpener<Event>>);
  /**
   * The application. It receives each event that passed every check, and returns the response. When it returns nothing,
   * the response is 204; when it throws, 500.
   */
  readonly onEvent: (event: Event, context: EventContext<Info>) => Response | void | Promise<Response | void>;
  /** Refuses an event that was used before: a guard of `./replay`. Without it, events can be replayed. */
  readonly replay?: ReplayCheck<Event> | undefined;
  /**
   * Whether an event may be used again after `onEvent` threw or rejected. `false` by default: an event reaches
   * `onEvent` at most once, and when that fails, the page needs a new event.
   *
   * Set it only when an `onEvent` that throws has had no effect, as with a transaction that is rolled back. Otherwise a
   * client could repeat the effect. It needs a guard whose store has `release`, as all stores of `./replay` have. The
   * mark of this request is removed after `onEvent` has ended and before the response is sent. When the removal fails,
   * or after a crash, the event stays used up.
   */
  readonly releaseOnError?: boolean | undefined;
  /**
   * Returns what the server itself knows about the client, for `replay` to compare with the event. It must return a
   * plain object with these names only; for anything else, the response is 500.
   *
   * The header with the client's address depends on the proxies in front of this server. The client can write the
   * left-most entry of `X-Forwarded-For`. Without a proxy, `info` has the address.
   */
  readonly claims?: ((request: Request, info: Info | undefined) => RequestClaims | Promise<RequestClaims>) | undefined;
  /**
   * Fetches an event by its id when a request has no sealed result: a client of `./events-api`. Any client can trigger
   * a request to the Events API.
   *
   * Unlike a sealed result, an id proves nothing about its sender. So `fallback` needs `replay` and `claims`, and a
   * request is refused unless its claims have an `ip` that is text. Without them, a client that knows the id of another
   * visitor's event could use that event, and make the visitor's own request fail as a replay.
   */
  readonly fallback?: EventSource<Event> | undefined;
  /**
   * Allows `fallback` without `replay` and `claims`, and without an `ip`. Any client that posts an id then counts as
   * the visitor of that event. `false` by default.
   */
  readonly dangerouslyTrustPostedIds?: boolean | undefined;
  /**
   * Most bytes of a body: a whole number from 0, or `Infinity`. 512 KiB by default, which is many times what real
   * sealed results need (under 30 KB). The unsealer's own default, 4 MiB, needs 6 MiB here as base64.
   */
  readonly maxBodyBytes?: number | undefined;
  /** How long a body may take, in milliseconds: from 1 to 2^31 - 1, or `Infinity`. 30 seconds by default. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Called for each refused request, for a log. Its exceptions are ignored. */
  readonly onError?: ((error: HandlerError, context: { readonly request: Request }) => unknown) | undefined;
}

/** The context of an event. */
export interface EventContext<Info = unknown> {
  /** The request. Its body has been read. */
  readonly request: Request;
  /** The server's information on the request, such as the client's address with `Deno.serve`. */
  readonly info: Info | undefined;
  /** The event's source: a sealed result, or the `fallback`. */
  readonly source: "sealed" | "events-api";
  /** The id of the key that opened the sealed result; `undefined` with the `fallback`. */
  readonly keyId: string | undefined;
}

/**
 * The claims that the server makes about the client: those of `./replay` without the event's id, which the client
 * posts.
 */
export type RequestClaims = Omit<EventClaims, "id">;

/** A replay guard, as `createReplayGuard` of `./replay` creates it. */
export interface ReplayCheck<Event = FingerprintEvent> {
  /** Rejects when the event must not be used. An error with a `code` of `./replay` is answered with that code. */
  check(event: Event, claims?: EventClaims): Promise<unknown>;
  /** Removes the mark of an event. It gets the same object that `check` resolved with. */
  release?(passed: unknown): Promise<unknown>;
}

/** A source of events, as `createEventsClient` of `./events-api` creates it. */
export interface EventSource<Event = FingerprintEvent> {
  /** Fetches an event by its id, which is untrusted. The event must have that id. */
  getEvent(id: string): Promise<Event>;
}
