/**
 * The stand-in for the agent v3: what the script of `@fingerprintjs/fingerprintjs-pro` leaves in the page, with `load`.
 *
 * @module
 */

import {
  type Answer,
  type CommonOptions,
  describePage,
  keepToken,
  post,
  sayWhatThisIs,
  TransportError,
} from "./transport.ts";

const VERSION = "3.12.15";

/** The options of `load()`, after the loader has taken the API key out. */
interface LoadOptions extends CommonOptions {
  readonly endpoint?: unknown;
  readonly storageKey?: string;
}

interface GetOptions {
  readonly timeout?: number;
  readonly tag?: unknown;
  readonly linkedId?: string;
  readonly extendedResult?: boolean;
}

/** The texts of the package's constants, by the service's code. Other codes become words: `WrongRegion`, `Wrong region`. */
const MESSAGES: Readonly<Record<string, string>> = {
  TokenRequired: "API key required",
  TokenNotFound: "API key not found",
  RequestCannotBeParsed: "Request cannot be parsed",
  RequestReadTimeout: "Request failed to process",
  Failed: "Request failed",
  TooManyRequests: "Too many requests, rate limit exceeded",
  timeout: "Client timeout",
  network: "Network connection error",
  csp: "Blocked by CSP",
  format: "Response cannot be parsed",
};

/** What every result has, and what `extendedResult` adds. */
const FIELDS = ["visitorId", "visitorFound", "confidence", "zeroTrust"];
const EXTENDED_FIELDS = ["incognito", "browserName", "browserVersion", "device", "ip", "ipLocation", "os", "osVersion"]
  .concat("firstSeenAt", "lastSeenAt");

export function load(options: LoadOptions = {}): Promise<object> {
  sayWhatThisIs();
  const tokenName = `${options.storageKey ?? "_vid"}_t`;

  const describe = ({ linkedId, tag }: GetOptions): Promise<string> =>
    describePage(options, { v: 3, linkedId, tag }, tokenName);

  async function get(call: GetOptions = {}): Promise<object> {
    const body = await describe(call);
    const answer = await post(endpointsOf(options.endpoint), VERSION, options, body, call.timeout ?? 10_000)
      .catch((error: unknown) => {
        throw new Error(MESSAGES[error instanceof TransportError ? error.reason : "network"]);
      });
    const { requestId, sealedResult } = answer;
    const data = dataOf(answer);
    keepToken(tokenName, data["visitorToken"]);
    const result = Object(data["result"]) as Readonly<Record<string, unknown>>;
    const names = call.extendedResult === true ? [...FIELDS, ...EXTENDED_FIELDS] : FIELDS;
    return {
      requestId,
      ...Object.fromEntries(names.filter((name) => name in result).map((name) => [name, result[name]])),
      ...(typeof sealedResult === "string" && { sealedResult }),
    };
  }

  return Promise.resolve({
    get,
    collect: async (call: GetOptions = {}) => btoa(encodeURIComponent(await describe(call))),
  });
}

/** The identification's data. Throws the service's error with the id of the request, as the vendor's agent does. */
function dataOf(answer: Answer): Readonly<Record<string, unknown>> {
  const { requestId, error } = answer;
  if (typeof error === "object" && error !== null) {
    const code = String((error as { code?: unknown }).code);
    const words = code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    throw Object.assign(new Error(MESSAGES[code] ?? words), { requestId, raw: answer });
  }
  if (typeof requestId !== "string") throw new Error(MESSAGES["format"]);
  const { identification } = Object(answer["products"]) as { identification?: { data?: object } };
  return Object(identification?.data) as Readonly<Record<string, unknown>>;
}

/** A URL or a list. `defaultEndpoint`, Fingerprint's own, is left out. */
function endpointsOf(endpoint: unknown): string[] {
  return [endpoint].flat().filter((one): one is string => typeof one === "string");
}
