/**
 * The client of the Events API: one call is one request.
 *
 * @module
 */

import { BodyError, readBody } from "../http/body.ts";
import { type FingerprintEvent, isEvent } from "../event/event.ts";
import { parseJson } from "../encoding/json.ts";
import { summarize } from "../event/summary.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { checkByteLimit, checkFunction, checkMilliseconds, ownProperties, typeNameOf, wrongType } from "../options.ts";
import { type Ending, within } from "./ending.ts";
import { EventsApiError, statusError } from "./errors.ts";

/** The service to call, and how to call it. */
export interface EventsClientOptions {
  /** The secret API key. It is sent in a header, to the service only: redirects are not followed. */
  readonly secretKey: string;
  /** The application's region; `"us"` by default. */
  readonly region?: "us" | "eu" | "ap" | undefined;
  /** The version of the Server API, `"v4"` by default. v4 accepts the ids of v3 events. v3 ends on 7 January 2027. */
  readonly version?: "v4" | "v3" | undefined;
  /**
   * Replaces the region's `https://…api.fpjs.io`, for example with a proxy; a path is kept. `http:` sends the key
   * unencrypted.
   */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Replaces the global `fetch`. It is called as a plain function: bind it if it needs its `this`. `init` has no
   * `signal` on engines without `AbortController`.
   */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /**
   * v4 only: the id of the ruleset to evaluate for each event. Without it, events have no `rule_action`.
   */
  readonly rulesetId?: string | undefined;
  /** How long a whole call may take, in milliseconds: a whole number from 1 to 2147483647. 5000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Most bytes of an event's JSON: a whole number from 0, or `Infinity`. 8 MiB by default. */
  readonly maxBodyBytes?: number | undefined;
}

/** Options of one call. */
export interface GetEventOptions {
  /** Aborts the call when it fires. */
  readonly signal?: AbortSignal | undefined;
  /** v4 only: the ruleset of this call, instead of the client's `rulesetId`. */
  readonly rulesetId?: string | undefined;
}

/** Fetches events. It may be shared and called concurrently. Printing it does not show its key. */
export interface EventsClient {
  /**
   * Fetches one event.
   *
   * @param id The event's id: v4 `event_id`, v3 `requestId`. Untrusted; from 1 to 1024 characters.
   * @param options Options of this call.
   * @returns The event. An event with another id is refused; a v3 event without `identification` data has no id to
   * compare.
   * @throws {EventsApiError} See {@linkcode EventsApiErrorCode}. The promise rejects; nothing is thrown synchronously.
   * @throws {TypeError} When an option of this call is invalid, or the client's `fetch` does not return a `Response`.
   */
  getEvent(id: string, options?: GetEventOptions): Promise<FingerprintEvent>;
}

const HOSTS = { us: "https://api.fpjs.io", eu: "https://eu.api.fpjs.io", ap: "https://ap.api.fpjs.io" } as const;

const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Most bytes that are read of a response with a status other than 200, to find the service's code in it. */
const MAX_ERROR_BODY_BYTES = 16 * 1024;
/** Real ids have about 20 characters. */
const MAX_ID_CHARACTERS = 1024;

/**
 * Creates a client.
 *
 * @param options The service to call, and how to call it.
 * @throws {TypeError | RangeError} When an option has the wrong type or range.
 *
 * @example Fetch an event, and recognise a missing one
 * ```ts
 * import { createEventsClient, EventsApiError } from "@unseal/sealed-results/events-api";
 * import assert from "node:assert/strict";
 *
 * const client = createEventsClient({
 *   secretKey: "SECRET_API_KEY",
 *   region: "eu",
 *   // Replaces the service in this example:
 *   fetch: async (url) =>
 *     url.endsWith("/v4/events/1708102555327.NLOjmg")
 *       ? Response.json({ event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 })
 *       : Response.json({ error: { code: "event_not_found", message: "…" } }, { status: 404 }),
 * });
 *
 * const event = await client.getEvent("1708102555327.NLOjmg");
 * assert.equal(event.event_id, "1708102555327.NLOjmg");
 * await assert.rejects(
 *   client.getEvent("1708102555327.xxxxxx"),
 *   (error) => error instanceof EventsApiError && error.status === 404 && error.serviceCode === "event_not_found",
 * );
 * ```
 */
