/**
 * The backend that the page posts to: the user's own, or one that `unseal dev` has itself.
 *
 * @module
 */

import { createEventsClient } from "../../events-api/mod.ts";
import { memoryStore } from "../../replay/stores/memory.ts";
import type { Sandbox } from "../../testing/sandbox/sandbox.ts";
import { createUnsealer } from "../../unseal/unseal.ts";
import { createVerifier, VerifyError } from "../../verify/mod.ts";
import type { KeyRing } from "./keys.ts";

/** What the page posts. */
export interface Login {
  readonly eventId: string;
  readonly sealedResult: string | null;
  /** The session that the page belongs to: what a real backend has in its cookie. */
  readonly session: string;
  /** The page's origin. */
  readonly origin: string;
}

/** What the backend answered. */
export interface Answer {
  readonly status: number;
  /** The content of the answer, at most 4 KiB of it. */
  readonly body: string;
  readonly milliseconds: number;
}

/** Sends what the page posts to a backend. */
export type Backend = (login: Login) => Promise<Answer>;

const TIMEOUT_MS = 10_000;
const MAX_SHOWN = 4096;

/** A backend in this process, written as the documentation advises. */
export function ownBackend(sandbox: Sandbox, keys: KeyRing): Backend {
  const verifier = createVerifier({
    unsealer: () => createUnsealer({ keys: keys.all() }),
    store: memoryStore(),
    fallback: createEventsClient({
      secretKey: sandbox.secretKey,
      baseUrl: "http://unseal.invalid", // it is never asked: fetch() below is the sandbox
      fetch: (url, init) => sandbox.handle(new Request(url, init as RequestInit)),
    }),
  });
  return async ({ session, origin, ...posted }) => {
    const started = performance.now();
    const answer = (status: number, body: object): Answer => ({
      status,
      body: JSON.stringify(body),
      milliseconds: performance.now() - started,
    });
    try {
      const request = new Request(`${origin}/login`, { method: "POST" });
      const claims = { ip: "127.0.0.1", origin, linkedId: session };
      const { summary, source, keyId } = await verifier.verify(posted, claims, { request });
      const { visitorId, bot, vpn, tampering, complete } = summary;
      if (!complete) return answer(403, { code: "NOT_IDENTIFIED", detail: "The identification is not complete." });
      if (bot === "bad") return answer(403, { code: "BOT", detail: "The visitor is a bot." });
      return answer(200, { welcome: visitorId, vpn, tampering, source, keyId });
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      return answer(error.status, { ...error.toJSON() });
    }
  };
}

/** The user's own backend. It gets JSON, from a page of its own origin. */
export function userBackend(url: string): Backend {
  return async ({ eventId, sealedResult }) => {
    const started = performance.now();
    const headers = { "content-type": "application/json", origin: new URL(url).origin };
    try {
      const response = await fetch(url, {
        method: "POST",
        headers,
        body: JSON.stringify({ eventId, ...(sealedResult !== null && { sealedResult }) }),
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = (await response.text()).slice(0, MAX_SHOWN);
      return { status: response.status, body, milliseconds: performance.now() - started };
    } catch (error) {
      const reason = (error as { cause?: { code?: unknown } }).cause?.code ?? (error as Error).name;
      return { status: 0, body: `${url} does not answer: ${reason}`, milliseconds: performance.now() - started };
    }
  };
}
