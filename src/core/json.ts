/**
 * Parsing JSON without repeating it: an engine's own error message quotes the text.
 *
 * @module
 */

/** Returns the value, or `undefined`, which no JSON text stands for, when `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
