/**
 * Ends a call early: at its time limit, or when the caller's signal fires.
 *
 * @module
 */

import { EventsApiError } from "./errors.ts";

/** The end of a call. */
export interface Ending {
  /** Rejects with the call's error. */
  readonly ended: Promise<never>;
  /** Cancels the request. Missing on engines without `AbortController`, such as Fastly's. */
  readonly signal: AbortSignal | undefined;
  /** Waits; rejects when the call ends first. */
  pause(milliseconds: number): Promise<void>;
}

/**
 * Runs `work` until it ends, `signal` fires or the time is up, even if `work` ignores its ending.
 *
 * @param timeoutMs Milliseconds, or `Infinity`.
 */
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
  const timer = timeoutMs === Infinity ? undefined : setTimeout(expire, timeoutMs);
  let pausing: ReturnType<typeof setTimeout> | undefined;
  const pause = (milliseconds: number) =>
    Promise.race([ended, new Promise<void>((resolve) => pausing = setTimeout(resolve, milliseconds))]);
  try {
    signal?.addEventListener("abort", abort);
    return await Promise.race([ended, work({ ended, signal: controller?.signal, pause })]);
  } finally {
    clearTimeout(timer);
    clearTimeout(pausing);
    signal?.removeEventListener("abort", abort);
  }
}
