/**
 * Opens sealed results: the pipeline from sealed text to event.
 *
 * @module
 */

import { InflateError } from "../inflate/errors.ts";
import { DEFAULT_MAX_OUTPUT_BYTES, inflateTo } from "../inflate/decode.ts";
import { inflateToWithPlatform } from "../inflate/platform.ts";
import { decodeBase64 } from "./base64.ts";
import { isArrayBuffer, isUint8Array } from "./bytes.ts";
import { type Cipher, webCryptoCipher } from "./cipher.ts";
import { openEnvelope } from "./envelope.ts";
import { UnsealError } from "./errors.ts";
import { type FingerprintEvent, parseEvent } from "./event.ts";
import { createKeyring, type KeyInput, type KeyUsage } from "./keyring.ts";
import { checkByteLimit, checkMethods, ownProperties } from "../options.ts";
import { isPromiseLike } from "./promise.ts";
import { type StandardSchema, validate } from "./schema.ts";
import { decodeUtf8 } from "./text.ts";

/** A sealed result: base64 text (standard or url alphabet, padded or not), or the bytes it stands for. */
export type SealedResult = string | Uint8Array | ArrayBuffer;

/** How to unseal. */
export interface UnsealOptions<Event = FingerprintEvent> {
  /** What decrypts; by default `webCryptoCipher()`. */
  readonly cipher?: Cipher;
  /**
   * What inflates. `"portable"`, the default: our own decoder, which is faster up to 16 KiB of JSON on every runtime.
   * `"platform"`: `DecompressionStream`, where there is one and it passes a self-test; the verdicts are the same.
   */
  readonly inflate?: "portable" | "platform";
  /**
   * Most bytes of a sealed result: a whole number from 0, or `Infinity`. 4 MiB by default. Of a text the length is
   * checked before it is decoded, blanks included.
   */
  readonly maxSealedBytes?: number;
  /** Most bytes of an event's JSON: a whole number from 0, or `Infinity`. 8 MiB by default. */
  readonly maxEventBytes?: number;
  /** A Standard Schema v1 (zod, valibot, …) that each event must satisfy; its output becomes the event. */
  readonly schema?: StandardSchema<Event>;
  /** Work in a page all the same. Whoever holds the page then holds the key, and can forge sealed results. */
  readonly dangerouslyAllowBrowser?: boolean;
}

/** The keys, and how to unseal with them. */
export interface UnsealerOptions<Event = FingerprintEvent> extends UnsealOptions<Event> {
  /** The key, or all keys that may be in use while they are rotated. */
  readonly keys: KeyInput | readonly KeyInput[];
}

/** An opened sealed result. */
export interface OpenedResult<Event = FingerprintEvent> {
  /** The event. */
  readonly event: Event;
  /** The id of the key that opened it. */
  readonly keyId: string;
  /** The event's JSON as it was sealed, byte for byte: what to store or to pass on. */
  readonly bytes: Uint8Array;
}

/** Opens sealed results with a fixed set of keys. It holds no other state, and may be shared and called concurrently. */
export interface Unsealer<Event = FingerprintEvent> {
  /**
   * Opens a sealed result.
   *
   * @param sealed Untrusted. Bytes are copied at once, and never changed.
   * @returns The event.
   * @throws {UnsealError} See {@linkcode UnsealErrorCode}; the promise rejects, nothing is thrown synchronously.
   */
  unseal(sealed: SealedResult): Promise<Event>;
  /** Like {@linkcode Unsealer.unseal}, and also says which key fitted and gives the JSON itself. */
  open(sealed: SealedResult): Promise<OpenedResult<Event>>;
  /** What each key has opened since this unsealer was created. A key whose count stands still can be retired. */
  usage(): KeyUsage[];
}

const DEFAULT_MAX_SEALED_BYTES = 4 * 1024 * 1024;

/**
 * Creates an unsealer. Do it once, at start: keys are decoded, judged and imported here.
 *
 * @param options The keys, and how to unseal with them.
 * @throws {UnsealError} `ERR_KEY` when a key is not one, or there is none; `ERR_RUNTIME` when nothing here can decrypt;
 * `ERR_BROWSER` in a page.
 * @throws {TypeError | RangeError} When another option is not what it should be.
 *
 * @example Open a sealed result while keys are rotated
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 *
 * const unsealer = createUnsealer({
 *   keys: ["p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=", { id: "2026-08", key: new Uint8Array(32) }],
 * });
 * console.log(unsealer.usage()); // [{ id: "key-0", opened: 0, lastOpenedAt: null }, { id: "2026-08", … }]
 * ```
 */
