/**
 * What a client posts to the endpoint: a sealed result in one of three forms, or only the id of an event.
 *
 * @module
 */

import { isRecord } from "../core/event.ts";
import { decodeUtf8 } from "../core/text.ts";
import { BodyError, readBody } from "../body/read.ts";
import { withTimeLimit } from "../body/time-limit.ts";
import { parseJson } from "../core/json.ts";
import { HandlerError } from "./problem.ts";

/** The content of a request. */
export interface SealedRequest {
  /** Base64 text, or bytes. */
  readonly sealed: string | Uint8Array | undefined;
  /** The id of the event, as the client claims it. */
  readonly id: string | undefined;
}

/** What a request may cost. */
export interface RequestLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/** Ids have some twenty characters. This keeps a body of megabytes from becoming a URL. */
const MAX_ID_CHARACTERS = 256;

/** The first byte of a sealed result's version header: it is no character of base64, and begins none of UTF-8. */
const HEADER_START = 0x9e;

/**
 * Reads what a client posted.
 *
 * @param request Untrusted.
 * @throws {HandlerError} `ERR_REQUEST_…`.
 */
export async function readSealedRequest(request: Request, limits: RequestLimits): Promise<SealedRequest> {
  if (request.method !== "POST") throw new HandlerError("ERR_REQUEST_METHOD", "Request expected the method POST");
  if (!/^(identity)?$/i.test(request.headers.get("content-encoding") ?? "")) {
    throw new HandlerError("ERR_REQUEST_TYPE", "Request expected a body without a content coding");
  }
  const parse = formOf(request.headers.get("content-type") ?? "");
  if (parse === undefined) {
    throw new HandlerError("ERR_REQUEST_TYPE", "Request expected text/plain, JSON or application/octet-stream");
  }
  return parse(await readInTime(request, limits));
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
  const text = toText(body);
  const content = parseJson(text);
  if (content === undefined) throw new HandlerError("ERR_REQUEST_BODY", "Request body is not JSON");
  if (!isRecord(content)) throw new HandlerError("ERR_REQUEST_BODY", "Request body expected a JSON object");
  const id = textOf(content, "requestId") ?? textOf(content, "event_id");
  if (id !== undefined && id.length > MAX_ID_CHARACTERS) {
    throw new HandlerError("ERR_REQUEST_BODY", `Request expected an id of ${MAX_ID_CHARACTERS} characters at most`);
  }
  return { sealed: textOf(content, "sealedResult") ?? textOf(content, "sealed_result"), id };
}

/** An own property that is text; `null` and the empty text stand for none. */
function textOf(content: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(content, name) ? content[name] : undefined;
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  throw new HandlerError("ERR_REQUEST_BODY", `Request expected ${name} to be text`);
}

function toText(body: Uint8Array): string {
  const text = decodeUtf8(body);
  if (text === undefined) throw new HandlerError("ERR_REQUEST_BODY", "Request body is not UTF-8");
  return text;
}

/** Reads the body within its limits. */
async function readInTime(request: Request, { maxBodyBytes, bodyTimeoutMs }: RequestLimits): Promise<Uint8Array> {
  const expired = () => new HandlerError("ERR_REQUEST_TIMEOUT", "Request body took over bodyTimeoutMs");
  try {
    return await withTimeLimit(bodyTimeoutMs, expired, (ended) => readBody(request, maxBodyBytes, ended));
  } catch (error) {
    if (error instanceof HandlerError) throw error;
    if (error instanceof BodyError && error.reason === "too-large") {
      throw new HandlerError("ERR_REQUEST_TOO_LARGE", "Request body is over maxBodyBytes");
    }
    throw new HandlerError("ERR_REQUEST_BODY", "Request body could not be read to its end");
  }
}
