/**
 * The reader of requests and of posted fields: against `JSON.parse` and `URLSearchParams`, at once and in pieces.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { createReader } from "../../../src/handler/request.ts";
import { VerifyError } from "../../../src/verify/errors.ts";
import { readPosted } from "../../../src/verify/posted.ts";
import type { PostedBody } from "../../../src/handler/body.ts";
import { concat } from "../../support/bytes.ts";

const MAX_BODY_BYTES = 1000;
const READERS = [{}, { field: "a.b" }, { idField: "a.id" }, { field: "a.b", idField: "id" }, { header: "x-sealed" }]
  .map((options) => createReader({ maxBodyBytes: MAX_BODY_BYTES, ...options }));

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const TYPES = [
  JSON_TYPE,
  "text/plain;charset=UTF-8",
  FORM_TYPE,
  "multipart/form-data; boundary=b",
  "application/octet-stream",
  "",
  "application/vnd.api+json ; a=b",
];

const FORM_DATA = ["sealedResult", "eventId"]
  .map((name) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\nnoXc7Q==\r\n`).join("");

export const seeds: readonly Uint8Array[] = [
  [0, 0, 0, '{"sealedResult":"noXc7Q==","eventId":"1","a":{"b":"noXc7Q==","id":2}}'],
  [1, 0, 9, '\u00ef\u00bb\u00bf {"a.b":"noXc7Q==","__proto__":{"event_id":null}}'],
  [2, 1, 1, " noXc7Q==\n"],
  [3, 2, 5, "sealed_result=noXc7Q%3D%3D&a.id=1&a=2&a=3"],
  [0, 3, 20, `${FORM_DATA}--b--\r\n`],
  [0, 4, 2, "\u009e\u0085\u00dc\u00ed"],
  [0, 5, 2, "\u009e\u0085\u00dc\u00ed"],
  [4, 6, 3, "[[[]]]"],
  [0, 7, 7, "text/html\n<p>"],
  [0, 7, 7, 'multipart/form-data; boundary="-"\n-----\r\n'],
  [0, 1, 0, "A".repeat(MAX_BODY_BYTES + 1)],
].map(([reader, type, size, text]) => concat([reader, type, size].map(Number), Buffer.from(String(text), "latin1")));

/**
 * @param data A byte for the options, one for the content type, one for the least size of the pieces, and the body. For the
 * last type, the body begins with the value of the header and a line feed.
 */
export async function fuzz(data: Uint8Array): Promise<void> {
  const [reader = 0, typeNumber = 0, size = 0] = data;
  const rest = Buffer.from(data.subarray(3));
  const end = rest.indexOf(0x0a);
  const type = TYPES[typeNumber % (TYPES.length + 1)] ?? rest.toString("latin1", 0, Math.max(0, end));
  const body = Uint8Array.from(typeNumber % (TYPES.length + 1) === TYPES.length ? rest.subarray(end + 1) : rest);
  const read = READERS[reader % READERS.length]!; // one of them
  const headers = headersOf(type);
  if (headers === undefined) return;

  const whole = await outcomeOf(read, new Request("https://a.test/", { method: "POST", headers, body }));
  const inPieces = await outcomeOf(
    read,
    requestInPieces(headers, body, Math.max(1 + size, Math.ceil(body.length / 16))),
  );
  if (!isDeepStrictEqual(whole, inPieces)) throw new Error(`${brief(whole)} at once, ${brief(inPieces)} in pieces`);

  const isTooLarge = whole.code === "ERR_REQUEST_TOO_LARGE";
  if (isTooLarge !== (body.length > MAX_BODY_BYTES)) throw new Error(`${body.length} bytes: ${brief(whole)}`);
  if (isTooLarge) return;
  const expected = referenceFields(headers.get("content-type") ?? "", body);
  if (!isSameFields(whole, expected)) {
    throw new Error(`${brief(whole)}, by the reference ${JSON.stringify(expected)}`);
  }
}

interface Outcome {
  readonly code?: string;
  readonly fields?: PostedBody["fields"];
  readonly posted?: ReturnType<typeof readPosted>;
}

async function outcomeOf(read: ReturnType<typeof createReader>, request: Request): Promise<Outcome> {
  const known: { body?: PostedBody } = {};
  try {
    const posted = readPosted(await read(request, known));
    const { id, sealed } = posted;
    if (id !== undefined && (typeof id !== "string" || id === "" || id.length > 256)) throw new Error("an unusable id");
    if (sealed !== undefined && sealed.length === 0) throw new Error("an empty sealed result");
    return { posted, fields: plain(known.body?.fields) };
  } catch (error) {
    if (!(error instanceof VerifyError) || !/^ERR_REQUEST_(TYPE|BODY|TOO_LARGE)$/.test(error.code)) throw error;
    return { code: error.code, fields: plain(known.body?.fields) };
  }
}

/** Files are compared by their size. */
const plain = (fields: PostedBody["fields"] = {}) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value instanceof Blob ? value.size : value]));

function headersOf(type: string): Headers | undefined {
  try {
    return new Headers(type === "" ? {} : { "content-type": type });
  } catch {
    return undefined; // no server accepts such a header
  }
}

function requestInPieces(headers: Headers, body: Uint8Array, size: number): Request {
  let at = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= body.length) return controller.close();
      controller.enqueue(body.slice(at, at += size));
    },
  });
  return new Request("https://a.test/", { method: "POST", headers, body: stream, duplex: "half" } as RequestInit);
}

/** The fields of a JSON object or a form; `null` if it must be refused; `undefined` if the reference does not know. */
function referenceFields(type: string, body: Uint8Array): Record<string, unknown> | null | undefined {
  const [essence = ""] = type.toLowerCase().split(";").map((part) => part.trim());
  const isJson = essence === JSON_TYPE || /^application\/[^/]+\+json$/.test(essence);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body); // drops a byte order mark
  } catch {
    return isJson || essence === FORM_TYPE ? null : undefined;
  }
  if (isJson || /^[\t\n\r ]*\{/.test(text)) {
    if (text.replace(/[^[{]/g, "").length > 128) return undefined; // perhaps too deep
    try {
      const value = JSON.parse(text);
      return Object.prototype.toString.call(value) === "[object Object]" ? value : null;
    } catch {
      return null;
    }
  }
  if (essence !== FORM_TYPE) return undefined;
  const form = new URLSearchParams(text);
  if (text.split("&").length > 256) return null;
  return Object.fromEntries([...form.keys()].map((name) => {
    const [first, ...more] = form.getAll(name);
    return [name, more.length === 0 ? first : [first, ...more]];
  }));
}

function isSameFields({ code, fields }: Outcome, expected: Record<string, unknown> | null | undefined): boolean {
  if (expected === undefined) return true;
  if (expected === null) return code === "ERR_REQUEST_BODY";
  return isDeepStrictEqual(fields, plain(expected));
}

const brief = ({ code, posted }: Outcome) => code ?? JSON.stringify(posted);
