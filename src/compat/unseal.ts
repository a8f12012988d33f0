/**
 * The functions of Fingerprint's Node SDKs, implemented with this package's core.
 *
 * @module
 */

import { bytesOf, isUint8Array } from "../encoding/bytes.ts";
import type { Cipher } from "../unseal/cipher.ts";
import { hasHeader } from "../unseal/envelope.ts";
import { UnsealError as CoreError } from "../unseal/errors.ts";
import { type EventByVersion, type EventVersion, type FingerprintEvent, isEvent } from "../event/event.ts";
import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { createUnsealer } from "../unseal/unseal.ts";
import { checkVersion } from "../unseal/parse-event.ts";
import { ownProperties, wrongType } from "../options.ts";
import { UnsealAggregateError, UnsealError } from "./errors.ts";
import { DecryptionAlgorithm, type DecryptionKey } from "./keys.ts";

/** Options that the SDKs do not have. */
export interface CompatOptions<Version extends EventVersion = EventVersion> {
  /** The only version to accept, as each SDK does: v6 the events of v3, v7 those of v4. Both by default. */
  readonly version?: Version | undefined;
  /** Decrypts on runtimes whose WebCrypto cannot; see `Cipher` of the package's main module. */
  readonly cipher?: Cipher | undefined;
}

/**
 * Opens a sealed result: decrypts it with the first key that fits, inflates it and parses the event.
 *
 * @param sealedData The sealed result in bytes. Untrusted.
 * @param decryptionKeys The keys, tried in order. An invalid key is skipped, like a key that does not fit.
 * @param options Options that the SDKs do not have.
 * @returns The event.
 * @throws {UnsealAggregateError} When no key opens it.
 * @throws {Error} When the header or an algorithm is unknown, or the content is not an event.
 *
 * @example Open with the new key or the old one
 * ```ts
 * import { DecryptionAlgorithm, unsealEventsResponse } from "@unseal/sealed-results/compat";
 * import { generateKey, sampleEventV4, seal } from "@unseal/sealed-results/testing";
 * import { Buffer } from "node:buffer";
 * import assert from "node:assert/strict";
 *
 * const key = generateKey();
 * const sealedResult = await seal(sampleEventV4({ event_id: "1708102555327.NLOjmg" }), key);
 *
 * const event = await unsealEventsResponse(Buffer.from(sealedResult, "base64"), [
 *   { key: Buffer.from(generateKey(), "base64"), algorithm: DecryptionAlgorithm.Aes256Gcm },
 *   { key: Buffer.from(key, "base64"), algorithm: "aes-256-gcm" },
 * ], { version: "v4" });
 * assert.equal(event.event_id, "1708102555327.NLOjmg");
 * ```
 */
export function unsealEventsResponse<Version extends EventVersion>(
  sealedData: Uint8Array | ArrayBuffer,
  decryptionKeys: readonly DecryptionKey[],
  options: CompatOptions<Version> & { readonly version: Version },
): Promise<EventByVersion[Version]>;
/** Opens a sealed result of either version. */
export function unsealEventsResponse(
  sealedData: Uint8Array | ArrayBuffer,
  decryptionKeys: readonly DecryptionKey[],
  options?: CompatOptions,
): Promise<FingerprintEvent>;
export async function unsealEventsResponse(
  sealedData: Uint8Array | ArrayBuffer,
  decryptionKeys: readonly DecryptionKey[],
  options: CompatOptions = {},
): Promise<FingerprintEvent> {
  return parseEventsResponse(await unseal(sealedData, decryptionKeys, options), options);
}

/**
 * Decrypts and inflates a sealed result.
 *
 * @param sealedData The sealed result in bytes. Untrusted.
 * @param decryptionKeys The keys, tried in order.
 * @param options Options that the SDKs do not have.
 * @returns The JSON of the event.
 * @throws {UnsealAggregateError} When no key opens it.
 * @throws {Error} When the header or an algorithm is unknown.
 */
export async function unseal(
  sealedData: Uint8Array | ArrayBuffer,
  decryptionKeys: readonly DecryptionKey[],
  options: CompatOptions = {},
): Promise<string> {
  const bytes = bytesOf(sealedData);
  if (bytes === undefined) throw wrongType("sealedData", "a Uint8Array or an ArrayBuffer", sealedData);
  if (!hasHeader(bytes)) throw new Error("Invalid sealed data header");
  const { cipher } = ownProperties(options);
  const errors = new UnsealAggregateError([]);
  for (const decryptionKey of decryptionKeys) {
    const { algorithm } = decryptionKey;
    if (algorithm !== DecryptionAlgorithm.Aes256Gcm) throw unsupported(algorithm);
    try {
      return await openText(sealedData, decryptionKey.key, cipher);
    } catch (error) {
      if (!(error instanceof CoreError && isOfKey(error))) throw error;
      errors.addError(new UnsealError(decryptionKey, error));
    }
  }
  throw errors;
}

/**
 * Parses the result of {@linkcode unseal}.
 *
 * @param unsealed The JSON of the event.
 * @param options Options that the SDKs do not have.
 * @returns The event.
 * @throws {SyntaxError} When it is not JSON. The message does not quote it.
 * @throws {Error} When it is not an event, or not of the `version`.
 */
export function parseEventsResponse<Version extends EventVersion>(
  unsealed: string,
  options: CompatOptions<Version> & { readonly version: Version },
): EventByVersion[Version];
/** Parses an event of either version. */
export function parseEventsResponse(unsealed: string, options?: CompatOptions): FingerprintEvent;
export function parseEventsResponse(unsealed: string, options: CompatOptions = {}): FingerprintEvent {
  const version = checkVersion(ownProperties(options).version);
  const event = parseJson(unsealed);
  if (event === undefined) throw new SyntaxError("Sealed data is not JSON");
  if (isEvent(event, version)) return event;
  throw new Error("Sealed data is not valid events response");
}

/** Opens with one key. A key as text is refused, because the SDKs do not decode base64. */
async function openText(
  sealedData: Uint8Array | ArrayBuffer,
  key: unknown,
  cipher: Cipher | undefined,
): Promise<string> {
  if (!isUint8Array(key)) throw new CoreError("ERR_KEY", "Invalid key: not a Uint8Array");
  const unsealer = createUnsealer({ keys: [{ key }], ...(cipher && { cipher }) });
  const { bytes } = await unsealer.openBytes(sealedData);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new CoreError("ERR_EVENT_UTF8", "Cannot decode event: not UTF-8");
  return text;
}

/** Whether another key could succeed. Otherwise the runtime or the cipher is at fault, and each key would fail alike. */
function isOfKey({ code }: CoreError): boolean {
  return code === "ERR_KEY" || code === "ERR_NO_KEY_FITS" || /^ERR_(?:SEALED|DEFLATE|EVENT)/.test(code);
}

/** Quotes an algorithm only if it looks like one, because it may be a key in the wrong place. */
function unsupported(algorithm: unknown): Error {
  const name = typeof algorithm === "string" && /^[\w-]{1,20}$/.test(algorithm) ? `: ${algorithm}` : "";
  return new Error(`Unsupported decryption algorithm${name}`);
}
