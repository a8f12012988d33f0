/**
 * A complete Fingerprint proxy as a function from `Request` to `Response`. It opens the sealed results in Fingerprint's
 * responses.
 *
 * @module
 */

export { fromHeader, type FromHeaderOptions } from "../http/from-header.ts";
export {
  OpenClientResponseError,
  type OpenClientResponseErrorCode,
  type OpenedBytes,
  type OpenedResult,
  type OpeningOptions,
  type ResponseBytesDetails,
  type ResponseErrorDetails,
  type ResponseEventDetails,
  type SealedResultOpener,
} from "../open-client-response/mod.ts";
export { ProxyError, type ProxyErrorCode } from "./errors.ts";
export type { FingerprintProxyOptions } from "./options.ts";
export type { AgentPaths, Region } from "./paths.ts";
export { createFingerprintProxy } from "./proxy.ts";
export type { FetchUpstream } from "./upstream.ts";
export type { ErrorDetails, EventDetails, EventSource } from "../details.ts";
