/**
 * What the page of `unseal dev` does: it asks the agent, posts the result, and asks the server to inspect it.
 *
 * @module
 */

/** What the agent returns; the shape of `@fingerprint/agent`. */
interface AgentResult {
  readonly event_id: string;
  readonly sealed_result: { base64(): string } | null;
}
interface AgentModule {
  start(options: object): { get(options: object): Promise<AgentResult> };
}

export interface State {
  readonly environment: string;
  readonly backend: string | null;
  readonly publicKey: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

export interface Inspection {
  readonly isKnown?: boolean;
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly hex: string }[];
  readonly key?: { readonly id: string };
  readonly deflate?: { readonly bytes: number; readonly outputBytes?: number; readonly fault?: string };
  readonly version?: string;
  readonly ageMs?: number;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** What the page got, and what it posts, which an attack may have changed. */
export interface Posted {
  readonly eventId: string;
  readonly sealedResult: string | null;
}

/** Asks the server of `unseal dev`. */
export async function ask<Result>(action: string, body: object = {}): Promise<Result> {
  const response = await fetch(`/dev/${action}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

/** This page's session. A real backend has it in its own cookie. */
export const SESSION = "session-of-this-page";

let counter = 0;

/**
 * Asks the agent as `@fingerprint/agent` does: it imports the agent's module, and calls `start()` and `get()`. The page's
 * address says who visits.
 */
export async function identify(state: State, scenario: string, session: string): Promise<Posted> {
  const ownUrl = state.backend === null ? [] : [`url:${new URL("/", state.backend).href}`];
  const query = [scenario, ...ownUrl].filter((part) => part !== "").join(",");
  history.replaceState(null, "", query === "" ? "/" : `/?sandbox=${encodeURIComponent(query)}`);
  try {
    const module = `/web/v4/${state.publicKey}?ci=jsl/4.1.5`;
    const { start } = await import(module) as AgentModule;
    const agent = start({ endpoints: `${location.origin}/?n=${++counter}` });
    const { event_id, sealed_result } = await agent.get({ linkedId: session });
    return { eventId: event_id, sealedResult: sealed_result?.base64() ?? null };
  } finally {
    history.replaceState(null, "", "/");
  }
}

/** Changes one bit in the middle of base64 text. */
export function flipBit(base64: string): string {
  const middle = base64.length >> 1;
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const changed = alphabet[alphabet.indexOf(base64[middle] ?? "A") ^ 1] ?? "A";
  return base64.slice(0, middle) + changed + base64.slice(middle + 1);
}
