/**
 * Connects a function from `Request` to `Response`, such as the handler of `./handler`, to Node's own servers and to the
 * frameworks on top of them: Express, Fastify, Koa, Nest.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { isResponse, kindOf } from "../fetch-api.ts";
import { checkFunction, ownProperties } from "../options.ts";
import { report } from "../report.ts";
import { type Exchange, recognise } from "./exchange.ts";
import { makeRequest, UnusableRequest } from "./request.ts";
import { isGone, sendResponse } from "./response.ts";
import type { NodeInfo, NodeListener } from "./types.ts";

export type {
  FastifyReplyLike,
  FastifyRequestLike,
  KoaContextLike,
  NodeInfo,
  NodeListener,
  NodeRequest,
  NodeResponse,
} from "./types.ts";

/** How the listener works. */
export interface NodeListenerOptions {
  /**
   * Called with what `handle` throws, what a response's body breaks off with, and what a promise of `waitUntil` rejects
   * with. What it throws is ignored.
   */
  readonly onError?: (error: unknown) => unknown;
}

/**
 * Creates a listener for requests.
 *
 * Bodies of requests and responses are streamed, in both directions no faster than the other end takes them. Nothing of a
 * request's body is read before `handle` reads it, so that limits of size and time are those of `handle`. Where a body
 * parser was there first, `handle` gets the text or the bytes that it left, or its JSON written again: put the listener
 * before the parser where every byte counts, as for the signature of a webhook.
 *
 * `request.signal` fires when the client is gone. What `handle` throws goes to the framework; without one, the answer is
 * 500 without a body.
 *
 * @param handle Answers a request. Its second parameter has the address of the other end and `waitUntil`.
 * @param options How the listener works.
 * @returns The listener, in the forms of `node:http`, `node:http2`, Express, Nest, Fastify and Koa.
 * @throws {TypeError} When a parameter is wrong.
 *
 * @example On node:http
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { createSealedResultHandler } from "@unseal/sealed-results/handler";
 * import { type NodeInfo, nodeListener } from "@unseal/sealed-results/node-http";
 * import { createServer, type Server } from "node:http";
 *
 * function serve(keys: string[], port: number): Server {
 *   const handle = createSealedResultHandler({
 *     unsealer: createUnsealer({ keys }),
 *     onEvent: (_event, { info }) => Response.json({ from: (info as NodeInfo).remoteAddr.hostname }),
 *   });
 *   return createServer(nodeListener(handle)).listen(port);
 * }
 * ```
 */
export function nodeListener(
  handle: (request: Request, info: NodeInfo) => Response | Promise<Response>,
  options: NodeListenerOptions = {},
): NodeListener {
  checkFunction("handle", handle);
  const own = ownProperties(options);
  const onError = own.onError === undefined ? undefined : checkFunction("onError", own.onError);
  const pending = new Set<Promise<unknown>>();

  function waitUntil(promise: Promise<unknown>): void {
    const work: Promise<unknown> = Promise.resolve(promise).catch((error) => report(onError, error))
      .finally(() => pending.delete(work));
    pending.add(work);
  }

  async function respond(exchange: Exchange): Promise<void> {
    const { request: message, response: to } = exchange;
    const gone = new AbortController();
    let isFinished = false;
    // Held until the end: Node collects the signal of a request that nothing else refers to, with its listeners.
    let request: Request | undefined;
    to.once("finish", () => isFinished = true).once("close", () => {
      // A response over HTTP/2 finishes also when the client has reset its stream.
      if (!isFinished || (message.httpVersionMajor > 1 && message.aborted)) gone.abort();
      request = undefined;
    });
    // While a middleware waited, the client may have gone.
    if (isGone(to)) gone.abort();
    // Their errors are about a client that is gone. Without a listener, Node would end the process.
    message.on("error", () => {});
    to.on("error", () => {});
    // HTTP/2 has no socket any more when the client is gone.
    const socket: Partial<Socket> | undefined = message.socket;
    const info: NodeInfo = {
      remoteAddr: { hostname: socket?.remoteAddress, port: socket?.remotePort },
      waitUntil,
    };
    let isOurs = false;
    try {
      request = makeRequest(message, exchange.parsedBodies, gone.signal);
      const response: unknown = await handle(request, info);
      if (!isResponse(response)) throw new TypeError(`handle must return a Response, got ${kindOf(response)}`);
      exchange.takeOver();
      isOurs = true;
      await sendResponse(response, message, to);
    } catch (error) {
      const isRefusal = error instanceof UnusableRequest;
      if (!isRefusal) void report(onError, error);
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

/** Answers with a status alone, in place of a response that could not be made or sent. */
async function sendProblem(status: number, message: IncomingMessage, to: ServerResponse): Promise<void> {
  for (const name of to.getHeaderNames()) to.removeHeader(name);
  await sendResponse(new Response(null, { status, headers: { "cache-control": "no-store" } }), message, to);
}
