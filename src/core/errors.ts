/**
 * The one error class of unsealing, and its codes.
 *
 * An error says which check failed and nothing more: no key, no content, no cause that could hold either.
 *
 * @module
 */

import type { InflateReason } from "../inflate/errors.ts";

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
 * | `ERR_KEY` | a key cannot be decoded or is not 32 bytes, or there is none; thrown by `createUnsealer` |
 * | `ERR_NO_KEY_FITS` | no key authenticates it |
 * | `ERR_DEFLATE` | it is authentic, but not exactly one complete raw DEFLATE stream; `reason` says what |
 * | `ERR_EVENT_TOO_LARGE` | the event is over `maxEventBytes` |
 * | `ERR_EVENT_UTF8` | the event is not UTF-8 |
 * | `ERR_EVENT_JSON` | the event is not JSON |
 * | `ERR_EVENT_SHAPE` | the event has neither a v3 nor a v4 shape, or was refused by the `schema`; then `paths` says where |
 * | `ERR_RUNTIME` | there is no usable `SubtleCrypto` and no `cipher` |
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
  | "ERR_DEFLATE"
  | "ERR_EVENT_TOO_LARGE"
  | "ERR_EVENT_UTF8"
  | "ERR_EVENT_JSON"
  | "ERR_EVENT_SHAPE"
  | "ERR_RUNTIME"
  | "ERR_BROWSER";

/** What {@linkcode UnsealError} has besides its code. */
export interface UnsealErrorDetails {
  /** With `ERR_DEFLATE`: what is wrong with the stream. */
  readonly reason?: InflateReason;
  /** With `ERR_EVENT_SHAPE` from a schema: the places it refused, such as `products.botd.data`. */
  readonly paths?: readonly string[];
}

/** Thrown by `createUnsealer`, and what unsealing rejects with. Match on `code`; the message is for people. */
export class UnsealError extends Error {
  override readonly name: string = "UnsealError";
  /** Which check failed. */
  readonly code: UnsealErrorCode;
  /** With `ERR_DEFLATE`: what is wrong with the stream. */
  declare readonly reason?: InflateReason;
  /** With `ERR_EVENT_SHAPE` from a schema: the places it refused, such as `products.botd.data`. */
  declare readonly paths?: readonly string[];

  constructor(code: UnsealErrorCode, message: string, details?: UnsealErrorDetails) {
    super(message);
    this.code = code;
    if (details?.reason !== undefined) this.reason = details.reason;
    if (details?.paths !== undefined) this.paths = details.paths;
  }
}
