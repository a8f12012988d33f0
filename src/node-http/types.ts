/**
 * The parts of Node's and the frameworks' objects that tell them apart. They are structural, so that neither the types of
 * Node nor those of a framework have to be installed.
 *
 * @module
 */

/** An `http.IncomingMessage` or `http2.Http2ServerRequest`, also as Express extends it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/** An `http.ServerResponse` or `http2.Http2ServerResponse`, also as Express extends it. */
export interface NodeResponse {
  readonly headersSent: boolean;
  statusCode: number;
}

/** A `FastifyRequest`. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest;
  readonly body?: unknown;
}

/** A `FastifyReply`. */
export interface FastifyReplyLike {
  readonly raw: NodeResponse;
  getHeaders(): object;
  hijack(): unknown;
}

/** A context of Koa. */
export interface KoaContextLike {
  readonly req: NodeRequest;
  readonly res: NodeResponse;
  readonly request: object;
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
