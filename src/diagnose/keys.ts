/**
 * Finds faults in the form of keys.
 *
 * @module
 */

import { bytesOf } from "../encoding/bytes.ts";
import { decodeBase64Portable } from "../encoding/base64.ts";
import type { DiagnosisCode } from "./causes.ts";
import { toLatin1 } from "./undo.ts";
import { hasMethods, isList, peek } from "./values.ts";
import { KEY_BYTES } from "../unseal/cipher.ts";
import { HEADER_TEXT } from "../unseal/envelope.ts";

/** Longer text is not a key. It is only checked for being a sealed result. */
const MAX_LENGTH = 4096;
/** Further keys of a list are not checked. */
const MAX_KEYS = 1000;

/** A fault of one key. */
export interface KeyCause {
  /** `keys`, or `keys[0]` and so on in a list. */
  readonly subject: string;
  readonly code: DiagnosisCode;
}

/** Returns why `keys` are probably refused or open nothing; an empty list when all have the form of a key. */
export function findKeyCauses(keys: unknown): KeyCause[] {
  if (!isList(keys)) return causesOf("keys", keys);
  const length = peek(keys, "length");
  if (length === 0) return [{ subject: "keys", code: "KEYS_EMPTY" }];
  if (typeof length !== "number") return [{ subject: "keys", code: "KEY_TYPE" }]; // A proxy may say anything.
  return Array.from({ length: Math.min(length, MAX_KEYS) }, (_, place) => place)
    .flatMap((place) => causesOf(`keys[${place}]`, peek(keys, place)));
}

function causesOf(subject: string, key: unknown): KeyCause[] {
  const code = findKeyCause(key);
  return code === undefined ? [] : [{ subject, code }];
}

function findKeyCause(key: unknown): DiagnosisCode | undefined {
  if (key === undefined || key === null) return "KEY_UNSET";
  if (typeof key === "string") return findTextCause(key);
  const bytes = bytesOf(key);
  if (bytes !== undefined) return findBytesCause(bytes);
  if (hasMethods(key, "then")) return "KEY_PROMISE";
  if (peek(key, "kty") !== undefined) return "KEY_JWK";
  const named = peek(key, "key");
  if (named !== undefined || peek(key, "id") !== undefined) {
    // An object or function inside a named key is not followed, because the nesting could be endless.
    const isObject = typeof named === "object" || typeof named === "function";
    return isObject && bytesOf(named) === undefined ? findObjectCause(named) : findKeyCause(named);
  }
  return findObjectCause(key);
}

function findObjectCause(key: unknown): DiagnosisCode {
  // In older versions of workerd, a CryptoKey has no Symbol.toStringTag.
  const isCryptoKey = peek(key, "usages") !== undefined && peek(key, "algorithm") !== undefined;
  if (isCryptoKey || hasMethods(key, "export")) return "KEY_CRYPTO_KEY"; // A KeyObject of Node has export().
  return key === null ? "KEY_UNSET" : "KEY_TYPE";
}

function findBytesCause(bytes: Uint8Array): DiagnosisCode | undefined {
  if (bytes.length === KEY_BYTES) return undefined;
  const text = toLatin1(bytes.subarray(0, MAX_LENGTH + 1));
  return /[^\t-~]/.test(text) ? "KEY_LENGTH" : findTextCause(text) ?? "KEY_BASE64_AS_BYTES";
}

function findTextCause(text: string): DiagnosisCode | undefined {
  if (isKey(text)) return undefined;
  const trimmed = text.slice(0, MAX_LENGTH).trim();
  if (/^(?:undefined|null)?$/.test(trimmed)) return "KEY_UNSET";
  if (trimmed.startsWith(HEADER_TEXT)) return "KEY_SEALED";
  if (text.length > MAX_LENGTH) return "KEY_LENGTH";
  if (/^(["'`])[^]*\1$/.test(trimmed)) return "KEY_QUOTED";
  if (/^[[{]/.test(trimmed)) return "KEY_JWK";
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return "KEY_HEX";
  if (/^[A-Za-z0-9]{20}$/.test(trimmed)) return "KEY_API_KEY";
  const parts = trimmed.split(/[,;|\s]+/).filter((part) => part !== "");
  if (parts.length > 1 && parts.some(isKey)) return "KEY_LIST";
  if (isKey(/^(?:export\s+)?\w+\s*=\s*["']?([^"']+)/.exec(trimmed)?.[1])) return "KEY_ASSIGNMENT";
  if (
    trimmed.includes("%") &&
    isKey(trimmed.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))))
  ) return "KEY_PERCENT";
  const bytes = decodeBase64Portable(text);
  if (bytes === undefined) return "KEY_NOT_BASE64";
  return isKey(toLatin1(bytes)) ? "KEY_BASE64_TWICE" : "KEY_LENGTH";
}

/** Whether the core accepts `text` as a key. */
function isKey(text: string | undefined): boolean {
  return text !== undefined && text.length <= MAX_LENGTH && decodeBase64Portable(text)?.length === KEY_BYTES;
}
