/**
 * Mistakes that lead to each diagnosis. `docs/errors.md` lists them as its examples.
 *
 * @module
 */

import type { DiagnosisCode } from "../../src/diagnose/mod.ts";
import { fromBase64, toBase64, toHex, utf8 } from "../support/bytes.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";

/** A mistake, and the diagnosis of it. */
export interface Provocation {
  readonly code: DiagnosisCode;
  /** The mistake, in the words of the table in `docs/errors.md`. */
  readonly title: string;
  readonly sealed?: unknown;
  /** Absent if `diagnose()` is called without keys. */
  readonly keys?: { readonly value: unknown };
  readonly cipher?: unknown;
  /** The `subject` of the diagnosis. */
  readonly subject: string;
}

const BYTES = fromBase64(SAMPLE_SEALED);
const KEY_BYTES = fromBase64(SAMPLE_KEY);
const BINARY_TEXT = String.fromCharCode(...BYTES);
const ID = "1703067132750.Z5hutJ";

/** A stand-in for a class that not every runtime has. */
function objectWith(...methods: readonly string[]): object {
  return Object.fromEntries(methods.map((name) => [name, () => undefined]));
}

const SEALED: readonly (readonly [DiagnosisCode, string, unknown])[] = [
  ["SEALED_UNSET", "`undefined`", undefined],
  ["SEALED_UNSET", "`null`, as agent v4 sends it", null],
  ["SEALED_EMPTY", "an empty text", ""],
  ["SEALED_EMPTY", "an empty body", new Uint8Array()],
  ["SEALED_PROMISE", "a promise", Promise.resolve(SAMPLE_SEALED)],
  ["SEALED_UNREAD", "a `Request`, `Response` or `Blob`", objectWith("text", "json", "arrayBuffer")],
  ["SEALED_UNREAD", "a `ReadableStream`", objectWith("getReader", "cancel")],
  ["SEALED_UNREAD", "Node's `IncomingMessage`", objectWith("on", "pipe")],
  ["SEALED_FUNCTION", "`base64` without the call", () => SAMPLE_SEALED],
  ["SEALED_AGENT_OBJECT", "agent v4's `sealed_result` itself", objectWith("base64", "byteArray", "blob")],
  ["SEALED_BYTES_AS_NUMBERS", "an array of numbers", [...BYTES]],
  ["SEALED_BYTES_AS_NUMBERS", "a `Buffer` in JSON", { type: "Buffer", data: [...BYTES] }],
  ["SEALED_BYTES_AS_NUMBERS", "a `Uint8Array` in JSON", { ...BYTES }],
  ["SEALED_BYTES_AS_NUMBERS", "`String(bytes)`", String(BYTES)],
  ["SEALED_OTHER_BYTES", "a `DataView`", new DataView(BYTES.buffer)],
  ["SEALED_OTHER_BYTES", "a `Uint16Array`", new Uint16Array(BYTES.length)],
  ["SEALED_OBJECT", "the parsed body of a post, from agent v3", { sealedResult: SAMPLE_SEALED }],
  ["SEALED_OBJECT", "the parsed body of a post, from agent v4", { sealed_result: SAMPLE_SEALED }],
  ["SEALED_EVENT", "an event from the Server API", { products: {} }],
  ["SEALED_EVENT", "the text of an event", `{"event_id":"${ID}","timestamp":1}`],
  ["SEALED_TYPE", "a number", 7],
  ["SEALED_TYPE", "another object", {}],
  ["SEALED_STRINGIFIED", "`undefined` in a template", `${undefined}`],
  ["SEALED_STRINGIFIED", "`String()` of an object", String({})],
  ["SEALED_QUOTED", "a JSON string that was not parsed", JSON.stringify(SAMPLE_SEALED)],
  ["SEALED_QUOTED", "that string as bytes", utf8(JSON.stringify(SAMPLE_SEALED))],
  ["SEALED_JSON", "a JSON body that was not parsed", JSON.stringify({ sealedResult: SAMPLE_SEALED })],
  ["SEALED_JSON", "that body as bytes", utf8(JSON.stringify({ sealedResult: SAMPLE_SEALED }))],
  ["SEALED_JSON", "that body in base64, as AWS Lambda passes it", toBase64(utf8(`{"sealedResult":"noXc"}`))],
  ["SEALED_FORM", "a form that was not parsed", `sealedResult=${encodeURIComponent(SAMPLE_SEALED)}`],
  ["SEALED_FORM", "a query that was not parsed", `?id=${ID}&sealed_result=${SAMPLE_SEALED}`],
  ["SEALED_DATA_URL", "a `data:` URL of a `FileReader`", `data:application/octet-stream;base64,${SAMPLE_SEALED}`],
  ["SEALED_REQUEST_ID", "the event's id", ID],
  ["SEALED_REQUEST_ID", "the event's id as bytes", utf8(ID)],
  ["SEALED_VISITOR_ID", "a visitor id", "2ZEDCZEfOfXjEmMuE3tq"],
  ["SEALED_KEY", "the key in place of the sealed result", SAMPLE_KEY],
  ["SEALED_KEY", "the key's bytes", KEY_BYTES],
  ["SEALED_SPACES", "`+` turned into spaces by a form", SAMPLE_SEALED.replaceAll("+", " ")],
  ["SEALED_PERCENT", "`%2B` in place of `+`", encodeURIComponent(SAMPLE_SEALED)],
  ["SEALED_HEX", "hexadecimal text", toHex(BYTES)],
  ["SEALED_BASE64_TWICE", "base64 of base64", toBase64(utf8(SAMPLE_SEALED))],
  ["SEALED_BASE64_TWICE", "base64 of base64, as bytes", utf8(toBase64(utf8(SAMPLE_SEALED)))],
  ["SEALED_BASE64_AS_BYTES", "a body of base64 text, read as bytes", utf8(SAMPLE_SEALED)],
  ["SEALED_BASE64_AS_BYTES", "a body of base64 text, read as an `ArrayBuffer`", utf8(SAMPLE_SEALED).slice().buffer],
  ["SEALED_BINARY_TEXT", "the text that `atob()` returns", BINARY_TEXT],
  ["SEALED_BINARY_TEXT", "that text, encoded as UTF-8", utf8(BINARY_TEXT)],
  ["SEALED_DECODED", "bytes that were decoded as UTF-8", "\ufffd\ufffd\ufffd\ufffdN..."],
  ["SEALED_DECODED", "that text, encoded again", utf8("\ufffd\ufffd\ufffd\ufffdN...")],
  ["SEALED_COMPRESSED", "a body that is still compressed", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)],
  ["SEALED_CUT", "a text of 512 characters, a common limit", SAMPLE_SEALED.slice(0, 512)],
  ["SEALED_CUT", "a text that ends within a byte", SAMPLE_SEALED.slice(0, 801)],
  ["SEALED_CUT", "a text that a log has cut", `${SAMPLE_SEALED.slice(0, 200)}...`],
  ["SEALED_CUT", "fewer bytes than a sealed result has", BYTES.slice(0, 31)],
  ["SEALED_NOT_BASE64", "any other text", "Hello, world!"],
  ["SEALED_OTHER_HEADER", "bytes with another header", Uint8Array.of(1, 2, 3, 255, ...BYTES)],
  ["SEALED_OTHER_HEADER", "base64 of such bytes", toBase64(Uint8Array.of(1, 2, 3, 255, ...BYTES))],
  ["SEALED_TOO_LARGE", "more than 8 MiB", new Uint8Array(8 * 1024 * 1024 + 1)],
];

