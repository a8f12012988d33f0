/**
 * The whole pipeline, synchronous and asynchronous, against one that is put together from Node's own parts: the verdict
 * with its code, the event, its bytes and the key that opened it.
 *
 * The cipher only looks at the last byte of the tag: no mutation would pass the real one.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { deflateRawSync } from "node:zlib";
import { createSyncUnsealer, createUnsealer, type SealedResult, UnsealError } from "../../../mod.ts";
import { createEnvelope, HEADER_BYTES, NONCE_BYTES, TAG_BYTES } from "../../../src/unseal/envelope.ts";
import { concat, utf8 } from "../../support/bytes.ts";
import { zlibVerdict } from "../../support/zlib.ts";
import { referenceBase64 } from "../../prove/text.ts";
import { SAMPLE_EVENT_V4 } from "../samples.ts";

/** Low enough for small inputs to exceed them. */
const LIMITS = { maxSealedBytes: 1000, maxEventBytes: 2000 };
const NO_KEY = 0;
const CIPHER_FAILS = 3;

const cipher = {
  importKey: ([first = 0]: Uint8Array) => first,
  /** The key of this number fits. */
  decrypt(key: number, _: Uint8Array, sealed: Uint8Array): Uint8Array {
    const last = sealed.at(-1);
    if (last === CIPHER_FAILS) throw new UnsealError("ERR_CIPHER", "the key service is down");
    if (last !== key) throw new Error("another key");
    return sealed.slice(0, -TAG_BYTES);
  },
};
const keys = [1, 2].map((value) => ({ key: new Uint8Array(32).fill(value), id: String(value) }));
const VERSIONS = [undefined, "v3", "v4"] as const;
const UNSEALERS = VERSIONS.map((version) => {
  const options = { keys, ...LIMITS, ...(version === undefined ? {} : { version }) };
  const later = {
    ...cipher,
    decrypt: (...parts: Parameters<typeof cipher.decrypt>) => Promise.resolve(parts).then((p) => cipher.decrypt(...p)),
  };
  return {
    sync: createSyncUnsealer({ ...options, cipher }),
    async: createUnsealer({ ...options, cipher: later }),
  };
});

const sealed = (content: Uint8Array | string, tag = 1, compress: (bytes: Uint8Array) => Uint8Array = deflateRawSync) =>
  createEnvelope({
    nonce: new Uint8Array(NONCE_BYTES),
    sealed: concat(
      compress(typeof content === "string" ? utf8(content) : content),
      new Uint8Array(TAG_BYTES).fill(tag),
    ),
  });
const asText = (bytes: Uint8Array) => utf8(Buffer.from(bytes).toString("base64"));

export const seeds: readonly Uint8Array[] = [
  concat([0], sealed(SAMPLE_EVENT_V4)),
  concat([1], asText(sealed(SAMPLE_EVENT_V4))),
  concat([2], sealed('{"products":{}}', 2)),
  concat([4], sealed('{"products":[]}', CIPHER_FAILS)),
  concat([0], sealed("\u00e9", NO_KEY)),
  concat([0], sealed(Uint8Array.of(0xc3))),
  concat([0], sealed(new Uint8Array(2001))),
  concat([0], sealed("null", 1, (bytes) => bytes)),
  concat([0], asText(sealed("[]"))),
];

/** @param data A byte that says whether the rest is text, and which version is accepted; and the sealed result. */
export async function fuzz(data: Uint8Array): Promise<void> {
  const [choice = 0] = data;
  const rest = Uint8Array.from(data.subarray(1));
  const input = choice % 2 === 1 ? Buffer.from(rest).toString("latin1") : rest;
  const version = (choice >> 1) % VERSIONS.length;
  const { sync, async } = UNSEALERS[version]!; // one for each version
  const expected = reference(input, VERSIONS[version]);
  for (const open of [() => sync.open(input), () => async.open(input)]) {
    const outcome = await outcomeOf(open);
    const isExpected = typeof outcome === "string" || typeof expected === "string"
      ? String(expected).split("|").includes(String(outcome))
      : isDeepStrictEqual(outcome, expected);
    if (!isExpected) throw new Error(`${brief(outcome)}, by the reference ${brief(expected)}`);
  }
}

type Opened = { readonly event: unknown; readonly bytes: Uint8Array; readonly keyId: string };

async function outcomeOf(open: () => Opened | Promise<Opened>): Promise<Opened | string> {
  try {
    const { event, bytes, keyId } = await open();
    return { event, bytes: Uint8Array.from(bytes), keyId };
  } catch (error) {
    if (error instanceof UnsealError) return error.code;
    throw error;
  }
}

/** The result, or the code; two codes when either check may come first. */
function reference(input: SealedResult, version: "v3" | "v4" | undefined): Opened | string {
  const isText = typeof input === "string";
  if (isText && input.length > Math.ceil(LIMITS.maxSealedBytes / 3) * 4) return "ERR_SEALED_TOO_LARGE";
  const decoded = isText
    ? referenceBase64(input)?.split(",").filter((byte) => byte !== "")
    : [...new Uint8Array(input)];
  if (decoded === undefined) return "ERR_SEALED_ENCODING";
  const bytes = Buffer.from(decoded.map(Number));
  if (bytes.length > LIMITS.maxSealedBytes) return "ERR_SEALED_TOO_LARGE";
  if (bytes.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) return "ERR_SEALED_TOO_SHORT";
  if (bytes.toString("hex", 0, HEADER_BYTES) !== "9e85dced") return "ERR_SEALED_HEADER";
  const tag = bytes.at(-1);
  if (tag === CIPHER_FAILS) return "ERR_CIPHER";
  if (tag !== 1 && tag !== 2) return "ERR_NO_KEY_FITS";

  const content = zlibVerdict(bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES));
  if (typeof content === "string") return "ERR_DEFLATE|ERR_EVENT_TOO_LARGE"; // too large before its fault, perhaps
  if (content.length > LIMITS.maxEventBytes) return "ERR_EVENT_TOO_LARGE";
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return "ERR_EVENT_UTF8";
  }
  let event;
  try {
    event = JSON.parse(text);
  } catch {
    return "ERR_EVENT_JSON";
  }
  const isObject = (value: unknown) => Object.prototype.toString.call(value) === "[object Object]";
  const isV3 = isObject(event) && Object.hasOwn(event, "products");
  const isV4 = isObject(event) && !isV3 && typeof event.event_id === "string" && typeof event.timestamp === "number";
  const isEvent = isV3 ? isObject(event.products) : isV4;
  if (!isEvent || (version !== undefined && version !== (isV3 ? "v3" : "v4"))) return "ERR_EVENT_SHAPE";
  return { event, bytes: Uint8Array.from(content), keyId: String(tag) };
}

const brief = (outcome: Opened | string) => typeof outcome === "string" ? outcome : `opened by key ${outcome.keyId}`;
