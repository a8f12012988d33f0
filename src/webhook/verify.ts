/**
 * Verifies webhooks: first the signature over the raw body, then the shape of the event in it.
 *
 * @module
 */

import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { checkedOptions } from "../checked-options.ts";
import type { Bytes } from "../encoding/bytes.ts";
import { checkByteLimit, checkTimeout } from "../options.ts";
import { WebhookError } from "./errors.ts";
import { isWebhookEvent, type WebhookEvent } from "../event/webhook.ts";
import { readSigned, type WebhookMessage } from "./message.ts";
import { checkSecrets, createSignatureCheck } from "./signature.ts";

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
const OPTIONS: Readonly<Record<keyof WebhookOptions, 1>> = { secrets: 1, maxBodyBytes: 1, bodyTimeoutMs: 1 };

/**
 * Creates a verifier of webhooks. Do it once, at start: the secrets are checked and imported here.
 *
 * @param options The secrets and limits.
 * @returns A function that verifies one webhook, a `Request` whose body was not read or its raw body and signature, and
 * returns a promise of the event. The event is authentic, but it may have been delivered before: check its id. The
 * promise rejects with a {@linkcode WebhookError}, or a `TypeError` for another value; nothing is thrown synchronously.
 * @throws {WebhookError} `ERR_WEBHOOK_SECRET`, `ERR_RUNTIME`.
 * @throws {TypeError | RangeError} When another option is unknown or has the wrong type or range.
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
 *     if (error instanceof WebhookError) return new Response(error.code, { status: error.status });
 *     throw error;
 *   }
 * }
 * ```
 *
 * @example Verify on a server without `Request`
 * ```ts
 * import { createWebhookVerifier } from "@unseal/sealed-results/webhook";
 * import assert from "node:assert/strict";
 *
 * const verify = createWebhookVerifier({ secrets: "secret" });
 * const event = await verify({
 *   body: '{"event_id":"1708102555327.NLOjmg","timestamp":1708102555327}',
 *   signature: "v1=76b8e73d5f0ba47ad600a88edfe1c4c0d998bb15873fddf5d7c24089f7773133",
 * });
 * assert.equal(event.event_id, "1708102555327.NLOjmg");
 * ```
 */
export function createWebhookVerifier(options: WebhookOptions): WebhookVerifier {
  const verify = createSignatureVerifier(options);
  return async (request) => parseWebhook(await verify(request));
}

/**
 * Creates a verifier of signatures alone, for bodies that are not events. Do it once, at start.
 *
 * @param options The secrets and limits.
 * @returns A function as that of {@linkcode createWebhookVerifier}, but it returns a promise of the bytes of the body that
 * was signed, in an array of their own. Parse these, not the body of the request.
 * @throws {WebhookError} `ERR_WEBHOOK_SECRET`, `ERR_RUNTIME`.
 * @throws {TypeError | RangeError} When another option is unknown or has the wrong type or range.
 *
 * @example Verify a body that is not an event
 * ```ts
 * import { createSignatureVerifier } from "@unseal/sealed-results/webhook";
 * import assert from "node:assert/strict";
 *
 * const verify = createSignatureVerifier({ secrets: "secret" });
 * const body = await verify({
 *   body: "data",
 *   signature: "v1=1b2c16b75bd2a870c114153ccda5bcfca63314bc722fa160d690de133ccbb9db",
 * });
 * assert.equal(new TextDecoder().decode(body), "data");
 * ```
 */
export function createSignatureVerifier(options: WebhookOptions): SignatureVerifier {
  const own = checkedOptions(options, OPTIONS);
  const limits = {
    maxBodyBytes: checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
    bodyTimeoutMs: checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS),
  };
  const isSigned = createSignatureCheck(checkSecrets(own.secrets));

  return async (request) => {
    const signed = await readSigned(request, limits);
    if (await isSigned(signed)) return signed.body;
    throw new WebhookError("ERR_WEBHOOK_MISMATCH", "Cannot verify webhook: no signature matches a secret");
  };
}

/** Parses a verified body. A byte order mark is no part of JSON (RFC 8259 §8.1), but a parser may ignore it. */
function parseWebhook(body: Bytes): WebhookEvent {
  const value = parseJson((decodeUtf8(body) ?? "").replace(/^\ufeff/, ""));
  if (isWebhookEvent(value)) return value;
  throw new WebhookError("ERR_WEBHOOK_BODY", "Cannot parse webhook: not JSON with an id and a timestamp");
}
