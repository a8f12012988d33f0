/**
 * Verifies Fingerprint webhooks: the event is handed out only when one of your secrets signed it, byte for byte.
 *
 * The header `FPJS-Event-Signature` lists signatures as `<version>=<hash>`, separated by commas. `v1` is the HMAC-SHA-256
 * (RFC 2104) of the raw body, in hex, with the webhook's secret as UTF-8 for its key.
 *
 * A signature has no time in it, so whoever has seen a webhook can send it again, and Fingerprint does so too: what is not
 * answered with a 2xx status within 3 seconds comes again after 5 minutes. Both times the event has the same id. Use the
 * id ({@linkcode summarizeWebhook}) as the key that makes handling it twice do nothing.
 *
 * @module
 */

import { isArrayBuffer, isUint8Array } from "../core/bytes.ts";
import { checkByteLimit, ownProperties } from "../options.ts";
import { parseJson } from "../core/json.ts";
import { decodeUtf8 } from "../core/text.ts";
import { BodyError, readBody } from "../body/read.ts";
import { isWebhookEvent, type WebhookEvent } from "./event.ts";

export {
  type ProductDataV3,
  summarizeWebhook,
  type WebhookEvent,
  type WebhookEventV3,
  type WebhookEventV4,
  type WebhookSummary,
} from "./event.ts";

/**
 * Why a webhook was refused.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_WEBHOOK_SECRET` | there is no secret, or one is empty or not a string: a fault of the configuration |
 * | `ERR_WEBHOOK_SIGNATURE` | the header is missing, or holds no `v1` signature, or too many of them |
 * | `ERR_WEBHOOK_MISMATCH` | no secret made any of the signatures for this body |
 * | `ERR_WEBHOOK_BODY` | the body is too large or breaks off; or it is signed, but not an event in JSON |
 * | `ERR_RUNTIME` | there is no `SubtleCrypto` that can verify |
 */
export type WebhookErrorCode =
  | "ERR_WEBHOOK_SECRET"
  | "ERR_WEBHOOK_SIGNATURE"
  | "ERR_WEBHOOK_MISMATCH"
  | "ERR_WEBHOOK_BODY"
  | "ERR_RUNTIME";

