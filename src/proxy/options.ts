/**
 * The options of the proxy.
 *
 * @module
 */

import type { FingerprintEvent } from "../event/event.ts";
import {
  checkOptions as checkOpenClientResponse,
  type OpenClientResponseContext,
} from "../open-client-response/options.ts";
import type { SealedResultOpener } from "../unseal/unsealer.ts";
import { checkByteLimit, checkFunction, checkTimeout, ownProperties, wrongType } from "../options.ts";
import { platformAddress } from "./address.ts";
import { type AgentPaths, fingerprintOrigin, parseOrigin, parsePath, type Region } from "./paths.ts";
import type { FetchUpstream } from "./upstream.ts";

/** How the proxy works. `Context` is the type of the server's second argument. */
export interface FingerprintProxyOptions<Event = FingerprintEvent, Context = unknown> {
  /** The path of the site that the proxy is mounted on, such as `/metrics`, or `/`. It matches whole segments. */
  readonly mountPath: string;
  /**
   * The proxy secret of the Fingerprint dashboard, or a function that returns it, called for each `POST`. It is sent to
   * Fingerprint's hosts only, or to `upstream` if that is set.
   */
  readonly proxySecret: string | ((request: Request, context: Context) => string | Promise<string>);
  /**
   * Opens the sealed results in Fingerprint's responses: an unsealer, or a function that returns one, for keys from a
   * secret store. The function is called when a response has a sealed result. Without it, the proxy only forwards.
   */
  readonly unsealer?:
    | SealedResultOpener<Event>
    | ((request: Request, context: Context) => SealedResultOpener<Event> | Promise<SealedResultOpener<Event>>)
    | undefined;
  /** Receives the event, once for each response with a sealed result. The client does not wait for it. */
  readonly onEvent?: ((event: Event, details: ProxyEventDetails<Context>) => unknown) | undefined;
  /** Receives the event's JSON as it was sealed, authenticated and not parsed, in place of `onEvent`. */
  readonly onBytes?: ((bytes: Uint8Array, details: ProxyEventDetails<Context>) => unknown) | undefined;
  /**
   * Receives a `ProxyError` when a request could not be forwarded, and any error that kept an event from `onEvent`: an
   * `OpenClientResponseError`, an `UnsealError`, or an error of `onEvent` or `unsealer`. Exceptions of `onError` are
   * ignored.
   */
  readonly onError?: ((error: unknown, details: ProxyRequestDetails<Context>) => unknown) | undefined;
  /**
   * Returns the client's address. By default, the platform itself provides it: `CF-Connecting-IP` on Cloudflare
   * Workers, and the address of the connection, from the server's `context`, on Deno, Bun, Node and Fastly. Behind a
   * load balancer or a reverse proxy, the connection's address is not the client's: pass a function that reads the
   * header which that proxy sets. Required on other platforms.
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
   * Longest time that browsers may cache an agent script, in seconds. For shared caches it is at most 60 seconds. By
   * default Fingerprint's `Cache-Control` is passed on.
   */
  readonly maxAgentAgeSeconds?: number | undefined;
  /** `NAME/VERSION` for Fingerprint's monitoring of integrations. By default `custom-proxy-integration/1.0`. */
  readonly integrationName?: string | undefined;
  /**
   * Whether `status` under the mount serves a page that shows whether the configuration is complete. `true` by default.
   */
  readonly statusPage?: boolean | undefined;
  /** Names of further request headers that hold credentials of the site, and must not reach Fingerprint. */
  readonly omitHeaders?: readonly string[] | undefined;
  /**
   * The origin that receives the requests, and the proxy secret, instead of Fingerprint's; or a function that returns
   * the origin for a region. For tests. `undefined`, the value of a variable that is not set, stands for Fingerprint's.
   */
  readonly upstream?: string | ((region: Region) => string) | undefined;
  /** Used in place of the global `fetch`: to name a backend, for example. */
  readonly fetch?: FetchUpstream | undefined;
  /** Most bytes of a request's body: a whole number from 0, or `Infinity`. 6 MiB by default. */
  readonly maxRequestBytes?: number | undefined;
  /** Most bytes of a response to copy and open: as `maxBodyBytes` of `./open-client-response`. 6 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
  /**
   * How long the request's body and the response's headers may take together, in milliseconds: from 1 to 2^31 - 1, or
   * `Infinity`. 30 seconds by default.
   */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a response's body may take for its copy, as in `./open-client-response`. 30 seconds by default. */
  readonly bodyTimeoutMs?: number | undefined;
}

/** A request, and the server's context. */
export interface ProxyRequestDetails<Context = unknown> {
  /** The client's request. Its body has been read. */
  readonly request: Request;
  /** The server's second argument. */
  readonly context: Context;
}

/** The context of an event. */
export interface ProxyEventDetails<Context = unknown> extends OpenClientResponseContext, ProxyRequestDetails<Context> {}

