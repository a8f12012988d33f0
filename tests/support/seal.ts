/**
 * Sealing, for tests: an independent implementation of the other side, out of `@noble/ciphers` and pako, which run
 * where there is no WebCrypto as well.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { deflateRaw } from "pako";
import { type Cipher, createUnsealer, type FingerprintEvent, type Unsealer, type UnsealerOptions } from "../../mod.ts";

export const HEADER: readonly number[] = [0x9e, 0x85, 0xdc, 0xed];

/** A key of 32 equal bytes. */
export function key(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

/** Text as UTF-8, without `TextEncoder`. */
export function utf8(text: string): Uint8Array {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0));
}

/** Seals bytes that are (or pretend to be) a raw DEFLATE stream. */
export function sealCompressed(
  compressed: Uint8Array,
  rawKey: Uint8Array,
  nonce: Uint8Array = new Uint8Array(12).fill(7),
): Uint8Array {
  return concat(Uint8Array.from(HEADER), nonce, gcm(rawKey, nonce).encrypt(compressed));
}

/** Compresses and seals a text. */
export function sealText(text: string, rawKey: Uint8Array, nonce?: Uint8Array): Uint8Array {
  return sealCompressed(deflateRaw(utf8(text)), rawKey, nonce);
}

/** Compresses and seals an event. */
export function sealEvent(event: unknown, rawKey: Uint8Array, nonce?: Uint8Array): Uint8Array {
  return sealText(JSON.stringify(event), rawKey, nonce);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/** Base64 in the standard alphabet with padding, written from RFC 4648 §4 and nothing of ours. */
export function toBase64(bytes: Uint8Array): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(i, i + 3);
    text += alphabet[first >> 2]! + alphabet[((first & 3) << 4) | (second >> 4)]!;
    text += i + 1 < bytes.length ? alphabet[((second & 15) << 2) | (third >> 6)]! : "=";
    text += i + 2 < bytes.length ? alphabet[third & 63]! : "=";
  }
  return text;
}

/** A cipher in pure JavaScript, synchronous throughout. */
export const nobleCipher: Cipher<Uint8Array> = {
  importKey: (raw) => raw.slice(),
  decrypt: (rawKey, nonce, sealed) => gcm(rawKey, nonce).decrypt(sealed),
};

/** Whether this runtime has what the default cipher needs. */
export const hasWebCrypto: boolean =
  (globalThis as { crypto?: { subtle?: { decrypt?: unknown } } }).crypto?.subtle?.decrypt !== undefined;

/** `createUnsealer` with the default cipher, or with noble's where the runtime has none. */
export function createTestUnsealer<Event = FingerprintEvent>(options: UnsealerOptions<Event>): Unsealer<Event> {
  return createUnsealer(hasWebCrypto ? options : { cipher: nobleCipher, ...options });
}
