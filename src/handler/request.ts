/**
 * Reads a request to the endpoint within its limits, and finds the sealed result and the id in it.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import { isRecord, readPath } from "../event/fields.ts";
import { BodyError, readBody } from "../http/body.ts";
import { isHeaderName } from "../http/headers.ts";
import { isPost } from "../http/methods.ts";
import { withTimeLimit } from "../http/time-limit.ts";
import { checkByteLimit, checkFunction, checkTimeout, wrongType } from "../options.ts";
import { VerifyError } from "../verify/errors.ts";
import { ID_NAMES, type PostedFields, wrongBody } from "../verify/posted.ts";
import { type Content, parseBody, type PostedBody } from "./body.ts";
import type { EndpointOptions } from "./options.ts";

/** What a request has. */
export interface ReadRequest {
  readonly body: PostedBody;
  /** Untrusted. */
  readonly posted: PostedFields;
}

type ReadOptions = Pick<
  EndpointOptions<unknown, unknown>,
  "field" | "idField" | "read" | "header" | "maxBodyBytes" | "bodyTimeoutMs"
>;

const DEFAULT_MAX_BODY_BYTES = 512 * 1024;
const DEFAULT_BODY_TIMEOUT_MS = 30_000;

/**
 * Checks the options, and creates a function that reads requests.
 *
 * @param known Gets the body as soon as it is read.
 * @throws {TypeError | RangeError} When an option is invalid.
 */
export function createReader(
  own: ReadOptions,
): (request: Request, known: { body?: PostedBody }) => Promise<PostedFields> {
  const maxBodyBytes = checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  const bodyTimeoutMs = checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS);
  const path = checkPath("field", own.field);
  const idPath = checkPath("idField", own.idField);
  const read = own.read === undefined ? undefined : checkFunction("read", own.read);
  if (read !== undefined && (path !== undefined || idPath !== undefined)) {
    throw new TypeError("read must come without field and idField, which it replaces");
  }
  const header = checkHeaderName(own.header);

  /** Reads and parses a body within the limits. */
  async function readContent(request: Request, isOpaque: boolean): Promise<[Content | undefined, Bytes]> {
    const expired = () =>
      new VerifyError("ERR_REQUEST_TIMEOUT", `Cannot read request body: it takes over ${bodyTimeoutMs} ms`);
    try {
      return await withTimeLimit(bodyTimeoutMs, expired, async (ended): Promise<[Content | undefined, Bytes]> => {
        // readBody() returns bytes of its own.
        const bytes = await readBody(request, maxBodyBytes, ended) as Bytes;
        return [isOpaque ? {} : await parseBody(request.headers.get("content-type") ?? "", bytes), bytes];
      });
    } catch (error) {
      if (error instanceof VerifyError) throw error;
      if (error instanceof BodyError && error.reason === "too-large") {
        throw new VerifyError("ERR_REQUEST_TOO_LARGE", `Cannot read request body: it has over ${maxBodyBytes} bytes`);
      }
      throw wrongBody("it broke off");
    }
  }

  /** The sealed result and the id among the fields of a body. */
  function locate(fields: PostedBody["fields"]): PostedFields {
    if (path === undefined && idPath === undefined) return fields;
    const parent = path === undefined ? fields : parentOf(fields, path);
    const names = path === undefined ? ["sealedResult", "sealed_result"] : [];
    const found = pick(parent, idPath === undefined ? [...names, ...ID_NAMES] : names);
    return {
      ...found,
      ...(path === undefined ? {} : { sealedResult: valueAt(fields, path) }),
      ...(idPath === undefined ? {} : { eventId: valueAt(fields, idPath) }),
    };
  }

  return async (request, known) => {
    const inHeader = header === undefined ? null : request.headers.get(header);
    if (inHeader === null && !isPost(request)) {
      throw new VerifyError("ERR_REQUEST_METHOD", "Cannot accept request: not a POST");
    }
    // A coding does not matter for a body that is not interpreted.
    if (inHeader === null && !/^(identity)?$/i.test(request.headers.get("content-encoding") ?? "")) {
      throw new VerifyError("ERR_REQUEST_TYPE", "Cannot accept request: its body has a content coding");
    }
    if (request.bodyUsed || request.body?.locked) {
      throw new VerifyError(
        "ERR_INTERNAL",
        "Cannot read request body: other code has read it. Call the handler first, or give verify() of ./verify the " +
          "parsed body",
      );
    }
    const [content, bytes] = await readContent(request, inHeader !== null);
    const body: PostedBody = { fields: content?.fields ?? Object.create(null), bytes };
    known.body = body;
    if (inHeader !== null) return { sealedResult: inHeader };
    if (read !== undefined) {
      try {
        return await read(body, request);
      } catch (cause) {
        throw wrongBody("read() failed", cause);
      }
    }
    if (content === undefined) {
      throw new VerifyError(
        "ERR_REQUEST_TYPE",
        "Cannot accept request: its body is neither text, JSON, a form nor bytes",
      );
    }
    return content.sealed === undefined ? locate(body.fields) : { sealedResult: content.sealed };
  };
}

/** The object that has the last name of a path, or an empty one. */
function parentOf(fields: PostedBody["fields"], path: readonly string[]): PostedBody["fields"] {
  if (Object.hasOwn(fields, path.join("."))) return fields;
  const parent = valueAt(fields, path.slice(0, -1));
  return isRecord(parent) ? parent : {};
}

/** The value at a path of own properties. A form has no nesting, but may have names with dots. */
function valueAt(fields: PostedBody["fields"], path: readonly string[]): unknown {
  const whole = path.join(".");
  if (Object.hasOwn(fields, whole)) return fields[whole];
  return readPath(fields, ...path);
}

function pick(from: PostedBody["fields"], names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(from, name)).map((name) => [name, from[name]]));
}

function checkPath(option: string, path: string | undefined): readonly string[] | undefined {
  if (path === undefined) return undefined;
  const names = typeof path === "string" ? path.split(".") : [""];
  if (names.includes("")) throw wrongType(option, 'a name or names joined by dots, such as "a.b"', path);
  return names;
}

function checkHeaderName(name: string | undefined): string | undefined {
  if (name === undefined || isHeaderName(name)) return name;
  throw wrongType("header", "the name of a header", name);
}
