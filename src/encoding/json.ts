/**
 * Parses JSON without an exception, because an engine's own error message quotes the text.
 *
 * @module
 */

import { attempt } from "../thrown.ts";

/**
 * Returns the value, or `undefined` when `text` is not JSON. No JSON text has the value `undefined`.
 *
 * @throws The engine's own error when its stack or memory is exhausted.
 */
export function parseJson(text: string): unknown {
  return attempt(() => JSON.parse(text));
}