const KEYS: readonly (readonly [DiagnosisCode, string, unknown, subject?: string])[] = [
  ["KEY_UNSET", "an environment variable that is not set", undefined],
  ["KEY_UNSET", "an empty text", ""],
  ["KEY_UNSET", "the text `undefined`", "undefined"],
  ["KEY_UNSET", "an unset variable in a list", [SAMPLE_KEY, undefined], "keys[1]"],
  ["KEY_UNSET", "an unset variable with an id", { id: "new", key: undefined }],
  ["KEY_UNSET", "a hole in a list", [, SAMPLE_KEY], "keys[0]"],
  ["KEYS_EMPTY", "an empty list", []],
  ["KEY_PROMISE", "a promise", Promise.resolve(SAMPLE_KEY)],
  ["KEY_QUOTED", "a quoted key", `"${SAMPLE_KEY}"`],
  ["KEY_QUOTED", "a quoted key in a list", [`'${SAMPLE_KEY}'`], "keys[0]"],
  ["KEY_ASSIGNMENT", "a line of an `.env` file", `FINGERPRINT_KEY=${SAMPLE_KEY}`],
  ["KEY_LIST", "keys separated by commas", `${SAMPLE_KEY},${SAMPLE_KEY}`],
  ["KEY_LIST", "one key per line", `${SAMPLE_KEY}\n${SAMPLE_KEY}\n`],
  ["KEY_HEX", "hexadecimal text", toHex(KEY_BYTES)],
  ["KEY_BASE64_TWICE", "base64 of base64, as in a Kubernetes secret", toBase64(utf8(SAMPLE_KEY))],
  ["KEY_BASE64_AS_BYTES", "a file with base64 text, read as bytes", utf8(`${SAMPLE_KEY}\n`)],
  ["KEY_PERCENT", "`%2B` and `%3D` in place of `+` and `=`", encodeURIComponent(SAMPLE_KEY)],
  ["KEY_API_KEY", "a secret or public API key", "Rpk1uKmRYmH2Ae9XtQ3c"],
  ["KEY_SEALED", "the sealed result in place of the key", SAMPLE_SEALED],
  ["KEY_CRYPTO_KEY", "a `CryptoKey`", { type: "secret", usages: [], algorithm: {} }],
  ["KEY_CRYPTO_KEY", "Node's `KeyObject`", objectWith("export", "equals")],
  ["KEY_JWK", "a JSON Web Key", { kty: "oct", k: "AAAA" }],
  ["KEY_JWK", "a JSON Web Key as text", '{"kty":"oct","k":"AAAA"}'],
  ["KEY_LENGTH", "a key of 16 bytes", new Uint8Array(16)],
  ["KEY_LENGTH", "a key that was copied in part", SAMPLE_KEY.slice(0, 40)],
  ["KEY_NOT_BASE64", "any other text", "my secret key!"],
  ["KEY_TYPE", "a number", 7],
  ["KEY_TYPE", "the whole environment", { PATH: "/usr/bin" }],
];

