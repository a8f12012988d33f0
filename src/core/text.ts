/**
 * Strict UTF-8 to text (RFC 3629): an ill-formed sequence is refused, a byte order mark is kept.
 *
 * @module
 */

/** The part of `TextDecoder` that is used here. */
interface Decoder {
  decode(bytes: Uint8Array): string;
}
type DecoderConstructor = new (encoding: "utf-8", options: { fatal?: boolean; ignoreBOM: true }) => Decoder;

const REPLACEMENT = "\uFFFD";

let loose: Decoder | undefined;
let strict: Decoder | undefined;

/**
 * Decodes UTF-8.
 *
 * @returns The text, or `undefined` when `bytes` are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const { TextDecoder } = globalThis as { TextDecoder?: DecoderConstructor };
  if (TextDecoder === undefined) return decodeUtf8Portable(bytes);
  // A strict decoder is three times slower on Deno. A loose one marks what it cannot read with U+FFFD, so the strict
  // one is asked only where that occurs, be it as a mark or as itself.
  loose ??= new TextDecoder("utf-8", { ignoreBOM: true });
  const text = loose.decode(bytes);
  if (!text.includes(REPLACEMENT)) return text;
  strict ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** How many bytes are turned into text at a time: well under every engine's limit of arguments. */
const CHUNK_BYTES = 4096;

/** {@linkcode decodeUtf8} for a runtime without `TextDecoder`: `decodeURIComponent` is a strict decoder that all have. */
export function decodeUtf8Portable(bytes: Uint8Array): string | undefined {
  let escaped = "";
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    escaped += String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES))
      .replace(/[%\x80-\xff]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}
