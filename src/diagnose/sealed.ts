/**
 * Finds faults in the form of a sealed result.
 *
 * @module
 */

import { bytesOf } from "../encoding/bytes.ts";
import { decodeBase64Portable } from "../encoding/base64.ts";
import { HEADER, MIN_ENVELOPE_BYTES } from "../unseal/envelope.ts";
import { isEvent } from "../event/event.ts";
import { parseJson } from "../encoding/json.ts";
import type { DiagnosisCode } from "./causes.ts";
import { hasMethods, isQuoted, peek, percentDecoded, toAscii } from "./values.ts";

/** Larger values are not examined. The default of `maxSealedBytes` is half of this. */
const MAX_LENGTH = 8 * 1024 * 1024;
const KEY_BYTES = 32;

/** Longer JSON is not parsed, which takes over a second for megabytes of brackets. */
const MAX_JSON_LENGTH = 256 * 1024;

/** The usual limits of columns, headers, URLs and logs: a text of exactly this length was probably longer. */
const USUAL_LIMITS: ReadonlySet<number> = new Set([
  ...[255, 256, 500, 511, 512, 1000, 1023, 1024, 2000, 2047, 2048, 2083, 4000, 4095, 4096],
  ...[8000, 8190, 8191, 8192, 16383, 16384, 32767, 32768, 65535, 65536],
]);

/**
 * The base64 text of a sealed result's beginning. The sixth character has two bits of the header, 01, and four of the
 * nonce. If such text is not base64, its length is impossible, or dots at its end show that it was truncated.
 */
const CUT_TEXT = /^noXc7[Q-Za-f][A-Za-z0-9+/_-]*(?:…|\.+)?$/;

/** Returns why `sealed` probably cannot be opened; `undefined` when it has the form of a sealed result. */
export function findSealedCause(sealed: unknown): DiagnosisCode | undefined {
  if (sealed === undefined || sealed === null) return "SEALED_UNSET";
  if (typeof sealed === "string") return findTextCause(sealed);
  const bytes = bytesOf(sealed);
  return bytes === undefined ? findObjectCause(sealed) : findBytesCause(bytes);
}

