/**
 * What the two agents of the sandbox share: they describe the page, post it, and read the answer.
 *
 * They run in pages. `scripts/text-modules.ts` makes text of them, which `createSandbox()` serves.
 *
 * @module
 */

/** The public API key; the sandbox writes it before the script. */
declare const API_KEY: string;

/** Where the script was loaded from; the sandbox writes it before the script. */
declare const SCRIPT_URL: string;

/** The options that both agents have, whatever their types are in the page. */
export interface CommonOptions {
  readonly region?: unknown;
  readonly integrationInfo?: readonly string[];
  readonly urlHashing?: { readonly path?: boolean; readonly query?: boolean; readonly fragment?: boolean };
}

/** Why no answer came. Each agent makes its own error of it. */
export class TransportError extends Error {
  readonly reason: "timeout" | "network" | "csp" | "format";

  constructor(reason: TransportError["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/** The parsed answer. It is the sandbox's, or that of a proxy that could not reach it. */
export type Answer = Readonly<Record<string, unknown>>;

let hasSaidSo = false;

/** Says what this script is, once in a page. */
export function sayWhatThisIs(): void {
  if (hasSaidSo) return;
  hasSaidSo = true;
  console.info(
    "[unseal sandbox] This agent is a stand-in for Fingerprint's, for development and tests. It fingerprints nobody: " +
      "the sandbox makes the visitor up. Add ?sandbox=bot:bad,vpn to the page's address to choose a visitor.",
  );
}

/** What the agent posts about the page and the call. */
export async function describePage(options: CommonOptions, call: object, tokenName: string): Promise<string> {
  return JSON.stringify({
    ...call,
    url: await hashUrl(location.href, options.urlHashing ?? {}),
    referrer: document.referrer === "" ? undefined : await hashUrl(document.referrer, options.urlHashing ?? {}),
    userAgent: navigator.userAgent,
    visitorToken: readToken(tokenName),
    scenario: new URLSearchParams(location.search).get("sandbox") ?? undefined,
  });
}

/**
 * Posts to the first endpoint that answers.
 *
 * @param endpoints URLs, perhaps with a query of their own. Without any, the host that the script is from: this agent calls
 * Fingerprint's own hosts only if a test answers for them.
 */
export async function post(
  endpoints: readonly string[],
  version: string,
  options: CommonOptions,
  body: string,
  timeoutMs: number,
): Promise<Answer> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  let first: TransportError | undefined;
  try {
    const besideScript = SCRIPT_URL.replace(/(web\/)?v[34]\/[^/]+(\/[^/]*)?$/, "");
    for (const endpoint of endpoints.length > 0 ? endpoints : [besideScript]) {
      try {
        return await postTo(withQuery(endpoint, version, options), body, controller.signal);
      } catch (error) {
        if (controller.signal.aborted) throw new TransportError("timeout");
        first ??= error as TransportError; // postTo() throws no other
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw first ?? new TransportError("network");
}

async function postTo(url: string, body: string, signal: AbortSignal): Promise<Answer> {
  let isBlocked = false;
  const watch = ({ blockedURI }: SecurityPolicyViolationEvent): void => {
    if (blockedURI === url || blockedURI === new URL(url).origin) isBlocked = true;
  };
  document.addEventListener("securitypolicyviolation", watch);
  try {
    // Text, so that the request needs no preflight.
    const response = await fetch(url, { method: "POST", credentials: "include", body, signal });
    return parse(await response.text());
  } catch (error) {
    if (error instanceof TransportError) throw error;
    await new Promise((resolve) => setTimeout(resolve)); // The violation is reported in a task of its own.
    throw new TransportError(isBlocked ? "csp" : "network");
  } finally {
    document.removeEventListener("securitypolicyviolation", watch);
  }
}

/** An open answer is JSON. A closed one, which only the agent reads, is base64 of it. */
function parse(text: string): Answer {
  try {
    const json = text.startsWith("{")
      ? text
      : new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
    const answer: unknown = JSON.parse(json);
    if (typeof answer === "object" && answer !== null) return answer as Answer;
  } catch {
    // Another server's answer, perhaps a page.
  }
  throw new TransportError("format");
}

function withQuery(endpoint: string, version: string, { region, integrationInfo = [] }: CommonOptions): string {
  const url = new URL(endpoint, location.href);
  const pairs = [["ci", `js/${version}`], ["q", API_KEY], ...integrationInfo.map((info) => ["ii", info])];
  if (typeof region === "string" && !url.searchParams.has("region")) pairs.push(["region", region]);
  const query = pairs.map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`).join("&");
  url.search += `${url.search === "" ? "?" : "&"}${query}`;
  return url.href;
}

/** Keeps the token of the visitor where the vendor's agents keep it: in a cookie, and in the page's storage. */
export function keepToken(name: string, token: unknown): void {
  if (typeof token !== "string") return;
  attempt(() => document.cookie = `${name}=${token}; path=/; max-age=31536000; SameSite=Lax`);
  attempt(() => localStorage.setItem(name, token));
}

function readToken(name: string): string | undefined {
  const cookie = attempt(() => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`)));
  return cookie?.slice(name.length + 1) ?? attempt(() => localStorage.getItem(name)) ?? undefined;
}

/** A sandboxed frame refuses cookies and storage. */
function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

async function hashUrl(
  href: string,
  { path, query, fragment }: NonNullable<CommonOptions["urlHashing"]>,
): Promise<string> {
  const url = new URL(href);
  if (path === true && url.pathname !== "/") url.pathname = `/${await hash(url.pathname.slice(1))}`;
  if (query === true && url.search !== "") url.search = await hash(url.search.slice(1));
  if (fragment === true && url.hash !== "") url.hash = await hash(url.hash.slice(1));
  return url.href;
}

async function hash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
