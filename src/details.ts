/**
 * What every module passes to an application's functions beside an event or an error.
 *
 * @module
 */

import type { Bytes } from "./encoding/bytes.ts";
import type { EventSummary } from "./event/summary.ts";

/**
 * The second argument of `onEvent`.
 *
 * @typeParam Context The server's second argument, such as a Worker's `env` or the information of `Deno.serve`.
 */
export interface EventDetails<Context = unknown> {
  /** The request that carried or caused the event; `undefined` if the module was not given one. */
  readonly request: Request | undefined;
  /** The server's second argument. */
  readonly context: Context;
  /** The event's summary. */
  readonly summary: EventSummary;
  /** The event's JSON as it was sealed, byte for byte; `undefined` for an event that was not sealed. */
  readonly bytes: Bytes | undefined;
  /** The id of the key that opened the sealed result; `undefined` for an event that was not sealed. */
  readonly keyId: string | undefined;
  /** Where the event is from. */
  readonly source: EventSource;
}

/** Where an event is from: a sealed result, the Events API or a webhook. */
export type EventSource = "sealed" | "events-api" | "webhook";

/** The second argument of `onError`: what is known when the error occurs. */
export type ErrorDetails<Context = unknown> =
  & Pick<EventDetails<Context>, "request" | "context">
  & Partial<EventDetails<Context>>;
