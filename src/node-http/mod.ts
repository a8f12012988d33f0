/**
 * Adapts a function from `Request` to `Response`, such as the handler of `./handler`, to Node's own servers and to the
 * frameworks on top of them: Express, Fastify, Koa, Nest.
 *
 * @module
 */

export { nodeListener, type NodeListenerOptions } from "./listener.ts";
export type {
  FastifyReplyLike,
  FastifyRequestLike,
  KoaContextLike,
  NodeContext,
  NodeListener,
  NodeRequest,
  NodeResponse,
} from "./types.ts";
export type { ErrorDetails } from "../details.ts";
