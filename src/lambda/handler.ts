/**
 * The handler: one invocation.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { ErrorDetails } from "../details.ts";
import { isResponse, kindOf } from "../http/fetch-api.ts";
import { UnusableRequest } from "../http/request-url.ts";
import { checkFunction } from "../options.ts";
import { report } from "../report.ts";
import { addressOf, type LambdaContext, makeRequest, readEvent } from "./request.ts";
import { type LambdaResponse, makeResponse } from "./response.ts";

/** How the handler works. */
export interface LambdaHandlerOptions {
  /**
   * Called with errors of `handle`, of a response's body, and of promises that were passed to `waitUntil`. Its own
   * exceptions are ignored.
   */
  readonly onError?: ((error: unknown, details: ErrorDetails<LambdaContext>) => unknown) | undefined;
}

/**
 * Creates a handler for AWS Lambda: for REST and HTTP APIs of API Gateway (payload formats 1.0 and 2.0), function URLs,
 * and Application Load Balancers, with single or multi-value headers. The response has the form that the event requires.
 *
 * Lambda stops a function when it has responded, so the handler first waits for all promises passed to `waitUntil`: an
 * event that the proxy opens is not lost. Bodies are in memory; Lambda itself limits them to 6 MB. A REST API passes
 * binary bodies unchanged only if its `binaryMediaTypes` has their type, and its query decoded: it is encoded again.
 *
 * When `handle` fails, the response is 500 without a body.
 *
 * @param handle Responds to a request. Its second parameter has the client's address and `waitUntil`.
 * @param options How the handler works.
 * @returns The handler. It rejects with a `TypeError` for an event that is no request, as of a queue.
 * @throws {TypeError} When a parameter is invalid.
 *
 * @example Export the endpoint
 * ```ts
 * import { lambdaHandler } from "@unseal/sealed-results/lambda";
 * import assert from "node:assert/strict";
 *
 * const handler = lambdaHandler((request, { remoteAddr }) => new Response(`${request.method} ${remoteAddr.hostname}`));
 *
 * const { statusCode, body } = await handler({
 *   version: "2.0",
 *   rawPath: "/sealed",
 *   rawQueryString: "",
 *   headers: { host: "id.lambda-url.eu-west-1.on.aws" },
 *   requestContext: { http: { method: "GET", sourceIp: "192.0.2.1" } },
 *   isBase64Encoded: false,
 * });
 * assert.deepEqual([statusCode, body], [200, "GET 192.0.2.1"]);
 * ```
 */
export function lambdaHandler(
  handle: (request: Request, context: LambdaContext) => Response | Promise<Response>,
  options: LambdaHandlerOptions = {},
): (event: unknown, invocation?: unknown) => Promise<LambdaResponse> {
  checkFunction("handle", handle);
  const own = checkedOptions(options, { onError: 1 });
  const onError = own.onError === undefined ? undefined : checkFunction("onError", own.onError);

  return async (given, invocation) => {
    const event = readEvent(given);
    const pending = new Set<Promise<unknown>>();
    const context: LambdaContext = {
      remoteAddr: { hostname: addressOf(event), port: undefined },
      waitUntil(promise) {
        const work: Promise<unknown> = Promise.resolve(promise).catch(fail).finally(() => pending.delete(work));
        pending.add(work);
      },
      event: given,
      invocation,
    };
    let request: Request | undefined;
    const fail = (error: unknown): Promise<void> => report(onError, error, { request, context });
    try {
      request = makeRequest(event);
      const response: unknown = await handle(request, context);
      if (!isResponse(response)) throw new TypeError(`handle must return a Response, got ${kindOf(response)}`);
      return await makeResponse(event, response);
    } catch (error) {
      const status = error instanceof UnusableRequest ? error.status : 500;
      if (status === 500) await fail(error);
      return await makeResponse(event, new Response(null, { status, headers: { "cache-control": "no-store" } }));
    } finally {
      while (pending.size > 0) await Promise.all(pending);
    }
  };
}
