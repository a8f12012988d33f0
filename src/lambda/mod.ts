/**
 * Adapts a function from `Request` to `Response`, such as the endpoint or the proxy, to AWS Lambda.
 *
 * @module
 */

export { lambdaHandler, type LambdaHandlerOptions } from "./handler.ts";
export type { LambdaContext } from "./request.ts";
export type { LambdaResponse } from "./response.ts";
export type { ErrorDetails } from "../details.ts";
