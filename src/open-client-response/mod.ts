/**
 * Fingerprint's Open Client Response, for a proxy written with `fetch`: the client receives the upstream's response
 * unchanged, and the sealed event in it is opened in parallel.
 *
 * `./proxy` is a complete proxy that uses this module.
 *
 * @module
 */

export { OpenClientResponseError, type OpenClientResponseErrorCode } from "./errors.ts";
export { createResponseOpener, type ResponseOpener } from "./opener.ts";
export type {
  OpeningOptions,
  ResponseBytesDetails,
  ResponseErrorDetails,
  ResponseEventDetails,
  ResponseOpenerOptions,
} from "./options.ts";
export type { OpenedBytes, OpenedResult, SealedResultOpener } from "../unseal/unsealer.ts";
export type { ErrorDetails, EventDetails, EventSource } from "../details.ts";
