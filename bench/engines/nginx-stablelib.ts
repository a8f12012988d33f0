/**
 * The work of `examples/nginx` with the AES-GCM of `@stablelib/gcm`, which builds small tables where `@noble/ciphers`
 * builds large ones.
 *
 * @module
 */

import { AES } from "@stablelib/aes";
import { GCM } from "@stablelib/gcm";
import { createSyncUnsealer, type SyncCipher } from "@unseal/sealed-results";

interface Request {
  readonly variables: { fingerprint_event?: string };
  sendBuffer(data: Uint8Array, flags: { readonly last: boolean }): void;
}

declare const fingerprint: { readonly keys: readonly string[] };

const cipher: SyncCipher<GCM> = {
  importKey: (key) => new GCM(new AES(key)),
  decrypt: (gcm, nonce, sealed) => {
    const plaintext = gcm.open(nonce, sealed);
    if (plaintext === null) throw new Error("the tag does not fit");
    return plaintext;
  },
};

const chunks: Uint8Array[] = [];

function openEvent(r: Request, data: Uint8Array, flags: { readonly last: boolean }): void {
  r.sendBuffer(data, flags);
  chunks.push(data);
  if (!flags.last) return;
  const { sealed_result: sealed } = JSON.parse(Buffer.concat(chunks).toString());
  const { bytes } = createSyncUnsealer({ keys: Array.from(fingerprint.keys), cipher }).open(sealed);
  r.variables.fingerprint_event = Buffer.from(bytes).toString();
}

export default { openEvent };
