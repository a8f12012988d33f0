/**
 * Recognises JSON that takes `JSON.parse` far longer than its size suggests, before it is parsed.
 *
 * Objects with many different names, and deep nesting, are slow: 512 KiB of them take 30 ms and more. A cart of 5,000
 * items has as many values, but few different names.
 *
 * @module
 */

/** Most values, counted as commas and opening brackets: 5,000 items of six fields have 35,000. */
const MAX_VALUES = 40_000;

/** Most different names of properties: a cart whose names are article numbers has one for each article. */
const MAX_NAMES = 6_000;

/** Deepest nesting. */
const MAX_DEPTH = 128;

/** Different hashes of names; a power of two. */
const HASHES = 1 << 16;

/**
 * Why a body is refused; `undefined` if it is not.
 *
 * @param body JSON in UTF-8, or anything else: what is not JSON is counted as if it were.
 */
export function tooComplex(body: Uint8Array): string | undefined {
  // Odd, and different for each body, so that no client can choose names of the same hash.
  const multiplier = Math.random() * 2 ** 32 | 1;
  // Not for a short body, which would take longer to count than to parse: a name has four bytes at least, as in "x":.
  const seen = body.length > 4 * MAX_NAMES ? new Uint8Array(HASHES) : undefined;
  let names = 0;
  let values = 0;
  let depth = 0;
  let hash = 0;
  let isText = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!; // at < body.length
    if (isText) {
      if (byte === 0x22) isText = false;
      else {
        hash = Math.imul(hash ^ (byte === 0x5c ? body[++at] ?? 0 : byte), multiplier); // The byte after \\ is escaped.
        hash ^= hash >>> 15;
      }
    } else if (byte === 0x22) {
      isText = true;
      hash = 0;
    } else if (byte === 0x3a && seen !== undefined) { // :
      const bucket = hash & (HASHES - 1);
      if (seen[bucket] === 0 && ++names > MAX_NAMES) return "its JSON has too many names";
      seen[bucket] = 1;
    } else if (byte === 0x2c) { // ,
      values++;
    } else if (byte === 0x5b || byte === 0x7b) { // [ {
      values++;
      if (++depth > MAX_DEPTH) return "its JSON is nested too deeply";
    } else if (byte === 0x5d || byte === 0x7d) { // ] }
      depth--;
    }
    if (values > MAX_VALUES) return "its JSON has too many values";
  }
  return undefined;
}
