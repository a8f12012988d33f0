/**
 * The error of the webhook module, and its codes.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";

/**
 * Why a webhook was refused.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_WEBHOOK_SECRET` | no secret is configured, or one is empty or not a string |
 * | `ERR_WEBHOOK_SIGNATURE` | the header is missing, or has no `v1` signature, or too many |
 * | `ERR_WEBHOOK_MISMATCH` | no signature matches the body with any secret |
 * | `ERR_WEBHOOK_BODY` | the body is too large or breaks off; or it is signed, but not an event in JSON |
 * | `ERR_WEBHOOK_TIMEOUT` | the body took longer than `bodyTimeoutMs` |
 * | `ERR_RUNTIME` | this runtime has no `SubtleCrypto` with `verify` |
 */
export type WebhookErrorCode =
  | "ERR_WEBHOOK_SECRET"
  | "ERR_WEBHOOK_SIGNATURE"
  | "ERR_WEBHOOK_MISMATCH"
  | "ERR_WEBHOOK_BODY"
  | "ERR_WEBHOOK_TIMEOUT"
  | "ERR_RUNTIME";

/**
 * The error of the webhook module. Match on `code`; the message is for people. Neither contains a secret or content.
 */
export class WebhookError extends SealedResultsError<WebhookErrorCode> {
  /** Always `WebhookError`. */
  override readonly name: string = "WebhookError";
}
