/**
 * The njs module of the proxy: it opens the sealed event in a response, while nginx forwards the response.
 *
 * nginx runs the module again for each request, so that top-level variables are the state of one request. A body filter
 * must be synchronous, so the unsealer and its cipher are.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { createSyncUnsealer } from "@unseal/sealed-results";

/** The properties of a request that are used here. */
interface Request {
  readonly status: number;
  readonly variables: { fingerprint_event?: string };
  readonly headersOut: Readonly<Record<string, string | undefined>>;
  sendBuffer(data: Uint8Array, flags: { readonly last: boolean }): void;
  error(message: string): void;
}

/** The object that `js_preload_object` has read from the key file. */
declare const fingerprint: { readonly keys: readonly string[] };

/** A larger body is forwarded, and not opened. */
const MAX_BODY_BYTES = 512 * 1024;

let chunks: Uint8Array[] = [];
let length = 0;

/** `js_body_filter`: forwards each chunk at once, and opens the event after the last. */
function openEvent(r: Request, data: Uint8Array, flags: { readonly last: boolean }): void {
  r.sendBuffer(data, flags);
  length += data.length;
  if (length <= MAX_BODY_BYTES) chunks.push(data);
  else chunks = [];
  if (!flags.last || r.status !== 200) return;
  try {
    const json = eventIn(chunks);
    // One event per line. JSON has line breaks between its tokens only.
    if (json !== undefined) r.variables.fingerprint_event = json.replace(/[\r\n]/g, " ");
  } catch (error) {
    const { code = "ERR_RESPONSE", message } = error as { code?: string; message: string };
    r.error(`fingerprint: ${code} ${message}`);
  }
}

/** The event's JSON, as it was sealed. */
function eventIn(body: readonly Uint8Array[]): string | undefined {
  if (length > MAX_BODY_BYTES) throw new Error("the response is too large");
  const content: { sealedResult?: unknown; sealed_result?: unknown } | null = parse(Buffer.concat(body).toString());
  const sealed = content?.sealedResult ?? content?.sealed_result ?? undefined;
  if (sealed === undefined) return undefined;
  const unsealer = createSyncUnsealer({
    // A copy: arrays of a preloaded object have no methods.
    keys: Array.from(fingerprint.keys),
    cipher: {
      importKey: (key: Uint8Array) => key,
      decrypt: (key: Uint8Array, nonce, sealed) => gcm(key, nonce).decrypt(sealed),
    },
  });
  return Buffer.from(unsealer.open(String(sealed)).bytes).toString();
}

/** `JSON.parse`, whose own error would quote the response. */
function parse(text: string): { sealedResult?: unknown; sealed_result?: unknown } | null {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("the response is not JSON");
  }
}

export default { openEvent };
