/**
 * Reads a webhook: the header with its signatures, and the raw body within its limits.
 *
 * @module
 */

import { BodyError, readBody } from "../http/body.ts";
import { withTimeLimit } from "../http/time-limit.ts";
import { type Bytes, bytesOf } from "../encoding/bytes.ts";
import { checkRequest } from "../http/fetch-api.ts";
import { WebhookError } from "./errors.ts";

/** A webhook as header and body, for servers without `Request`. */
export interface WebhookMessage {
  /** The raw body as it was received, in bytes or as UTF-8 text. Re-serialised JSON no longer matches the signature. */
  readonly body: Uint8Array | ArrayBuffer | string;
  /** The value of the header `FPJS-Event-Signature`, or all its values. */
  readonly signature: string | readonly string[] | null | undefined;
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
 * @throws {WebhookError} `ERR_WEBHOOK_SIGNATURE`, or a code of the body.
 * @throws {TypeError} When `message` is neither a `Request` nor has a `signature`, or `body` is neither bytes nor text.
 */
export async function readSigned(message: Request | WebhookMessage, limits: BodyLimits): Promise<SignedBody> {
  // Only an own property counts, so that a polluted prototype cannot replace the header.
  if (Object.hasOwn(Object(message), "signature")) {
    const { body, signature } = message as WebhookMessage;
    return { signatures: parseSignatures(signature), body: copyBody(body, limits.maxBodyBytes) };
  }
  const request = checkRequest(message);
  const signatures = parseSignatures(request.headers.get(SIGNATURE_HEADER));
  return { signatures, body: await readRequest(request, limits) };
}

/**
 * Returns the `v1` signatures of a header. Entries of other versions and malformed ones are skipped.
 *
 * @throws {WebhookError} `ERR_WEBHOOK_SIGNATURE`.
 */
export function parseSignatures(header: unknown): Uint8Array[] {
  // Node gives several headers of one name as a list.
  const values: readonly unknown[] = Array.isArray(header) ? header.slice(0, MAX_HEADER_CHARACTERS) : [header];
  const texts = values.filter((value) => typeof value === "string");
  if (texts.length === 0) {
    throw new WebhookError("ERR_WEBHOOK_SIGNATURE", `Cannot verify webhook: no header ${SIGNATURE_HEADER}`);
  }
  const isShort = texts.reduce((length, text) => length + text.length, texts.length - 1) <= MAX_HEADER_CHARACTERS;
  const entries = isShort ? texts.join().split(",") : [];
  const hashes = entries.map((entry) => V1_SIGNATURE.exec(entry)?.[1]).filter((hash) => hash !== undefined);
  if (hashes.length === 0 || hashes.length > MAX_SIGNATURES) {
    const message = `Cannot verify webhook: ${SIGNATURE_HEADER} must have 1 to ${MAX_SIGNATURES} v1 signatures`;
    throw new WebhookError("ERR_WEBHOOK_SIGNATURE", message);
  }
  return hashes.map((hash) => Uint8Array.from({ length: 32 }, (_, i) => parseInt(hash.slice(2 * i, 2 * i + 2), 16)));
}

async function readRequest(request: Request, { maxBodyBytes, bodyTimeoutMs }: BodyLimits): Promise<Bytes> {
  if (request.bodyUsed || request.body?.locked) {
    throw new WebhookError("ERR_WEBHOOK_BODY_USED", "Cannot read webhook: its body was read before, by a middleware?");
  }
  const expired = () => new WebhookError("ERR_WEBHOOK_TIMEOUT", "Cannot read webhook: over bodyTimeoutMs");
  try {
    return await withTimeLimit(bodyTimeoutMs, expired, (ended) => readBody(request, maxBodyBytes, ended));
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    if (error instanceof BodyError && error.reason === "too-large") throw tooLarge(maxBodyBytes);
    throw new WebhookError("ERR_WEBHOOK_BODY", "Cannot read webhook: its body broke off");
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
  return new WebhookError("ERR_WEBHOOK_TOO_LARGE", `Cannot read webhook: its body is over ${maxBodyBytes} bytes`);
}
