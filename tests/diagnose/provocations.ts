/**
 * Mistakes that lead to each diagnosis. `docs/errors.md` lists them as its examples.
 *
 * @module
 */

import type { DiagnosisCode } from "../../src/diagnose/mod.ts";
import { fromBase64, toBase64, toHex, utf8 } from "../support/bytes.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { sealText } from "../support/seal.ts";

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
const OTHER = BYTES.map((byte, place) => place === 2 ? 0 : byte);
const ID = "1703067132750.Z5hutJ";

/** A stand-in for a class that not every runtime has. */
function objectWith(...methods: readonly string[]): object {
  return Object.fromEntries(methods.map((name) => [name, () => undefined]));
}

const SEALED: readonly (readonly [DiagnosisCode, string, unknown])[] = [
  ["SEALED_IN_OBJECT", "a body that was parsed", { sealedResult: SAMPLE_SEALED }],
  ["SEALED_TEXT_AS_BYTES", "a body of base64 text, read as bytes", utf8(SAMPLE_SEALED)],
  ["SEALED_BINARY_TEXT", "the text of `atob()`", Array.from(BYTES, (byte) => String.fromCharCode(byte)).join("")],
  ["SEALED_INVISIBLE", "zero-width spaces of a chat", SAMPLE_SEALED.replace(/.{40}/g, "$&\u200b")],
  [
    "SEALED_QUOTED_PRINTABLE",
    "the source of a mail",
    SAMPLE_SEALED.replaceAll("=", "=3D").replace(/.{75}/g, "$&=\r\n"),
  ],
  ["SEALED_HTML", "the source of a page", SAMPLE_SEALED.replaceAll("+", "&#43;")],
  ["SEALED_ESCAPES", "a part of JSON with `\\u002b`", SAMPLE_SEALED.replaceAll("+", "\\u002b")],
  ["SEALED_PERCENT", "a part of a query or form", encodeURIComponent(SAMPLE_SEALED)],
  ["SEALED_LINE_MARKS", "a quotation in a mail", SAMPLE_SEALED.replace(/^|(?<=^(?:.{72})+)/g, "\n> ")],
  ["SEALED_HEX", "a binary column of a database", toHex(BYTES)],
  ["SEALED_NUMBERS", "`String()` of the bytes", String(BYTES)],
  ["SEALED_BASE64_AGAIN", "base64 of the base64 text", toBase64(utf8(SAMPLE_SEALED))],
  ["SEALED_PLUS", "a form that was decoded twice", SAMPLE_SEALED.replaceAll("+", " ")],
  ["SEALED_SURROUNDED", "a JSON body that was not parsed", JSON.stringify({ sealedResult: SAMPLE_SEALED })],
  ["SEALED_UNSET", "`undefined`", undefined],
  ["SEALED_UNSET", "`null`, as agent v4 sends it", null],
  ["SEALED_UNSET", "`null` in a JSON body", `{"sealedResult":null}`],
  ["SEALED_EMPTY", "an empty text", ""],
  ["SEALED_EMPTY", "an empty body", new Uint8Array()],
  ["SEALED_UNREAD", "a promise", Promise.resolve(SAMPLE_SEALED)],
  ["SEALED_UNREAD", "a `Request`, `Response` or `Blob`", objectWith("text", "json", "arrayBuffer")],
  ["SEALED_UNREAD", "a `ReadableStream`", objectWith("getReader", "cancel")],
  ["SEALED_UNREAD", "Node's `IncomingMessage`", objectWith("on", "pipe")],
  ["SEALED_UNREAD", "`base64` without the call", () => SAMPLE_SEALED],
  ["SEALED_AGENT_OBJECT", "agent v4's `sealed_result` itself", objectWith("base64", "byteArray", "blob")],
  ["SEALED_AGENT_OBJECT", "that object in JSON", `{"sealed_result":{}}`],
  ["SEALED_STRINGIFIED", "`undefined` in a template", `${undefined}`],
  ["SEALED_STRINGIFIED", "`String()` of an object", String({})],
  ["SEALED_EVENT_ID", "the event's id", ID],
  ["SEALED_EVENT_ID", "the event's id as bytes", utf8(ID)],
  ["SEALED_KEY", "the key in place of the sealed result", SAMPLE_KEY],
  ["SEALED_KEY", "the key's bytes", KEY_BYTES],
  ["SEALED_DECODED", "bytes that were decoded as UTF-8", "\ufffd\ufffd\ufffd\ufffdN..."],
  ["SEALED_DECODED", "that text, encoded again", utf8("\ufffd\ufffd\ufffd\ufffdN...")],
  ["SEALED_CUT", "a text of 512 characters, a common limit", SAMPLE_SEALED.slice(0, 512)],
  ["SEALED_CUT", "such a text with a line break", `${SAMPLE_SEALED.slice(0, 511)}\n`],
  ["SEALED_CUT", "a text that ends within a byte", SAMPLE_SEALED.slice(0, 801)],
  ["SEALED_CUT", "fewer bytes than a sealed result has", BYTES.slice(0, 31)],
  ["SEALED_NOT_FOUND", "any other text", "Hello, world!"],
  ["SEALED_NOT_FOUND", "a JSON body without it", JSON.stringify({ requestId: ID })],
  ["SEALED_NOT_FOUND", "a number, or an object without it", { a: 7 }],
  ["SEALED_OTHER_HEADER", "bytes with another header", OTHER],
  ["SEALED_OTHER_HEADER", "base64 of such bytes", toBase64(OTHER)],
  ["SEALED_TOO_LARGE", "more than 64 Ki characters without it", "a".repeat(64 * 1024 + 1)],
];

