/**
 * The body of `POST /v4/edge`: a request that was intercepted at the edge.
 *
 * @module
 */

import { readAddress } from "../http/address.ts";
import { wrongType } from "../options.ts";
import type { CallOptions } from "./options.ts";

/** A request to analyze: a `Request`, or an object with these properties. */
export interface EdgeRequest {
  /** The method, such as `GET`. */
  readonly method: string;
  /** The absolute URL, http or https. A fragment is left out. */
  readonly url: string;
  /**
   * The headers: `Headers`, or a list of names and values, one per line of the request. A list keeps their order and
   * capitalization, which makes the analysis more accurate.
   */
  readonly headers:
    | readonly (readonly [name: string, value: string])[]
    | { forEach(callback: (value: string, name: string) => void): void };
}

/** What is sent with a request to analyze. */
export interface AnalyzeOptions extends CallOptions {
  /** The client's address as your server sees it, or one of each version. Brackets, port and zone are left out. */
  readonly ip: string | readonly string[];
  /** The event's `linked_id`. */
  readonly linkedId?: string | undefined;
  /** The event's `tags`. */
  readonly tags?: { readonly [name: string]: unknown } | undefined;
  /**
   * Names of headers whose values are replaced by empty text, besides those whose names suggest a secret, such as
   * `Authorization`, `Cookie` and `X-Api-Key`.
   */
  readonly secretHeaders?: readonly string[] | undefined;
}

/** Names of headers with a secret. The service asks for such headers with an empty value. */
const SECRET_NAME = /auth|cookie|token|secret|session|api[-_]?key|password|credential|csrf|xsrf|jwt/i;

/**
 * Creates the body.
 *
 * @throws {TypeError} When the application's request or options are invalid.
 */
export function edgeBody(request: EdgeRequest, options: AnalyzeOptions): string {
  const { ip, linkedId, tags, secretHeaders = [] } = options;
  if (!Array.isArray(secretHeaders)) throw wrongType("secretHeaders", "a list of names", secretHeaders);
  const secretNames = new Set(secretHeaders.map((name) => String(name).toLowerCase()));
  const headers = headerLines(request?.headers).map(([name, value]) => {
    const isSecret = SECRET_NAME.test(name) || secretNames.has(name.toLowerCase());
    return { name, value: isSecret ? "" : value };
  });
  if (typeof request.method !== "string") throw wrongType("request.method", "a string", request.method);
  if (headers.length === 0) throw new TypeError("request.headers must have at least one header");
  return JSON.stringify({
    headers,
    method: request.method,
    url: absoluteUrl(request.url),
    ...addresses(typeof ip === "string" ? [ip] : ip),
    linked_id: linkedId,
    tags,
  });
}

function headerLines(headers: EdgeRequest["headers"]): (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [];
  if (isList(headers)) lines.push(...headers);
  else if (typeof headers?.forEach === "function") headers.forEach((value, name) => lines.push([name, value]));
  else throw wrongType("request.headers", "Headers or a list of names and values", headers);
  if (lines.every(isLine)) return lines;
  throw new TypeError("request.headers must have names and values of text");
}

/** Whether an application's value is a name and a value. */
function isLine(line: unknown): boolean {
  return Array.isArray(line) && line.length === 2 && line.every((part) => typeof part === "string");
}

function isList(headers: EdgeRequest["headers"]): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}

function absoluteUrl(text: string): string {
  try {
    const url = new URL(text);
    if (/^https?:$/.test(url.protocol)) {
      url.hash = "";
      return url.href;
    }
  } catch {
    // The engine's error quotes the text.
  }
  throw new TypeError("request.url must be an absolute http or https URL");
}

function addresses(ips: readonly string[]): { ipv4_address?: string; ipv6_address?: string } {
  if (!Array.isArray(ips) || ips.length === 0) throw wrongType("ip", "an address or a list of addresses", ips);
  return Object.fromEntries(ips.map((ip) => {
    const address = readAddress(ip);
    if ("fault" in address) throw new TypeError(`ip ${address.fault}`);
    return [address.text.includes(":") ? "ipv6_address" : "ipv4_address", address.text];
  }));
}
