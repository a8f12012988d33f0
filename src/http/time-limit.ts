/**
 * A time limit for reading. It does not use `AbortController`, which Fastly's engine lacks.
 *
 * @module
 */

/**
 * Runs `work` with a time limit.
 *
 * @param timeoutMs Milliseconds, at most 2^31 - 1, or `Infinity` for no limit.
 * @param expired Creates the error for work that takes longer.
 * @param work The work. It gets a promise that rejects with that error when the time is up.
 * @returns The result of `work`. After the time is up, `work` is not awaited, and its rejection is ignored.
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
