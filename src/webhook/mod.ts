/**
 * Verifies Fingerprint webhooks: an event is returned only if one of your secrets signed it, byte for byte.
 *
 * The header `FPJS-Event-Signature` lists signatures as `<version>=<hash>`, separated by commas. `v1` is the
 * HMAC-SHA-256 (RFC 2104) of the raw body in hex; its key is the webhook's secret in UTF-8.
 *
 * A signature contains no time, so anyone who has a webhook can send it again. Fingerprint itself repeats a webhook 5
 * minutes later if it receives no 2xx status within 3 seconds. The event has the same id each time. Use that id
 * (`summarize` of `./event` reads it) as the idempotency key.
 *
 * @module
 */

export { WebhookError, type WebhookErrorCode } from "./errors.ts";
export type { WebhookEvent } from "../event/webhook.ts";
export type { WebhookMessage } from "./message.ts";
export {
  createSignatureVerifier,
  createWebhookVerifier,
  type SignatureVerifier,
  type WebhookOptions,
  type WebhookVerifier,
} from "./verify.ts";
