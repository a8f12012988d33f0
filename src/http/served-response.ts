/**
 * Serves a fetched response.
 *
 * @module
 */

import { servedHeaders } from "./content-coding.ts";
import { deleteHeaders } from "./headers.ts";

/** A `Response` with one of these statuses cannot have a body (Fetch, "null body status"). */
const NULL_BODY_STATUSES: readonly number[] = [204, 205, 304];

/** Whether a response with this status can be constructed with a body. 101 and error responses cannot. */
export function canHaveBody(status: number): boolean {
  return status >= 200 && status <= 599 && !NULL_BODY_STATUSES.includes(status);
}

/**
 * Creates a response that serves a fetched one.
 *
 * @param upstream The response of `fetch`.
 * @param body The body to serve; by default that of `upstream`.
 * @returns A response with mutable headers; `upstream` itself if its status allows no copy.
 */
export function servedResponse(upstream: Response, body: ReadableStream<Uint8Array> | null = upstream.body): Response {
  const { status, statusText } = upstream;
  if (status < 200 || status > 599) return upstream;
  const headers = servedHeaders(upstream);
  if (canHaveBody(status)) return new Response(body, { status, statusText, headers });
  // The length of a body that this message does not have. A client may wait for that body.
  deleteHeaders(headers, ["content-length"]);
  return new Response(null, { status, statusText, headers });
}
