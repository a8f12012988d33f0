/**
 * Serving a fetched response.
 *
 * @module
 */

import { servedHeaders } from "./content-coding.ts";

/** A `Response` with one of these statuses cannot have a body (Fetch, "null body status"). */
const NULL_BODY_STATUSES: readonly number[] = [204, 205, 304];

/** Whether a response with this status can be constructed with a body. Switching protocols and errors cannot. */
export function canHaveBody(status: number): boolean {
  return status >= 200 && status <= 599 && !NULL_BODY_STATUSES.includes(status);
}

/**
 * The response that serves a fetched one.
 *
 * @param upstream What `fetch` gave.
 * @param body What is served in place of its body.
 * @returns A response whose headers can be changed; `upstream` itself where its status allows no copy.
 */
export function servedResponse(upstream: Response, body: ReadableStream<Uint8Array> | null = upstream.body): Response {
  const { status, statusText } = upstream;
  if (status < 200 || status > 599) return upstream;
  return new Response(canHaveBody(status) ? body : null, { status, statusText, headers: servedHeaders(upstream) });
}
