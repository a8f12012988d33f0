/**
 * This library: the published functions, and the internal functions of single stages.
 *
 * @module
 */

import { createSyncUnsealer, createUnsealer } from "../../mod.ts";
import { decodeBase64, decodeBase64Portable } from "../../src/encoding/base64.ts";
import { webCryptoCipher } from "../../src/unseal/cipher.ts";
import { parseEvent } from "../../src/unseal/parse-event.ts";
import { decodeUtf8Portable } from "../../src/encoding/utf8.ts";
import { inflateRaw } from "../../src/inflate/mod.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";
import type { Contestant } from "../contestant.ts";
import { KEY } from "../settings.ts";

const unsealer = createUnsealer({ keys: KEY });
const nodeUnsealer = createUnsealer({ keys: KEY, cipher: nodeCipher() });
const syncUnsealer = createSyncUnsealer({ keys: KEY, cipher: nodeCipher() });

const webCrypto = webCryptoCipher();
const node = nodeCipher();
const rawKey = () => decodeBase64(KEY)!; // KEY is base64
const webCryptoKey = await webCrypto.importKey(rawKey());
const nodeKey = node.importKey(rawKey());

export const contestants: readonly Contestant[] = [
  {
    name: "ours",
    role: "ours",
    colour: { light: "#0969da", dark: "#4493f8" },
    unseal: (sealed) => unsealer.unseal(sealed),
    openBytes: async (sealed) => (await unsealer.openBytes(sealed)).bytes,
    inflate: (stream) => inflateRaw(stream),
    decodeBase64,
    decrypt: (nonce, ciphertext) => webCrypto.decrypt(webCryptoKey, nonce, ciphertext),
    async importKey(raw) {
      const key = await webCrypto.importKey(raw);
      return (nonce, ciphertext) => webCrypto.decrypt(key, nonce, ciphertext);
    },
    parse: (json) => parseEvent(json),
    coldStart: (url) =>
      `const { createUnsealer } = await import("${url("dist/mod.js")}");
const event = await createUnsealer({ keys: KEY }).unseal(SEALED[4]);`,
  },
  {
    name: "ours, node-cipher",
    role: "ours",
    colour: { light: "#54aeff", dark: "#a5d6ff" },
    chartName: "ours with ./node-cipher",
    unseal: (sealed) => nodeUnsealer.unseal(sealed),
    decrypt: (nonce, ciphertext) => node.decrypt(nodeKey, nonce, ciphertext),
    importKey(raw) {
      const key = node.importKey(raw);
      return (nonce, ciphertext) => node.decrypt(key, nonce, ciphertext);
    },
    coldStart: (url) =>
      `const { createUnsealer } = await import("${url("dist/mod.js")}");
const { nodeCipher } = await import("${url("dist/src/node-cipher/mod.js")}");
const event = await createUnsealer({ keys: KEY, cipher: nodeCipher() }).unseal(SEALED[4]);`,
  },
  {
    name: "ours, synchronous",
    role: "ours",
    unseal: (sealed) => syncUnsealer.unseal(sealed),
    openBytes: (sealed) => syncUnsealer.openBytes(sealed).bytes,
  },
  {
    name: "ours, portable",
    role: "ours",
    decodeBase64: decodeBase64Portable,
    parse: (json) => JSON.parse(decodeUtf8Portable(json)!), // events are UTF-8
  },
];
