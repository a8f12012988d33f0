/**
 * Webhooks for tests: bodies of both versions, and signatures made with `subtle.sign`, which the code under test does
 * not use.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  createWebhookVerifier,
  WebhookError,
  type WebhookErrorCode,
  type WebhookEvent,
  type WebhookMessage,
  type WebhookOptions,
} from "../../src/webhook/mod.ts";
import type { Skipped } from "./absence.ts";
import { utf8 } from "./bytes.ts";

export const V4 = '{"event_id":"1708102555327.NLOjmg","timestamp":1708102555327,"bot":"bad","triggered_by":[]}';
export const V3 =
  '{"requestId":"1708102555327.NLOjmg","timestamp":1708102555327,"visitorId":"TaDnMBz9XCpZNuSzFUqP","bot":{"result":"bad"}}';
export const SECRET = "whsec_é_5f1d";

export const hasSubtle: boolean = (globalThis as { crypto?: { subtle?: unknown } }).crypto?.subtle !== undefined;

/** Options of a test that needs a SubtleCrypto. */
export const skipped: Skipped = hasSubtle ? {} : { skip: "this runtime has no SubtleCrypto" };

/** Options of a test that also needs a `Request` with a stream as its body. */
export const skippedRequest: Skipped = acceptsStreams()
  ? skipped
  : { skip: "this runtime has no Request, or its bodies are not streams" };

/** Firefox has no `Request.body`, and reads a stream as the text "[object ReadableStream]". */
function acceptsStreams(): boolean {
  if (typeof Request !== "function" || typeof ReadableStream !== "function") return false;
  return post(new ReadableStream()).body instanceof ReadableStream;
}

/** A request with a webhook. */
export function post(body: BodyInit, signature?: string): Request {
  const headers: Record<string, string> = signature === undefined ? {} : { "fpjs-event-signature": signature };
  // Some runtimes require `duplex` for a stream; the DOM's types do not declare it.
  return new Request("https://backend.example/webhook", {
    method: "POST",
    headers,
    body,
    duplex: "half",
  } as RequestInit);
}

/** The HMAC-SHA-256 of a body. */
export async function mac(body: string | Uint8Array, secret: string = SECRET): Promise<Uint8Array> {
  const bytes = typeof body === "string" ? utf8(body) : body;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new Uint8Array(utf8(secret)), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new Uint8Array(bytes)));
}

/** A `v1` signature of these 32 bytes. */
export function v1(bytes: Uint8Array): string {
  return "v1=" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The header's value for a body. */
export async function sign(body: string | Uint8Array, secret: string = SECRET): Promise<string> {
  return v1(await mac(body, secret));
}

/** Accepts a `WebhookError` with exactly this code. */
export function refusal(code: WebhookErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof WebhookError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.name, "WebhookError");
    return true;
  };
}

/** Verifies with the secret of the tests, unless `options` has others. Creates the verifier within the promise. */
export async function verify(message: unknown, options: Partial<WebhookOptions> = {}): Promise<WebhookEvent> {
  return await createWebhookVerifier({ secrets: SECRET, ...options })(message as WebhookMessage);
}

export async function refuses(
  code: WebhookErrorCode,
  message: unknown,
  options: Partial<WebhookOptions> = {},
): Promise<void> {
  await assert.rejects(verify(message, options), refusal(code));
}

export async function accepts(message: unknown, options: Partial<WebhookOptions> = {}): Promise<void> {
  assert.equal((await verify(message, options)).event_id, "1708102555327.NLOjmg");
}
