/**
 * The error class of Open Client Response, and its codes.
 *
 * An error says why there is no event and nothing of the response's content.
 *
 * @module
 */

/**
 * Why there is no event.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_RESPONSE_TOO_LARGE` | the body has more than `maxBodyBytes` |
 * | `ERR_RESPONSE_TIMEOUT` | the body took longer than `bodyTimeoutMs` |
 * | `ERR_RESPONSE_CUT` | the body broke off; the client sees that too |
 * | `ERR_RESPONSE_ENCODING` | the body has a content coding that this runtime's `fetch` does not decode |
 * | `ERR_RESPONSE_JSON` | the body is not a JSON object: perhaps Open Client Response is not enabled, or the proxy secret is wrong |
 * | `ERR_RESPONSE_SHAPE` | its sealed result is neither text nor `null` |
 * | `ERR_WAIT_UNTIL` | `waitUntil` threw, perhaps because it was given without its context; the event is still processed |
 */
export type OpenClientResponseErrorCode =
  | "ERR_RESPONSE_TOO_LARGE"
  | "ERR_RESPONSE_TIMEOUT"
  | "ERR_RESPONSE_CUT"
  | "ERR_RESPONSE_ENCODING"
  | "ERR_RESPONSE_JSON"
  | "ERR_RESPONSE_SHAPE"
  | "ERR_WAIT_UNTIL";

/** Reported to `onError` when a response has no event that can be opened. Match on `code`. */
export class OpenClientResponseError extends Error {
  /** Always `OpenClientResponseError`. */
  override readonly name: string = "OpenClientResponseError";
  /** Why there is no event. */
  readonly code: OpenClientResponseErrorCode;

  /**
   * Creates the error.
   *
   * @param code Why there is no event.
   * @param message For people.
   */
  constructor(code: OpenClientResponseErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