export function createEventsClient(options: EventsClientOptions): EventsClient {
  const own = ownProperties(options);
  const secretKey = checkSecretKey(own.secretKey);
  const version = own.version ?? "v4";
  if (version !== "v4" && version !== "v3") throw new TypeError('version must be "v4" or "v3"');
  const events = chooseHost(own.region ?? "us", own.baseUrl) + (version === "v4" ? "/v4/events/" : "/events/");
  const authorization = version === "v4" ? { Authorization: `Bearer ${secretKey}` } : { "Auth-API-Key": secretKey };
  const timeoutMs = checkMilliseconds("timeoutMs", own.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const maxBodyBytes = checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  const query = encodeQuery(own.rulesetId, version);
  // workerd's fetch throws "Illegal invocation" when it is called as a method of another object.
  const { fetch = (url, init) => globalThis.fetch(url, init) } = own;
  checkFunction("fetch", fetch);

  async function send(url: string, signal: AbortSignal | undefined): Promise<Response> {
    // Without prototypes: runtimes read many more options, such as Bun's `proxy`, through the prototype chain.
    const init: RequestInit = ownProperties({
      method: "GET",
      body: null, // Set explicitly because Node copies these options into an object with a prototype.
      headers: ownProperties<Record<string, string>>({ Accept: "application/json", ...authorization }),
      // Following a redirect would send the key on, at least to another path. workerd does not support "error".
      redirect: "manual",
      ...(signal && { signal }),
    });
    try {
      return await fetch(url, init);
    } catch {
      // A runtime's error may quote the request.
      throw new EventsApiError("ERR_EVENTS_API_NETWORK", "Cannot fetch event: the Events API could not be reached");
    }
  }

  async function request(id: string, url: string, { ended, signal }: Ending): Promise<FingerprintEvent> {
    const response = checkResponse(await send(url, signal));
    if (response.status !== 200) {
      const answer = await readAnswer(response, MAX_ERROR_BODY_BYTES, ended).catch(() => new Uint8Array(0));
      throw statusError(response, parseAnswer(answer));
    }
    const event = parseAnswer(await readAnswer(response, maxBodyBytes, ended));
    if (!isEvent(event)) {
      throw new EventsApiError("ERR_EVENTS_API_BODY", "Cannot fetch event: the response is not an event in JSON");
    }
    const { id: answered } = summarize(event);
    if (answered === id || (answered === undefined && version === "v3")) return event;
    throw new EventsApiError("ERR_EVENTS_API_BODY", "Cannot fetch event: the response is an event with another id");
  }

  return Object.freeze({
    async getEvent(id: string, options: GetEventOptions = {}) {
      const { signal, rulesetId } = ownProperties(options);
      if (signal !== undefined && typeof signal?.addEventListener !== "function") {
        throw new TypeError("signal must be an AbortSignal");
      }
      const url = events + encodeId(id) + (rulesetId === undefined ? query : encodeQuery(rulesetId, version));
      return await within(timeoutMs, signal, (ending) => request(id, url, ending));
    },
  });
}

/** Refuses a key that cannot be a header, because a runtime's own error would quote it. */
function checkSecretKey(secretKey: string): string {
  if (typeof secretKey === "string" && /^[\x21-\x7e]+$/.test(secretKey)) return secretKey;
  const got = secretKey === undefined ? ", got undefined" : "";
  throw new TypeError(`secretKey must be a string of printable ASCII characters and no blanks${got}`);
}

function chooseHost(region: string, baseUrl: string | URL | undefined): string {
  if (!Object.hasOwn(HOSTS, region)) throw new TypeError('region must be "us", "eu" or "ap"');
  if (baseUrl === undefined) return HOSTS[region as keyof typeof HOSTS]; // checked to be a key
  let url: URL | undefined;
  try {
    url = new URL(baseUrl);
  } catch {
    // The engine's error quotes the text, which may contain a password.
  }
  if (
    url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" ||
    url.search !== "" || url.hash !== ""
  ) throw new TypeError("baseUrl must be an http or https URL without credentials, query or fragment");
  return url.origin + (url.pathname.endsWith("/") ? url.pathname.slice(0, -1) : url.pathname);
}

/** Encodes an id as one path segment. `.` and `..` are refused: they change the path (WHATWG URL §4.4). */
function encodeId(id: string): string {
  if (typeof id === "string" && id !== "" && id !== "." && id !== ".." && id.length <= MAX_ID_CHARACTERS) {
    try {
      return encodeURIComponent(id);
    } catch {
      // The id contains half of a surrogate pair.
    }
  }
  throw new EventsApiError(
    "ERR_EVENTS_API_REQUEST",
    `Cannot fetch event: the id must be text of 1 to ${MAX_ID_CHARACTERS} characters, not . or ..`,
  );
}

/** Encodes `ruleset_id`, the only query parameter of `GET /v4/events/{event_id}`. */
function encodeQuery(rulesetId: string | undefined, version: "v4" | "v3"): string {
  if (rulesetId === undefined) return "";
  if (version !== "v4") throw new TypeError('rulesetId must come with version "v4"');
  if (typeof rulesetId !== "string") throw wrongType("rulesetId", "a string", rulesetId);
  if (!/^[\x21-\x7e]{1,1024}$/.test(rulesetId)) {
    throw new TypeError("rulesetId must be 1 to 1024 printable ASCII characters and no blanks");
  }
  return `?ruleset_id=${encodeURIComponent(rulesetId)}`;
}

/** Checks the members of a `Response` that are used. An application's `fetch` may return anything. */
function checkResponse(response: Response): Response {
  const { status, headers, body } = (response ?? {}) as Partial<Response>;
  const isStream = body === null || typeof body?.getReader === "function";
  if (typeof status === "number" && typeof headers?.get === "function" && isStream) return response;
  throw new TypeError(`fetch must return a Response with a web stream as its body, got ${typeNameOf(response)}`);
}

async function readAnswer(response: Response, maxBytes: number, ended: Promise<never>): Promise<Uint8Array> {
  try {
    return await readBody(response, maxBytes, ended);
  } catch (error) {
    if (error instanceof EventsApiError) throw error;
    if (error instanceof BodyError && error.reason === "too-large") {
      throw new EventsApiError(
        "ERR_EVENTS_API_BODY",
        `Cannot fetch event: the response is over ${maxBytes} bytes`,
      );
    }
    throw new EventsApiError("ERR_EVENTS_API_NETWORK", "Cannot fetch event: the response broke off");
  }
}

/** Returns `undefined` when the bytes are not JSON in UTF-8. */
function parseAnswer(bytes: Uint8Array): unknown {
  return parseJson(decodeUtf8(bytes) ?? "");
}
