/**
 * Keeps a runtime alive until work that continues after the response has ended.
 *
 * @module
 */

/**
 * Passes `work` to the `waitUntil` of a server's context, if it has one.
 *
 * @param context The server's second argument. Only Workers and the like have `waitUntil`.
 * @param failed Called with the error of a `waitUntil` that throws. The work continues in any case.
 */
export function keepAlive(context: unknown, work: Promise<unknown>, failed: (error: unknown) => void): void {
  try {
    const { waitUntil } = Object(context) as { waitUntil?: unknown };
    // The context's method needs the context as `this`.
    if (typeof waitUntil === "function") waitUntil.call(context, work);
  } catch (error) {
    failed(error);
  }
}
