/**
 * Fetches events from Fingerprint's Events API: the way to an event when there is its id but no sealed result.
 *
 * One call is one request. Nothing is tried again here: {@linkcode EventsApiError} says whether, and after how long, that
 * makes sense.
 *
 * @module
 */

import { type FingerprintEvent, isEvent } from "../core/event.ts";
import { checkByteLimit, checkFunction, checkMilliseconds, ownProperties } from "../options.ts";
import { parseJson } from "../core/json.ts";
import { decodeUtf8 } from "../core/text.ts";
import { BodyError, readBody } from "../body/read.ts";
import { EventsApiError, statusError } from "./errors.ts";

export {
  EventsApiError,
  type EventsApiErrorCode,
  type EventsApiErrorDetails,
  type EventsApiServiceCode,
} from "./errors.ts";
export type { FingerprintEvent } from "../core/event.ts";

/** Where the service is, and how to ask it. */
export interface EventsClientOptions {
  /** The secret API key. It is sent in a header, to the service alone: redirects are not followed. */
  readonly secretKey: string;
  /** The application's region; `"us"` by default. */
  readonly region?: "us" | "eu" | "ap";
  /** The version of the Server API, `"v4"` by default: it takes the ids of v3 too. v3 ends on 7 January 2027. */
  readonly version?: "v4" | "v3";
  /** Replaces the region's `https://…api.fpjs.io`, as for a proxy; a path is kept. Over `http:` the key goes in clear. */
  readonly baseUrl?: string | URL;
  /** Replaces the global `fetch`. It is called as a plain function: bind it if it needs its `this`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** How long a whole call may take, in milliseconds: a whole number from 1 to 2147483647. 5000 by default. */
  readonly timeoutMs?: number;
  /** Most bytes of an event's JSON: a whole number from 0, or `Infinity`. 8 MiB by default. */
  readonly maxBodyBytes?: number;
}

