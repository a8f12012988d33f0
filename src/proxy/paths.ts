/**
 * Routes requests: the mount, Fingerprint's paths, and its regions.
 *
 * A request determines the path and the query of the upstream's URL, but never its host: each target is parsed again,
 * and refused unless its origin is the upstream's.
 *
 * @module
 */

import { wrongType } from "../options.ts";

/** The region of a Fingerprint application. */
export type Region = "us" | "eu" | "ap";

/** The paths under the mount that pages with the JavaScript agent v3 use. */
export interface AgentPaths {
  /** The path of the agent's script, such as `/agent`. */
  readonly download: string;
  /** The path that the agent posts to, such as `/result`. */
  readonly result: string;
}

/** The destination of a request. */
export type Destination =
  | { readonly kind: "status" }
  | { readonly kind: "upstream"; readonly url: URL };

/** Finds the destination of a request's URL; `undefined` when the URL is not the proxy's. */
export type Router = (requestUrl: URL) => Destination | undefined;

/** How requests are routed. */
export interface RouterOptions {
  /** As {@linkcode parsePath} returns it. */
  readonly mountPath: string;
  readonly agentPaths: AgentPaths | undefined;
  readonly hasStatusPage: boolean;
  /** The upstream's origin. */
  readonly originOf: (region: Region) => string;
}

/**
 * Checks a path of the site.
 *
 * @param name The option, for the message.
 * @param path Whole segments of unreserved characters (RFC 3986 §2.3), such as `/metrics`, or `/`.
 * @returns The path without a slash at its end: `/` becomes empty.
 */
export function parsePath(name: string, path: string): string {
  if (typeof path !== "string") throw wrongType(name, "a path", path);
  if (!/^(\/|(\/(?!\.\.?(\/|$))[A-Za-z0-9._~-]+)+\/?)$/.test(path)) {
    throw new RangeError(`${name} must be a path such as /metrics, of letters, digits and the characters . _ ~ -`);
  }
  return path.replace(/\/$/, "");
}

/** Creates the router of a proxy. */
export function createRouter({ mountPath, agentPaths, hasStatusPage, originOf }: RouterOptions): Router {
  return (requestUrl) => {
    const path = pathUnder(mountPath, requestUrl.pathname);
    if (path === undefined) return undefined;
    if (hasStatusPage && path === "/status") return { kind: "status" };
    const target = upstreamPath(path, requestUrl.searchParams, agentPaths);
    if (target === undefined) return undefined;
    const origin = originOf(regionOf(requestUrl.searchParams));
    const url = new URL(origin + target + requestUrl.search);
    // This always holds, because the origin has no slash at its end and the target begins with one. It is checked again
    // because the proxy secret would otherwise go to another host.
    return url.origin === new URL(origin).origin ? { kind: "upstream", url } : undefined;
  };
}

/** The rest of a path under a prefix of whole segments, with its slash; `undefined` when it is not under the prefix. */
function pathUnder(prefix: string, path: string): string | undefined {
  if (path === prefix) return "/";
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}

/** The path on the upstream. */
function upstreamPath(path: string, query: URLSearchParams, agentPaths: AgentPaths | undefined): string | undefined {
  if (agentPaths === undefined) return path;
  const { download, result } = agentPaths;
  if (path === download || path === `${download}/`) return agentPath(query);
  return pathUnder(result, path) ?? path;
}

/** The path of the agent v3: its version and the public API key are in the query. */
function agentPath(query: URLSearchParams): string | undefined {
  const apiKey = encodeURIComponent(query.get("apiKey") ?? "");
  if (/^\.{0,2}$/.test(apiKey)) return undefined; // An empty or dot segment would change the path.
  const version = encodeURIComponent(query.get("version") ?? "3");
  const loaderVersion = query.get("loaderVersion");
  const loader = loaderVersion === null ? "" : `/loader_v${encodeURIComponent(loaderVersion)}.js`;
  return `/web/v${version}/${apiKey}${loader}`;
}

function regionOf(query: URLSearchParams): Region {
  const region = query.get("region");
  return region === "eu" || region === "ap" ? region : "us";
}

/** Fingerprint's origin in a region. */
export function fingerprintOrigin(region: Region): string {
  return region === "us" ? "https://api.fpjs.io" : `https://${region}.api.fpjs.io`;
}

/**
 * Checks an origin that the application sets instead of Fingerprint's.
 *
 * @returns The origin, such as `https://example.com`.
 */
export function parseOrigin(name: string, origin: string): string {
  if (typeof origin !== "string") throw wrongType(name, "an origin", origin);
  try {
    // Chromium's URL escapes the characters that RFC 3986 and the URL standard forbid in a host.
    if (/^https?:\/\/[^\s\p{Cc}%/?#\\@<>^|]+\/?$/iu.test(origin)) return new URL(origin).origin;
  } catch {
    // Not a URL. `URL.canParse` is missing on Fastly's engine.
  }
  throw new RangeError(`${name} must be an origin such as https://api.fpjs.io`);
}
