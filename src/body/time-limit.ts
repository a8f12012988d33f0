/**
 * A time limit for reading, without `AbortController`, which Fastly's engine lacks.
 *
 * @module
 */

/**
 * Runs `work` for `timeoutMs` at most.
 *
 * @param timeoutMs Milliseconds that a timer can wait, or `Infinity` for no limit.
 * @param expired Makes the error of work that takes longer.
 * @param work What to run. It gets a promise that rejects with that error when the time is up.
 * @returns What `work` returns. It is not awaited after the time is up, and what it rejects with then is ignored.
 */
export async function withTimeLimit<Result>(
  timeoutMs: number,
  expired: () => Error,
  work: (ended: Promise<never>) => Promise<Result>,
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ended = new Promise<never>((_, reject) => {
    if (timeoutMs !== Infinity) timer = setTimeout(() => reject(expired()), timeoutMs);
  });
  try {
    return await Promise.race([ended, work(ended)]);
  } finally {
    clearTimeout(timer);
  }
}
