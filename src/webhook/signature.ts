/**
 * HMAC-SHA-256 through `SubtleCrypto`, which compares in constant time.
 *
 * @module
 */

import { ownProperties } from "../options.ts";
import { WebhookError } from "./errors.ts";
import type { SignedBody } from "./message.ts";

/** The parts of `SubtleCrypto` that are used here, without a library that declares it. */
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
  /** Bits of the key that are used. */
  readonly length: number;
}

/** Without a prototype: engines read the members of a dictionary through the prototype chain. */
const HMAC: { readonly name: "HMAC" } = ownProperties({ name: "HMAC" });

/**
 * `length` is stated, although it is the default, because Node 20 copies the dictionary into an object with a prototype:
 * a polluted `Object.prototype.length` would cut the key short.
 */
function importParams(raw: Uint8Array): HmacImportParams {
  return ownProperties({ name: "HMAC", hash: ownProperties({ name: "SHA-256" }), length: 8 * raw.length });
}

/** A secret that has been imported. */
interface ImportedSecret {
  /**
   * The bytes that were given to `importKey`. Fastly's engine keeps a reference to them instead of a copy: they are never
   * changed, and kept here so that they stay allocated as long as the key is used.
   */
  readonly raw: Uint8Array;
  readonly key: unknown;
}

/** Whether one of the secrets made one of the signatures. */
export type SignatureCheck = (signed: SignedBody) => Promise<boolean>;

/**
 * Checks the secrets and starts to import them.
 *
 * @throws {WebhookError} `ERR_WEBHOOK_SECRET`, `ERR_RUNTIME`.
 */
export function createSignatureCheck(secrets: string | readonly string[]): SignatureCheck {
  const checked = checkSecrets(secrets);
  const { subtle } = (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto ?? {};
  if (typeof subtle?.importKey !== "function" || typeof subtle.verify !== "function") {
    throw new WebhookError("ERR_RUNTIME", "This runtime has no SubtleCrypto with verify()");
  }
  // The one place where a runtime's own types for SubtleCrypto meet ours.
  const webCrypto = subtle as unknown as Subtle;
  const importing = Promise.all(checked.map((secret) => importSecret(webCrypto, secret)));
  importing.catch(() => {}); // The first check rejects with it.

  return async ({ signatures, body }) => {
    for (const { key } of await importing) {
      for (const signature of signatures) {
        if (await webCrypto.verify(HMAC, key, signature, body)) return true;
      }
    }
    return false;
  };
}

/** Error messages name a secret by its position, and name `undefined`, which an unset environment variable gives. */
function checkSecrets(secrets: string | readonly string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) {
    throw new WebhookError("ERR_WEBHOOK_SECRET", "secrets must hold at least one secret, got none");
  }
  return Array.from(list, (secret, position) => {
    if (typeof secret === "string" && secret !== "") return secret;
    // Anyone can make an HMAC with an empty key.
    const got = secret === "" ? "an empty string" : secret === undefined ? "undefined" : "another type";
    throw new WebhookError("ERR_WEBHOOK_SECRET", `secrets[${position}] must be a string that is not empty, got ${got}`);
  });
}

async function importSecret(subtle: Subtle, secret: string): Promise<ImportedSecret> {
  const raw = new TextEncoder().encode(secret);
  try {
    return { raw, key: await subtle.importKey("raw", raw, importParams(raw), false, ["verify"]) };
  } catch {
    throw new WebhookError("ERR_WEBHOOK_SECRET", "SubtleCrypto refused to import a secret");
  }
}
