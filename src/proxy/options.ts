/**
 * The options of the proxy.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { isHeaderName } from "../http/headers.ts";
import {
  type CheckedOptions,
  checkOpening,
  DEFAULT_BODY_TIMEOUT_MS,
  DEFAULT_MAX_BODY_BYTES,
  OPENING_NAMES,
  type OpeningOptions,
} from "../open-client-response/options.ts";
import { checkByteLimit, checkFlag, checkFunction, checkMilliseconds, checkTimeout, wrongType } from "../options.ts";
import { platformAddress } from "./address.ts";
import { type AgentPaths, fingerprintOrigin, parseOrigin, parsePath, type Region } from "./paths.ts";
import type { FetchUpstream } from "./upstream.ts";

/**
 * How the proxy works. `Context` is the type of the server's second argument.
 *
 * `onEvent` and `onBytes` come with `unsealer`; without it, the proxy only forwards. `onError` also receives a
 * `ProxyError` when a request could not be forwarded.
 */
export interface FingerprintProxyOptions<Event = FingerprintEvent, Context = unknown>
  extends Omit<OpeningOptions<Event, Context>, "unsealer"> {
  /** The path of the site that the proxy is mounted on, such as `/metrics`, or `/`. It matches whole segments. */
  readonly mountPath: string;
  /**
   * The proxy secret of the Fingerprint dashboard, or a function that returns it, called for each `POST`. It is sent to
   * Fingerprint's hosts only, or to `baseUrl` if that is set.
   */
  readonly proxySecret: string | ((request: Request, context: Context) => string | Promise<string>);
  /** Opens the sealed results in Fingerprint's responses: an unsealer, or a function that returns one. */
  readonly unsealer?: OpeningOptions<Event, Context>["unsealer"] | undefined;
  /**
   * Returns the client's address; a port, brackets and a zone are left out. By default, the platform itself provides it:
   * `CF-Connecting-IP` on Cloudflare Workers, and the address of the connection, from the server's `context`, on Deno,
   * Bun, Node and Fastly. Behind a load balancer or a reverse proxy, the connection's address is not the client's: pass
   * `fromHeader("x-forwarded-for")`, or the header which that proxy sets. Required on other platforms.
   */
  readonly clientAddress?:
    | ((
      request: Request,
      context: Context,
    ) => string | null | undefined | Promise<string | null | undefined>)
    | undefined;
  /** The paths under the mount that pages with the JavaScript agent v3 use. Without them, only agents v4 work. */
  readonly agentPaths?: AgentPaths | undefined;
  /**
   * Longest time that browsers may cache an agent script, in milliseconds: from 0 to 2^31 - 1, used in whole seconds. For
   * shared caches it is at most 60 seconds. By default Fingerprint's `Cache-Control` is passed on.
   */
  readonly maxAgentAgeMs?: number | undefined;
  /** `NAME/VERSION` for Fingerprint's monitoring of integrations. By default `custom-proxy-integration/1.0`. */
  readonly integrationName?: string | undefined;
  /**
   * Whether `status` under the mount serves a page that shows whether the configuration is complete. `true` by default.
   */
  readonly statusPage?: boolean | undefined;
  /**
   * Names of further request headers that hold credentials of the site, and must not reach Fingerprint. `_` counts as
   * `-`, and a name that ends in `-` is a prefix.
   */
  readonly omitHeaders?: readonly string[] | undefined;
  /**
   * The origin that receives the requests, and the proxy secret, instead of Fingerprint's; or a function that returns
   * the origin for a region. For tests. `undefined`, the value of a variable that is not set, stands for Fingerprint's.
   */
  readonly baseUrl?: string | ((region: Region) => string) | undefined;
  /** Used in place of the global `fetch`: to name a backend, for example. */
  readonly fetch?: FetchUpstream | undefined;
  /** Most bytes of a request's body: a whole number from 0, or `Infinity`. 6 MiB by default. */
  readonly maxRequestBytes?: number | undefined;
  /** Most bytes of a response to copy and open: a whole number from 0, or `Infinity`. 6 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
  /**
   * How long the proxy may take until it responds, which includes the request's body: milliseconds from 1 to 2^31 - 1,
   * or `Infinity`. 30 seconds by default.
   */
  readonly timeoutMs?: number | undefined;
  /** How long a response's body may take for its copy, as `timeoutMs`. 30 seconds by default. */
  readonly bodyTimeoutMs?: number | undefined;
}

// deno-fmt-ignore
const NAMES: Readonly<Record<keyof FingerprintProxyOptions, 1>> = {
  ...OPENING_NAMES, bodyTimeoutMs: 1, mountPath: 1, proxySecret: 1, clientAddress: 1, agentPaths: 1, maxAgentAgeMs: 1,
  integrationName: 1, statusPage: 1, omitHeaders: 1, baseUrl: 1, fetch: 1, maxRequestBytes: 1, maxResponseBytes: 1,
  timeoutMs: 1,
};

