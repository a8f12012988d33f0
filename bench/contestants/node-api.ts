/**
 * Node's own modules, on Node and on other runtimes that have them. Only the tag is checked.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { Contestant } from "../contestant.ts";
import { KEY } from "../settings.ts";

const rawKey = Buffer.from(KEY, "base64");
const keyObject = createSecretKey(rawKey);
const webCryptoKey = await crypto.subtle.importKey("raw", rawKey, "AES-GCM", false, ["decrypt"]);

function decrypt(key: Uint8Array | KeyObject, nonce: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(ciphertext.subarray(-16));
  const plain = decipher.update(ciphertext.subarray(0, -16));
  decipher.final(); // checks the tag; GCM has no more output
  return plain;
}

function openBytes(sealed: string): Buffer {
  const bytes = Buffer.from(sealed, "base64");
  return inflateRawSync(decrypt(keyObject, bytes.subarray(4, 16), bytes.subarray(16)));
}

export const contestants: readonly Contestant[] = [
  {
    // The minimal handwritten code. The difference is the cost of the library's checks.
    name: "floor",
    role: "Node API",
    unseal: (sealed) => JSON.parse(openBytes(sealed).toString()),
    openBytes,
  },
  {
    name: "floor, WebCrypto",
    role: "Node API",
    async unseal(sealed) {
      const bytes = Buffer.from(sealed, "base64");
      const iv = bytes.subarray(4, 16);
      const compressed = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, webCryptoKey, bytes.subarray(16));
      return JSON.parse(inflateRawSync(compressed).toString());
    },
  },
  {
    name: "node:zlib",
    role: "Node API",
    colour: { light: "#1a7f37", dark: "#3fb950" },
    inflate: (stream) => inflateRawSync(stream),
  },
  { name: "Buffer.from", role: "Node API", decodeBase64: (text) => Buffer.from(text, "base64") },
  {
    // With the raw key on each call, as the official SDKs do it.
    name: "createDecipheriv, raw key",
    role: "Node API",
    decrypt: (nonce, ciphertext) => decrypt(rawKey, nonce, ciphertext),
  },
  {
    name: "Buffer.toString",
    role: "Node API",
    parse: (json) => JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString()),
  },
];
