/**
 * The methods of requests. Deno's requests have the method as the client wrote it, which `fetch` then changes to capitals.
 *
 * @module
 */

/** Whether this is a `POST`, which carries the proxy's claims and whose response has the event. */
export function isPost({ method }: Request): boolean {
  return /^post$/i.test(method);
}

/** Whether `fetch` sends a body with this method. workerd's requests may have one, if an empty one, where it does not. */
export function canSendBody({ method }: Request): boolean {
  return !/^(get|head)$/i.test(method);
}

/** Whether `fetch` refuses this method by the Fetch standard. Some runtimes send it nevertheless. */
export function isForbiddenMethod(method: string): boolean {
  return /^(connect|trace|track)$/i.test(method);
}
