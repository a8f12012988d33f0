/**
 * One request to the Events API, and its answer.
 *
 * @module
 */

import { decodeUtf8 } from "../encoding/utf8.ts";
import { parseJson } from "../encoding/json.ts";
import { BodyError, readBody } from "../http/body.ts";
import { ownProperties, typeNameOf } from "../options.ts";
import type { Ending } from "./ending.ts";
import { EventsApiError, statusError } from "./errors.ts";
import type { CheckedOptions } from "./options.ts";

/** Most bytes that are read of a response with a status other than 200, to find the service's code in it. */
const MAX_ERROR_BODY_BYTES = 16 * 1024;

/**
 * Sends a request and parses the answer.
 *
 * @param body The JSON of a POST request; `null` for a GET request.
 * @returns The answer; `undefined` when it is not JSON in UTF-8.
 * @throws {EventsApiError} When there is no complete answer with status 200.
 */
export async function sendRequest(
  { fetch, authorization, maxBodyBytes }: CheckedOptions,
  url: string,
  body: string | null,
  { ended, signal }: Ending,
): Promise<unknown> {
  // Without prototypes: runtimes read many more options, such as Bun's `proxy`, through the prototype chain.
  const init: RequestInit = ownProperties({
    method: body === null ? "GET" : "POST",
    body, // Set in any case because Node copies these options into an object with a prototype.
    headers: ownProperties<Record<string, string>>({
      Accept: "application/json",
      ...(body !== null && { "Content-Type": "application/json" }),
      ...authorization,
    }),
    // Following a redirect would send the key on, at least to another path. workerd does not support "error".
    redirect: "manual",
    ...(signal && { signal }),
  });
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch {
    // A runtime's error may quote the request.
    throw new EventsApiError("ERR_EVENTS_API_NETWORK", "Cannot fetch event: the Events API could not be reached");
  }
  checkResponse(response);
  if (response.status === 200) return parseAnswer(await readAnswer(response, maxBodyBytes, ended));
  const answer = await readAnswer(response, MAX_ERROR_BODY_BYTES, ended).catch(() => new Uint8Array(0));
  throw statusError(response, parseAnswer(answer));
}

/** Checks the members of a `Response` that are used. An application's `fetch` may return anything. */
function checkResponse(response: Response): void {
  try {
    const { status, headers, body } = response;
    const isStream = body === null || typeof body.getReader === "function";
    if (typeof status === "number" && typeof headers.get === "function" && isStream) return;
  } catch {
    // A member is missing, or its getter throws.
  }
  throw new TypeError(`fetch must return a Response with a web stream as its body, got ${typeNameOf(response)}`);
}

async function readAnswer(response: Response, maxBytes: number, ended: Promise<never>): Promise<Uint8Array> {
  try {
    return await readBody(response, maxBytes, ended);
  } catch (error) {
    if (error instanceof EventsApiError) throw error;
    if (error instanceof BodyError && error.reason === "too-large") {
      throw new EventsApiError(
        "ERR_EVENTS_API_TOO_LARGE",
        `Cannot fetch event: the response is over ${maxBytes} bytes`,
      );
    }
    throw new EventsApiError("ERR_EVENTS_API_NETWORK", "Cannot fetch event: the response broke off");
  }
}

function parseAnswer(bytes: Uint8Array): unknown {
  return parseJson(decodeUtf8(bytes) ?? "");
}