const CIPHERS: readonly (readonly [DiagnosisCode, string, unknown])[] = [
  ["CIPHER_SUBTLE", "`crypto.subtle`", objectWith("importKey", "decrypt", "encrypt", "digest")],
  ["CIPHER_CRYPTO", "`crypto`", { subtle: {} }],
  ["CIPHER_FUNCTION", "`nodeCipher` without the call", () => undefined],
  ["CIPHER_METHODS", "an object without `decrypt`", objectWith("importKey")],
];

/** The mistakes of sealed results, keys and ciphers, and one call without a mistake. */
export const PROVOCATIONS: readonly Provocation[] = [
  ...SEALED.map(([code, title, sealed]) => ({ code, title, sealed, subject: "sealed" })),
  ...KEYS.map(([code, title, value, subject = "keys"]) => ({
    code,
    title,
    sealed: SAMPLE_SEALED,
    keys: { value },
    subject,
  })),
  ...CIPHERS.map(([code, title, cipher]) => ({ code, title, sealed: SAMPLE_SEALED, cipher, subject: "cipher" })),
  {
    code: "LOOKS_RIGHT",
    title: "a key of another environment",
    sealed: SAMPLE_SEALED,
    keys: { value: new Uint8Array(32) },
    subject: "sealed",
  },
];
