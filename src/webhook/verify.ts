/**
 * Verifies webhooks: first the signature over the raw body, then the shape of the event in it.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { checkByteLimit, checkTimeout, ownProperties } from "../options.ts";
import { WebhookError } from "./errors.ts";
import { isWebhookEvent, type WebhookEvent } from "../event/webhook.ts";
import { readSigned, type WebhookMessage } from "./message.ts";
import { createSignatureCheck } from "./signature.ts";

/** The secrets, and the limits of reading a body. */
export interface WebhookOptions {
  /** The webhook's secret, or all secrets that may be in use while it is rotated. */
  readonly secrets: string | readonly string[];
  /** Most bytes of a body: a whole number from 0, or `Infinity`. 1 MiB by default, because any client can send one. */
  readonly maxBodyBytes?: number | undefined;
  /**
   * How long reading the body of a `Request` may take, in milliseconds: a whole number from 1 to 2147483647, or
   * `Infinity`. 10000 by default. Fingerprint itself waits 3 seconds for an answer.
   */
  readonly bodyTimeoutMs?: number | undefined;
}

/** Verifies webhooks; see {@linkcode createWebhookVerifier}. It may be called concurrently. */
export type WebhookVerifier = (request: Request | WebhookMessage) => Promise<WebhookEvent>;

/** Verifies signatures; see {@linkcode createSignatureVerifier}. It may be called concurrently. */
export type SignatureVerifier = (request: Request | WebhookMessage) => Promise<Bytes>;

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/**
 * Verifies one webhook. For a server, use {@linkcode createWebhookVerifier}: this function imports the secrets on every
 * call.
 *
 * @param request Untrusted: the `Request`, whose body must not have been read, or its raw body and signature.
 * @param options The secrets and limits.
 * @returns The event. It is authentic, but it may have been delivered before: check its id.
 * @throws {WebhookError} See {@linkcode WebhookErrorCode}. The promise rejects; nothing is thrown synchronously.
 * @throws {TypeError | RangeError} When `request` or an option has the wrong type or range.
 *
 * @example Verify on a server without `Request`
 * ```ts
 * import { verifyWebhook } from "@unseal/sealed-results/webhook";
 * import assert from "node:assert/strict";
 *
 * const event = await verifyWebhook({
 *   body: '{"event_id":"1708102555327.NLOjmg","timestamp":1708102555327}',
 *   signature: "v1=76b8e73d5f0ba47ad600a88edfe1c4c0d998bb15873fddf5d7c24089f7773133",
 * }, { secrets: "secret" });
 * assert.equal(event.event_id, "1708102555327.NLOjmg");
 * ```
 */
export async function verifyWebhook(
  request: Request | WebhookMessage,
  options: WebhookOptions,
): Promise<WebhookEvent> {
  return await createWebhookVerifier(options)(request);
}

/**
 * Creates a verifier. Do it once, at start: the secrets are checked and imported here.
 *
 * @param options The secrets and limits.
 * @returns {@linkcode verifyWebhook} for these secrets.
 * @throws {WebhookError} `ERR_WEBHOOK_SECRET`, `ERR_RUNTIME`.
 * @throws {TypeError | RangeError} When another option has the wrong type or range.
 *
 * @example Answer webhooks
 * ```ts
 * import { createWebhookVerifier, WebhookError } from "@unseal/sealed-results/webhook";
 * import { summarize } from "@unseal/sealed-results/event";
 *
 * const verify = createWebhookVerifier({ secrets: ["new secret", "old secret"] });
 *
 * async function answer(request: Request, enqueue: (id: string, event: unknown) => Promise<void>): Promise<Response> {
 *   try {
 *     const event = await verify(request);
 *     await enqueue(summarize(event).id, event); // Once per id, and within 3 seconds.
 *     return new Response(null, { status: 204 });
 *   } catch (error) {
 *     if (error instanceof WebhookError) return new Response(error.code, { status: 400 });
 *     throw error;
 *   }
 * }
 * ```
 */
export function createWebhookVerifier(options: WebhookOptions): WebhookVerifier {
  const verify = createSignatureVerifier(options);
  return async (request) => parseWebhook(await verify(request));
}

/**
 * Verifies the signature of one webhook with any body. For a server, use {@linkcode createSignatureVerifier}.
 *
 * @param request Untrusted: the `Request`, whose body must not have been read, or its raw body and signature.
 * @param options The secrets and limits.
 * @returns The bytes of the body that was signed, in an array of their own. Parse these, not the body of the request.
 * @throws {WebhookError} See {@linkcode WebhookErrorCode}. The promise rejects; nothing is thrown synchronously.
 * @throws {TypeError | RangeError} When `request` or an option has the wrong type or range.
 *
 * @example Verify a body that is not an event
 * ```ts
 * import { verifySignature } from "@unseal/sealed-results/webhook";
 * import assert from "node:assert/strict";
 *
 * const body = await verifySignature({
 *   body: "data",
 *   signature: "v1=1b2c16b75bd2a870c114153ccda5bcfca63314bc722fa160d690de133ccbb9db",
 * }, { secrets: "secret" });
 * assert.equal(new TextDecoder().decode(body), "data");
 * ```
 */
export async function verifySignature(
  request: Request | WebhookMessage,
  options: WebhookOptions,
): Promise<Bytes> {
  return await createSignatureVerifier(options)(request);
}

/**
 * Creates a verifier of signatures alone. Do it once, at start: the secrets are checked and imported here.
 *
 * @param options The secrets and limits.
 * @returns {@linkcode verifySignature} for these secrets.
 * @throws {WebhookError} `ERR_WEBHOOK_SECRET`, `ERR_RUNTIME`.
 * @throws {TypeError | RangeError} When another option has the wrong type or range.
 */
export function createSignatureVerifier(options: WebhookOptions): SignatureVerifier {
  const own = ownProperties(options);
  const limits = {
    maxBodyBytes: checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
    bodyTimeoutMs: checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS),
  };
  const isSigned = createSignatureCheck(own.secrets);

  return async (request) => {
    const signed = await readSigned(request, limits);
    if (await isSigned(signed)) return signed.body;
    throw new WebhookError("ERR_WEBHOOK_MISMATCH", "Cannot verify webhook: no signature matches a secret");
  };
}

/** Parses a verified body. */
function parseWebhook(body: Uint8Array): WebhookEvent {
  const value = parseJson(decodeUtf8(body) ?? "");
  if (isWebhookEvent(value)) return value;
  throw new WebhookError("ERR_WEBHOOK_BODY", "Cannot parse webhook: not JSON with an id and a timestamp");
}
