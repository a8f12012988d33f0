/**
 * The body filter of `examples/nginx`, written by hand: `@noble/ciphers`, fflate, and no checks.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { inflateSync } from "fflate";

interface Request {
  readonly variables: { fingerprint_event?: string };
  sendBuffer(data: Uint8Array, flags: { readonly last: boolean }): void;
}

declare const fingerprint: { readonly keys: readonly string[] };

const chunks: Uint8Array[] = [];

function openEvent(r: Request, data: Uint8Array, flags: { readonly last: boolean }): void {
  r.sendBuffer(data, flags);
  chunks.push(data);
  if (!flags.last) return;
  const sealed = Buffer.from(JSON.parse(Buffer.concat(chunks).toString()).sealed_result, "base64");
  const key = Buffer.from(fingerprint.keys[1] ?? "", "base64");
  // noble refuses the Buffers of njs, which are not plain arrays.
  const bytes = new Uint8Array(sealed);
  const json = inflateSync(gcm(new Uint8Array(key), bytes.subarray(4, 16)).decrypt(bytes.subarray(16)));
  r.variables.fingerprint_event = Buffer.from(json).toString();
}

export default { openEvent };
