/**
 * Decodes UTF-8 strictly (RFC 3629): an ill-formed sequence is refused, a byte order mark is kept.
 *
 * @module
 */

import { attempt } from "../thrown.ts";
import { toLatin1 } from "./latin1.ts";

/** The part of `TextDecoder` that is used here. */
interface Decoder {
  decode(bytes: Uint8Array): string;
}
type DecoderConstructor = new (
  encoding: "utf-8",
  options: { __proto__: null; fatal: boolean; ignoreBOM: true },
) => Decoder;

const REPLACEMENT = "\uFFFD";

let loose: Decoder | undefined;

/**
 * Decodes UTF-8.
 *
 * @returns The text, or `undefined` when `bytes` are not UTF-8.
 * @throws The engine's own error when the text exceeds its longest string, or its stack or memory is exhausted.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const { TextDecoder } = globalThis as { TextDecoder?: DecoderConstructor };
  if (TextDecoder === undefined) return decodeUtf8Portable(bytes);
  // A strict decoder is slower on Deno. A loose decoder replaces ill-formed sequences by U+FFFD, so the
  // strict one is needed only if the text contains that character, which may also be in the input itself.
  loose ??= createDecoder(TextDecoder, false);
  const text = loose.decode(bytes);
  if (!text.includes(REPLACEMENT)) return text;
  return attempt(() => createDecoder(TextDecoder, true).decode(bytes));
}

/** The options have no prototype, so that a polluted `Object.prototype` cannot change them. */
function createDecoder(TextDecoder: DecoderConstructor, fatal: boolean): Decoder {
  return new TextDecoder("utf-8", { __proto__: null, fatal, ignoreBOM: true });
}

/**
 * {@linkcode decodeUtf8} for runtimes without `TextDecoder`. Every engine has `decodeURIComponent`, which is strict.
 */
export function decodeUtf8Portable(bytes: Uint8Array): string | undefined {
  const escaped = toLatin1(bytes).replace(/[%\x80-\xff]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return attempt(() => decodeURIComponent(escaped));
}
