/**
 * Calls an application's listener, such as `onError`.
 *
 * @module
 */

/**
 * Calls `listener`, if given. Its exceptions and rejections are ignored, so that the client still gets its response.
 */
export async function report<Parameters extends unknown[]>(
  listener: ((...details: Parameters) => unknown) | undefined,
  ...details: Parameters
): Promise<void> {
  try {
    await listener?.(...details);
  } catch {
    // A failing listener has no listener of its own.
  }
}
