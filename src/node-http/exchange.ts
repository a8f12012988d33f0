/**
 * Recognises how a server or a framework calls a listener.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyReplyLike, FastifyRequestLike, KoaContextLike } from "./types.ts";
import { rethrow } from "../promise.ts";

/** A request and its response, independent of the framework. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /**
   * The object with the results of a body parser, if any. They are read only when they are needed: their getters, which
   * some frameworks define, may throw.
   */
  readonly parsed: ParsedRequest;
  /** Prevents the framework from responding itself. */
  takeOver(): void;
  /** Passes an error to the framework, which responds; `undefined` without a framework. */
  readonly fail: ((error: unknown) => void) | undefined;
}

/** The properties that parsers add to a request: `body`, and with Nest or a `verify` function also `rawBody`. */
export interface ParsedRequest {
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/**
 * Recognises the parameters of a listener.
 *
 * @throws {TypeError} When they are unknown.
 */
export function recognise(first: unknown, second: unknown, third: unknown): Exchange {
  if (isIncoming(first) && isOutgoing(second)) {
    return {
      request: first,
      response: second,
      parsed: first as ParsedRequest,
      takeOver: () => {},
      // Express, Connect and Nest pass a function; Node itself does not.
      fail: typeof third === "function" ? (error) => third(error) : undefined,
    };
  }
  const fastify = first as FastifyRequestLike & ParsedRequest | undefined;
  const reply = second as FastifyReplyLike | undefined;
  if (isIncoming(fastify?.raw) && isOutgoing(reply?.raw)) {
    const { raw: response } = reply;
    return {
      request: fastify.raw,
      response,
      parsed: fastify,
      takeOver: () => {
        if (!response.headersSent) {
          // The headers that plugins such as @fastify/cors have set.
          for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value);
        }
        reply.hijack();
      },
      fail: rethrow,
    };
  }
  const koa = first as KoaContextLike | undefined;
  if (isIncoming(koa?.req) && isOutgoing(koa.res)) {
    return {
      request: koa.req,
      response: koa.res,
      parsed: koa.request as ParsedRequest,
      takeOver: () => {
        koa.respond = false;
      },
      fail: rethrow,
    };
  }
  throw new TypeError(
    "nodeListener(handle) must be called by node:http, node:http2, Express, Fastify, Koa or Nest; " +
      "with a Request, call handle(request) itself",
  );
}

function isIncoming(value: unknown): value is IncomingMessage {
  const request = value as Partial<IncomingMessage> | null | undefined;
  return Array.isArray(request?.rawHeaders) && typeof request.on === "function";
}

function isOutgoing(value: unknown): value is ServerResponse {
  const response = value as Partial<ServerResponse> | null | undefined;
  return typeof response?.setHeader === "function" && typeof response.end === "function";
}
