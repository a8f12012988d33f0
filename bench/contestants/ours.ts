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
import { memoryStore } from "../../src/replay/mod.ts";
import { createVerifier } from "../../src/verify/mod.ts";
import type { Contestant, PostedEvent } from "../contestant.ts";
import { KEY } from "../settings.ts";

const unsealer = createUnsealer({ keys: KEY });
const nodeUnsealer = createUnsealer({ keys: KEY, cipher: nodeCipher() });
const syncUnsealer = createSyncUnsealer({ keys: KEY, cipher: nodeCipher() });

const webCrypto = webCryptoCipher();
const node = nodeCipher();
const rawKey = () => decodeBase64(KEY)!; // KEY is base64
const webCryptoKey = await webCrypto.importKey(rawKey());
const nodeKey = node.importKey(rawKey());

/**
 * Verifies with a store in memory. The events are old, and each comes again and again: the verifier's clock shows the
 * event's own time, and for the store a day passes between two events, so that it has forgotten the earlier ones.
 */
function verifying(opener: typeof unsealer): (posted: PostedEvent) => unknown {
  const systemNow = Date.now;
  let time = 0;
  let days = 0;
  const store = memoryStore({ now: () => performance.now() + 86_400_000 * days++ });
  // A verifier keeps the clock that it finds at its creation. Both clocks still read the system's.
  Date.now = () => (systemNow(), time);
  const { verify } = createVerifier({ unsealer: opener, store });
  Date.now = systemNow;
  return (posted) => {
    time = posted.timestamp;
    return verify(posted, { linkedId: posted.linkedId });
  };
}

export const contestants: readonly Contestant[] = [
  {
    name: "ours",
    role: "ours",
    colour: { light: "#0969da", dark: "#4493f8" },
    unseal: (sealed) => unsealer.unseal(sealed),
    verify: verifying(unsealer),
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
    verify: verifying(nodeUnsealer),
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
