/**
 * The error class of unsealing, and its codes.
 *
 * An error says which check failed. It never contains a key or content. Its only possible cause is an error of the
 * cipher or of the engine, for logs.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";
import type { InflateReason } from "../inflate/errors.ts";
import { isExhausted, isInstance } from "../thrown.ts";

/**
 * Which check failed.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_SEALED_TYPE` | the sealed result is not a string, `Uint8Array` or `ArrayBuffer` |
 * | `ERR_SEALED_ENCODING` | it is not base64 |
 * | `ERR_SEALED_TOO_SHORT` | it has under 32 bytes |
 * | `ERR_SEALED_TOO_LARGE` | it is over `maxSealedBytes` |
 * | `ERR_SEALED_HEADER` | it has another version header |
 * | `ERR_KEY` | a key cannot be decoded, is not 32 bytes or is missing (thrown by `createUnsealer`), or the cipher refuses to import it |
 * | `ERR_NO_KEY_FITS` | no key authenticates it |
 * | `ERR_CIPHER` | the cipher itself failed, as when a key service is down, so it may fit: try again later; `cause` is its error |
 * | `ERR_DEFLATE` | it is authentic, but not exactly one complete raw DEFLATE stream; `reason` says what |
 * | `ERR_EVENT_TOO_LARGE` | the event is over `maxEventBytes` |
 * | `ERR_EVENT_UTF8` | the event is not UTF-8 |
 * | `ERR_EVENT_JSON` | the event is not JSON |
 * | `ERR_EVENT_SHAPE` | the event has neither a v3 nor a v4 shape, is not of the `version`, or was refused by the `schema`; then `paths` says where |
 * | `ERR_RUNTIME` | the runtime has no usable `SubtleCrypto`, and the options have no `cipher`; or its stack or memory is exhausted, and `cause` is its error |
 * | `ERR_ASYNC` | a step of a synchronous unsealer returned a promise: its cipher, inflater or schema is asynchronous |
 * | `ERR_BROWSER` | the code runs in a page, without `dangerouslyAllowBrowser` |
 */
export type UnsealErrorCode =
  | "ERR_SEALED_TYPE"
  | "ERR_SEALED_ENCODING"
  | "ERR_SEALED_TOO_SHORT"
  | "ERR_SEALED_TOO_LARGE"
  | "ERR_SEALED_HEADER"
  | "ERR_KEY"
  | "ERR_NO_KEY_FITS"
  | "ERR_CIPHER"
  | "ERR_DEFLATE"
  | "ERR_EVENT_TOO_LARGE"
  | "ERR_EVENT_UTF8"
  | "ERR_EVENT_JSON"
  | "ERR_EVENT_SHAPE"
  | "ERR_RUNTIME"
  | "ERR_ASYNC"
  | "ERR_BROWSER";

/** The properties of an {@linkcode UnsealError} besides its code. */
export interface UnsealErrorDetails {
  /** With `ERR_DEFLATE`: what is wrong with the stream. */
  readonly reason?: InflateReason;
  /**
   * With `ERR_EVENT_SHAPE` from a schema: the places it refused, such as `products.botd.data`. A path ends at `tag`,
   * `tags` or `labels`, and a segment over 64 characters or with a control character is replaced by `*`.
   */
  readonly paths?: readonly string[];
  /** The error of a cipher that failed, or of the engine. */
  readonly cause?: unknown;
}

/** Thrown by `createUnsealer` and by an unsealer's methods. Match on `code`; the message is for people. */
export class UnsealError extends SealedResultsError<UnsealErrorCode> {
  /** Always `UnsealError`. */
  override readonly name: string = "UnsealError";
  /** With `ERR_DEFLATE`: what is wrong with the stream. */
  declare readonly reason?: InflateReason;
  /**
   * With `ERR_EVENT_SHAPE` from a schema: the places it refused, such as `products.botd.data`. A path ends at `tag`,
   * `tags` or `labels`, and a segment over 64 characters or with a control character is replaced by `*`.
   */
  declare readonly paths?: readonly string[];

  /**
   * Creates the error.
   *
   * @param code Which check failed.
   * @param message For people.
   * @param details The other properties.
   */
  constructor(code: UnsealErrorCode, message: string, details?: UnsealErrorDetails) {
    super(code, message, details);
    Object.assign(this, details); // A cause stays non-enumerable, as the engine has defined it.
  }
}

/**
 * Converts what foreign code threw.
 *
 * @param thrown An `UnsealError` stays as it is, and an engine's own error becomes its cause.
 * @param otherwise Creates the error for everything else.
 */
export function asUnsealError(thrown: unknown, otherwise: (thrown: unknown) => UnsealError): UnsealError {
  if (isInstance(thrown, UnsealError)) return thrown;
  if (!isExhausted(thrown)) return otherwise(thrown);
  const message = "Cannot open sealed result: stack or memory exhausted";
  return new UnsealError("ERR_RUNTIME", message, { cause: thrown });
}
