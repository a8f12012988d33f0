/**
 * Ends a call early: at its time limit, or when the caller's signal fires.
 *
 * @module
 */

import { EventsApiError } from "./errors.ts";

/** The two signals of the end of a call. */
export interface Ending {
  /** Rejects with the call's error. */
  readonly ended: Promise<never>;
  /** Cancels the request. Missing on engines without `AbortController`, such as Fastly's. */
  readonly signal: AbortSignal | undefined;
}

/** Runs `work` until it ends, `signal` fires or the time is up, even if `work` ignores its ending. */
export async function within<Result>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (ending: Ending) => Promise<Result>,
): Promise<Result> {
  const aborted = () => new EventsApiError("ERR_EVENTS_API_ABORTED", "Cannot fetch event: the call was aborted");
  if (signal?.aborted) throw aborted();
  const controller = typeof AbortController === "function" ? new AbortController() : undefined;
  let end: (error: EventsApiError) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = (error) => {
      reject(error);
      controller?.abort();
    };
  });
  const abort = () => end(aborted());
  const expire = () =>
    end(new EventsApiError("ERR_EVENTS_API_TIMEOUT", `Cannot fetch event: no response within ${timeoutMs} ms`));
  const timer = setTimeout(expire, timeoutMs);
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([ended, work({ ended, signal: controller?.signal })]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
