/**
 * The endpoint's options, and the types of the application's functions.
 *
 * @module
 */

import type { ErrorDetails, EventDetails } from "../details.ts";
import type { FingerprintEvent } from "../event/event.ts";
import type { RequestClaims, VerifiedEvent } from "../verify/check.ts";
import type { VerifyError } from "../verify/errors.ts";
import {
  type CommonVerifierOptions,
  type LooseOptions,
  type OpenerOption,
  type ReplayOption,
  VERIFIER_OPTION_NAMES,
} from "../verify/options.ts";
import type { PostedFields } from "../verify/posted.ts";
import type { PostedBody } from "./body.ts";
import type { CorsOptions } from "./cors.ts";

/** The endpoint's options besides those of a verifier. */
export interface EndpointOptions<Event, Context> extends Omit<CommonVerifierOptions<Event, Context>, "onError"> {
  /**
   * The application. It receives each event that passed every check, and returns the response. When it returns nothing,
   * the response is 204; when it throws, 500. A response of `fetch` is served as a proxy would serve it.
   */
  readonly onEvent: (event: Event, details: HandlerDetails<Context>) => Response | void | Promise<Response | void>;
  /**
   * Returns what the server itself knows about the client, to compare with the event. It must return a plain object
   * with these names only; for anything else, the response is 500.
   *
   * The header with the client's address depends on the proxies in front of this server. The client can write the
   * left-most entry of `X-Forwarded-For`. Without a proxy, the `context` has the address.
   */
  readonly claims?: ((request: Request, context: Context) => RequestClaims | Promise<RequestClaims>) | undefined;
  /**
   * Whether an event may be used again after `onEvent` threw or rejected. `false` by default: an event reaches
   * `onEvent` at most once, and when that fails, the page needs a new event.
   *
   * Set it only when an `onEvent` that throws has had no effect, as with a transaction that is rolled back. Otherwise a
   * client could repeat the effect. It needs a replay store that has `release`, as all stores of `./replay` have. The
   * mark of this request is removed after `onEvent` has ended and before the response is sent. When the removal fails,
   * or after a crash, the event stays used up.
   */
  readonly releaseOnError?: boolean | undefined;
  /**
   * Where the sealed result is in JSON or a form, such as `"sealedData"` or `"fingerprint.sealedResult"`. By default
   * `sealedResult` or `sealed_result`.
   */
  readonly field?: string | undefined;
  /**
   * Where the event's id is. By default `eventId`, `event_id` or `requestId`, next to the sealed result.
   */
  readonly idField?: string | undefined;
  /**
   * Finds the sealed result and the id in a body of another form, in place of `field` and `idField`. The body is
   * untrusted. A request for which it throws is refused with `ERR_REQUEST_BODY`.
   */
  readonly read?: ((body: PostedBody, request: Request) => PostedFields | Promise<PostedFields>) | undefined;
  /**
   * The name of a header that may carry the sealed result, for requests without a body. A request that has it may have
   * any method, and its body, if any, is not interpreted.
   */
  readonly header?: string | undefined;
  /** Answers preflights, and lets pages of these origins read the responses. Without it, only pages of your own can. */
  readonly cors?: CorsOptions | undefined;
  /**
   * Most bytes of a body: a whole number from 0, or `Infinity`. 512 KiB by default, which is many times what real
   * sealed results need (under 30 KB). The unsealer's own default, 4 MiB, needs 6 MiB here as base64.
   */
  readonly maxBodyBytes?: number | undefined;
  /** How long a body may take, in milliseconds: from 1 to 2^31 - 1, or `Infinity`. 30 seconds by default. */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * Called for each refused request, for a log: of `error.code`, `error.message` and the message of `error.cause`.
   * Exceptions of this function are ignored.
   */
  readonly onError?: ((error: VerifyError, details: HandlerErrorDetails<Context>) => unknown) | undefined;
}

/** How the endpoint works. */
export type SealedResultHandlerOptions<Event = FingerprintEvent, Context = unknown> =
  & OpenerOption<Event, Context>
  & ReplayOption<NoInfer<Event>>
  & EndpointOptions<NoInfer<Event>, Context>;

/** The options without the rules on which of them belong together. */
export interface LooseHandlerOptions<Event, Context>
  extends
    EndpointOptions<Event, Context>,
    Pick<LooseOptions<Event, Context>, "keys" | "unsealer" | "replay" | "store"> {}

/** The names of all options. */
export const HANDLER_OPTION_NAMES: Readonly<Record<keyof LooseHandlerOptions<unknown, unknown>, 1>> = {
  ...VERIFIER_OPTION_NAMES,
  onEvent: 1,
  claims: 1,
  releaseOnError: 1,
  field: 1,
  idField: 1,
  read: 1,
  header: 1,
  cors: 1,
  maxBodyBytes: 1,
  bodyTimeoutMs: 1,
};

/** The second argument of `onEvent`. */
export interface HandlerDetails<Context = unknown> extends EventDetails<Context> {
  /** The request. Its body has been read: see `body`. */
  readonly request: Request;
  /** The body: its parsed fields, and its bytes as they came. */
  readonly body: PostedBody;
  /** See {@linkcode VerifiedEvent.release}. */
  readonly release?: VerifiedEvent["release"];
}

/** The second argument of `onError`: what is known when the error occurs. */
export type HandlerErrorDetails<Context = unknown> =
  & ErrorDetails<Context>
  & Pick<HandlerDetails<Context>, "request">
  & Partial<Pick<HandlerDetails<Context>, "body">>;

/**
 * The endpoint: a function from a request to its response. Its second parameter is the server's information on the
 * request, such as a Worker's `env`, which the application's functions receive as `context`.
 */
export type SealedResultHandler<Context = unknown> = unknown extends Context
  ? (request: Request, context?: unknown) => Promise<Response>
  : (request: Request, context: Context) => Promise<Response>;
