/**
 * The error class of Open Client Response, and its codes.
 *
 * An error says why a response led to no event. It contains no part of the response.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";

/**
 * Why a response led to no event.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_RESPONSE_TOO_LARGE` | the body has more than `maxBodyBytes` |
 * | `ERR_RESPONSE_TIMEOUT` | the body took longer than `bodyTimeoutMs` |
 * | `ERR_RESPONSE_CUT` | the body broke off, for the client too |
 * | `ERR_RESPONSE_ENCODING` | the body has a content coding that this runtime's `fetch` does not decode |
 * | `ERR_RESPONSE_JSON` | the body is not a JSON object: Open Client Response may be disabled, or the proxy secret wrong |
 * | `ERR_RESPONSE_SHAPE` | its sealed result is neither text nor `null` |
 * | `ERR_RESPONSE_WAIT_UNTIL` | `waitUntil` threw; the event is still processed |
 */
export type OpenClientResponseErrorCode =
  | "ERR_RESPONSE_TOO_LARGE"
  | "ERR_RESPONSE_TIMEOUT"
  | "ERR_RESPONSE_CUT"
  | "ERR_RESPONSE_ENCODING"
  | "ERR_RESPONSE_JSON"
  | "ERR_RESPONSE_SHAPE"
  | "ERR_RESPONSE_WAIT_UNTIL";

/** Reported to `onError` when a response has no event that can be opened. Match on `code`. */
export class OpenClientResponseError extends SealedResultsError<OpenClientResponseErrorCode> {
  /** Always `OpenClientResponseError`. */
  override readonly name: string = "OpenClientResponseError";
}
