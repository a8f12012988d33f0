/**
 * Reads a webhook: the header with its signatures, and the raw body within its limits.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { BodyError, readBody } from "../http/body.ts";
import { withTimeLimit } from "../http/time-limit.ts";
import { bytesOf } from "../encoding/bytes.ts";
import { isRecord } from "../event/event.ts";
import { kindOf } from "../http/fetch-api.ts";
import { WebhookError } from "./errors.ts";

/** A webhook as header and body, for servers without `Request`. */
export interface WebhookMessage {
  /** The raw body as it was received, in bytes or as UTF-8 text. Re-serialised JSON no longer matches the signature. */
  readonly body: Uint8Array | ArrayBuffer | string;
  /** The value of the header `FPJS-Event-Signature`. */
  readonly signature: string | null | undefined;
}

/** The limits of reading a body. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/** A body with the signatures to verify. */
export interface SignedBody {
  /** The hashes of the `v1` signatures, 32 bytes each. */
  readonly signatures: readonly Uint8Array[];
  /** The raw body, in an array that no other code refers to. */
  readonly body: Bytes;
}

const SIGNATURE_HEADER = "FPJS-Event-Signature";

/** Each signature may cost one HMAC of the body for each secret. A rotation needs two. */
const MAX_SIGNATURES = 8;
const MAX_HEADER_CHARACTERS = 8192;

/** SHA-256 in hex, in either case. */
const V1_SIGNATURE = /^[ \t]*v1=([0-9A-Fa-f]{64})[ \t]*$/;

/**
 * Reads the signatures, then the body.
 *
 * @param message Untrusted. The body of a `Request` is not read unless the header has a signature.
 * @throws {WebhookError} `ERR_WEBHOOK_SIGNATURE`, `ERR_WEBHOOK_BODY`, `ERR_WEBHOOK_TIMEOUT`.
 * @throws {TypeError} When `body` is neither bytes nor text.
 */
export async function readSigned(message: Request | WebhookMessage, limits: BodyLimits): Promise<SignedBody> {
  if (isRequest(message)) {
    const signatures = parseSignatures(message.headers.get(SIGNATURE_HEADER));
    return { signatures, body: await readRequest(message, limits) };
  }
  // Callers without types may give anything. A request of Express has `headers` and a parsed `body`.
  if (isRecord(message) && "headers" in message && !Object.hasOwn(message, "signature")) {
    throw new TypeError(`request must be a Request or { body, signature }, got ${kindOf(message)}`);
  }
  const { body, signature } = (message ?? {}) as Partial<WebhookMessage>;
  return { signatures: parseSignatures(signature), body: copyBody(body, limits.maxBodyBytes) };
}

function isRequest(message: Request | WebhookMessage): message is Request {
  return typeof (message as Partial<Request> | null | undefined)?.headers?.get === "function";
}

/** Returns the `v1` signatures of a header. Entries of other versions and malformed ones are skipped. */
function parseSignatures(header: unknown): Uint8Array[] {
  if (typeof header !== "string") {
    throw new WebhookError("ERR_WEBHOOK_SIGNATURE", `Cannot verify webhook: no header ${SIGNATURE_HEADER}`);
  }
  const entries = header.length > MAX_HEADER_CHARACTERS ? [] : header.split(",");
  const hashes = entries.map((entry) => V1_SIGNATURE.exec(entry)?.[1]).filter((hash) => hash !== undefined);
  if (hashes.length === 0 || hashes.length > MAX_SIGNATURES) {
    const message = `Cannot verify webhook: ${SIGNATURE_HEADER} must have 1 to ${MAX_SIGNATURES} v1 signatures`;
    throw new WebhookError("ERR_WEBHOOK_SIGNATURE", message);
  }
  return hashes.map((hash) => Uint8Array.from({ length: 32 }, (_, i) => parseInt(hash.slice(2 * i, 2 * i + 2), 16)));
}

async function readRequest(request: Request, { maxBodyBytes, bodyTimeoutMs }: BodyLimits): Promise<Bytes> {
  const expired = () => new WebhookError("ERR_WEBHOOK_TIMEOUT", "Cannot read webhook: over bodyTimeoutMs");
  try {
    return await withTimeLimit(bodyTimeoutMs, expired, (ended) => readBody(request, maxBodyBytes, ended));
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    if (error instanceof BodyError && error.reason === "too-large") throw tooLarge(maxBodyBytes);
    throw new WebhookError("ERR_WEBHOOK_BODY", "Cannot read webhook: its body broke off or was read before");
  }
}

/** Copies a body, so that the caller cannot change it between verification and parsing. */
function copyBody(body: unknown, maxBodyBytes: number): Bytes {
  if (typeof body === "string") {
    // UTF-8 has at least one byte for each UTF-16 code unit.
    const bytes = body.length > maxBodyBytes ? undefined : new TextEncoder().encode(body);
    if (bytes !== undefined && bytes.length <= maxBodyBytes) return bytes;
    throw tooLarge(maxBodyBytes);
  }
  const bytes = bytesOf(body);
  if (bytes === undefined) {
    throw new TypeError("body must be the raw body as bytes or text, not the object parsed from it");
  }
  if (bytes.length > maxBodyBytes) throw tooLarge(maxBodyBytes);
  return new Uint8Array(bytes);
}

function tooLarge(maxBodyBytes: number): WebhookError {
  return new WebhookError("ERR_WEBHOOK_BODY", `Cannot read webhook: its body is over ${maxBodyBytes} bytes`);
}
