/**
 * What the stages measure of our own that is not public. Where an internal name changes, this is the file to change.
 *
 * @module
 */

export { decodeBase64, decodeBase64Portable } from "../src/core/base64.ts";
export { webCryptoCipher } from "../src/core/cipher.ts";
export { decodeUtf8, decodeUtf8Portable } from "../src/core/text.ts";
export { parseEvent } from "../src/core/event.ts";
export { inflateRaw } from "../src/inflate/mod.ts";
export { nodeCipher } from "../src/node-cipher/mod.ts";
export { createUnsealer } from "../mod.ts";
