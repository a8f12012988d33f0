/**
 * Verifies HMAC-SHA-256 with `SubtleCrypto`, which compares in constant time.
 *
 * @module
 */

import { ownProperties } from "../options.ts";
import { WebhookError } from "./errors.ts";
import type { SignedBody } from "./message.ts";

/** The methods of `SubtleCrypto` that are used here, declared because the package uses no DOM library. */
interface Subtle {
  importKey(
    format: "raw",
    raw: Uint8Array,
    algorithm: HmacImportParams,
    extractable: false,
    usages: readonly ["verify"],
  ): Promise<unknown>;
  verify(algorithm: { readonly name: "HMAC" }, key: unknown, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
}

interface HmacImportParams {
  readonly name: "HMAC";
  readonly hash: { readonly name: "SHA-256" };
  /** The length of the key, in bits. */
  readonly length: number;
}

/** Without a prototype: engines read the members of a dictionary through the prototype chain. */
const HMAC: { readonly name: "HMAC" } = ownProperties({ name: "HMAC" });

/**
 * `length` is set, although it has the default value, because Node 20 copies the dictionary into an object with a
 * prototype: a polluted `Object.prototype.length` would truncate the key.
 */
function importParams(raw: Uint8Array): HmacImportParams {
  return ownProperties({ name: "HMAC", hash: ownProperties({ name: "SHA-256" }), length: 8 * raw.length });
}

/** An imported secret. */
interface ImportedSecret {
  /**
   * The bytes that were given to `importKey`. Fastly's engine keeps a reference to them instead of a copy, so they are
   * never changed, and this property keeps them allocated as long as the key is used.
   */
  readonly raw: Uint8Array;
  readonly key: unknown;
}

/** Checks whether one of the signatures matches the body with one of the secrets. */
export type SignatureCheck = (signed: SignedBody) => Promise<boolean>;

/**
 * Starts to import the secrets.
 *
 * @param secrets Strings that are not empty: anyone can compute an HMAC with an empty key.
 * @throws {WebhookError} `ERR_RUNTIME`.
 */
export function createSignatureCheck(secrets: readonly string[]): SignatureCheck {
  const { subtle } = (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto ?? {};
  if (typeof subtle?.importKey !== "function" || typeof subtle.verify !== "function") {
    throw new WebhookError("ERR_RUNTIME", "Cannot verify webhooks: no SubtleCrypto with verify()");
  }
  // The only cast between a runtime's own types for SubtleCrypto and ours.
  const webCrypto = subtle as unknown as Subtle;
  const importing = Promise.all(secrets.map((secret) => importSecret(webCrypto, secret)));
  importing.catch(() => {}); // Each check awaits the same promise and rejects with its error.

  return async ({ signatures, body }) => {
    for (const { key } of await importing) {
      for (const signature of signatures) {
        if (await webCrypto.verify(HMAC, key, signature, body)) return true;
      }
    }
    return false;
  };
}

/**
 * Checks the option `secrets`. A message names a secret by its position and never quotes it.
 *
 * @throws {WebhookError} `ERR_WEBHOOK_SECRET`.
 */
export function checkSecrets(secrets: string | readonly string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) {
    throw new WebhookError("ERR_WEBHOOK_SECRET", "secrets must contain at least one secret, got none");
  }
  return Array.from(list, (secret, position) => {
    const fault = faultOf(secret);
    if (fault === undefined) return secret as string;
    throw new WebhookError("ERR_WEBHOOK_SECRET", `secrets[${position}] must be the text of a secret, got ${fault}`);
  });
}

/** What shells, files and environment variables make of a secret. With any of these, no webhook would match. */
function faultOf(secret: unknown): string | undefined {
  if (secret === undefined || secret === "undefined" || secret === "null") return "undefined or null";
  if (typeof secret !== "string") return "another type";
  if (secret === "") return "an empty string";
  if (secret.trim() !== secret || /[\n\r]/.test(secret)) return "text with blanks or line breaks around it";
  return /^(["'`]).*\1$/s.test(secret) ? "text in quotation marks" : undefined;
}

async function importSecret(subtle: Subtle, secret: string): Promise<ImportedSecret> {
  const raw = new TextEncoder().encode(secret);
  try {
    return { raw, key: await subtle.importKey("raw", raw, importParams(raw), false, ["verify"]) };
  } catch {
    throw new WebhookError("ERR_WEBHOOK_SECRET", "Cannot import secret: SubtleCrypto refused it");
  }
}
