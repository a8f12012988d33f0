/**
 * `npm start`: opens the sample of Fingerprint's documentation step by step, and then as an application would.
 *
 * @module
 */

import assert from "node:assert/strict";
import { inspect } from "node:util";
import { createUnsealer, webCryptoCipher } from "../mod.ts";
import { summarize } from "../src/event/mod.ts";
import { decodeBase64, decodeBase64Portable } from "../src/encoding/base64.ts";
import { HEADER_BYTES, openEnvelope, TAG_BYTES } from "../src/unseal/envelope.ts";
import { inflateRaw } from "../src/inflate/mod.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../tests/support/documentation-sample.ts";

/** Colours are used on terminals, unless `NO_COLOR` is set; pipes and files get plain text. */
const isColoured = process.stdout.isTTY && process.stdout.hasColors();

/** Codes of ECMA-48, "select graphic rendition". */
const STYLES = { bold: 1, dim: 2, cyan: 36 };

function paint(style: keyof typeof STYLES, text: string): string {
  return isColoured ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
}

function step(title: string): void {
  console.log(`\n${paint("bold", title)}`);
}

function show(name: string, bytes: Uint8Array): void {
  const hex = Buffer.from(bytes).toString("hex");
  const shown = hex.length <= 64 ? hex : `${hex.slice(0, 32)}…${hex.slice(-16)}`;
  console.log(`  ${name.padEnd(11)} ${paint("cyan", shown)} ${paint("dim", `${bytes.length} bytes`)}`);
}

step("1. Base64 to bytes");
const bytes = decodeBase64(SAMPLE_SEALED)!; // the sample is base64
console.log(`  ${SAMPLE_SEALED.length} characters`);
show("sealed", bytes);

step("2. Take the envelope apart");
const { nonce, sealed } = openEnvelope(bytes);
show("header", bytes.subarray(0, HEADER_BYTES));
show("nonce", nonce);
show("ciphertext", sealed.subarray(0, -TAG_BYTES));
show("tag", sealed.subarray(-TAG_BYTES));

step("3. Authenticate and decrypt: AES-256-GCM");
const cipher = webCryptoCipher();
const key = await cipher.importKey(decodeBase64Portable(SAMPLE_KEY)!);
const compressed = new Uint8Array(await cipher.decrypt(key, nonce, sealed));
show("compressed", compressed);

step("4. Inflate: raw DEFLATE");
const inflated = inflateRaw(compressed);
show("inflated", inflated);

step("5. Parse: UTF-8 and JSON");
const event: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(inflated));
console.log(inspect(event, { colors: isColoured, depth: Infinity, breakLength: 100 }).replace(/^/gm, "  "));

step("All of it in one call");
const unsealer = createUnsealer({ keys: SAMPLE_KEY });
const opened = await unsealer.open(SAMPLE_SEALED);
assert.deepEqual(opened.event, event);
const { id, timestamp = NaN, visitorId } = summarize(opened.event);
console.log(`  event ${id} of visitor ${visitorId}, ${new Date(timestamp).toISOString()}, opened by ${opened.keyId}`);
