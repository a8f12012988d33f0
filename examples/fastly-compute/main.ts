/**
 * A Fingerprint proxy on Fastly Compute.
 *
 * The compiler runs the top-level code and writes the resulting memory into the program, so that its work is done once.
 * A key that is decoded here would be in the published file, so the keys are read inside a request.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { createUnsealer, type SyncCipher } from "@unseal/sealed-results";
import { createFingerprintProxy } from "@unseal/sealed-results/proxy";
import { Logger } from "fastly:logger";
import { SecretStore } from "fastly:secret-store";

/** Fastly's `crypto.subtle` has no `decrypt`. */
const cipher: SyncCipher<Uint8Array> = {
  importKey: (key) => key,
  decrypt: (key, nonce, sealed) => gcm(key, nonce).decrypt(sealed),
};

const proxy = createFingerprintProxy({
  mountPath: "/metrics",
  agentPaths: { download: "/agent", result: "/result" },
  proxySecret: () => secret("proxy-secret"),
  unsealer: async () => createUnsealer({ keys: (await secret("keys")).split(","), cipher }),
  // Each event as one line to the log endpoint of this name: its JSON, which is not parsed here.
  onBytes: (bytes) => new Logger("fingerprint-events").log(new TextDecoder().decode(bytes)),
  // The engine prints an error without its code.
  onError: (error) => console.error((error as { code?: string }).code, error),
  // The backends of the service have the names of Fingerprint's hosts.
  fetch: (url, init) => fetch(url, { ...init, backend: new URL(url).host }),
});

addEventListener("fetch", (event) => event.respondWith(proxy(event.request, event)));

async function secret(name: string): Promise<string> {
  const entry = await new SecretStore("fingerprint").get(name);
  if (entry === null) throw new Error(`The secret store has no ${name}`);
  return entry.plaintext();
}
