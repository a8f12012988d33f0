/**
 * The stand-in for the agent v4: what `@fingerprint/agent` imports, and expects to export `start`.
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

/** The public API key; the sandbox writes it before the script. */
declare const API_KEY: string;

const VERSION = "4.1.5";

/** The options of `start()`, after the loader has taken the API key out. They are the page's, and untrusted. */
interface StartOptions extends CommonOptions {
  readonly endpoints?: unknown;
  readonly storageKeyPrefix?: string;
  readonly cache?: { readonly storage?: unknown; readonly duration?: unknown; readonly cachePrefix?: unknown };
}

interface GetOptions {
  readonly timeout?: number;
  readonly tag?: unknown;
  readonly tags?: unknown;
  readonly linkedId?: string;
}

const MESSAGES: Readonly<Record<string, string>> = {
  client_timeout: "Client timeout",
  network_connection: "Network connection error",
  csp_block: "Blocked by CSP",
  bad_response_format: "Can't parse the backend response. Make sure the proper endpoints are used.",
  cache_misconfigured: "The `cache` option is misconfigured",
};

class FingerprintError extends Error {
  override readonly name = "FingerprintError";
  readonly code: string;
  readonly event_id: string | null;

  constructor(code: string, message: string = MESSAGES[code] ?? code, eventId: string | null = null) {
    super(message);
    this.code = code;
    this.event_id = eventId;
  }
}

/** Sealed bytes in the forms that a page can post. */
function binaryOutput(base64: string): object {
  const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return {
    byteArray: bytes,
    blob: () => new Blob([bytes()]),
    base64: () => base64,
    toJSON: () => base64,
    toString: () => base64,
    [Symbol.toPrimitive]: () => base64,
  };
}

export function start(options: StartOptions): object {
  sayWhatThisIs();
  const tokenName = `${options.storageKeyPrefix ?? "_vid_"}t`;
  const cache = createCache(options.cache);

  const describe = (call: GetOptions): Promise<string> =>
    describePage(options, { v: 4, linkedId: call.linkedId, tag: call.tags ?? call.tag }, tokenName);

  async function ask(call: GetOptions): Promise<Answer> {
    const answer = await post(
      endpointsOf(options.endpoints),
      VERSION,
      options,
      await describe(call),
      call.timeout ?? 10_000,
    )
      .catch(refuse);
    const { error } = answer;
    if (typeof error === "object" && error !== null) {
      const { code, message } = error as Readonly<Record<string, unknown>>;
      const id = answer["event_id"] ?? answer["requestId"];
      // A proxy that cannot reach the service answers both agents in v3's form.
      const isKnown = typeof code === "string" && /^[a-z_]+$/.test(code);
      throw new FingerprintError(isKnown ? code : "server_error", String(message), typeof id === "string" ? id : null);
    }
    if (typeof answer["event_id"] !== "string") throw new FingerprintError("bad_response_format");
    keepToken(tokenName, answer["visitor_token"]);
    return answer;
  }

  return {
    async get(call: GetOptions = {}) {
      const cached = cache?.read(call);
      const answer = cached ?? await ask(call);
      if (cached === undefined) cache?.write(call, answer);
      const { event_id, visitor_id, suspect_score, sealed_result } = answer;
      return {
        ...(cache !== undefined && { cache_hit: cached !== undefined }),
        event_id,
        ...(visitor_id !== undefined && { visitor_id }),
        ...(suspect_score !== undefined && { suspect_score }),
        sealed_result: typeof sealed_result === "string" ? binaryOutput(sealed_result) : null,
      };
    },
    collect: async (call: GetOptions = {}) => btoa(encodeURIComponent(await describe(call))),
  };
}

function refuse(error: unknown): never {
  const reason = error instanceof TransportError ? error.reason : "network";
  const codes = { timeout: "client_timeout", network: "network_connection", csp: "csp_block" } as const;
  throw new FingerprintError(reason === "format" ? "bad_response_format" : codes[reason]);
}

/** A URL, a list of them, or either in `withoutDefault()`. Fingerprint's own endpoint, the default, is left out. */
function endpointsOf(endpoints: unknown): string[] {
  const value = typeof endpoints === "object" && endpoints !== null && "value" in endpoints
    ? endpoints.value
    : endpoints;
  return [value].flat().filter((endpoint): endpoint is string => typeof endpoint === "string");
}

interface Cache {
  read(call: GetOptions): Answer | undefined;
  write(call: GetOptions, answer: Answer): void;
}

/** Answers of this page, for `storage: "agent"`. */
const memory = new Map<string, string>();

function createCache(config: StartOptions["cache"]): Cache | undefined {
  if (config === undefined) return undefined;
  const { storage, duration, cachePrefix = "" } = config;
  const seconds = duration === "optimize-cost" ? 3600 : duration === "aggressive" ? 43_200 : Number(duration);
  const place = storage === "sessionStorage" ? sessionStorage : storage === "localStorage" ? localStorage : {
    getItem: (name: string) => memory.get(name) ?? null,
    setItem: (name: string, text: string) => memory.set(name, text),
  };
  if (!["sessionStorage", "localStorage", "agent"].includes(String(storage)) || !(seconds > 0 && seconds <= 43_200)) {
    throw new FingerprintError("cache_misconfigured");
  }
  const nameOf = ({ tag, tags, linkedId }: GetOptions): string =>
    `${cachePrefix}__unseal_sandbox__${API_KEY}__${JSON.stringify([tags ?? tag, linkedId])}`;
  return {
    read(call) {
      const stored = place.getItem(nameOf(call));
      const { until, answer } = JSON.parse(stored ?? "{}") as { until?: number; answer?: Answer };
      return until !== undefined && Date.now() < until ? answer : undefined;
    },
    write: (call, answer) =>
      void place.setItem(nameOf(call), JSON.stringify({ until: Date.now() + seconds * 1000, answer })),
  };
}
