/**
 * The parts of Node's and the frameworks' objects by which they are recognised. They are structural, so that neither the types of
 * Node nor those of a framework have to be installed.
 *
 * @module
 */

/** An `http.IncomingMessage` or `http2.Http2ServerRequest`, also as Express extends it. */
export interface NodeRequest {
  /** The method. */
  readonly method?: string | undefined;
  /** The path and query. */
  readonly url?: string | undefined;
  /** Names and values of the headers in turn. */
  readonly rawHeaders: readonly string[];
}

/** An `http.ServerResponse` or `http2.Http2ServerResponse`, also as Express extends it. */
export interface NodeResponse {
  /** Whether the answer has begun. */
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
  /** Leaves the answer to the caller. */
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
  /** `false` leaves the answer to the caller. */
  respond?: boolean | undefined;
}

/** What `handle` gets beside the request. */
export interface NodeInfo {
  /**
   * The other end of the connection, in the form of `Deno.serve`. That is the client, or the last proxy before this server.
   * `hostname` is its address; it is `undefined` on a Unix socket, and when the client is gone.
   */
  readonly remoteAddr: {
    readonly hostname: string | undefined;
    readonly port: number | undefined;
  };
  /**
   * Keeps work that outlives the answer: `settled()` waits for it, and `onError` gets what it rejects with. A bound
   * function.
   */
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/** A listener for requests, in the forms in which Node and the frameworks call one. */
export interface NodeListener {
  /** With `http.createServer`, `http2.createServer`, Express, Nest on Express, and everything that calls as they do. */
  (request: NodeRequest, response: NodeResponse, next?: (error?: unknown) => void): Promise<void>;
  /** As a handler of a Fastify route. */
  (request: FastifyRequestLike, reply: FastifyReplyLike): Promise<void>;
  /** As a middleware of Koa; the ones after it are not called. */
  (context: KoaContextLike, next?: () => unknown): Promise<void>;
  /** Resolves when everything that was given to `waitUntil` has ended: for the end of a process, after `server.close()`. */
  settled(): Promise<void>;
}
