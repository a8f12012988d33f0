/**
 * Seals results with `node:crypto` and `node:zlib`, for tests that need many of them.
 *
 * @module
 */

import { createCipheriv, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { HEADER } from "../../support/seal.ts";

/** Does the same as `sealText`, ten times faster, and returns base64 text. */
export function sealWithNode(text: string, rawKey: Uint8Array): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", rawKey, nonce);
  const ciphertext = Buffer.concat([cipher.update(deflateRawSync(text)), cipher.final()]);
  return Buffer.concat([Uint8Array.from(HEADER), nonce, ciphertext, cipher.getAuthTag()]).toString("base64");
}
