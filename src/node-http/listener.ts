/**
 * The listener: one exchange from Node's request to Node's response.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { checkedOptions } from "../checked-options.ts";
import type { ErrorDetails } from "../details.ts";
import { isResponse, kindOf } from "../http/fetch-api.ts";
import { UnusableRequest } from "../http/request-url.ts";
import { checkFunction } from "../options.ts";
import { report } from "../report.ts";
import { type Exchange, recognise } from "./exchange.ts";
import { makeRequest } from "./request.ts";
import { isGone, sendResponse } from "./response.ts";
import type { NodeContext, NodeListener } from "./types.ts";

/** How the listener works. */
export interface NodeListenerOptions {
  /**
   * Called with errors of `handle`, of a response's body, of promises that were passed to `waitUntil`, and of a request
   * whose body other code has read. Its own exceptions are ignored.
   */
  readonly onError?: ((error: unknown, details: ErrorDetails<NodeContext>) => unknown) | undefined;
}

/**
 * Creates a listener for requests.
 *
 * Bodies of requests and responses are streamed, with back-pressure in both directions. A request's body is not read
 * before `handle` reads it, so that the limits of size and time are those of `handle`. If a body parser has run before,
 * `handle` receives its text or bytes, or its JSON or form serialised again. Put the listener before the parser if every byte
 * matters, as for the signature of a webhook.
 *
 * `request.signal` fires when the client has disconnected. Errors of `handle` are passed to the framework; without one,
 * the response is 500 without a body.
 *
 * @param handle Responds to a request. Its second parameter has the remote address and `waitUntil`.
 * @param options How the listener works.
 * @returns The listener, in the forms of `node:http`, `node:http2`, Express, Nest, Fastify and Koa.
 * @throws {TypeError} When a parameter is invalid.
 *
 * @example On node:http
 * ```ts
 * import { createSealedResultHandler } from "@unseal/sealed-results/handler";
 * import { type NodeContext, nodeListener } from "@unseal/sealed-results/node-http";
 * import { memoryStore } from "@unseal/sealed-results/replay";
 * import { createServer, type Server } from "node:http";
 *
 * function serve(keys: string[], port: number): Server {
 *   const handle = createSealedResultHandler({
 *     keys,
 *     store: memoryStore(),
 *     claims: (_request, { remoteAddr }: NodeContext) => ({ ip: remoteAddr.hostname }),
 *     onEvent: (_event, { summary }) => Response.json({ isBot: summary.bot === "bad" }),
 *   });
 *   return createServer(nodeListener(handle)).listen(port);
 * }
 * ```
 */
export function nodeListener(
  handle: (request: Request, context: NodeContext) => Response | Promise<Response>,
  options: NodeListenerOptions = {},
): NodeListener {
  checkFunction("handle", handle);
  const own = checkedOptions(options, { onError: 1 });
  const onError = own.onError === undefined ? undefined : checkFunction("onError", own.onError);
  const pending = new Set<Promise<unknown>>();

  async function respond(exchange: Exchange): Promise<void> {
    const { request: message, response: to } = exchange;
    const gone = new AbortController();
    let isFinished = false;
    // Referenced until the end: Node collects an unreferenced request's signal, together with its listeners.
    let request: Request | undefined;
    to.once("finish", () => isFinished = true).once("close", () => {
      // A response over HTTP/2 finishes also when the client has reset its stream.
      if (!isFinished || (message.httpVersionMajor > 1 && message.aborted)) gone.abort();
      request = undefined;
    });
    // While a middleware waited, the client may have gone.
    if (isGone(to)) gone.abort();
    // These errors mean that the client has disconnected. Without a listener, Node would end the process.
    message.on("error", () => {});
    to.on("error", () => {});
    // With HTTP/2, the socket is missing after the client has disconnected.
    const socket: Partial<Socket> | undefined = message.socket;
    const context: NodeContext = {
      remoteAddr: { hostname: socket?.remoteAddress, port: socket?.remotePort },
      waitUntil(promise) {
        const work: Promise<unknown> = Promise.resolve(promise).catch(fail).finally(() => pending.delete(work));
        pending.add(work);
      },
    };
    const details: { request: Request | undefined; readonly context: NodeContext } = { request: undefined, context };
    const fail = (error: unknown): Promise<void> => report(onError, error, details);
    let isOurs = false;
    try {
      request = details.request = makeRequest(message, exchange.parsed, gone.signal);
      const response: unknown = await handle(request, context);
      if (!isResponse(response)) throw new TypeError(`handle must return a Response, got ${kindOf(response)}`);
      exchange.takeOver();
      isOurs = true;
      await sendResponse(response, message, to);
    } catch (error) {
      const isRefusal = error instanceof UnusableRequest;
      if (!isRefusal) void fail(error);
      const isAnswered = isGone(to) || to.headersSent;
      if (!isOurs && !isRefusal && !isAnswered && exchange.fail !== undefined) return exchange.fail(error);
      if (!isOurs) exchange.takeOver();
      if (!isAnswered) await sendProblem(isRefusal ? error.status : 500, message, to);
    }
  }

  const listener = (first: unknown, second?: unknown, third?: unknown): Promise<void> =>
    respond(recognise(first, second, third));
  const settled = async (): Promise<void> => {
    while (pending.size > 0) await Promise.all(pending);
  };
  return Object.assign(listener, { settled });
}

/** Sends a status without a body, instead of a response that could not be created or sent. */
async function sendProblem(status: number, message: IncomingMessage, to: ServerResponse): Promise<void> {
  for (const name of to.getHeaderNames()) to.removeHeader(name);
  await sendResponse(new Response(null, { status, headers: { "cache-control": "no-store" } }), message, to);
}
