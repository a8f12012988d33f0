/**
 * Seals events as Fingerprint does.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { type Bytes, isUint8Array } from "../encoding/bytes.ts";
import { type ByteStreamConstructor, transform } from "../inflate/transform.ts";
import { knownOptions } from "../options.ts";
import { KEY_BYTES } from "../unseal/cipher.ts";
import { createEnvelope, NONCE_BYTES } from "../unseal/envelope.ts";
import { UnsealError } from "../unseal/errors.ts";
import { encodeBase64 } from "../encoding/base64.ts";
import { encodeUtf8 } from "./text.ts";

/** How {@linkcode seal} seals. */
export interface SealOptions {
  /** 12 bytes; random by default. Set it only for a result that must be the same each time. */
  readonly nonce?: Uint8Array | undefined;
  /**
   * The DEFLATE blocks. `"compressed"`, the default: the output of `CompressionStream`, or stored blocks where it is
   * missing. `"stored"`: not compressed.
   */
  readonly blocks?: "compressed" | "stored" | undefined;
}

const OPTIONS = { nonce: 1, blocks: 1 } as const;

/**
 * Seals an event as Fingerprint does.
 *
 * @param event The content: any JSON value, so that a backend can also be tested with invalid events. A `Uint8Array` is
 * sealed as it is.
 * @param key The key: base64 text, or 32 bytes.
 * @param options Nonce and blocks.
 * @returns The sealed result, as base64 text.
 * @throws {UnsealError} `ERR_RUNTIME` where no `SubtleCrypto` encrypts, such as in jsdom; the promise rejects.
 */
export async function seal(event: unknown, key: string | Uint8Array, options: SealOptions = {}): Promise<string> {
  const own = knownOptions(options, OPTIONS);
  const { nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES)), blocks = "compressed" } = own;
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`nonce must be ${NONCE_BYTES} bytes, got ${nonce.length}`);
  // Copied before the first await, so that the caller may change its arrays.
  const raw = rawKey(key);
  const iv = Uint8Array.from(nonce);
  const json = isUint8Array(event) ? event : encodeUtf8(JSON.stringify(event));
  const compressed = (blocks === "compressed" ? await compress(json) : undefined) ?? store(json);
  const sealed = await encrypt(compressed, iv, raw);

  return encodeBase64(createEnvelope({ nonce: iv, sealed }));
}

/** Generates a random key, as base64 text. */
export function generateKey(): string {
  return encodeBase64(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
}

/** The bytes of a key, in an array of their own. */
export function rawKey(key: string | Uint8Array): Bytes {
  const raw = typeof key === "string" ? decodeBase64Portable(key) : key;
  if (raw?.length === KEY_BYTES) return Uint8Array.from(raw);
  const hint = key === undefined || key === "" ? " (is the environment variable set?)" : "";
  throw new RangeError(`key must be base64 text of 32 bytes, or 32 bytes${hint}`);
}

/** Keys of pending encryptions. Some engines refer to the imported bytes, which must stay reachable until the end. */
const keysInUse = /* @__PURE__ */ new Set<Uint8Array>();

/** Encrypts with AES-256-GCM. `raw` must never change afterwards. */
async function encrypt(
  plaintext: Bytes,
  iv: Bytes,
  raw: Bytes,
): Promise<Bytes> {
  const { subtle } = crypto as { subtle?: SubtleCrypto };
  if (typeof subtle?.encrypt !== "function") {
    throw new UnsealError(
      "ERR_RUNTIME",
      "Cannot seal: this runtime has no SubtleCrypto that encrypts. In Jest's or Vitest's jsdom, seal in the node environment",
    );
  }
  keysInUse.add(raw);
  try {
    // Without a prototype and with every option, as in src/unseal/cipher.ts.
    const gcm = { __proto__: null, name: "AES-GCM", iv, additionalData: new Uint8Array(0), tagLength: 128 };
    const key = await subtle.importKey("raw", raw, gcm, false, ["encrypt"]);
    return new Uint8Array(await subtle.encrypt(gcm, key, plaintext));
  } finally {
    keysInUse.delete(raw);
  }
}

/** Compresses, or returns `undefined` where the runtime has no `CompressionStream` for raw DEFLATE. */
async function compress(bytes: Uint8Array): Promise<Bytes | undefined> {
  const Stream = (globalThis as { CompressionStream?: ByteStreamConstructor }).CompressionStream;
  const compressed = Stream && await transform(Stream, bytes, Infinity);
  return compressed as Bytes | undefined; // transform() returns an array of its own.
}

/** Encodes stored blocks, the last one final (RFC 1951 §3.2.4). */
function store(bytes: Uint8Array): Bytes {
  const maxBlockBytes = 0xffff;
  const headerBytes = 5;
  const blocks = Math.max(1, Math.ceil(bytes.length / maxBlockBytes));
  const stored = new Uint8Array(bytes.length + blocks * headerBytes);
  const view = new DataView(stored.buffer);
  for (let block = 0, end = 0; block < blocks; block++) {
    const content = bytes.subarray(block * maxBlockBytes, (block + 1) * maxBlockBytes);
    view.setUint8(end, block === blocks - 1 ? 1 : 0);
    view.setUint16(end + 1, content.length, true);
    view.setUint16(end + 3, content.length ^ 0xffff, true);
    stored.set(content, end + headerBytes);
    end += headerBytes + content.length;
  }
  return stored;
}
