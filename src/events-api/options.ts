/**
 * The options of an Events API client.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { EventVersion } from "../event/event.ts";
import { checkByteLimit, checkFunction, checkMilliseconds, checkTimeout, wrongType } from "../options.ts";

/** The service to call, and how to call it. */
export interface EventsClientOptions<Version extends EventVersion = EventVersion> {
  /** The secret API key. It is sent in a header, to the service only: redirects are not followed. */
  readonly secretKey: string;
  /** The application's region; `"us"` by default. */
  readonly region?: "us" | "eu" | "ap" | undefined;
  /**
   * The version of the Server API, `"v4"` by default; the client's events have its type. v4 accepts the ids of v3
   * events. v3 ends on 7 January 2027.
   */
  readonly version?: Version | undefined;
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
  /**
   * How long a whole call may take, in milliseconds: a whole number from 1 to 2147483647, or `Infinity`. 5000 by
   * default.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * For how long `getEvent` asks again, in milliseconds from its start: a whole number from 0 to 2147483647. 3000 by
   * default; 0 makes one call one request. It asks again after the statuses 404, 429 and 503 and after network errors,
   * after 0.1 to 0.2 seconds at first, twice as long each time, and never before `Retry-After`.
   */
  readonly retryForMs?: number | undefined;
  /** Most bytes of an event's JSON: a whole number from 0, or `Infinity`. 8 MiB by default. */
  readonly maxBodyBytes?: number | undefined;
}

const NAMES = {
  secretKey: 1,
  region: 1,
  version: 1,
  baseUrl: 1,
  fetch: 1,
  rulesetId: 1,
  timeoutMs: 1,
  retryForMs: 1,
  maxBodyBytes: 1,
} as const satisfies Record<keyof EventsClientOptions, 1>;

const HOSTS = { us: "https://api.fpjs.io", eu: "https://eu.api.fpjs.io", ap: "https://ap.api.fpjs.io" } as const;

/** Checked options. */
export interface CheckedOptions {
  readonly version: EventVersion;
  /** The service's URL without a final slash. */
  readonly baseUrl: string;
  /** The header with the key. */
  readonly authorization: Readonly<Record<string, string>>;
  readonly fetch: NonNullable<EventsClientOptions["fetch"]>;
  readonly query: string;
  readonly timeoutMs: number;
  readonly retryForMs: number;
  readonly maxBodyBytes: number;
}

/** Checks the options of a client. */
export function checkOptions(options: EventsClientOptions): CheckedOptions {
  const own = checkedOptions(options, NAMES);
  const secretKey = checkSecretKey(own.secretKey);
  const version = own.version ?? "v4";
  if (version !== "v4" && version !== "v3") throw new TypeError('version must be "v4" or "v3"');
  return {
    version,
    baseUrl: chooseHost(own.region ?? "us", own.baseUrl),
    authorization: version === "v4" ? { Authorization: `Bearer ${secretKey}` } : { "Auth-API-Key": secretKey },
    // workerd's fetch throws "Illegal invocation" when it is called as a method of another object.
    fetch: checkFunction("fetch", own.fetch === undefined ? (url, init) => globalThis.fetch(url, init) : own.fetch),
    query: encodeQuery(own.rulesetId, version),
    timeoutMs: checkTimeout("timeoutMs", own.timeoutMs ?? 5000),
    retryForMs: checkMilliseconds("retryForMs", own.retryForMs ?? 3000, 0),
    maxBodyBytes: checkByteLimit("maxBodyBytes", own.maxBodyBytes ?? 8 * 1024 * 1024),
  };
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

/** Encodes `ruleset_id`, the only query parameter of `GET /v4/events/{event_id}`. */
export function encodeQuery(rulesetId: string | undefined, version: EventVersion): string {
  if (rulesetId === undefined) return "";
  if (version !== "v4") throw new TypeError('rulesetId must come with version "v4"');
  if (typeof rulesetId !== "string") throw wrongType("rulesetId", "a string", rulesetId);
  if (!/^[\x21-\x7e]{1,1024}$/.test(rulesetId)) {
    throw new TypeError("rulesetId must be 1 to 1024 printable ASCII characters and no blanks");
  }
  return `?ruleset_id=${encodeURIComponent(rulesetId)}`;
}

/** Options of one call. */
export interface CallOptions {
  /** Aborts the call when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of one call of `getEvent`. */
export interface GetEventOptions extends CallOptions {
  /** v4 only: the ruleset of this call, instead of the client's `rulesetId`. */
  readonly rulesetId?: string | undefined;
}

/** Checks the options of one call of `getEvent`. */
export function checkGetEventOptions(options: GetEventOptions): GetEventOptions {
  const own = checkedOptions(options, { signal: 1, rulesetId: 1 });
  checkSignal(own.signal);
  return own;
}

/** Checks an `AbortSignal`, of any realm. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new TypeError("signal must be an AbortSignal");
  }
}
