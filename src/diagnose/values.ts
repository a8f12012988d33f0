/**
 * Examines values of any type without throwing: properties may be getters that throw, objects may be proxies.
 *
 * @module
 */

import { bytesOf } from "../encoding/bytes.ts";
import { MIN_ENVELOPE_BYTES } from "../unseal/envelope.ts";
import { toLatin1 } from "./undo.ts";

/** More text or bytes than these are not read out of an object. */
const MAX_LENGTH = 256 * 1024;
/** More properties than these are not read out of an object. */
const MAX_PROPERTIES = 512;

/** A property of an object or function, own or inherited; `undefined` when it is missing or cannot be read. */
export function peek(value: unknown, name: PropertyKey): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return (value as Record<PropertyKey, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Whether an object has all of these methods. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return names.every((name) => typeof peek(value, name) === "function");
}

/** Whether a value is an array. A revoked proxy is not. */
export function isList(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** The bytes of a view of another type, of a list of numbers, and of what JSON makes of bytes. */
export function bytesIn(value: unknown): Uint8Array | undefined {
  const buffer = peek(value, "buffer");
  const [start, length] = [peek(value, "byteOffset"), peek(value, "byteLength")];
  if (typeof start === "number" && typeof length === "number") return bytesOf(buffer)?.subarray(start, start + length);
  const list = peek(value, "type") === "Buffer" ? peek(value, "data") : value;
  const bytes: number[] = [];
  for (
    let byte = peek(list, 0);
    typeof byte === "number" && bytes.length < MAX_LENGTH;
    byte = peek(list, bytes.length)
  ) {
    bytes.push(byte);
  }
  return bytes.length < 4 ? undefined : Uint8Array.from(bytes);
}

/** The texts and bytes in an object, at any depth, that are long enough for a sealed result. */
export function textsIn(value: unknown): string[] {
  const queue = [value];
  const texts: string[] = [];
  let length = 0;
  for (const item of queue) { // It grows.
    const bytes = typeof item === "object" ? bytesOf(item) ?? bytesIn(item) : undefined;
    const text = bytes === undefined ? item : toLatin1(bytes.subarray(0, MAX_LENGTH));
    if (typeof text !== "string") {
      if (queue.length < MAX_PROPERTIES) queue.push(...namesIn(item).map((name) => peek(item, name)));
    } else if (text.length >= MIN_ENVELOPE_BYTES) {
      texts.push(text);
      if ((length += text.length) > MAX_LENGTH) break;
    }
  }
  return texts;
}

function namesIn(value: unknown): string[] {
  try {
    return typeof value === "object" && value !== null ? Object.keys(value).slice(0, MAX_PROPERTIES) : [];
  } catch {
    return [];
  }
}
