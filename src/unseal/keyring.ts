/**
 * The keys of an unsealer. Each is decoded once and imported once. They are tried most recently successful first.
 *
 * During a rotation two keys are in use, and Fingerprint switches from one to the other once. Trying the last
 * successful key first limits the cost of the switch to a single failed decryption.
 *
 * @module
 */

import { knownOptions, typeNameOf, wrongType } from "../options.ts";
import { decodeBase64Portable } from "../encoding/base64.ts";
import { type Bytes, bytesOf, copyOf } from "../encoding/bytes.ts";
import { type Cipher, isCipherFailure, KEY_BYTES, type Plaintext } from "./cipher.ts";
import { type Envelope, TAG_BYTES } from "./envelope.ts";
import { UnsealError } from "./errors.ts";
import { isPromiseLike, type MaybePromise, settle } from "../promise.ts";

/** A key as base64 text (standard or url alphabet, padded or not), or as its 32 bytes. */
export type RawKey = string | Uint8Array | ArrayBuffer;

/** A key with options. */
export interface NamedKey {
  /** The id that `open()` and `usage()` report; by default `key-` and the key's place in `keys`. */
  readonly id?: string | undefined;
  /** The key. */
  readonly key: RawKey;
  /** Accepted for compatibility with Fingerprint's SDKs; must be `"aes-256-gcm"`. */
  readonly algorithm?: string | undefined;
}

/** A key: text or bytes, or an object that holds the key and its id. */
export type KeyInput = RawKey | NamedKey;

const NAMED_KEY_FIELDS: Readonly<Record<keyof NamedKey, 1>> = { id: 1, key: 1, algorithm: 1 };

/** How often one key has opened a payload so far. */
export interface KeyUsage {
  /** The id given with the key, or `key-` and its place in `keys`. */
  readonly id: string;
  /** How many payloads it has authenticated. */
  readonly opened: number;
  /** When it last authenticated one, in Unix milliseconds; `null` if never. */
  readonly lastOpenedAt: number | null;
}

/** The result of the cipher's `importKey`. */
export interface ImportedKey {
  readonly key: unknown;
}

/** One key of the keyring. */
export interface KeyringEntry {
  readonly id: string;
  /** The bytes that were given to the engine. They must stay reachable while the key is used. */
  readonly raw: Bytes;
  /** The result of the import, or its promise; `undefined` after an import that failed. */
  imported: MaybePromise<ImportedKey> | undefined;
  opened: number;
  lastOpenedAt: number | null;
}

/** The keys and their order. */
export interface Keyring {
  /** The keys in the order in which they were given. */
  readonly entries: readonly KeyringEntry[];
  /**
   * Decrypts with the first key that authenticates an envelope, most recently successful first.
   *
   * @param use Continues with the plaintext, whose errors are not taken for those of a key.
   * @throws {UnsealError} `ERR_NO_KEY_FITS`, or else `ERR_CIPHER` or `ERR_KEY` when the cipher failed or refused a key.
   */
  open<Result>(
    envelope: Envelope,
    use: (plaintext: Bytes, keyId: string) => MaybePromise<Result>,
  ): MaybePromise<Result>;
  /** The usage of each key, in the order in which the keys were given. */
  usage(): KeyUsage[];
}

/**
 * Decodes all keys and starts to import them.
 *
 * @throws {UnsealError} `ERR_KEY` for the first invalid key.
 * @throws {TypeError} When an id is not a string or is given twice.
 */
