/**
 * The pipeline from sealed result to event. Both unsealers, the asynchronous and the synchronous one, run this code.
 *
 * @module
 */

import { DEFAULT_MAX_OUTPUT_BYTES, inflateTo } from "../inflate/decode.ts";
import { InflateError } from "../inflate/errors.ts";
import type { Inflate } from "../inflate/inflate-raw.ts";
import { checkByteLimit, checkFunction, knownOptions } from "../options.ts";
import { type Bytes, bytesOf, viewOf } from "../encoding/bytes.ts";
import { zero } from "../encoding/zero.ts";
import { checkCipher, type Cipher, isCipherFailure, type Plaintext } from "./cipher.ts";
import { openEnvelope, TAG_BYTES } from "./envelope.ts";
import { isInstance } from "../thrown.ts";
import { asUnsealError, UnsealError } from "./errors.ts";
import type { EventVersion } from "../event/event.ts";
import { checkVersion, parseEvent } from "./parse-event.ts";
import { createKeyring, type Keyring, type KeyringEntry } from "./keyring.ts";
import { isPromiseLike, type MaybePromise, settle } from "../promise.ts";
import { checkSchema, type StandardSchema, validate } from "./schema.ts";
import { type SealedResult, toBytes } from "./sealed.ts";
import type { UnsealerOptions } from "./options.ts";
import type { OpenedBytes, OpenedResult } from "./unsealer.ts";

/** 4 MiB. */
const DEFAULT_MAX_SEALED_BYTES = 4 << 20;

/** All options of an unsealer. */
export interface PipelineOptions extends UnsealerOptions {
  readonly version?: EventVersion | undefined;
  readonly schema?: StandardSchema | undefined;
}

/** The names of the options of `unseal()`, whose key is an argument. */
export const UNSEAL_OPTIONS: Readonly<Record<Exclude<keyof PipelineOptions, "keys">, 1>> = {
  cipher: 1,
  inflate: 1,
  version: 1,
  schema: 1,
  maxSealedBytes: 1,
  maxEventBytes: 1,
  dangerouslyAllowBrowser: 1,
};

/** The operations of an unsealer. Each returns a promise only if one of its steps does. */
export interface Pipeline {
  unseal(sealed: SealedResult): MaybePromise<unknown>;
  open(sealed: SealedResult): MaybePromise<OpenedResult<unknown>>;
  openBytes(sealed: SealedResult): MaybePromise<OpenedBytes>;
  readonly keyring: Keyring;
}

/**
 * Checks the options and imports the keys.
 *
 * @param options The caller's options.
 * @param defaultCipher Creates the cipher when the options have none; without it they must have one.
 */
