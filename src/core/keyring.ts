/**
 * The keys of an unsealer: decoded once, imported once, tried most recently successful first.
 *
 * While keys are rotated two of them are in use, and which one seals changes once. Trying the last successful one first
 * makes that cost a single failed decryption.
 *
 * @module
 */

import { decodeBase64Portable } from "./base64.ts";
import { isUint8Array } from "./bytes.ts";
import type { Cipher } from "./cipher.ts";
import { UnsealError } from "./errors.ts";
import { ownProperties } from "../options.ts";
import { isPromiseLike } from "./promise.ts";

/** AES-256. */
const KEY_BYTES = 32;

/** A key as base64 text (standard or url alphabet, padded or not) or as its 32 bytes; with an id, if you wish. */
export type KeyInput = string | Uint8Array | { readonly id: string; readonly key: string | Uint8Array };

/** What one key has opened so far. */
export interface KeyUsage {
  /** The id given with the key, or `key-` and its place in `keys`. */
  readonly id: string;
  /** How many payloads it has authenticated. */
  readonly opened: number;
  /** When it did so last, in Unix milliseconds; `null` if never. */
  readonly lastOpenedAt: number | null;
}

/** One key, as the keyring keeps it. */
export interface KeyringEntry {
  readonly id: string;
  /** The bytes that were given to the engine: kept here because they must stay reachable while the key is used. */
  readonly raw: Uint8Array;
  /** The imported key, or the promise of it while it is being imported. */
  key: unknown;
  opened: number;
  lastOpenedAt: number | null;
}

/** The keys and their order. */
export interface Keyring {
  /** The keys, most recently successful first. */
  byRecency(): readonly KeyringEntry[];
  /** Records that `entry` has authenticated a payload. */
  recordOpened(entry: KeyringEntry): void;
  /** What each key has opened, in the order in which they were given. */
  usage(): KeyUsage[];
}

/**
 * Decodes all keys and begins to import them.
 *
 * @throws {UnsealError} `ERR_KEY` for the first key that is not one.
 * @throws {TypeError} When an id is not text, or is given twice.
 */
export function createKeyring(keys: KeyInput | readonly KeyInput[], cipher: Cipher): Keyring {
  // No key at all is a first key that is none.
  const inputs = Array.isArray(keys) && keys.length > 0 ? keys as readonly KeyInput[] : [keys as KeyInput];
  // All keys are judged before the first is imported.
  const decoded = inputs.map(decodeKey);
  if (new Set(decoded.map(({ id }) => id)).size < decoded.length) throw new TypeError("keys must have distinct ids");
  const entries = decoded.map(({ id, raw }) => importEntry(id, raw, cipher));
  let recent = [...entries];

  return {
    byRecency: () => recent,
    recordOpened(entry) {
      entry.opened++;
      entry.lastOpenedAt = Date.now();
      // A new array, as others may be going through the old one.
      if (recent[0] !== entry) recent = [entry, ...recent.filter((other) => other !== entry)];
    },
    usage: () => entries.map(({ id, opened, lastOpenedAt }) => ({ id, opened, lastOpenedAt })),
  };
}

/** Messages name the key by its place: an id given by mistake may be the key itself. */
function decodeKey(input: KeyInput, place: number): { id: string; raw: Uint8Array } {
  const name = `keys[${place}]`;
  let id = `key-${place}`;
  let key: unknown = input;
  if (isNamed(input)) {
    const named = ownProperties(input);
    if (typeof named.id !== "string") throw new TypeError(`${name}.id must be a string`);
    id = named.id;
    key = named.key;
  }
  const raw = typeof key === "string" ? decodeBase64Portable(key) : isUint8Array(key) ? new Uint8Array(key) : undefined;
  if (raw === undefined) {
    // An unset environment variable is the likeliest mistake, so it is told from the others.
    const got = key === undefined ? "undefined" : "something else";
    throw new UnsealError("ERR_KEY", `${name} expected base64 text or ${KEY_BYTES} bytes, got ${got}`);
  }
  if (raw.length !== KEY_BYTES) {
    throw new UnsealError("ERR_KEY", `${name} expected ${KEY_BYTES} bytes, got ${raw.length}`);
  }
  return { id, raw };
}

function isNamed(input: KeyInput): input is Exclude<KeyInput, string | Uint8Array> {
  return typeof input === "object" && input !== null && (Object.hasOwn(input, "id") || Object.hasOwn(input, "key"));
}

/** Starts the import of a key. `raw` is never changed: some engines keep a reference to it instead of a copy. */
function importEntry(id: string, raw: Uint8Array, cipher: Cipher): KeyringEntry {
  const refused = () => new UnsealError("ERR_KEY", "The cipher refused to import a key");
  const entry: KeyringEntry = { id, raw, key: undefined, opened: 0, lastOpenedAt: null };
  let imported: unknown;
  try {
    imported = cipher.importKey(raw);
  } catch {
    throw refused();
  }
  if (!isPromiseLike(imported)) {
    entry.key = imported;
    return entry;
  }
  const importing = Promise.resolve(imported).then((key) => entry.key = key, () => Promise.reject(refused()));
  importing.catch(() => {}); // Reported to the callers of unseal().
  entry.key = importing;
  return entry;
}
