/**
 * A consumer that hands all bytes of this package to the platform's functions. Since TypeScript 5.9, these refuse a
 * `Uint8Array` that may be a view of a `SharedArrayBuffer`.
 */

import {
  type Bytes,
  type Cipher,
  createSyncUnsealer,
  createUnsealer,
  type Inflate,
  type SealedResultOpener,
  type SyncCipher,
} from "../../../mod.ts";
import { createSealedResultHandler } from "../../../src/handler/mod.ts";
import { inflateRaw, platformInflate } from "../../../src/inflate/mod.ts";
import { createResponseOpener } from "../../../src/open-client-response/mod.ts";
import { createFingerprintProxy } from "../../../src/proxy/mod.ts";
import { createVerifier } from "../../../src/verify/mod.ts";
import { createSignatureVerifier } from "../../../src/webhook/mod.ts";

declare const untrusted: Uint8Array;

/** Hands bytes to everything of the platform that takes them. */
export async function use(bytes: Bytes, key: CryptoKey): Promise<Response> {
  await crypto.subtle.digest("SHA-256", bytes);
  await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"]);
  await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes, additionalData: bytes }, key, bytes);
  await crypto.subtle.verify("HMAC", key, bytes, bytes);
  await new WritableStream<BufferSource>().getWriter().write(bytes);
  await new CompressionStream("gzip").writable.getWriter().write(bytes);
  await fetch("/", { method: "POST", body: bytes });
  new WebSocket("wss://localhost").send(bytes);
  new DataView(bytes.buffer, bytes.byteOffset);
  postMessage(bytes, { transfer: [bytes.buffer] });
  new TextDecoder().decode(bytes);
  void [new Request("/", { method: "POST", body: bytes }), new Blob([bytes]), new File([bytes], "event.json")];
  return new Response(bytes);
}

/** A cipher of WebCrypto, and an inflater of the platform, written by hand. */
const cipher: Cipher<CryptoKey> = {
  importKey: (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]),
  decrypt: (key, nonce, sealed) => crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, key, sealed),
};
const inflate: Inflate = async (data) => {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** Everything that returns bytes. */
export async function returned(synchronous: SyncCipher, request: Request): Promise<Bytes[]> {
  const unsealer = createUnsealer({ keys: "text", cipher, inflate });
  const direct = createSyncUnsealer({ keys: "text", cipher: synchronous, inflate: (data) => inflateRaw(data) });
  const opener: SealedResultOpener = unsealer;
  return [
    (await unsealer.open("")).bytes,
    (await unsealer.openBytes("")).bytes,
    direct.open("").bytes,
    direct.openBytes("").bytes,
    (await opener.open("")).bytes,
    inflateRaw(untrusted),
    await platformInflate()(untrusted, 1),
    await createSignatureVerifier({ secrets: "text" })(request),
  ];
}

// Everything that passes bytes to the application.
createSealedResultHandler({
  keys: "text",
  replay: "none",
  onEvent: (_event, { bytes }) => new Response(bytes),
  onError: (_error, { bytes }) => new Response(bytes),
});
createFingerprintProxy({
  mountPath: "/",
  proxySecret: "text",
  unsealer: createUnsealer({ keys: "text" }),
  onBytes: (bytes, { bytes: same }) => [new Response(bytes), new Response(same)],
});
createResponseOpener({
  unsealer: createUnsealer({ keys: "text" }),
  onEvent: (_event, { bytes }) => new Response(bytes),
});
createVerifier({ keys: "text", replay: "none", onError: (_error, { bytes }) => new Response(bytes) });