export function createKeyring(keys: KeyInput | readonly KeyInput[], cipher: Cipher): Keyring {
  // An empty list fails like an invalid first key. Array.from() turns holes in the list into undefined keys.
  const inputs = Array.isArray(keys) && keys.length > 0 ? Array.from(keys as readonly KeyInput[]) : [keys as KeyInput];
  // All keys are checked before the first is imported.
  const entries = inputs.map(decodeKey);
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw new TypeError("keys must have distinct ids");

  /** Imports a key once. `entry.raw` is never changed: some engines keep a reference to it instead of a copy. */
  const importedKey = (entry: KeyringEntry) =>
    entry.imported ??= settle<unknown, ImportedKey>(
      () => cipher.importKey(entry.raw),
      (key) => entry.imported = { key },
      (error) => {
        entry.imported = undefined; // The next call starts another import.
        throw error;
      },
    );

  entries.forEach((entry, place) => {
    try {
      // The calls that wait for an import receive its error. Without one, it must not go unhandled.
      Promise.resolve(importedKey(entry)).catch(() => {});
    } catch (error) {
      // A cipher that failed is asked again when the key is used.
      if (!isCipherFailure(error)) {
        throw new UnsealError("ERR_KEY", `Cannot import keys[${place}]: the cipher refused it`);
      }
    }
  });
  let recent: readonly KeyringEntry[] = entries;

  return {
    entries,
    open<Result>(
      { nonce, sealed }: Envelope,
      use: (plaintext: Bytes, keyId: string) => MaybePromise<Result>,
    ): MaybePromise<Result> {
      const tried = recent;
      let failure: UnsealError | undefined;
      return tryFrom(0);

      /** Tries the keys from `place` on, also after the cipher has failed: another key may fit. */
      function tryFrom(place: number): MaybePromise<Result> {
        for (; place < tried.length; place++) {
          const entry = tried[place]!; // place < tried.length
          const opened = settle(() => decrypt(entry), (plaintext) => accept(entry, plaintext), note);
          // A loop where possible: recursion would overflow the stack of a synchronous cipher with thousands of keys.
          if (isPromiseLike(opened)) return opened.then((opened) => opened ? opened.result : tryFrom(place + 1));
          if (opened) return opened.result;
        }
        throw failure ?? new UnsealError("ERR_NO_KEY_FITS", "Cannot open sealed result: no key authenticates it");
      }

      /** Decrypts with one key, after its import. */
      function decrypt(entry: KeyringEntry): MaybePromise<Plaintext> {
        return settle(
          () => importedKey(entry),
          ({ key }) => cipher.decrypt(key, nonce, sealed),
          (error) => {
            failure ??= new UnsealError("ERR_KEY", "Cannot open sealed result: the cipher refused a key");
            throw error;
          },
        );
      }

      /** Ciphers throw different errors. Each means that a key does not fit, unless it says that the cipher failed. */
      function note(error: unknown): undefined {
        if (!isCipherFailure(error)) return;
        failure = new UnsealError("ERR_CIPHER", "Cannot open sealed result: the cipher failed", { cause: error });
      }

      /** Passes the plaintext on; the result is in an object, so that it may be any value or promise. */
      function accept(
        entry: KeyringEntry,
        plaintext: Plaintext,
      ): { readonly result: MaybePromise<Result> } | undefined {
        // The usual case avoids the call of bytesOf().
        // A Proxy of bytes is an instance, but not a view.
        const isPlain = ArrayBuffer.isView(plaintext) && plaintext instanceof Uint8Array;
        const bytes = isPlain ? plaintext : bytesOf(plaintext);
        // With any other length, the cipher cannot have checked a tag of 16 bytes.
        if (bytes?.length !== sealed.length - TAG_BYTES) return undefined;
        entry.lastOpenedAt = Date.now();
        entry.opened++;
        // A new array, because other calls may be iterating over the old one.
        if (recent[0] !== entry) recent = [entry, ...recent.filter((other) => other !== entry)];
        return { result: use(bytes as Bytes, entry.id) }; // Shared memory only if the cipher itself returned it.
      }
    },
    usage: () => entries.map(({ id, opened, lastOpenedAt }) => ({ id, opened, lastOpenedAt })),
  };
}

/** Messages name a key by its place, not by its id, because the id may be the key itself, given by mistake. */
function decodeKey(input: KeyInput, place: number): KeyringEntry {
  const name = `keys[${place}]`;
  const named = knownOptions(isNamed(input) ? input : { key: input }, NAMED_KEY_FIELDS);
  const { id = `key-${place}`, key, algorithm = "aes-256-gcm" } = named;
  if (typeof id !== "string") throw wrongType(`${name}.id`, "a string", id);
  if (algorithm !== "aes-256-gcm") throw new TypeError(`${name}.algorithm must be "aes-256-gcm"`);
  return { id, raw: decodeRawKey(name, key), imported: undefined, opened: 0, lastOpenedAt: null };
}

function isNamed(input: KeyInput): input is NamedKey {
  return typeof input === "object" && input !== null && (Object.hasOwn(input, "id") || Object.hasOwn(input, "key"));
}

/** Copies a key into an array of its own. `diagnose()` names the mistake in an invalid key more exactly. */
function decodeRawKey(name: string, key: unknown): Bytes {
  const isText = typeof key === "string";
  const raw = isText ? decodeBase64Portable(key) : bytesOf(key);
  if (raw?.length === KEY_BYTES) return isText ? raw : copyOf(raw);
  const got = raw ? `${raw.length} bytes` : isText ? "other text" : typeNameOf(key);
  const hint = key ? "" : " (is the environment variable set?)";
  throw new UnsealError("ERR_KEY", `${name} must be base64 text or ${KEY_BYTES} bytes, got ${got}${hint}`);
}
