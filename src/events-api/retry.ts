/**
 * Asks again, for a while: an event can be requested before the service has stored it.
 *
 * @module
 */

import { type Ending, within } from "./ending.ts";
import { EventsApiError } from "./errors.ts";

/** The longest first pause. Each further pause is twice as long. */
const FIRST_PAUSE_MS = 200;

/** The statuses after which another attempt may succeed: not stored yet, too many requests, unavailable. */
const PASSING: readonly (number | undefined)[] = [404, 429, 503];

/**
 * Attempts `work` until it succeeds, fails for good, or has no time for another attempt; then its last error is thrown.
 *
 * @param retryForMs No attempt begins later than this.
 */
export function withRetries<Result>(
  { timeoutMs, retryForMs }: { readonly timeoutMs: number; readonly retryForMs: number },
  signal: AbortSignal | undefined,
  work: (ending: Ending) => Promise<Result>,
): Promise<Result> {
  const begunAt = Date.now();
  return within(timeoutMs, signal, async (ending) => {
    for (let longestMs = FIRST_PAUSE_MS;; longestMs *= 2) {
      try {
        return await work(ending);
      } catch (error) {
        if (!(error instanceof EventsApiError) || !mayPass(error)) throw error;
        // At random, so that the callers of a service that was unavailable do not return all at once.
        const pauseMs = Math.max(longestMs * (0.5 + Math.random() / 2), error.retryAfterMs ?? 0);
        // A clock that was set back makes the attempts last longer, but not longer than `timeoutMs`.
        const nextMs = Date.now() - begunAt + pauseMs;
        if (nextMs > retryForMs || nextMs >= timeoutMs) throw error;
        await ending.pause(pauseMs);
      }
    }
  });
}

function mayPass({ code, serviceStatus }: EventsApiError): boolean {
  return code === "ERR_EVENTS_API_NETWORK" || PASSING.includes(serviceStatus);
}
