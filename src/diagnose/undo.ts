/**
 * Undoes the encodings in which sealed results are found.
 *
 * Bytes are text here, with one character for each byte. Each function undoes its encoding once, wherever it occurs in a
 * text, because the text around a sealed result may be of any kind.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { inflateRaw } from "../inflate/inflate-raw.ts";
import { HEADER_TEXT } from "../unseal/envelope.ts";

/** Most characters that are searched at once. Fingerprint's sealed results have under 40,000. */
export const MAX_CHARACTERS: number = 128 * 1024;

/** What can be undone, with the words for it. */
export const UNDONE = {
  "object": "it is in an object, list or view: pass the text or the bytes",
  "bytes": "text is given as bytes: pass a string",
  "compression": "gzip or zlib: undo the Content-Encoding",
  "utf-8": "UTF-8 was read as one character for each byte",
  "windows-1252": "bytes were read as Windows-1252 text",
  "quoted-printable": "quoted-printable, as in mail",
  "html": "HTML entities",
  "escapes": "backslash escapes, as in JSON: parse it",
  "percent": "percent-encoding: decode it once with decodeURIComponent",
  "invisible": "invisible characters, such as a byte order mark, NUL or a zero-width space",
  "lookalikes": "characters that resemble those of base64, or blanks other than ASCII",
  "line-prefixes": "marks before each line, such as > or a line number",
  "string-parts": "a string in parts",
  "hex": "hexadecimal: pass the bytes",
  "numbers": "a list of numbers: restore the bytes with Uint8Array.from()",
  "base64": "base64 of base64 or of the text around it: decode it once; on AWS Lambda, check isBase64Encoded",
  "plus": "+ became a blank, as when a form is decoded: encode with encodeURIComponent",
  "padding": "its padding does not fit its length",
  "binary-text": "a string with one character for each byte, as atob() returns it: pass the base64 text or the bytes",
  "surroundings": "other text around it: pass the sealed result alone",
} as const;

/** Something that was undone. */
export type Undone = keyof typeof UNDONE;

/** Returns the text with one encoding undone; the same text, or `undefined`, when it does not occur. */
type Undo = (text: string) => string | undefined;

