/**
 * Parses JSON without an exception, because an engine's own error message quotes the text.
 *
 * @module
 */

/** Returns the value, or `undefined` when `text` is not JSON. No JSON text has the value `undefined`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
