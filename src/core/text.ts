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

/** How many code units are put into one string at a time: well under every engine's limit of arguments. */
const CHUNK = 4096;

/** {@linkcode decodeUtf8} for a runtime without `TextDecoder`. */
export function decodeUtf8Portable(bytes: Uint8Array): string | undefined {
  let text = "";
  const units: number[] = [];
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i++]!; // i < bytes.length
    if (lead < 0x80) {
      units.push(lead);
    } else {
      // RFC 3629 §4. Beside the count of bytes, the lead narrows the range of the second byte, which rules out overlong
      // forms, surrogates and what lies past U+10FFFF.
      const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
      if (more === 0 || i + more > bytes.length) return undefined;
      let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
      let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
      let point = lead & (0x3f >> more);
      for (const last = i + more; i < last; i++) {
        const byte = bytes[i]!; // i + more <= bytes.length
        if (byte < low || byte > high) return undefined;
        low = 0x80;
        high = 0xbf;
        point = (point << 6) | (byte & 0x3f);
      }
      if (point < 0x10000) units.push(point);
      else units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
    }
    if (units.length >= CHUNK) {
      text += String.fromCharCode(...units);
      units.length = 0;
    }
  }
  return text + String.fromCharCode(...units);
}
