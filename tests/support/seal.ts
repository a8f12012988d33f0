/**
 * Seals test payloads with `@noble/ciphers` and pako. This implementation is independent of the library and needs no
 * WebCrypto.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { deflateRaw } from "pako";
import { type Bytes, createUnsealer, type SyncCipher, type UnsealerOptions } from "../../mod.ts";
import { deflateWriter } from "./bit-writer.ts";
import { concat, utf8 } from "./bytes.ts";

export const HEADER: readonly number[] = [0x9e, 0x85, 0xdc, 0xed];

/** A key of 32 equal bytes. */
export function key(byte: number): Bytes {
  return new Uint8Array(32).fill(byte);
}

/** Seals bytes in place of a raw DEFLATE stream, which they need not be. */
export function sealCompressed(
  compressed: Uint8Array,
  rawKey: Uint8Array,
  nonce: Uint8Array = new Uint8Array(12).fill(7),
): Bytes {
  return concat(Uint8Array.from(HEADER), nonce, gcm(rawKey, nonce).encrypt(compressed));
}

/** Compresses and seals a text. */
export function sealText(text: string, rawKey: Uint8Array, nonce?: Uint8Array): Bytes {
  return sealCompressed(deflateRaw(utf8(text)), rawKey, nonce);
}

/**
 * Seals text followed by at least one blank. On an interpreter, a compressor would take minutes for eight million
 * blanks.
 */
export function sealPadded(text: string, blanks: number, rawKey: Uint8Array): Bytes {
  const writer = deflateWriter().fixed("last").literals(utf8(`${text} `));
  for (let left = blanks - 1; left > 0; left -= 258) {
    if (left >= 258) writer.match(258, 1);
    else writer.literals(new Uint8Array(left).fill(0x20));
  }
  return sealCompressed(writer.end().finish(), rawKey);
}

/** Compresses and seals an event. */
export function sealEvent(event: unknown, rawKey: Uint8Array, nonce?: Uint8Array): Bytes {
  return sealText(JSON.stringify(event), rawKey, nonce);
}

/** A synchronous cipher in pure JavaScript. */
export const nobleCipher: SyncCipher<Uint8Array> = {
  importKey: (raw) => raw.slice(),
  decrypt: (rawKey, nonce, sealed) => gcm(rawKey, nonce).decrypt(sealed),
};

/** Whether this runtime supports the default cipher. */
export const hasWebCrypto: boolean =
  (globalThis as { crypto?: { subtle?: { decrypt?: unknown } } }).crypto?.subtle?.decrypt !== undefined;

/** `createUnsealer` with the default cipher, or with noble's if the runtime does not support the default. */
export const createTestUnsealer =
  ((options: UnsealerOptions) =>
    createUnsealer(hasWebCrypto ? options : { cipher: nobleCipher, ...options })) as typeof createUnsealer;
