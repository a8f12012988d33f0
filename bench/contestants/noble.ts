/** @noble/ciphers: audited AES-GCM in JavaScript. */

import { gcm } from "@noble/ciphers/aes.js";
import { Buffer } from "node:buffer";
import type { Contestant } from "../contestant.ts";
import { KEY } from "../settings.ts";

const rawKey = new Uint8Array(Buffer.from(KEY, "base64"));

export const contestants: readonly Contestant[] = [{
  name: "noble",
  role: "JavaScript",
  decrypt: (nonce, ciphertext) => gcm(rawKey, nonce).decrypt(ciphertext),
  bundle: ["{ gcm }", "@noble/ciphers/aes.js"],
}];
