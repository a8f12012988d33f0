/**
 * Examines values of any type without throwing: properties may be getters that throw, objects may be proxies.
 *
 * @module
 */

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

/** Bytes as text, if they are all printable ASCII or white space. */
export function toAscii(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4096) {
    const chunk = bytes.subarray(start, start + 4096);
    if (chunk.some((byte) => byte > 126 || byte < 9)) return undefined;
    text += String.fromCharCode(...chunk);
  }
  return text;
}

/** Whether `text` is enclosed in quotation marks. */
export function isQuoted(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length > 1 && `"'\``.includes(trimmed[0]!) && trimmed.endsWith(trimmed[0]!); // not empty
}

/** Percent-decodes `text` once; `undefined` if that changes nothing, or fails. */
export function percentDecoded(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return decoded === text ? undefined : decoded;
  } catch {
    return undefined;
  }
}