/** What verifying rejects with. Match on `code`; the message is for people. It holds no secret and nothing of the body. */
export class WebhookError extends Error {
  override readonly name: string = "WebhookError";
  /** Why the webhook was refused. */
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** How to verify. */
export interface WebhookOptions {
  /** The webhook's secret, or all that may be in use while it is rotated. */
  readonly secrets: string | readonly string[];
  /** Most bytes of a body: a whole number from 0, or `Infinity`. 1 MiB by default, as anybody can make you read it. */
  readonly maxBodyBytes?: number;
}

/** A webhook taken apart, for servers that have no `Request`. */
export interface WebhookMessage {
  /** The body as it was received. What was parsed and written again is signed no more; text must have been UTF-8. */
  readonly body: Uint8Array | ArrayBuffer | string;
  /** The value of the header `FPJS-Event-Signature`. */
  readonly signature: string | null | undefined;
}

/** What {@linkcode createWebhookVerifier} makes; see {@linkcode verifyWebhook}. It may be called concurrently. */
export type WebhookVerifier = (request: Request | WebhookMessage) => Promise<WebhookEvent>;

const SIGNATURE_HEADER = "FPJS-Event-Signature";
const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/** Each signature may cost one HMAC of the body for each secret. A rotation needs two. */
const MAX_SIGNATURES = 8;
const MAX_HEADER_CHARACTERS = 8192;

/** SHA-256 in hex, of either case: what is compared are the bytes it stands for. */
const V1_SIGNATURE = /^[ \t]*v1=([0-9A-Fa-f]{64})[ \t]*$/;

/**
 * Verifies one webhook. For a server, use {@linkcode createWebhookVerifier}: this imports the secrets on every call.
 *
 * @param request Untrusted: the `Request`, whose body must not have been read, or its raw body and signature.
 * @param options The secrets.
 * @returns The event. It is authentic; whether it is new is for you to tell, by its id.
 * @throws {WebhookError} See {@linkcode WebhookErrorCode}; the promise rejects, nothing is thrown synchronously.
 * @throws {TypeError | RangeError} When `request` or `maxBodyBytes` is not what it should be.
 *
 * @example Verify what a server without `Request` has received
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
 * Creates a verifier. Do it once, at start: secrets are checked and imported here.
 *
 * @param options The secrets.
 * @returns {@linkcode verifyWebhook} for these secrets.
 * @throws {WebhookError} `ERR_WEBHOOK_SECRET`, `ERR_RUNTIME`.
 * @throws {TypeError | RangeError} When `maxBodyBytes` is not what it should be.
 *
 * @example Answer webhooks
 * ```ts
 * import { createWebhookVerifier, summarizeWebhook, WebhookError } from "@unseal/sealed-results/webhook";
 *
 * const verify = createWebhookVerifier({ secrets: ["new secret", "old secret"] });
 *
 * async function answer(request: Request, enqueue: (id: string, event: unknown) => Promise<void>): Promise<Response> {
 *   try {
 *     const event = await verify(request);
 *     await enqueue(summarizeWebhook(event).id, event); // Once for each id, and done within 3 seconds.
 *     return new Response(null, { status: 204 });
 *   } catch (error) {
 *     if (error instanceof WebhookError) return new Response(error.code, { status: 400 });
 *     throw error;
 *   }
 * }
 * ```
 */
export function createWebhookVerifier(options: WebhookOptions): WebhookVerifier {
  const own = ownProperties(options);
  const secrets = checkSecrets(own.secrets);
  const maxBodyBytes = checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  const { subtle } = (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto ?? {};
  if (typeof subtle?.verify !== "function") {
    throw new WebhookError("ERR_RUNTIME", "This runtime has no SubtleCrypto that can verify");
  }
  const importing = Promise.all(secrets.map((secret) => importSecret(subtle, secret)));
  importing.catch(() => {}); // Whoever verifies hears of it.

  return async (request) => {
    const isRequest = typeof (request as Partial<Request> | null)?.headers?.get === "function";
    const signatures = parseSignatures(
      isRequest ? (request as Request).headers.get(SIGNATURE_HEADER) : (request as WebhookMessage)?.signature,
    );
    const body = isRequest
      ? await readRequest(request as Request, maxBodyBytes)
      : copyBody((request as WebhookMessage).body, maxBodyBytes);
    for (const key of await importing) {
      for (const signature of signatures) {
        if (await subtle.verify("HMAC", key, signature, body)) return parseWebhook(body);
      }
    }
    throw new WebhookError("ERR_WEBHOOK_MISMATCH", "No secret made any of the webhook's signatures");
  };
}

/** Messages name the secret by its place, and an unset environment variable for what it is. */
function checkSecrets(secrets: string | readonly string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) throw new WebhookError("ERR_WEBHOOK_SECRET", "secrets expected one secret at least, got none");
  return Array.from(list, (secret, place) => {
    if (typeof secret === "string" && secret !== "") return secret;
    // An HMAC with an empty key is one that everybody can make.
    const got = secret === "" ? "an empty one" : secret === undefined ? "undefined" : "another type";
    throw new WebhookError("ERR_WEBHOOK_SECRET", `secrets[${place}] expected a string that is not empty, got ${got}`);
  });
}

async function importSecret(subtle: SubtleCrypto, secret: string): Promise<CryptoKey> {
  const raw = new TextEncoder().encode(secret);
  try {
    return await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  } catch {
    throw new WebhookError("ERR_WEBHOOK_SECRET", "SubtleCrypto refused to import a secret");
  } finally {
    raw.fill(0);
  }
}

/** The `v1` signatures in a header; entries of other versions, or that are none, are passed over. */
function parseSignatures(header: unknown): Uint8Array<ArrayBuffer>[] {
  if (typeof header !== "string") {
    throw new WebhookError("ERR_WEBHOOK_SIGNATURE", `Webhook has no header ${SIGNATURE_HEADER}`);
  }
  const entries = header.length > MAX_HEADER_CHARACTERS ? [] : header.split(",");
  const hashes = entries.map((entry) => V1_SIGNATURE.exec(entry)?.[1]).filter((hash) => hash !== undefined);
  if (hashes.length === 0 || hashes.length > MAX_SIGNATURES) {
    throw new WebhookError(
      "ERR_WEBHOOK_SIGNATURE",
      `${SIGNATURE_HEADER} expected 1 to ${MAX_SIGNATURES} v1 signatures`,
    );
  }
  return hashes.map((hash) => Uint8Array.from({ length: 32 }, (_, i) => parseInt(hash.slice(2 * i, 2 * i + 2), 16)));
}

async function readRequest(request: Request, maxBodyBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readBody(request, maxBodyBytes) as Uint8Array<ArrayBuffer>; // In an array of their own.
  } catch (error) {
    if (error instanceof BodyError && error.reason === "too-large") throw tooLarge(maxBodyBytes);
    throw new WebhookError("ERR_WEBHOOK_BODY", "Webhook's body could not be read to its end");
  }
}

/** Copies a body, so that what was verified is what is parsed. */
function copyBody(body: unknown, maxBodyBytes: number): Uint8Array<ArrayBuffer> {
  if (typeof body === "string") {
    // UTF-8 has a byte for each code unit at least.
    const bytes = body.length > maxBodyBytes ? undefined : new TextEncoder().encode(body);
    if (bytes !== undefined && bytes.length <= maxBodyBytes) return bytes;
    throw tooLarge(maxBodyBytes);
  }
  if (!isUint8Array(body) && !isArrayBuffer(body)) {
    throw new TypeError("body must be the raw body as bytes or text, not what was parsed from it");
  }
  if (body.byteLength > maxBodyBytes) throw tooLarge(maxBodyBytes);
  return isUint8Array(body) ? new Uint8Array(body) : new Uint8Array(body.slice(0));
}

function tooLarge(maxBodyBytes: number): WebhookError {
  return new WebhookError("ERR_WEBHOOK_BODY", `Webhook's body expected ${maxBodyBytes} bytes at most, got more`);
}

/** Parses a verified body. */
function parseWebhook(body: Uint8Array): WebhookEvent {
  const value = parseJson(decodeUtf8(body) ?? "");
  if (isWebhookEvent(value)) return value;
  throw new WebhookError("ERR_WEBHOOK_BODY", "Webhook is signed, but not an event with an id and a timestamp in JSON");
}
