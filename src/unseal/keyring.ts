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
import { type Bytes, bytesOf } from "../encoding/bytes.ts";
import { type Cipher, isCipherFailure, KEY_BYTES } from "./cipher.ts";
import { UnsealError } from "./errors.ts";
import { isPromiseLike, type MaybePromise } from "../promise.ts";

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
  /** The keys, most recently successful first. */
  byRecency(): readonly KeyringEntry[];
  /** The imported key. Starts another import if the last one failed. */
  importedKey(entry: KeyringEntry): MaybePromise<ImportedKey>;
  /** Records that `entry` has authenticated a payload. */
  recordOpened(entry: KeyringEntry): void;
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

  const importedKey = (entry: KeyringEntry) => entry.imported ??= importKey(entry);

  /** Imports a key. `entry.raw` is never changed: some engines keep a reference to it instead of a copy. */
  function importKey(entry: KeyringEntry): MaybePromise<ImportedKey> {
    const key = cipher.importKey(entry.raw);
    if (!isPromiseLike(key)) return { key };
    const importing = Promise.resolve(key).then((key) => entry.imported = { key });
    // The calls that wait for this import receive its error. The next call starts another import.
    importing.catch(() => entry.imported = undefined);
    return importing;
  }

  entries.forEach((entry, place) => {
    try {
      importedKey(entry);
    } catch (error) {
      // A cipher that failed is asked again when the key is used.
      if (!isCipherFailure(error)) {
        throw new UnsealError("ERR_KEY", `Cannot import keys[${place}]: the cipher refused it`);
      }
    }
  });
  let recent = [...entries];

  return {
    byRecency: () => recent,
    importedKey,
    recordOpened(entry) {
      entry.lastOpenedAt = Date.now();
      entry.opened++;
      // A new array, because other calls may be iterating over the old one.
      if (recent[0] !== entry) recent = [entry, ...recent.filter((other) => other !== entry)];
    },
    usage: () => entries.map(({ id, opened, lastOpenedAt }) => ({ id, opened, lastOpenedAt })),
  };
}

/** Messages name a key by its place, not by its id, because the id may be the key itself, given by mistake. */
function decodeKey(input: KeyInput, place: number): KeyringEntry {
  const name = `keys[${place}]`;
  let id = `key-${place}`;
  let key: unknown = input;
  if (isNamed(input)) {
    const named = knownOptions(input, NAMED_KEY_FIELDS);
    key = named.key;
    id = named.id ?? id;
    if (typeof id !== "string") throw wrongType(`${name}.id`, "a string", id);
    if (named.algorithm !== undefined && named.algorithm !== "aes-256-gcm") {
      throw new TypeError(`${name}.algorithm must be "aes-256-gcm"`);
    }
  }
  return { id, raw: decodeRawKey(name, key), imported: undefined, opened: 0, lastOpenedAt: null };
}

function isNamed(input: KeyInput): input is NamedKey {
  return typeof input === "object" && input !== null && (Object.hasOwn(input, "id") || Object.hasOwn(input, "key"));
}

/** Copies a key into an array of its own. */
function decodeRawKey(name: string, key: unknown): Bytes {
  const isText = typeof key === "string";
  const raw = isText ? decodeBase64Portable(key) : bytesOf(key);
  if (raw?.length === KEY_BYTES) return isText ? raw : new Uint8Array(raw);
  throw new UnsealError(
    "ERR_KEY",
    `${name} must be base64 text or ${KEY_BYTES} bytes, got ${describeMistake(key, raw)}`,
  );
}

/** Names the commonest mistakes. It never quotes the key. */
function describeMistake(key: unknown, raw: Uint8Array | undefined): string {
  if (key === undefined || key === "") {
    return `${key === "" ? "empty text" : key} (is the environment variable set?)`;
  }
  if (raw === undefined) {
    if (typeof key !== "string") return typeNameOf(key);
    return /^\s*["'`]/.test(key) ? "text in quotation marks" : "text that is not base64";
  }
  // Base64 text of 32 bytes has 43 or 44 characters; a file that holds it may end with a line break.
  const isText = typeof key !== "string" && raw.length < 48 &&
    decodeBase64Portable(String.fromCharCode(...raw))?.length === KEY_BYTES;
  return `${raw.length} bytes${isText ? " of base64 text (give it as a string)" : ""}`;
}
