/**
 * Parses a posted body: text, JSON, a form, or bytes.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { isRecord } from "../event/fields.ts";
import { VerifyError } from "../verify/errors.ts";
import { wrongBody } from "../verify/posted.ts";
import { tooComplex } from "./json-limits.ts";
import { hasHeader } from "../unseal/envelope.ts";

/** A posted body. All of it is untrusted. */
export interface PostedBody {
  /**
   * The members of a JSON object, as `JSON.parse` returns them, or the fields of a form: text or a `File` each, or a
   * list of these when the form has the name more than once. Empty for any other body.
   */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The bytes as they came. */
  readonly bytes: Bytes;
}

/** The content of a body: fields, or a sealed result that is the whole body. */
export interface Content {
  readonly fields?: PostedBody["fields"];
  readonly sealed?: string | Uint8Array;
}

/** Most fields of a form: Node takes up to 0.3 ms for each of `multipart/form-data`. */
const MAX_FORM_FIELDS = 256;

/** Most lines of `multipart/form-data`, those of its content included: lines of headers are slow, too. */
const MAX_FORM_LINES = 8192;

/**
 * Parses a body.
 *
 * A body that begins with `{` is JSON whatever its label: `fetch` and `curl` label JSON as text or as a form unless the
 * program says otherwise, and neither base64 nor a form nor a sealed result begins with that character.
 *
 * @returns `undefined` when it has none of the accepted forms.
 * @throws {VerifyError} `ERR_REQUEST_BODY`.
 */
export function parseBody(contentType: string, bytes: Bytes): Content | undefined | Promise<Content> {
  const [type = ""] = contentType.split(";", 1);
  const essence = type.trim().toLowerCase();
  const body = withoutMark(bytes);
  const start = body.find((byte) => !isBlank(byte));
  if (start === 0x7b || /^application\/(?:[^/]+\+)?json$/.test(essence)) return { fields: parseFields(body) };
  if (essence === "application/x-www-form-urlencoded") return { fields: parseUrlEncoded(body) };
  if (essence === "multipart/form-data") return parseMultipart(contentType, bytes).then((fields) => ({ fields }));
  if (essence === "application/octet-stream" || (essence === "" && hasHeader(body))) return { sealed: body };
  // A page that posts a Uint8Array, or a Blob without a type, sends no content type. No text begins with the header.
  if (essence === "text/plain" || essence === "") return { sealed: toText(body).trim() };
  return undefined;
}

/** The bytes after a byte order mark, if there is one. */
function withoutMark(bytes: Bytes): Bytes {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Whether JSON allows this byte before a value. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function parseFields(body: Uint8Array): PostedBody["fields"] {
  const reason = tooComplex(body);
  if (reason !== undefined) throw wrongBody(reason);
  const content = parseJson(toText(body));
  if (content === undefined) throw wrongBody("not JSON");
  if (!isRecord(content)) throw wrongBody("not a JSON object");
  return content;
}

function parseUrlEncoded(body: Uint8Array): PostedBody["fields"] {
  if (countOf(body, 0x26) >= MAX_FORM_FIELDS) throw wrongBody(`its form has over ${MAX_FORM_FIELDS} fields`);
  return collect(new URLSearchParams(toText(body)));
}

/** Parses `multipart/form-data` with the platform's parser. */
async function parseMultipart(contentType: string, bytes: Bytes): Promise<PostedBody["fields"]> {
  const lines = countLines(bytes);
  if (lines.boundaries > MAX_FORM_FIELDS + 1) throw wrongBody(`its form has over ${MAX_FORM_FIELDS} fields`);
  if (lines.all > MAX_FORM_LINES) throw wrongBody(`its form has over ${MAX_FORM_LINES} lines`);
  // Deno accepts a form that was cut off.
  if (!/--[\r\n]*$/.test(String.fromCharCode(...bytes.subarray(-4)))) throw wrongBody("its form has no end");
  const response = new Response(bytes, { headers: { "content-type": contentType } });
  // Fastly's engine has no parser.
  if (typeof response.formData !== "function") {
    throw new VerifyError("ERR_REQUEST_TYPE", "Cannot read request body: this runtime has no parser for its form");
  }
  let form;
  try {
    form = await response.formData();
  } catch (cause) {
    throw wrongBody("not multipart/form-data", cause);
  }
  return collect(form as unknown as Iterable<[string, unknown]>); // not iterable in every library
}

/** Collects the fields of a form. The object has no prototype, so that no name is special. */
function collect(entries: Iterable<readonly [string, unknown]>): PostedBody["fields"] {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) {
    if (!(name in fields)) fields[name] = value;
    else if (Array.isArray(fields[name])) fields[name].push(value);
    else fields[name] = [fields[name], value];
  }
  return fields;
}

function countOf(bytes: Uint8Array, wanted: number): number {
  let count = 0;
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) count++;
  return count;
}

/** Counts the ends of lines, and the lines that begin as a boundary does. */
function countLines(bytes: Uint8Array): { readonly all: number; readonly boundaries: number } {
  let all = 0;
  let boundaries = 1;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at - 1] !== 0x0d) continue;
    all++;
    if (bytes[at + 1] === 0x2d && bytes[at + 2] === 0x2d) boundaries++;
  }
  return { all, boundaries };
}

function toText(body: Uint8Array): string {
  const text = decodeUtf8(body);
  if (text === undefined) throw wrongBody("not UTF-8");
  return text;
}
