/**
 * The error of the webhook module: its codes and their HTTP statuses.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";

/**
 * Why a webhook was refused.
 *
 * | status | code | when |
 * | --- | --- | --- |
 * | 401 | `ERR_WEBHOOK_SIGNATURE` | the header is missing, or has no `v1` signature, or more than 8 |
 * | 403 | `ERR_WEBHOOK_MISMATCH` | no signature matches the body with any secret: it is forged, or `diagnoseWebhook` of `./diagnose` finds out why |
 * | 400 | `ERR_WEBHOOK_BODY` | the body broke off; or it is signed, but not an event in JSON |
 * | 413 | `ERR_WEBHOOK_TOO_LARGE` | the body has more than `maxBodyBytes` |
 * | 408 | `ERR_WEBHOOK_TIMEOUT` | the body took longer than `bodyTimeoutMs` |
 * | 500 | `ERR_WEBHOOK_BODY_USED` | the application, or a middleware of it, read the body of the `Request` before |
 * | 500 | `ERR_WEBHOOK_SECRET` | a secret is missing, empty, no string, or in quotation marks or blanks; thrown at creation |
 * | 500 | `ERR_RUNTIME` | this runtime has no `SubtleCrypto` with `verify`; thrown at creation |
 */
export type WebhookErrorCode =
  | "ERR_WEBHOOK_SIGNATURE"
  | "ERR_WEBHOOK_MISMATCH"
  | "ERR_WEBHOOK_BODY"
  | "ERR_WEBHOOK_TOO_LARGE"
  | "ERR_WEBHOOK_TIMEOUT"
  | "ERR_WEBHOOK_BODY_USED"
  | "ERR_WEBHOOK_SECRET"
  | "ERR_RUNTIME";

/** Fingerprint sends a webhook again after any status but 2xx, so that none of these loses an event. */
const STATUS_BY_CODE: Readonly<Record<WebhookErrorCode, number>> = {
  ERR_WEBHOOK_SIGNATURE: 401,
  ERR_WEBHOOK_MISMATCH: 403,
  ERR_WEBHOOK_BODY: 400,
  ERR_WEBHOOK_TOO_LARGE: 413,
  ERR_WEBHOOK_TIMEOUT: 408,
  ERR_WEBHOOK_BODY_USED: 500,
  ERR_WEBHOOK_SECRET: 500,
  ERR_RUNTIME: 500,
};

/**
 * The error of the webhook module. Match on `code`; the message is for people. Neither contains a secret or content.
 */
export class WebhookError extends SealedResultsError<WebhookErrorCode> {
  /** Always `WebhookError`. */
  override readonly name: string = "WebhookError";
  /** The HTTP status to answer the webhook with. */
  readonly status: number;

  /**
   * Creates the error.
   *
   * @param code Why the webhook was refused.
   * @param message For people.
   */
  constructor(code: WebhookErrorCode, message: string) {
    super(code, message);
    this.status = STATUS_BY_CODE[code];
  }
}
