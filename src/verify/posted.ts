/**
 * Finds the sealed result and the event's id among posted fields.
 *
 * @module
 */

import { bytesOf } from "../encoding/bytes.ts";
import { isRecord, read } from "../event/fields.ts";
import { VerifyError } from "./errors.ts";

/**
 * The fields of a parsed body, which are untrusted. Other fields are ignored. Names that mean the same must have the
 * same value; `undefined`, `null` and empty text count as absent.
 */
export interface PostedFields {
  /** The sealed result: base64 text or bytes. */
  readonly sealedResult?: unknown;
  /** The sealed result, as agent v4 names it. */
  readonly sealed_result?: unknown;
  /** The event's id, as the page claims it: text of at most 256 characters. */
  readonly eventId?: unknown;
  /** The event's id, as agent v4 names it. */
  readonly event_id?: unknown;
  /** The event's id, as agent v3 names it. */
  readonly requestId?: unknown;
}

/** What a request posts. */
export interface Posted {
  readonly sealed: string | Uint8Array | undefined;
  readonly id: string | undefined;
}

/** The names of the sealed result in the agents and the vendor's guides. */
const SEALED_NAMES: readonly string[] = ["sealedResult", "sealed_result"];

/** The names of the event's id: the guides, agent v4, agent v3. */
export const ID_NAMES: readonly string[] = ["eventId", "event_id", "requestId"];

/** Real ids have about twenty characters. The limit keeps a body of megabytes from becoming a URL. */
const MAX_ID_CHARACTERS = 256;

/**
 * Finds the sealed result and the id.
 *
 * @param fields Untrusted, of any type. Only own properties are read.
 * @throws {VerifyError} `ERR_REQUEST_BODY`.
 */
export function readPosted(fields: unknown): Posted {
  const own = isRecord(fields) ? fields : {};
  const id = only(own, ID_NAMES, (name, value) => {
    if (typeof value !== "string") throw wrongBody(`${name} is not text`);
    if (value.length > MAX_ID_CHARACTERS) throw wrongBody(`${name} has over ${MAX_ID_CHARACTERS} characters`);
    return value;
  });
  return { id, sealed: only(own, SEALED_NAMES, sealedOf) };
}

/** Agent v4 gives the page an object, of which JSON keeps nothing. */
function sealedOf(name: string, value: unknown): string | Uint8Array | undefined {
  if (typeof value === "string") return value;
  const bytes = bytesOf(value);
  if (bytes !== undefined) return bytes.length === 0 ? undefined : bytes;
  if (isRecord(value)) throw wrongBody(`${name} is an object; the page must send ${name}.base64()`);
  throw wrongBody(`${name} is neither text nor bytes`);
}

/** The value of the own properties with one of `names`. `null` and empty text count as absent. */
function only<Value>(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
  check: (name: string, value: unknown) => Value,
): Value | undefined {
  let found: Value | undefined;
  for (const name of names) {
    const given = read(fields, name);
    if (given === undefined || given === null || given === "") continue;
    const value = check(name, given);
    // With two different values, one would be used and the other ignored.
    if (found !== undefined && found !== value) throw wrongBody(`${names.join(", ")} differ`);
    found = value;
  }
  return found;
}

/** Creates the error for a body that cannot be used. `reason` must not quote the body. */
export function wrongBody(reason: string, cause?: unknown): VerifyError {
  return new VerifyError(
    "ERR_REQUEST_BODY",
    `Cannot read request body: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
