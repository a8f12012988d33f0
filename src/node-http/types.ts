/**
 * The parts of Node's and the frameworks' objects by which they are recognised. The types are structural, so that
 * neither the types of Node nor those of a framework must be installed.
 *
 * @module
 */

/** An `http.IncomingMessage` or `http2.Http2ServerRequest`, or the request of Express. */
export interface NodeRequest {
  /** The method. */
  readonly method?: string | undefined;
  /** The path and query. */
  readonly url?: string | undefined;
  /** The headers: names and values, alternating. */
  readonly rawHeaders: readonly string[];
}

/** An `http.ServerResponse` or `http2.Http2ServerResponse`, or the response of Express. */
export interface NodeResponse {
  /** Whether the headers have been sent. */
  readonly headersSent: boolean;
  /** The status. */
  statusCode: number;
}

/** A `FastifyRequest`. */
export interface FastifyRequestLike {
  /** Node's request. */
  readonly raw: NodeRequest;
  /** The body, if a parser has read it. */
  readonly body?: unknown;
}

/** A `FastifyReply`. */
export interface FastifyReplyLike {
  /** Node's response. */
  readonly raw: NodeResponse;
  /** The headers that hooks have set. */
  getHeaders(): object;
  /** Leaves the response to the caller. */
  hijack(): unknown;
}

/** A context of Koa. */
export interface KoaContextLike {
  /** Node's request. */
  readonly req: NodeRequest;
  /** Node's response. */
  readonly res: NodeResponse;
  /** Koa's request; its `body` is set if a parser has read it. */
  readonly request: object;
  /** `false` leaves the response to the caller. */
  respond?: boolean | undefined;
}

/** The second argument of `handle`. */
export interface NodeContext {
  /**
   * The other end of the connection, in the form of `Deno.serve`: the client, or the last proxy in front of this
   * server. `hostname` is its address; it is `undefined` on a Unix socket, and after the client has disconnected.
   */
  readonly remoteAddr: {
    readonly hostname: string | undefined;
    readonly port: number | undefined;
  };
  /**
   * Registers work that continues after the response: `settled()` waits for it, and `onError` receives its rejection.
   * It can be called without its object.
   */
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/** A listener for requests, with the signatures that Node and the frameworks call. */
export interface NodeListener {
  /** For `http.createServer`, `http2.createServer`, Express, Nest on Express, and servers with the same signature. */
  (request: NodeRequest, response: NodeResponse, next?: (error?: unknown) => void): Promise<void>;
  /** For Fastify: the handler of a route. */
  (request: FastifyRequestLike, reply: FastifyReplyLike): Promise<void>;
  /** For Koa: a middleware, which does not call the next one. */
  (context: KoaContextLike, next?: () => unknown): Promise<void>;
  /**
   * Resolves when all promises passed to `waitUntil` have settled: for the end of a process, after `server.close()`.
   */
  settled(): Promise<void>;
}