export function createUnsealer<Event = FingerprintEvent>(options: UnsealerOptions<Event>): Unsealer<Event> {
  const own = ownProperties(options);
  if (isPage() && own.dangerouslyAllowBrowser !== true) {
    throw new UnsealError(
      "ERR_BROWSER",
      "Sealed results are for the backend: whoever holds this page would hold the key",
    );
  }
  const maxSealedBytes = checkByteLimit("maxSealedBytes", own.maxSealedBytes ?? DEFAULT_MAX_SEALED_BYTES);
  const maxEventBytes = checkByteLimit("maxEventBytes", own.maxEventBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
  const inflate = chooseInflate(own.inflate);
  const schema = checkSchema(own.schema);
  const cipher = own.cipher === undefined
    ? webCryptoCipher()
    : checkMethods("cipher", own.cipher, "importKey", "decrypt");
  const keyring = createKeyring(own.keys, cipher);

  /**
   * The pipeline. It awaits only what is not there yet: with a synchronous cipher, this function's own promise is the
   * only one of the call.
   */
  async function run<Content extends { text: string | undefined }, Result>(
    sealed: SealedResult,
    read: (inflated: Uint8Array) => Content,
    finish: (event: Event, content: Content, keyId: string) => Result,
  ): Promise<Result> {
    const envelope = openEnvelope(toBytes(sealed, maxSealedBytes));
    for (const entry of keyring.byRecency()) {
      const key = isPromiseLike(entry.key) ? await entry.key : entry.key;
      let plaintext;
      try {
        const decrypted = cipher.decrypt(key, envelope.nonce, envelope.sealed);
        plaintext = isPromiseLike(decrypted) ? await decrypted : decrypted;
      } catch {
        continue; // What is thrown differs by runtime; what it means does not: this key does not fit.
      }
      // The first key that authenticates ends the search. What fails from here on is a fault of the content.
      keyring.recordOpened(entry);
      const compressed = isArrayBuffer(plaintext) ? new Uint8Array(plaintext) : plaintext;
      let content;
      try {
        const inflated = inflate(compressed, maxEventBytes, read);
        content = isPromiseLike(inflated) ? await inflated : inflated;
      } catch (error) {
        throw inflateFault(error);
      } finally {
        compressed.fill(0);
      }
      if (content.text === undefined) throw new UnsealError("ERR_EVENT_UTF8", "Event is not UTF-8");
      const event = parseEvent(content.text);
      // Without a schema, Event is FingerprintEvent.
      return finish(schema === undefined ? event as Event : await validate(schema, event), content, entry.id);
    }
    throw new UnsealError("ERR_NO_KEY_FITS", "No key authenticates the sealed result");
  }

  return Object.freeze({
    unseal: (sealed: SealedResult) => run(sealed, readText, (event) => event),
    open: (sealed: SealedResult) =>
      run(sealed, readTextAndBytes, (event, { bytes }, keyId) => ({ event, keyId, bytes })),
    usage: keyring.usage,
  });
}

/**
 * Opens one sealed result. For more than one, create an unsealer: this imports the key on every call.
 *
 * @param sealed Untrusted: base64 text or bytes.
 * @param key The key, as base64 text or 32 bytes.
 * @param options How to unseal.
 * @returns The event.
 * @throws {UnsealError} See {@linkcode UnsealErrorCode}; the promise rejects, nothing is thrown synchronously.
 *
 * @example Tell a refusal from a success
 * ```ts
 * import { unseal, UnsealError } from "@unseal/sealed-results";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(
 *   unseal("bm90IHNlYWxlZA==", "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53="),
 *   (error) => error instanceof UnsealError && error.code === "ERR_SEALED_TOO_SHORT",
 * );
 * ```
 */
export async function unseal<Event = FingerprintEvent>(
  sealed: SealedResult,
  key: KeyInput,
  options: UnsealOptions<Event> = {},
): Promise<Event> {
  return await createUnsealer<Event>({ ...ownProperties(options), keys: [key] }).unseal(sealed);
}

/** Copies the sealed result into bytes of our own, so that nobody can change them between the checks. */
function toBytes(sealed: SealedResult, maxSealedBytes: number): Uint8Array {
  let bytes: Uint8Array | undefined;
  if (typeof sealed === "string") {
    // Refused before it is decoded, for what it might hold; text of this length may still decode to two bytes too many.
    if (sealed.length <= Math.ceil(maxSealedBytes / 3) * 4) {
      bytes = decodeBase64(sealed);
      if (bytes === undefined) throw new UnsealError("ERR_SEALED_ENCODING", "Sealed result is not base64");
    }
  } else if (isUint8Array(sealed) || isArrayBuffer(sealed)) {
    // A detached buffer has no length, and cannot be copied.
    if (sealed.byteLength === 0) return new Uint8Array(0);
    if (sealed.byteLength <= maxSealedBytes) bytes = new Uint8Array(isUint8Array(sealed) ? sealed : sealed.slice(0));
  } else {
    throw new UnsealError("ERR_SEALED_TYPE", "Sealed result is neither text nor bytes");
  }
  if (bytes === undefined || bytes.length > maxSealedBytes) {
    throw new UnsealError("ERR_SEALED_TOO_LARGE", "Sealed result is over maxSealedBytes");
  }
  return bytes;
}

function readText(inflated: Uint8Array): { text: string | undefined } {
  return { text: decodeUtf8(inflated) };
}

function readTextAndBytes(inflated: Uint8Array): { text: string | undefined; bytes: Uint8Array } {
  return { text: decodeUtf8(inflated), bytes: inflated.slice() };
}

function inflateFault(error: unknown): unknown {
  if (!(error instanceof InflateError)) return error;
  const { reason } = error;
  if (reason === "output-too-large") return new UnsealError("ERR_EVENT_TOO_LARGE", "Event is over maxEventBytes");
  return new UnsealError("ERR_DEFLATE", `Event is not one raw DEFLATE stream: ${reason}`, { reason });
}

/** A page has a window and a document; a worker has neither. */
function isPage(): boolean {
  const { window, document } = globalThis as { window?: unknown; document?: unknown };
  return window !== undefined && document !== undefined;
}

function chooseInflate(choice: string = "portable"): typeof inflateTo | typeof inflateToWithPlatform {
  if (choice === "portable") return inflateTo;
  if (choice === "platform") return inflateToWithPlatform;
  throw new TypeError('inflate must be "portable" or "platform"');
}

function checkSchema<Event>(schema: StandardSchema<Event> | undefined): StandardSchema<Event> | undefined {
  if (schema === undefined || typeof schema?.["~standard"]?.validate === "function") return schema;
  throw new TypeError("schema must be a Standard Schema v1");
}
