/**
 * Verifies posted sealed results in a route of the application: opens them, compares them with the request, and accepts
 * each event once.
 *
 * @module
 */

export { createVerifier, type Verifier, type VerifyDetails } from "./verifier.ts";
export type { RequestClaims, VerifiedEvent } from "./check.ts";
export type {
  CommonVerifierOptions,
  EventsSource,
  OpenerOption,
  ReplayCheck,
  ReplayOption,
  StoreFor,
  VerifierOptions,
} from "./options.ts";
export type { PostedFields } from "./posted.ts";
export {
  type FallbackErrorCode,
  type OpenErrorCode,
  type Problem,
  type RequestErrorCode,
  VerifyError,
  type VerifyErrorCode,
  type VerifyErrorDetails,
} from "./errors.ts";
export type { ErrorDetails, EventDetails, EventSource } from "../details.ts";
