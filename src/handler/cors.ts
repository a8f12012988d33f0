/**
 * Cross-origin requests of pages (Fetch standard, "CORS protocol").
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import { checkFlag, wrongType } from "../options.ts";

/** Which pages of other origins may use the endpoint. */
export interface CorsOptions {
  /**
   * The origins, such as `"https://shop.example"`, or a function that decides. An origin has a scheme, a host and
   * perhaps a port, and neither a path nor a slash at its end.
   */
  readonly origins: readonly string[] | ((origin: string) => boolean);
  /** Whether these pages may send cookies. `false` by default. */
  readonly credentials?: boolean | undefined;
}

/** The endpoint's side of the protocol. */
export interface Cors {
  /** Whether a request only asks for permission. */
  isPreflight(request: Request): boolean;
  /** The headers to set on the response to a request. `vary` is to be appended. */
  headersFor(request: Request): Record<string, string>;
}

/** How long browsers may remember a permission, in seconds: ten minutes. */
const MAX_AGE = "600";

/**
 * Checks the options.
 *
 * @param header The name of a header that pages may send, besides `content-type`.
 */
export function createCors(options: CorsOptions, header: string | undefined): Cors {
  const own = checkedOptions(options, { origins: 1, credentials: 1 });
  const allows = checkOrigins(own.origins);
  const credentials = checkFlag("cors.credentials", own.credentials ?? false);
  const allowedHeaders = header === undefined ? "content-type" : `content-type, ${header}`;

  const isPreflight = ({ method, headers }: Request): boolean =>
    /^options$/i.test(method) && headers.has("origin") && headers.has("access-control-request-method");

  return {
    isPreflight,
    headersFor(request) {
      const origin = request.headers.get("origin");
      // Without `vary`, a cache could serve the response for one origin to another.
      if (origin === null || !allows(origin)) return { vary: "Origin" };
      return {
        vary: "Origin",
        "access-control-allow-origin": origin,
        ...(credentials ? { "access-control-allow-credentials": "true" } : {}),
        ...(isPreflight(request)
          ? {
            "access-control-allow-methods": "POST",
            "access-control-allow-headers": allowedHeaders,
            "access-control-max-age": MAX_AGE,
          }
          : {}),
      };
    },
  };
}

function checkOrigins(origins: CorsOptions["origins"]): (origin: string) => boolean {
  // Only `true` allows, so that a promise does not.
  if (typeof origins === "function") return (origin) => origins(origin) === true;
  if (!Array.isArray(origins)) throw wrongType("cors.origins", "a list of origins or a function", origins);
  for (const origin of origins as readonly unknown[]) {
    if (!isOrigin(origin)) {
      throw new TypeError('cors.origins must have origins as browsers send them, such as "https://shop.example"');
    }
  }
  const allowed = new Set<string>(origins);
  return (origin) => allowed.has(origin);
}

/** Whether this is an origin in the form in which browsers send it. `null`, that of any sandboxed page, is no URL. */
function isOrigin(origin: unknown): boolean {
  try {
    return new URL(origin as string).origin === origin; // of another type, it equals no text
  } catch {
    return false;
  }
}
