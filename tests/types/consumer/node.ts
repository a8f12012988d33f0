/** A consumer with Node's types. */

import { Buffer } from "node:buffer";
import { webcrypto } from "node:crypto";
import { createUnsealer, unseal, type Unsealer, webCryptoCipher } from "../../../mod.ts";
import { inflateRaw } from "../../../src/inflate/mod.ts";

export const unsealer: Unsealer = createUnsealer({
  keys: Buffer.from("text", "base64"),
  cipher: webCryptoCipher(webcrypto.subtle),
});

export async function open(sealed: Buffer): Promise<string> {
  const { bytes } = await unsealer.open(sealed);
  await unseal(sealed, Buffer.from("text", "base64"), {
    cipher: webCryptoCipher(globalThis.crypto.subtle),
  });
  return Buffer.from(bytes).toString() + inflateRaw(sealed).length;
}
