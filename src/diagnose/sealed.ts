/**
 * Names the value that was passed in place of a sealed result, when none is in it.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { bytesOf } from "../encoding/bytes.ts";
import { parseJson } from "../encoding/json.ts";
import { isEvent } from "../event/event.ts";
import type { DiagnosisCode } from "./causes.ts";
import { MAX_CHARACTERS, toLatin1 } from "./undo.ts";
import { hasMethods, peek } from "./values.ts";
import { KEY_BYTES } from "../unseal/cipher.ts";
import { HEADER_TEXT } from "../unseal/envelope.ts";

/** What a value is that must not be searched, because it has to be called, awaited or read first. */
export function findUnreadCause(value: unknown): DiagnosisCode | undefined {
  if (typeof value === "function") return "SEALED_FUNCTION";
  if (hasMethods(value, "then")) return "SEALED_PROMISE";
  if (hasMethods(value, "base64") || hasMethods(value, "byteArray")) return "SEALED_AGENT_OBJECT";
  const isUnread = ["text", "arrayBuffer", "getReader", "pipe"].some((method) => hasMethods(value, method));
  return isUnread ? "SEALED_UNREAD" : undefined;
}

/** What a value is that contains no sealed result. */
export function findOtherCause(value: unknown): DiagnosisCode {
  if (value === undefined || value === null) return "SEALED_UNSET";
  if (typeof value === "string") return findTextCause(value);
  const bytes = bytesOf(value);
  if (bytes !== undefined) {
    if (bytes.length === KEY_BYTES) return "SEALED_KEY";
    if (bytes.length > MAX_CHARACTERS) return "SEALED_TOO_LARGE";
    const text = toLatin1(bytes);
    // U+FFFD in UTF-8.
    if (text.includes("\xef\xbf\xbd")) return "SEALED_DECODED";
    return /[^\t-~]/.test(text) ? "SEALED_OTHER_HEADER" : findTextCause(text);
  }
  return isOpenEvent(value) ? "SEALED_EVENT" : "SEALED_TYPE";
}

function findTextCause(text: string): DiagnosisCode {
  if (text.length > MAX_CHARACTERS) return "SEALED_TOO_LARGE";
  const trimmed = text.trim();
  if (trimmed === "") return "SEALED_EMPTY";
  if (/^(?:undefined|null|true|false|NaN|\[object \w+\])$/.test(trimmed)) return "SEALED_STRINGIFIED";
  if (/"sealed_?result"\s*:\s*null/i.test(trimmed)) return "SEALED_UNSET";
  if (/"sealed_?result"\s*:\s*\{\s*\}/i.test(trimmed)) return "SEALED_AGENT_OBJECT";
  if (/^\{/.test(trimmed) && isOpenEvent(parseJson(trimmed))) return "SEALED_EVENT";
  if (/^\d{13}\.[A-Za-z0-9]{1,32}$/.test(trimmed)) return "SEALED_REQUEST_ID";
  if (/^[A-Za-z0-9]{20}$/.test(trimmed)) return "SEALED_VISITOR_ID";
  if (text.includes("\ufffd")) return "SEALED_DECODED";
  if (text.toLowerCase().includes(HEADER_TEXT.toLowerCase())) {
    return text.includes(HEADER_TEXT) ? "SEALED_CUT" : "SEALED_CASE";
  }
  const bytes = decodeBase64Portable(text);
  if (bytes === undefined) return "SEALED_NOT_FOUND";
  return bytes.length === KEY_BYTES ? "SEALED_KEY" : "SEALED_OTHER_HEADER";
}

function isOpenEvent(value: unknown): boolean {
  try {
    return isEvent(value) || peek(value, "products") !== undefined;
  } catch {
    return false;
  }
}