export function createPipeline(options: PipelineOptions, defaultCipher?: () => Cipher): Pipeline {
  const own = knownOptions(options, { ...UNSEAL_OPTIONS, keys: 1 });
  if (isPage() && own.dangerouslyAllowBrowser !== true) {
    throw new UnsealError(
      "ERR_BROWSER",
      "Keys must not be in a page. Tests: set @jest-environment or @vitest-environment node, or dangerouslyAllowBrowser",
    );
  }
  const { maxSealedBytes = DEFAULT_MAX_SEALED_BYTES, maxEventBytes = DEFAULT_MAX_OUTPUT_BYTES } = own;
  checkByteLimit("maxSealedBytes", maxSealedBytes);
  checkByteLimit("maxEventBytes", maxEventBytes);
  const inflate = own.inflate === undefined ? inflateTo : checked(checkFunction("inflate", own.inflate));
  const version = checkVersion(own.version);
  const schema = checkSchema(own.schema);
  const cipher = checkCipher(own.cipher === undefined ? defaultCipher?.() : own.cipher);
  const keyring = createKeyring(own.keys, cipher);

  /**
   * Opens a sealed result.
   *
   * @param read Reads the inflated bytes. They are a view of memory that is zeroed and reused when `read` returns.
   * @param finish Creates the result from the content that `read` returned.
   */
  function run<Content, Result>(
    sealed: SealedResult,
    read: (inflated: Uint8Array) => Content,
    finish: (content: Content, keyId: string) => MaybePromise<Result>,
  ): MaybePromise<Result> {
    const envelope = openEnvelope(toBytes(sealed, maxSealedBytes));
    const entries = keyring.byRecency();
    let cipherFailure: { readonly cause: unknown } | undefined;
    let importFailed = false;
    return tryKeys(0);

    /**
     * Tries the keys from `place` on, also after the cipher has failed: another key may fit. A loop, because recursion
     * would overflow the stack of a synchronous cipher with thousands of keys.
     */
    function tryKeys(place: number): MaybePromise<Result> {
      for (; place < entries.length; place++) {
        const entry = entries[place]!; // place < entries.length
        const tryNext = (error?: unknown) => {
          note(error);
          return tryKeys(place + 1);
        };
        let plaintext;
        try {
          plaintext = decryptWith(entry);
          // Promise.resolve() converts any thenable to a promise of this realm.
          if (isPromiseLike(plaintext)) {
            return Promise.resolve(plaintext).then((plaintext) => readWith(entry, plaintext, tryNext), tryNext);
          }
        } catch (error) {
          note(error);
          continue;
        }
        return readWith(entry, plaintext, tryNext);
      }
      if (cipherFailure !== undefined) {
        throw new UnsealError("ERR_CIPHER", "Cannot open sealed result: the cipher failed", cipherFailure);
      }
      throw importFailed
        ? new UnsealError("ERR_KEY", "Cannot open sealed result: the cipher refused to import a key")
        : new UnsealError("ERR_NO_KEY_FITS", "Cannot open sealed result: no key authenticates it");
    }

    /** Ciphers throw different errors. Each means that a key does not fit, unless it says that the cipher failed. */
    function note(error: unknown): void {
      if (isCipherFailure(error)) cipherFailure = { cause: error };
    }

    /** Decrypts with one key, after its import. */
    function decryptWith(entry: KeyringEntry): MaybePromise<Plaintext> {
      return settle(
        () => keyring.importedKey(entry),
        ({ key }) => cipher.decrypt(key, envelope.nonce, envelope.sealed),
        (error) => {
          importFailed = true;
          throw error;
        },
      );
    }

    /** Inflates and reads decrypted bytes. Every error from here on is an error in the content. */
    function readWith(
      entry: KeyringEntry,
      plaintext: Plaintext,
      tryNext: () => MaybePromise<Result>,
    ): MaybePromise<Result> {
      // The usual case avoids a call: bytesOf() alone took 1–2 % of the time of an event of 1 KB on Bun.
      // A Proxy of bytes is an instance, but not a view.
      const isPlain = ArrayBuffer.isView(plaintext) && plaintext instanceof Uint8Array;
      const compressed = isPlain ? plaintext : bytesOf(plaintext);
      // With any other length, the cipher cannot have checked a tag of 16 bytes.
      if (compressed?.length !== envelope.sealed.length - TAG_BYTES) return tryNext();
      keyring.recordOpened(entry);
      return settle(
        // Shared memory only if the cipher itself returned it.
        () => inflate(compressed as Bytes, maxEventBytes, read),
        (content) => {
          zero(compressed);
          return finish(content, entry.id);
        },
        (error) => {
          zero(compressed);
          throw asUnsealError(error, () => inflateFailure(error));
        },
      );
    }
  }

  const readEvent = (inflated: Uint8Array) => parseEvent(inflated, version);
  const accept = (event: unknown) => schema === undefined ? event : validate(schema, event);
  return {
    unseal: (sealed) => run(sealed, readEvent, accept),
    open: (sealed) =>
      run(
        sealed,
        (inflated) => ({ event: readEvent(inflated), bytes: new Uint8Array(inflated) }),
        ({ event, bytes }, keyId) =>
          settle(
            () => accept(event),
            (event) => ({ event, keyId, bytes }),
            (error) => {
              zero(bytes);
              throw error;
            },
          ),
      ),
    openBytes: (sealed) => run(sealed, (inflated) => new Uint8Array(inflated), (bytes, keyId) => ({ bytes, keyId })),
    keyring,
  };
}

/** An inflater as the pipeline calls it: it passes its output to `read` in place. */
type InflateTo = <Content>(
  data: Bytes,
  maxOutputBytes: number,
  read: (inflated: Uint8Array) => Content,
) => MaybePromise<Content>;

/** Wraps the caller's inflater and checks its output. */
function checked(inflate: Inflate): InflateTo {
  return (data, maxOutputBytes, read) =>
    settle(
      () => inflate(data, maxOutputBytes),
      (output) => {
        const inflated = viewOf(output);
        if (inflated === undefined) {
          throw new UnsealError("ERR_DEFLATE", "Cannot inflate event: inflate returned no bytes");
        }
        if (inflated.length > maxOutputBytes) throw new InflateError("output-too-large");
        try {
          return read(inflated);
        } finally {
          zero(inflated);
        }
      },
      (error) => {
        throw error;
      },
    );
}

/** Creates the error for an error of an inflater. */
function inflateFailure(error: unknown): UnsealError {
  if (!isInstance(error, InflateError)) return new UnsealError("ERR_DEFLATE", "Cannot inflate event: inflate failed");
  const { reason } = error;
  return reason === "output-too-large"
    ? new UnsealError("ERR_EVENT_TOO_LARGE", "Cannot inflate event: over maxEventBytes")
    : new UnsealError("ERR_DEFLATE", `Cannot inflate event: ${reason}`, { reason });
}

/** A page has a window and a document; a worker has neither. */
function isPage(): boolean {
  const { window, document } = globalThis as { window?: unknown; document?: unknown };
  return window !== undefined && document !== undefined;
}