/** How to make one call. */
export interface GetEventOptions {
  /** Gives the call up when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/** Fetches events. It may be shared and called concurrently; nothing printable holds its key. */
export interface EventsClient {
  /**
   * Fetches one event.
   *
   * @param id The event's id: v4 `event_id`, v3 `requestId`. Untrusted; from 1 to 1024 characters.
   * @param options How to make this call.
   * @returns The event.
   * @throws {EventsApiError} See {@linkcode EventsApiErrorCode}; the promise rejects, nothing is thrown synchronously.
   */
  getEvent(id: string, options?: GetEventOptions): Promise<FingerprintEvent>;
}

const HOSTS = { us: "https://api.fpjs.io", eu: "https://eu.api.fpjs.io", ap: "https://ap.api.fpjs.io" } as const;

const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;
/** What is read of an answer that is no event, to find the service's code in it. */
const MAX_ERROR_BODY_BYTES = 16 * 1024;
/** Ids have some 20 characters. */
const MAX_ID_CHARACTERS = 1024;

/**
 * Creates a client.
 *
 * @param options The secret key, and where to use it.
 * @throws {TypeError | RangeError} When an option is not what it should be.
 *
 * @example Fetch an event, and tell a missing one from other trouble
 * ```ts
 * import { createEventsClient, EventsApiError } from "@unseal/sealed-results/events-api";
 * import assert from "node:assert/strict";
 *
 * const client = createEventsClient({
 *   secretKey: "SECRET_API_KEY",
 *   region: "eu",
 *   // In place of the service, for this example:
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
  // As a method of anything else, workerd's fetch is an illegal invocation.
  const { fetch = (url, init) => globalThis.fetch(url, init) } = own;
  checkFunction("fetch", fetch);

  async function request(url: string, { ended, signal }: Ending): Promise<FingerprintEvent> {
    let response: Response;
    try {
      // Followed, a redirect would take the key along, at least to another path. workerd has no "error".
      const headers = { Accept: "application/json", ...authorization };
      response = await fetch(url, { method: "GET", headers, redirect: "manual", ...(signal && { signal }) });
    } catch {
      // What a runtime says of a failed request may quote it.
      throw new EventsApiError("ERR_EVENTS_API_NETWORK", "Events API could not be reached");
    }
    if (response.status !== 200) {
      const answer = await readAnswer(response, MAX_ERROR_BODY_BYTES, ended).catch(() => new Uint8Array(0));
      throw statusError(response, parseAnswer(answer), secretKey);
    }
    const event = parseAnswer(await readAnswer(response, maxBodyBytes, ended));
    if (isEvent(event)) return event;
    throw new EventsApiError("ERR_EVENTS_API_BODY", "Events API's answer is not an event in JSON");
  }

  return Object.freeze({
    async getEvent(id: string, options: GetEventOptions = {}) {
      const url = events + encodeId(id);
      const { signal } = ownProperties(options);
      if (signal !== undefined && typeof signal?.addEventListener !== "function") {
        throw new TypeError("signal must be an AbortSignal");
      }
      return await within(timeoutMs, signal, (ending) => request(url, ending));
    },
  });
}

/** Runtimes quote a header they refuse, so one that they would is refused here. */
function checkSecretKey(secretKey: string): string {
  if (typeof secretKey === "string" && /^[\x21-\x7e]+$/.test(secretKey)) return secretKey;
  const got = secretKey === undefined ? ", got undefined" : "";
  throw new TypeError(`secretKey must be a string of printable ASCII characters and no blanks${got}`);
}

function chooseHost(region: string, baseUrl: string | URL | undefined): string {
  if (!Object.hasOwn(HOSTS, region)) throw new TypeError('region must be "us", "eu" or "ap"');
  if (baseUrl === undefined) return HOSTS[region as keyof typeof HOSTS]; // It has the region.
  let url: URL | undefined;
  try {
    url = new URL(baseUrl);
  } catch {
    // An engine's error holds the text, and that may hold a password.
  }
  if (
    url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" ||
    url.search !== "" || url.hash !== ""
  ) throw new TypeError("baseUrl must be an http or https URL without credentials, query or fragment");
  return url.origin + (url.pathname.endsWith("/") ? url.pathname.slice(0, -1) : url.pathname);
}

/** Makes one path segment of an id, and nothing but that: `.` and `..` would be steps in the path (WHATWG URL §4.4). */
function encodeId(id: string): string {
  if (typeof id === "string" && id !== "" && id !== "." && id !== ".." && id.length <= MAX_ID_CHARACTERS) {
    try {
      return encodeURIComponent(id);
    } catch {
      // It has half of a surrogate pair.
    }
  }
  throw new EventsApiError("ERR_EVENTS_API_REQUEST", `Id expected text of 1 to ${MAX_ID_CHARACTERS} characters`);
}

/** How a call learns that it has been given up. */
interface Ending {
  /** Rejects with the call's error. */
  readonly ended: Promise<never>;
  /** Missing on an engine without `AbortController`, such as Fastly's: a request cannot be cancelled there. */
  readonly signal: AbortSignal | undefined;
}

/** Runs `work` until it ends, `signal` fires or the time is up, also when `work` ignores its ending. */
async function within<Result>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (ending: Ending) => Promise<Result>,
): Promise<Result> {
  const aborted = () => new EventsApiError("ERR_EVENTS_API_ABORTED", "Events API request was aborted");
  if (signal?.aborted) throw aborted();
  const controller = typeof AbortController === "function" ? new AbortController() : undefined;
  let end: (error: EventsApiError) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = (error) => {
      reject(error);
      controller?.abort();
    };
  });
  const abort = () => end(aborted());
  const expire = () =>
    end(new EventsApiError("ERR_EVENTS_API_TIMEOUT", `Events API did not answer within ${timeoutMs} ms`));
  const timer = setTimeout(expire, timeoutMs);
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([ended, work({ ended, signal: controller?.signal })]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

async function readAnswer(response: Response, maxBytes: number, ended: Promise<never>): Promise<Uint8Array> {
  try {
    return await readBody(response, maxBytes, ended);
  } catch (error) {
    if (error instanceof EventsApiError) throw error;
    if (error instanceof BodyError && error.reason === "too-large") {
      throw new EventsApiError(
        "ERR_EVENTS_API_BODY",
        `Events API's answer expected ${maxBytes} bytes at most, got more`,
      );
    }
    throw new EventsApiError("ERR_EVENTS_API_NETWORK", "Events API's answer broke off");
  }
}

/** The value, or `undefined` for what is not JSON in UTF-8. */
function parseAnswer(bytes: Uint8Array): unknown {
  return parseJson(decodeUtf8(bytes) ?? "");
}
