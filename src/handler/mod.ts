/**
 * An endpoint for sealed results, as a function from `Request` to `Response`, for every server and framework that uses
 * these classes. `nodeListener` of `./node-http` adapts it to `node:http`, Express and the like.
 *
 * @module
 */

export { createSealedResultHandler } from "./handler.ts";
export type {
  EndpointOptions,
  HandlerDetails,
  HandlerErrorDetails,
  SealedResultHandler,
  SealedResultHandlerOptions,
} from "./options.ts";
export type { PostedBody } from "./body.ts";
export type { CorsOptions } from "./cors.ts";
export type { RequestClaims } from "../verify/check.ts";
export { VerifyError, type VerifyErrorCode } from "../verify/errors.ts";
export type { ErrorDetails, EventDetails, EventSource } from "../details.ts";
