/**
 * The last stage: from the event's JSON in UTF-8 to the event.
 *
 * @module
 */

import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { type EventVersion, type FingerprintEvent, isEvent } from "../event/event.ts";
import { isExhausted } from "../thrown.ts";
import { UnsealError } from "./errors.ts";

/**
 * Every engine's strings can have as many characters; V8's on 32 bits are the shortest. JavaScriptCore reports a longer
 * one as exhausted memory.
 */
const STRING_CHARACTERS = 2 ** 28 - 16;

/**
 * Parses an event.
 *
 * @param json The event's JSON in UTF-8: authentic, but otherwise unchecked.
 * @param version The only version to accept; both by default.
 * @throws {UnsealError} `ERR_EVENT_UTF8`, `ERR_EVENT_JSON`, `ERR_EVENT_SHAPE`, or `ERR_EVENT_TOO_LARGE` when the text
 * exceeds the engine's longest string. The engine's own error when its stack or memory is exhausted.
 */
export function parseEvent(json: Uint8Array, version?: EventVersion): FingerprintEvent {
  const value = parseJson(toText(json));
  if (value === undefined) throw new UnsealError("ERR_EVENT_JSON", "Cannot parse event: not JSON");
  if (!isEvent(value, version)) {
    throw new UnsealError("ERR_EVENT_SHAPE", `Cannot accept event: not a ${version ?? "v3 or v4"} event`);
  }
  return value;
}

function toText(json: Uint8Array): string {
  let text;
  try {
    text = decodeUtf8(json);
  } catch (error) {
    if (json.length < STRING_CHARACTERS && isExhausted(error)) throw error;
    throw new UnsealError("ERR_EVENT_TOO_LARGE", "Cannot decode event: too long for a string");
  }
  if (text === undefined) throw new UnsealError("ERR_EVENT_UTF8", "Cannot decode event: not UTF-8");
  return text;
}

/** Checks the `version` option. */
export function checkVersion(version: EventVersion | undefined): EventVersion | undefined {
  if (version === undefined || version === "v3" || version === "v4") return version;
  throw new TypeError('version must be "v3" or "v4"');
}