/** Options with their defaults. */
export interface CheckedProxyOptions<Event, Context>
  extends Pick<FingerprintProxyOptions<Event, Context>, "proxySecret" | "onError" | "maxAgentAgeMs"> {
  /** How to open responses; `undefined` if the proxy only forwards. */
  readonly opening: CheckedOptions<Event, Context> | undefined;
  readonly clientAddress: NonNullable<FingerprintProxyOptions<Event, Context>["clientAddress"]>;
  readonly mountPath: string;
  readonly agentPaths: AgentPaths | undefined;
  /** The query parameter that names the integration. */
  readonly integration: string;
  readonly hasStatusPage: boolean;
  readonly omitHeaders: readonly string[];
  readonly originOf: (region: Region) => string;
  readonly fetch: FetchUpstream;
  readonly maxRequestBytes: number;
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Checks options and fills in their defaults. */
export function checkOptions<Event, Context>(
  options: FingerprintProxyOptions<Event, Context>,
): CheckedProxyOptions<Event, Context> {
  const own = checkedOptions(options, NAMES);
  const { proxySecret, maxAgentAgeMs } = own;
  if (typeof proxySecret !== "function" && !isHeaderText(proxySecret)) {
    throw wrongType("proxySecret", "text of printable ASCII characters, or a function that returns it", proxySecret);
  }
  return {
    proxySecret,
    mountPath: parsePath("mountPath", own.mountPath),
    opening: checkProxyOpening(own),
    onError: own.onError === undefined ? undefined : checkFunction("onError", own.onError),
    clientAddress: checkClientAddress(own.clientAddress),
    agentPaths: own.agentPaths === undefined ? undefined : checkAgentPaths(own.agentPaths),
    maxAgentAgeMs: maxAgentAgeMs === undefined ? undefined : checkMilliseconds("maxAgentAgeMs", maxAgentAgeMs, 0),
    integration: checkIntegration(own.integrationName ?? "custom-proxy-integration/1.0"),
    hasStatusPage: checkFlag("statusPage", own.statusPage ?? true),
    omitHeaders: checkHeaderNames(own.omitHeaders ?? []),
    originOf: checkBaseUrl(own.baseUrl),
    fetch: own.fetch === undefined ? (url, init) => fetch(url, init) : checkFunction("fetch", own.fetch),
    maxRequestBytes: checkByteLimit("maxRequestBytes", own.maxRequestBytes ?? DEFAULT_MAX_BODY_BYTES),
    timeoutMs: checkTimeout("timeoutMs", own.timeoutMs ?? DEFAULT_TIMEOUT_MS),
  };
}

/** Whether a value can be sent as a header. For other values, a runtime's own error would quote the value. */
export function isHeaderText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}

function checkProxyOpening<Event, Context>(
  { unsealer, ...own }: FingerprintProxyOptions<Event, Context>,
): CheckedOptions<Event, Context> | undefined {
  const limits = {
    maxBodyBytes: checkByteLimit("maxResponseBytes", own.maxResponseBytes ?? DEFAULT_MAX_BODY_BYTES),
    bodyTimeoutMs: checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS),
  };
  if (unsealer !== undefined) return { ...checkOpening({ ...own, unsealer }), ...limits };
  if (own.onEvent === undefined && own.onBytes === undefined) return undefined;
  throw new TypeError("onEvent and onBytes must come with unsealer");
}

function checkAgentPaths(paths: AgentPaths): AgentPaths {
  if (typeof paths !== "object" || paths === null) throw wrongType("agentPaths", "an object", paths);
  const { download, result } = checkedOptions(paths, { download: 1, result: 1 });
  const checked = {
    download: parsePath("agentPaths.download", download),
    result: parsePath("agentPaths.result", result),
  };
  for (const [name, path] of Object.entries(checked)) {
    if (path === "" || path === "/status") throw new RangeError(`agentPaths.${name} must not be / or /status`);
  }
  if (checked.download === checked.result) throw new RangeError("agentPaths must be two different paths");
  return checked;
}

function checkClientAddress<Event, Context>(
  clientAddress: FingerprintProxyOptions<Event, Context>["clientAddress"],
): NonNullable<FingerprintProxyOptions<Event, Context>["clientAddress"]> {
  if (clientAddress !== undefined) return checkFunction("clientAddress", clientAddress);
  const find = platformAddress();
  if (find === undefined) {
    throw new TypeError("clientAddress must be a function: this platform does not provide the address");
  }
  return find;
}

function checkIntegration(name: string): string {
  if (typeof name !== "string") throw wrongType("integrationName", "text", name);
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) throw new RangeError("integrationName must be NAME/VERSION");
  return `ii=${encodeURIComponent(`${name}/ingress`)}`;
}

function checkHeaderNames(names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) throw wrongType("omitHeaders", "an array of header names", names);
  const wrong = names.findIndex((name) => !isHeaderName(name));
  if (wrong !== -1) throw new TypeError(`omitHeaders[${wrong}] must be a header name`);
  return [...names];
}

function checkBaseUrl(baseUrl: string | ((region: Region) => string) | undefined): (region: Region) => string {
  if (baseUrl === undefined) return fingerprintOrigin;
  if (typeof baseUrl === "function") return (region) => parseOrigin("baseUrl", baseUrl(region));
  const origin = parseOrigin("baseUrl", baseUrl);
  return () => origin;
}
