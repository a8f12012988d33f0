/**
 * Reporting to an application's own function, such as `onError`.
 *
 * @module
 */

/** Calls `listener` if there is one. What it throws, now or later, is ignored: the client still gets its answer. */
export async function report<Parameters extends unknown[]>(
  listener: ((...details: Parameters) => unknown) | undefined,
  ...details: Parameters
): Promise<void> {
  try {
    await listener?.(...details);
  } catch {
    // There is no further place to report to.
  }
}
