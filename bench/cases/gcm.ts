/**
 * The stages of the cipher: importing a key, and decrypting AES-256-GCM.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { createDecipheriv } from "node:crypto";
import type { Case } from "../contest.ts";
import { nodeCipher, webCryptoCipher } from "../ours.ts";
import { fingerprintOf, type Opened, openedOf, rawKey, sizes } from "./opened.ts";

const webCrypto = webCryptoCipher();
const node = nodeCipher();
const webCryptoKey = await webCrypto.importKey(rawKey.slice());
const nodeKey = node.importKey(rawKey.slice());

type Bytes = Uint8Array | ArrayBuffer;

export const gcmCases: readonly Case<Opened, Bytes>[] = sizes.map((bytes) => ({
  subject: "GCM",
  variant: "decrypt and authenticate",
  bytes,
  inputs: openedOf(bytes),
  contestants: [
    {
      name: "ours",
      isOurs: true,
      run: ({ nonce, ciphertext }) => webCrypto.decrypt(webCryptoKey, nonce, ciphertext),
    },
    {
      name: "ours, node-cipher",
      isOurs: true,
      run: ({ nonce, ciphertext }) => node.decrypt(nodeKey, nonce, ciphertext),
    },
    {
      // As the official SDKs do it.
      name: "createDecipheriv, raw key",
      run({ nonce, ciphertext }) {
        const decipher = createDecipheriv("aes-256-gcm", rawKey, nonce)
          .setAuthTag(ciphertext.subarray(-16));
        return Buffer.concat([
          decipher.update(ciphertext.subarray(0, -16)),
          decipher.final(),
        ]);
      },
    },
    {
      name: "noble",
      run: ({ nonce, ciphertext }) => gcm(rawKey, nonce).decrypt(ciphertext),
    },
  ],
  comparable: fingerprintOf,
}));

/** What a key is worth is what it opens. */
const [probe] = openedOf(sizes[0]!); // there is a smallest size, and there are payloads of it

interface Imported {
  readonly open: () => Bytes | Promise<Bytes>;
}

export const importCases: readonly Case<Uint8Array, Imported>[] = [{
  subject: "import",
  variant: "one key",
  bytes: 32,
  inputs: [rawKey],
  contestants: [
    {
      name: "ours",
      isOurs: true,
      async run(raw) {
        const key = await webCrypto.importKey(raw);
        return {
          open: () => webCrypto.decrypt(key, probe!.nonce, probe!.ciphertext),
        };
      },
    },
    {
      name: "ours, node-cipher",
      isOurs: true,
      run(raw) {
        const key = node.importKey(raw);
        return {
          open: () => node.decrypt(key, probe!.nonce, probe!.ciphertext),
        };
      },
    },
  ],
  comparable: async ({ open }) => fingerprintOf(await open()),
}];