/** Options with their defaults. */
export interface CheckedProxyOptions<Event, Context> extends
  Pick<
    FingerprintProxyOptions<Event, Context>,
    "proxySecret" | "unsealer" | "onEvent" | "onBytes" | "onError" | "maxAgentAgeSeconds"
  > {
  readonly mountPath: string;
  readonly agentPaths: AgentPaths | undefined;
  readonly clientAddress: NonNullable<FingerprintProxyOptions<Event, Context>["clientAddress"]>;
  /** The query parameter that names the integration. */
  readonly integration: string;
  readonly hasStatusPage: boolean;
  readonly omitHeaders: readonly string[];
  readonly originOf: (region: Region) => string;
  readonly fetch: FetchUpstream;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
}

const DEFAULT_MAX_BYTES = 6 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_INTEGRATION = "custom-proxy-integration/1.0";

/** Checks options and fills in their defaults. */
export function checkOptions<Event, Context>(
  options: FingerprintProxyOptions<Event, Context>,
): CheckedProxyOptions<Event, Context> {
  const own = ownProperties(options);
  const { unsealer, onEvent, onBytes, onError, maxAgentAgeSeconds } = own;
  if (typeof own.proxySecret !== "function" && !isHeaderText(own.proxySecret)) {
    throw wrongType(
      "proxySecret",
      "text of printable ASCII characters, or a function that returns it",
      own.proxySecret,
    );
  }
  if (onError !== undefined) checkFunction("onError", onError);
  if (maxAgentAgeSeconds !== undefined && !(Number.isInteger(maxAgentAgeSeconds) && maxAgentAgeSeconds >= 0)) {
    throw new RangeError("maxAgentAgeSeconds must be a whole number of seconds from 0");
  }
  if (own.statusPage !== undefined && typeof own.statusPage !== "boolean") {
    throw wrongType("statusPage", "a boolean", own.statusPage);
  }
  const limits = {
    maxRequestBytes: checkByteLimit("maxRequestBytes", own.maxRequestBytes ?? DEFAULT_MAX_BYTES),
    maxResponseBytes: checkByteLimit("maxResponseBytes", own.maxResponseBytes ?? DEFAULT_MAX_BYTES),
    headersTimeoutMs: checkTimeout("headersTimeoutMs", own.headersTimeoutMs ?? DEFAULT_TIMEOUT_MS),
    bodyTimeoutMs: checkTimeout("bodyTimeoutMs", own.bodyTimeoutMs ?? DEFAULT_TIMEOUT_MS),
  };
  checkOpening(own);
  return ownProperties({
    proxySecret: own.proxySecret,
    mountPath: parsePath("mountPath", own.mountPath),
    agentPaths: own.agentPaths === undefined ? undefined : checkAgentPaths(own.agentPaths),
    clientAddress: checkClientAddress(own.clientAddress),
    integration: checkIntegration(own.integrationName ?? DEFAULT_INTEGRATION),
    hasStatusPage: own.statusPage ?? true,
    omitHeaders: checkHeaderNames(own.omitHeaders ?? []),
    originOf: checkUpstream(own.upstream),
    fetch: own.fetch === undefined ? (url, init) => fetch(url, init) : checkFunction("fetch", own.fetch),
    ...limits,
    ...(unsealer !== undefined && { unsealer }),
    ...(onEvent !== undefined && { onEvent }),
    ...(onBytes !== undefined && { onBytes }),
    ...(onError !== undefined && { onError }),
    ...(maxAgentAgeSeconds !== undefined && { maxAgentAgeSeconds }),
  });
}

/** Whether a value can be sent as a header. For other values, a runtime's own error would quote the value. */
export function isHeaderText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}

function checkOpening<Event, Context>(options: FingerprintProxyOptions<Event, Context>): void {
  const { unsealer, onEvent, onBytes } = options;
  if (unsealer === undefined) {
    if (onEvent !== undefined || onBytes !== undefined) {
      throw new TypeError("onEvent and onBytes must come with unsealer");
    }
    return;
  }
  checkOpenClientResponse({
    // A function is checked only for being a function.
    unsealer: typeof unsealer === "function" ? () => ({}) as SealedResultOpener<Event> : unsealer,
    ...(onEvent !== undefined && { onEvent: onEvent as () => unknown }),
    ...(onBytes !== undefined && { onBytes: onBytes as () => unknown }),
  });
}

function checkAgentPaths(paths: AgentPaths): AgentPaths {
  const { download, result } = ownProperties(Object(paths) as AgentPaths);
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
  return names.map((name: unknown) => {
    if (typeof name === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return name.toLowerCase();
    throw wrongType("omitHeaders", "an array of header names", name);
  });
}

function checkUpstream(upstream: string | ((region: Region) => string) | undefined): (region: Region) => string {
  if (upstream === undefined) return fingerprintOrigin;
  if (typeof upstream === "function") return (region) => parseOrigin("upstream", upstream(region));
  const origin = parseOrigin("upstream", upstream);
  return () => origin;
}
