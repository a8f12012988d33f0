/**
 * The URL of a request, from the parts that a client sends.
 *
 * @module
 */

import { isForbiddenMethod } from "./methods.ts";

/** An acceptable host: a name or an address, optionally with a port, and no characters with a meaning in URLs. */
const HOST = /^(?:[\w.~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/** The error for a request that cannot be a `Request`, with the status of the response. */
export class UnusableRequest extends Error {
  override readonly name: string = "UnusableRequest";
  readonly status: 400 | 501;

  constructor(status: 400 | 501, message: string) {
    super(message);
    this.status = status;
  }
}

/** Refuses methods that a `Request` cannot have. */
export function checkMethod(method: string): string {
  if (!isForbiddenMethod(method)) return method;
  throw new UnusableRequest(501, `Cannot handle the method ${method}`);
}

/**
 * Creates a URL.
 *
 * @param scheme `http` or `https`, in any case.
 * @param host As the client sent it; untrusted.
 * @param target The path and query; untrusted.
 * @throws {UnusableRequest} When a part would change another one.
 */
export function makeUrl(scheme: string, host: string, target: string): string {
  // Concatenated, because the path //evil.example/ would be a host if it were resolved against a base.
  const path = /^[/?#]/.test(target) ? target : `/${target}`;
  if (HOST.test(host)) {
    try {
      return new URL(`${scheme}://${host}${path}`).href;
    } catch {
      // Refused below.
    }
  }
  throw new UnusableRequest(400, "Cannot read request: its host or target is malformed");
}