function findTextCause(text: string): DiagnosisCode | undefined {
  if (text.length > MAX_LENGTH) return "SEALED_TOO_LARGE";
  const trimmed = text.trim();
  if (trimmed === "") return "SEALED_EMPTY";
  if (/^(?:undefined|null|true|false|NaN|\[object \w+\])$/.test(trimmed)) return "SEALED_STRINGIFIED";
  if (isQuoted(trimmed)) return "SEALED_QUOTED";
  if (/^[[{]/.test(trimmed)) {
    const value = trimmed.length > MAX_JSON_LENGTH ? undefined : parseJson(trimmed);
    return findObjectCause(value) === "SEALED_EVENT" ? "SEALED_EVENT" : "SEALED_JSON";
  }
  if (/^158,\s*133,\s*220,\s*237,/.test(trimmed)) return "SEALED_BYTES_AS_NUMBERS";
  if (/^data:/i.test(trimmed)) return "SEALED_DATA_URL";
  if (/^[?&]?(?:\w+=[^=&]*&)*sealed_?result=/i.test(trimmed.slice(0, 2048))) return "SEALED_FORM";
  if (/^\d{13}\.[A-Za-z0-9]{1,32}$/.test(trimmed)) return "SEALED_REQUEST_ID";
  if (/^[A-Za-z0-9]{20}$/.test(trimmed)) return "SEALED_VISITOR_ID";
  if (text.startsWith("\x9e\x85\xdc\xed")) return "SEALED_BINARY_TEXT";
  if (text.includes("\ufffd")) return "SEALED_DECODED";
  if (/^9e85dced(?:[0-9a-f]{2})+$/i.test(trimmed)) return "SEALED_HEX";
  if (/%(?:2B|2F|3D)/i.test(trimmed) && isSealed(percentDecoded(trimmed))) return "SEALED_PERCENT";
  // The decoder ignores blanks, so such text is still base64, but of other bytes.
  if (trimmed.includes(" ") && isSealed(trimmed.replaceAll(" ", "+"))) return "SEALED_SPACES";

  const bytes = decodeBase64Portable(trimmed);
  if (bytes === undefined) return CUT_TEXT.test(trimmed) ? "SEALED_CUT" : "SEALED_NOT_BASE64";
  if (!hasHeader(bytes)) return bytes.length === KEY_BYTES ? "SEALED_KEY" : findEncodedCause(bytes);
  return bytes.length < MIN_ENVELOPE_BYTES || USUAL_LIMITS.has(text.length) ? "SEALED_CUT" : undefined;
}

/** The cause for base64 of anything but a sealed result. */
function findEncodedCause(bytes: Uint8Array): DiagnosisCode {
  const text = toAscii(bytes);
  if (isSealed(text)) return "SEALED_BASE64_TWICE";
  return findBytesCause(bytes) ?? "SEALED_OTHER_HEADER";
}

function findBytesCause(bytes: Uint8Array): DiagnosisCode | undefined {
  if (bytes.length > MAX_LENGTH) return "SEALED_TOO_LARGE";
  if (bytes.length === 0) return "SEALED_EMPTY";
  if (hasHeader(bytes)) return bytes.length < MIN_ENVELOPE_BYTES ? "SEALED_CUT" : undefined;
  const text = toAscii(bytes);
  if (text !== undefined) return findTextCause(text) ?? "SEALED_BASE64_AS_BYTES";
  if (startsWith(bytes, [0x1f, 0x8b])) return "SEALED_COMPRESSED";
  // The header's four characters U+009E, U+0085, U+00DC, U+00ED in UTF-8.
  if (startsWith(bytes, [0xc2, 0x9e, 0xc2, 0x85, 0xc3, 0x9c, 0xc3, 0xad])) return "SEALED_BINARY_TEXT";
  if (startsWith(bytes, [0xef, 0xbf, 0xbd])) return "SEALED_DECODED";
  return bytes.length === KEY_BYTES ? "SEALED_KEY" : "SEALED_OTHER_HEADER";
}

/** The cause for a value that is neither text nor bytes. */
function findObjectCause(value: unknown): DiagnosisCode {
  if (typeof value === "function") return "SEALED_FUNCTION";
  if (hasMethods(value, "then")) return "SEALED_PROMISE";
  if (hasMethods(value, "base64") || hasMethods(value, "byteArray")) return "SEALED_AGENT_OBJECT";
  const isUnread = ["text", "arrayBuffer", "getReader", "pipe"].some((method) => hasMethods(value, method));
  if (isUnread) return "SEALED_UNREAD";
  if (isListOfBytes(value)) return "SEALED_BYTES_AS_NUMBERS";
  if (typeof peek(value, "byteLength") === "number") return "SEALED_OTHER_BYTES";
  if (peek(value, "sealedResult") !== undefined || peek(value, "sealed_result") !== undefined) return "SEALED_OBJECT";
  return isOpenEvent(value) ? "SEALED_EVENT" : "SEALED_TYPE";
}

/** Whether a value is an array of numbers, or a `Buffer` or `Uint8Array` that was converted to JSON and parsed. */
function isListOfBytes(value: unknown): boolean {
  const list = peek(value, "type") === "Buffer" ? peek(value, "data") : value;
  return peek(list, "byteLength") === undefined && [0, 1, 2, 3].every((place) => typeof peek(list, place) === "number");
}

function isOpenEvent(value: unknown): boolean {
  try {
    return isEvent(value);
  } catch {
    return false;
  }
}

function isSealed(text: string | undefined): boolean {
  const bytes = text === undefined ? undefined : decodeBase64Portable(text);
  return bytes !== undefined && hasHeader(bytes);
}

function hasHeader(bytes: Uint8Array): boolean {
  return startsWith(bytes, [HEADER >>> 24, HEADER >>> 16 & 0xff, HEADER >>> 8 & 0xff, HEADER & 0xff]);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, place) => bytes[place] === byte);
}
