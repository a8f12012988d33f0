/**
 * Reads a request to the endpoint: a sealed result in one of three forms, or only the id of an event.
 *
 * @module
 */

import { isRecord } from "../event/event.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { BodyError, readBody } from "../http/body.ts";
import { withTimeLimit } from "../http/time-limit.ts";
import { parseJson } from "../encoding/json.ts";
import { HandlerError } from "./problem.ts";

/** The content of a request. */
export interface SealedRequest {
  /** Base64 text, or bytes. */
  readonly sealed: string | Uint8Array | undefined;
  /** The id of the event, as the client claims it. */
  readonly id: string | undefined;
}

/** The limits of reading a request. */
export interface RequestLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/** The names of the sealed result in the agents and the vendor's guides. */
const SEALED_NAMES: readonly string[] = ["sealedResult", "sealed_result"];

/** The names of the event's id: the guides, agent v4, agent v3. */
const ID_NAMES: readonly string[] = ["eventId", "event_id", "requestId"];

/** Real ids have about twenty characters. The limit keeps a body of megabytes from becoming a URL. */
const MAX_ID_CHARACTERS = 256;

/**
 * Most brackets, braces and commas of a JSON body, including those in strings. Real bodies have a few dozen; 512 KiB of
 * `[` keep `JSON.parse` busy for about 30 ms.
 */
const MAX_JSON_PUNCTUATION = 4096;

/** The first byte of a sealed result's version header. No base64 text and no UTF-8 text begins with it. */
const HEADER_START = 0x9e;

/**
 * Reads the sealed result or the id that a client posted.
 *
 * @param request Untrusted.
 * @throws {HandlerError} `ERR_REQUEST_…`.
 */
export async function readSealedRequest(request: Request, limits: RequestLimits): Promise<SealedRequest> {
  if (request.method !== "POST") throw new HandlerError("ERR_REQUEST_METHOD", "Cannot accept request: not a POST");
  if (!/^(identity)?$/i.test(request.headers.get("content-encoding") ?? "")) {
    throw new HandlerError("ERR_REQUEST_TYPE", "Cannot accept request: its body has a content coding");
  }
  const parse = formOf(request.headers.get("content-type") ?? "");
  if (parse === undefined) {
    throw new HandlerError(
      "ERR_REQUEST_TYPE",
      "Cannot accept request: its content type is none of text/plain, JSON and application/octet-stream",
    );
  }
  return parse(await readPosted(request, limits));
}

function formOf(contentType: string): ((body: Uint8Array) => SealedRequest) | undefined {
  const [type = ""] = contentType.split(";", 1);
  const essence = type.trim().toLowerCase();
  if (essence === "text/plain") return parseText;
  if (essence === "application/octet-stream") return parseBytes;
  if (/^application\/(?:[^/]+\+)?json$/.test(essence)) return parseJsonBody;
  // A page that posts a Uint8Array, or a Blob without a type, sends no content type.
  if (essence === "") return (body) => body[0] === HEADER_START ? parseBytes(body) : parseText(body);
  return undefined;
}

function parseBytes(body: Uint8Array): SealedRequest {
  return { sealed: body.length === 0 ? undefined : body, id: undefined };
}

function parseText(body: Uint8Array): SealedRequest {
  return { sealed: toText(body).trim() || undefined, id: undefined };
}

function parseJsonBody(body: Uint8Array): SealedRequest {
  if (hasTooMuchPunctuation(body)) throw wrongBody("its JSON has too many values");
  const content = parseJson(toText(body));
  if (content === undefined) throw wrongBody("not JSON");
  if (!isRecord(content)) throw wrongBody("not a JSON object");
  const id = textOf(content, ID_NAMES);
  if (id !== undefined && id.length > MAX_ID_CHARACTERS) {
    throw wrongBody(`the id has over ${MAX_ID_CHARACTERS} characters`);
  }
  return { sealed: textOf(content, SEALED_NAMES), id };
}

function hasTooMuchPunctuation(body: Uint8Array): boolean {
  let count = 0;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    const isCounted = byte === 0x2c || byte === 0x5b || byte === 0x7b; // , [ {
    if (isCounted && ++count > MAX_JSON_PUNCTUATION) return true;
  }
  return false;
}

/** The text of the own property with one of `names`. `null` and empty text count as absent. */
function textOf(content: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  let found: string | undefined;
  for (const name of names) {
    const value = Object.hasOwn(content, name) ? content[name] : undefined;
    if (value === undefined || value === null || value === "") continue;
    if (typeof value !== "string") throw wrongBody(`${name} is not text`);
    // With two different values, one would be used and the other ignored.
    if (found !== undefined && found !== value) throw wrongBody(`${names.join(", ")} differ`);
    found = value;
  }
  return found;
}

function toText(body: Uint8Array): string {
  const text = decodeUtf8(body);
  if (text === undefined) throw wrongBody("not UTF-8");
  return text;
}

function wrongBody(reason: string): HandlerError {
  return new HandlerError("ERR_REQUEST_BODY", `Cannot read request body: ${reason}`);
}

/** Reads the body within its limits. */
async function readPosted(request: Request, { maxBodyBytes, bodyTimeoutMs }: RequestLimits): Promise<Uint8Array> {
  const expired = () =>
    new HandlerError("ERR_REQUEST_TIMEOUT", `Cannot read request body: it takes over ${bodyTimeoutMs} ms`);
  try {
    return await withTimeLimit(bodyTimeoutMs, expired, (ended) => readBody(request, maxBodyBytes, ended));
  } catch (error) {
    if (error instanceof HandlerError) throw error;
    if (error instanceof BodyError && error.reason === "too-large") {
      throw new HandlerError("ERR_REQUEST_TOO_LARGE", `Cannot read request body: it has over ${maxBodyBytes} bytes`);
    }
    throw wrongBody("it broke off or was read before");
  }
}