const KEYS: readonly (readonly [DiagnosisCode, string, unknown, subject?: string])[] = [
  ["KEY_UNSET", "an environment variable that is not set", undefined],
  ["KEY_UNSET", "an empty text", ""],
  ["KEY_UNSET", "the text `undefined`", "undefined"],
  ["KEY_UNSET", "an unset variable in a list", [SAMPLE_KEY, undefined], "keys[1]"],
  ["KEY_UNSET", "an unset variable with an id", { id: "new", key: undefined }],
  ["KEY_UNSET", "a hole in a list", [, SAMPLE_KEY], "keys[0]"],
  ["KEY_UNSET", "an empty list", [], "keys[0]"],
  ["KEY_SURROUNDED", "a quoted key", `"${SAMPLE_KEY}"`],
  ["KEY_SURROUNDED", "a quoted key in a list", [`'${SAMPLE_KEY}'`], "keys[0]"],
  ["KEY_SURROUNDED", "a line of an `.env` file", `FINGERPRINT_KEY=${SAMPLE_KEY}`],
  ["KEY_LIST", "keys separated by commas", `${SAMPLE_KEY},${SAMPLE_KEY}`],
  ["KEY_LIST", "one key per line", `${SAMPLE_KEY}\n${SAMPLE_KEY}\n`],
  ["KEY_HEX", "hexadecimal text", toHex(KEY_BYTES)],
  ["KEY_BASE64_AGAIN", "base64 of base64, as in a Kubernetes secret", toBase64(utf8(SAMPLE_KEY))],
  ["KEY_TEXT_AS_BYTES", "a file with base64 text, read as bytes", utf8(`${SAMPLE_KEY}\n`)],
  ["KEY_API_KEY", "a secret or public API key", "Rpk1uKmRYmH2Ae9XtQ3c"],
  ["KEY_SEALED", "the sealed result in place of the key", SAMPLE_SEALED],
  ["KEY_LENGTH", "a key of 16 bytes", new Uint8Array(16)],
  ["KEY_LENGTH", "a key that was copied in part", SAMPLE_KEY.slice(0, 40)],
  ["KEY_NOT_BASE64", "any other text", "my secret key!"],
  ["KEY_TYPE", "a promise", Promise.resolve(SAMPLE_KEY)],
  ["KEY_TYPE", "a `CryptoKey`", { type: "secret", usages: [], algorithm: {} }],
  ["KEY_TYPE", "Node's `KeyObject`", objectWith("export", "equals")],
  ["KEY_TYPE", "a JSON Web Key", { kty: "oct", k: "AAAA" }],
  ["KEY_TYPE", "the whole environment", { PATH: "/usr/bin" }],
];

const CIPHERS: readonly (readonly [DiagnosisCode, string, unknown])[] = [
  ["CIPHER", "`crypto.subtle`", objectWith("importKey", "decrypt", "encrypt", "digest")],
  ["CIPHER", "`crypto`", { subtle: {} }],
  ["CIPHER", "`nodeCipher` without the call", () => undefined],
  ["CIPHER", "an object without `decrypt`", objectWith("importKey")],
];

/** Sealed with noble and pako, as no service of Fingerprint does. */
const OTHER_CONTENT = toBase64(sealText("no event", KEY_BYTES));

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
    code: "CONTENT",
    title: "sealed content that is not an event",
    sealed: OTHER_CONTENT,
    keys: { value: KEY_BYTES },
    subject: "sealed",
  },
  {
    code: "LOOKS_RIGHT",
    title: "a key of another environment",
    sealed: SAMPLE_SEALED,
    keys: { value: new Uint8Array(32) },
    subject: "sealed",
  },
];