/** The functions, in the order in which they are tried. */
export const UNDO: readonly (readonly [Undone, Undo])[] = [
  // These also read what is no text.
  ["compression", decompressed],
  ["utf-8", decodedUtf8],
  ["windows-1252", (text) => text.includes("\u017e\u2026\xdc\xed") ? text.replace(/[^\0-\xff]/g, byWindows1252) : text],
  ["invisible", (text) => text.replace(INVISIBLE, "")],
  // These only read text.
  ["quoted-printable", (text) => text.replace(/=[ \t]*\r?\n/g, "").replace(/=([0-9A-F]{2})/gi, byHex)],
  ["html", (text) => text.replace(/&(?:#x([0-9a-f]{1,5})|#(\d{1,6})|([a-z]{2,7}));?/gi, byEntity)],
  [
    "escapes",
    (text) => text.replace(/\\(?:u\{?([0-9a-f]{4})\}?|x([0-9a-f]{2})|([0-3][0-7]{2})|(\r?\n|[^]))/gi, byEscape),
  ],
  ["percent", (text) => text.replace(/%(?:u00)?([0-9a-f]{2})/gi, byHex)],
  ["lookalikes", (text) => text.replace(LOOKALIKES, byLook)],
  [
    "line-prefixes",
    (text) => text.replace(/^[ \t]*(?:(?:[\w.-]+ +\||[>|#*;:]+|\/\/(?= )|[+-](?= )|\d+[:.)\t]) ?)+[ \t]*/gm, ""),
  ],
  ["string-parts", (text) => text.replace(/["'`]\s*(?:[+.&]\s*|\r?\n\s*)["'`]/g, "")],
  [
    "hex",
    (text) => bytesOf(withoutDump(text), /(?:(?:\\\\?x|0x)?[0-9a-f]{2}[\s,:;-]{0,4}){32,}/i, /[0-9a-f]{2}(?!x)/gi, 16),
  ],
  ["numbers", (text) => bytesOf(text.replace(/"\d+"\s*:/g, ""), /(?:-?\d{1,3}\s*,\s*){31,}-?\d{1,3}/, /-?\d+/g, 10)],
  ["base64", decodedBase64],
];

/** The number of functions that are tried with bytes that are no text. */
const FOR_BYTES = 4;

/** The functions to try with a text: few, if it consists of bytes that are no text. */
export function undosFor(text: string): typeof UNDO {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  const controls = text.match(/[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]/g)?.length ?? 0;
  return controls * 20 > text.length ? UNDO.slice(0, FOR_BYTES) : UNDO;
}

/** Control characters, marks of direction and width, and the colours of a terminal. */
const INVISIBLE =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /\x1b\[[0-9;]*[a-z]|[\0-\x08\x0e-\x1f\x7f\xad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/gi;

/** Full-width forms, dashes, slashes, and blanks that the core does not ignore. */
const LOOKALIKES =
  /[\v\x85\xa0\u1680\u2000-\u200a\u2010-\u2015\u2028\u2029\u202f\u2044\u205f\u2212\u2215\u3000\ufe58\ufe63\uff01-\uff5e]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ plus: "+", sol: "/", equals: "=", quot: '"', apos: "'", amp: "&", lt: "<", gt: ">" },
  ...{ nbsp: " ", newline: "\n", tab: "\t", lowbar: "_", hyphen: "-", shy: "", bsol: "\\", num: "#", percnt: "%" },
};

/** The characters that Windows-1252 has in place of the bytes 0x80 to 0x9F. */
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** A text of one character for each byte. */
export function toLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4096));
  }
  return text;
}

/** The bytes of such a text; `undefined` for other text. */
export function fromLatin1(text: string): Uint8Array | undefined {
  if (/[^\0-\xff]/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < bytes.length; place++) bytes[place] = text.charCodeAt(place);
  return bytes;
}

function byHex(_match: string, hex: string): string {
  return String.fromCharCode(parseInt(hex, 16));
}

function byWindows1252(character: string): string {
  const place = WINDOWS_1252.indexOf(character);
  return place < 0 ? character : String.fromCharCode(0x80 + place);
}

function byEntity(match: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return Object.hasOwn(ENTITIES, name.toLowerCase()) ? ENTITIES[name.toLowerCase()]! : match;
  return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16)); // at most 0xFFFFF
}

function byEscape(_match: string, unicode?: string, hex?: string, octal?: string, other?: string): string {
  if (other === undefined) return String.fromCharCode(parseInt(unicode ?? hex ?? octal!, octal === undefined ? 16 : 8));
  const blanks: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\n": "", "\r\n": "" };
  return Object.hasOwn(blanks, other) ? blanks[other]! : other;
}

/** Full-width forms are at a fixed distance from ASCII. */
function byLook(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  if (/[\u2010-\u2015\u2212\ufe58\ufe63]/.test(character)) return "-";
  return /[\u2044\u2215]/.test(character) ? "/" : " ";
}

function decodedUtf8(text: string): string | undefined {
  const bytes = /[\xc2-\xf4][\x80-\xbf]/.test(text) ? fromLatin1(text) : undefined;
  return bytes && decodeUtf8(bytes);
}

function decompressed(text: string): string | undefined {
  // RFC 1952 and RFC 1950. A gzip header with optional fields is not made by servers.
  const [start, end] = text.startsWith("\x1f\x8b\x08\0")
    ? [10, -8]
    : ["x\x01", "x^", "x\x9c", "x\xda"].includes(text.slice(0, 2))
    ? [2, -4]
    : [];
  const bytes = start === undefined ? undefined : fromLatin1(text.slice(start, end));
  try {
    return bytes && toLatin1(inflateRaw(bytes, { maxOutputBytes: MAX_CHARACTERS }));
  } catch {
    return undefined;
  }
}

/** Removes the offsets and the column of text from the output of `xxd` or `hexdump -C`. */
function withoutDump(text: string): string {
  return text.replace(/^[0-9a-f]{7,8}:?[ \t]+((?:[0-9a-f]{2} {0,2}){1,16}).*$/gim, "$1");
}

/** The first match of `list`, whose matches of `item` are the bytes. */
function bytesOf(text: string, list: RegExp, item: RegExp, radix: 10 | 16): string | undefined {
  const items = list.exec(text)?.[0].match(item);
  return items?.map((item) => String.fromCharCode(parseInt(item, radix) & 0xff)).join("");
}

/** Decodes the longest run of base64, which may be in lines. */
function decodedBase64(text: string): string | undefined {
  const runs = text.match(/[A-Za-z0-9+/_-]{40,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+(?==|\s*$|\s*["'<]))*/gm) ?? [];
  const longest = runs.reduce((one, other) => other.length > one.length ? other : one, "");
  if (longest === "" || longest.startsWith(HEADER_TEXT)) return undefined;
  const whole = longest.replace(/\s/g, "");
  const bytes = decodeBase64Portable(whole.slice(0, whole.length % 4 === 1 ? -1 : undefined));
  return bytes && toLatin1(bytes);
}
