/**
 * Creates keys, events and sealed results, for tests without a Fingerprint account.
 *
 * It needs `crypto.getRandomValues` and a `SubtleCrypto` that encrypts.
 *
 * @example Test a backend
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { generateKey, sampleEventV4, seal } from "@unseal/sealed-results/testing";
 * import assert from "node:assert/strict";
 *
 * const key = generateKey();
 * const sealedResult = await seal(sampleEventV4({ bot: "bad" }), key);
 *
 * const event = await createUnsealer({ keys: key, version: "v4" }).unseal(sealedResult);
 * assert.equal(event.bot, "bad");
 * ```
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { HEADER, HEADER_BYTES, NONCE_BYTES } from "../unseal/envelope.ts";
import type { FingerprintEventV3 } from "../event/types/v3.ts";
import type { IdentificationV3 } from "../event/types/v3-identification.ts";
import type { FingerprintEventV4 } from "../event/types/v4.ts";
import { type ByteStreamConstructor, transform } from "../inflate/transform.ts";
import { ownProperties } from "../options.ts";

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

/**
 * Seals an event as Fingerprint does.
 *
 * @param event The content: any JSON value, so that a backend can also be tested with invalid events. A `Uint8Array` is
 * sealed as it is.
 * @param key The key: base64 text, or 32 bytes.
 * @param options Nonce and blocks.
 * @returns The sealed result, as base64 text.
 */
export async function seal(event: unknown, key: string | Uint8Array, options: SealOptions = {}): Promise<string> {
  const { nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES)), blocks = "compressed" } = ownProperties(options);
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`nonce must be ${NONCE_BYTES} bytes, got ${nonce.length}`);
  const raw = typeof key === "string" ? decodeBase64Portable(key) : key;
  if (raw?.length !== 32) {
    const hint = key === undefined || key === "" ? " (is the environment variable set?)" : "";
    throw new RangeError(`key must be base64 text of 32 bytes, or 32 bytes${hint}`);
  }
  // Copied before the first await, so that the caller may change its arrays.
  const rawCopy = Uint8Array.from(raw);
  const iv = Uint8Array.from(nonce);
  const json = event instanceof Uint8Array ? event : new TextEncoder().encode(JSON.stringify(event));
  const compressed = (blocks === "compressed" ? await compress(json) : undefined) ?? store(json);
  const sealed = await encrypt(compressed, iv, rawCopy);

  const envelope = new Uint8Array(HEADER_BYTES + NONCE_BYTES + sealed.length);
  new DataView(envelope.buffer).setUint32(0, HEADER);
  envelope.set(iv, HEADER_BYTES);
  envelope.set(sealed, HEADER_BYTES + NONCE_BYTES);
  return encodeBase64(envelope);
}

/** Keys of pending encryptions. Some engines refer to the imported bytes, which must stay reachable until the end. */
const keysInUse = /* @__PURE__ */ new Set<Uint8Array>();

/** Encrypts with AES-256-GCM. `raw` must never change afterwards. */
async function encrypt(
  plaintext: Uint8Array<ArrayBuffer>,
  iv: Uint8Array<ArrayBuffer>,
  raw: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  keysInUse.add(raw);
  try {
    // Without a prototype and with every option, as in core/cipher.ts.
    const gcm = { __proto__: null, name: "AES-GCM", iv, additionalData: new Uint8Array(0), tagLength: 128 };
    const key = await crypto.subtle.importKey("raw", raw, gcm, false, ["encrypt"]);
    return new Uint8Array(await crypto.subtle.encrypt(gcm, key, plaintext));
  } finally {
    keysInUse.delete(raw);
  }
}

/** Generates a random key, as base64 text. */
export function generateKey(): string {
  return encodeBase64(crypto.getRandomValues(new Uint8Array(32)));
}

const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/** Generates an id as Fingerprint does: Unix milliseconds, a full stop, six characters. */
function generateEventId(timestamp: number): string {
  const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const random = crypto.getRandomValues(new Uint8Array(6));
  return `${timestamp}.${Array.from(random, (byte) => characters[byte % characters.length]).join("")}`;
}

/**
 * Creates a v3 event with the current time and a new id.
 *
 * @param identification Fields of `products.identification.data` to set or to replace. Fields of the event that repeat
 * them get the same values.
 */
export function sampleEventV3(identification: Partial<IdentificationV3> = {}): FingerprintEventV3 {
  const { timestamp = Date.now(), url = "https://example.com/login", ip = "192.0.2.17" } = identification;
  const { requestId = generateEventId(timestamp), time = new Date(timestamp).toISOString() } = identification;
  const userAgent = identification.browserDetails?.userAgent ?? USER_AGENT;
  return {
    products: {
      identification: {
        data: {
          visitorId: "2ZEDCZEfOfXjEmMuE3tq",
          requestId,
          browserDetails: {
            browserName: "Firefox",
            browserMajorVersion: "145",
            browserFullVersion: "145.0",
            os: "Linux",
            osVersion: "",
            device: "Other",
            userAgent,
          },
          incognito: false,
          ip,
          timestamp,
          time,
          url,
          tag: {},
          confidence: { score: 0.98 },
          visitorFound: true,
          firstSeenAt: { global: time, subscription: time },
          lastSeenAt: { global: null, subscription: null },
          replayed: false,
          ...identification,
        },
      },
      botd: { data: { bot: { result: "notDetected" }, url, ip, time, userAgent, requestId } },
      vpn: {
        data: {
          result: false,
          confidence: "high",
          originTimezone: "Europe/Berlin",
          originCountry: "unknown",
          methods: {
            timezoneMismatch: false,
            publicVPN: false,
            auxiliaryMobile: false,
            osMismatch: false,
            relay: false,
          },
        },
      },
      incognito: { data: { result: false } },
      suspectScore: { data: { result: 0 } },
    },
  };
}

/**
 * Creates a v4 event with the current time and a new id.
 *
 * @param fields Fields to set or to replace.
 */
export function sampleEventV4(fields: Partial<FingerprintEventV4> = {}): FingerprintEventV4 {
  const { timestamp = Date.now() } = fields;
  return {
    event_id: generateEventId(timestamp),
    timestamp,
    linked_id: "order-1",
    tags: {},
    url: "https://example.com/login",
    ip_address: "192.0.2.17",
    user_agent: USER_AGENT,
    replayed: false,
    identification: {
      visitor_id: "2ZEDCZEfOfXjEmMuE3tq",
      confidence: { score: 0.98 },
      visitor_found: true,
      first_seen_at: timestamp,
      last_seen_at: timestamp,
    },
    bot: "not_detected",
    vpn: false,
    incognito: false,
    suspect_score: 0,
    ...fields,
  };
}

/** Compresses, or returns `undefined` where the runtime has no `CompressionStream` for raw DEFLATE. */
async function compress(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const Stream = (globalThis as { CompressionStream?: ByteStreamConstructor }).CompressionStream;
  const compressed = Stream && await transform(Stream, bytes, Infinity);
  return compressed as Uint8Array<ArrayBuffer> | undefined; // transform() returns an array of its own.
}

/** Encodes stored blocks, the last one final (RFC 1951 §3.2.4). */
function store(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
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

function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
