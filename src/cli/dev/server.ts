/**
 * The server of `unseal dev`: the sandbox, the page, and what the page asks for below `/dev/`.
 *
 * It listens on the loopback interface only. A page on the internet can still make the user's browser send requests to it,
 * under a name that resolves to the loopback address (DNS rebinding) or across origins: the host must be a loopback name,
 * and requests below `/dev/` must come from the page itself.
 *
 * @module
 */

import { parseJson } from "../../encoding/json.ts";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import { isRecord } from "../../event/fields.ts";
import { summarize } from "../../event/summary.ts";
import { readBody } from "../../http/body.ts";
import type { Sandbox } from "../../testing/sandbox/sandbox.ts";
import type { SandboxEvent } from "../../testing/sandbox/types.ts";
import { generateKey, seal } from "../../testing/seal.ts";
import { inspectSealed } from "../inspection.ts";
import type { Backend } from "./backend.ts";
import { createEventStream } from "./event-stream.ts";
import type { KeyRing } from "./keys.ts";
import { DEV_PAGE, DEV_SCRIPT, DEV_STYLE } from "./page-files.ts";

/** What the server works on. */
export interface DevParts {
  readonly sandbox: Sandbox;
  readonly keys: KeyRing;
  readonly backend: Backend;
  /** What the page shows: the lines for `.env`, and the backend's address. */
  readonly shown: { readonly environment: string; readonly backend: string | null; readonly publicKey: string };
  /** Is called after a rotation. */
  readonly onRotate: (key: string) => void;
}

/** The server's function, and the functions that report events to it. */
export interface DevServer {
  handle(request: Request, context: unknown): Promise<Response>;
  onEvent(event: SandboxEvent): void;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function createDevServer({ sandbox, keys, backend, shown, onRotate }: DevParts): DevServer {
  const stream = createEventStream();

  const actions: Readonly<Record<string, (body: Readonly<Record<string, unknown>>, origin: string) => unknown>> = {
    "/dev/state": () => shown,
    "/dev/inspect": ({ sealedResult }) => inspectFor(sealedResult, keys),
    "/dev/send": ({ eventId, sealedResult, session }, origin) =>
      backend({
        eventId: String(eventId),
        sealedResult: typeof sealedResult === "string" ? sealedResult : null,
        session: String(session),
        origin,
      }),
    "/dev/forge": async ({ eventId }) => {
      const event = sandbox.events().find((event) => event.eventId === eventId);
      return { sealedResult: await seal(event?.v4 ?? {}, generateKey()) };
    },
    "/dev/rotate": () => {
      const { id, key } = keys.rotate();
      onRotate(key);
      return { id };
    },
  };

  async function act(request: Request, path: string): Promise<Response> {
    if (!isFromPage(request)) return refuse(403, "Only the page of unseal dev may ask for this.");
    if (path === "/dev/events") return stream.open();
    const action = Object.hasOwn(actions, path) ? actions[path] : undefined;
    if (action === undefined || request.method !== "POST") return refuse(404, "There is nothing here.");
    const text = await readBody(request, MAX_BODY_BYTES).then(decodeUtf8, () => undefined);
    const body = text === undefined ? undefined : parseJson(text);
    if (!isRecord(body)) return refuse(400, "The body must be a JSON object.");
    return Response.json(await action(body as Readonly<Record<string, unknown>>, new URL(request.url).origin));
  }

  return {
    onEvent: (event) => stream.send(eventFor(event)),
    async handle(request, context) {
      const url = new URL(request.url);
      if (!isLoopback(url.hostname)) return refuse(403, "unseal dev answers on loopback names only.");
      const file = FILES[`${request.method} ${url.pathname}`];
      if (file !== undefined) return new Response(file.content, { headers: headersOf(file.type) });
      if (url.pathname.startsWith("/dev/")) return await act(request, url.pathname);
      return await sandbox.handle(request, context);
    },
  };
}

const FILES: Readonly<Record<string, { readonly type: string; readonly content: string }>> = {
  "GET /": { type: "text/html", content: DEV_PAGE },
  "GET /dev/page.js": { type: "text/javascript", content: DEV_SCRIPT },
  "GET /dev/style.css": { type: "text/css", content: DEV_STYLE },
};

function headersOf(type: string): Record<string, string> {
  return {
    "content-type": `${type}; charset=utf-8`,
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };
}

/** A request that says where it is from must be from the page's own origin. */
function isFromPage(request: Request): boolean {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  return (origin === null || origin === new URL(request.url).origin) && (site === null || site === "same-origin");
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function refuse(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain" } });
}

/** What the page shows of an event. */
function eventFor({ eventId, version, sealedResult, scenario, v3, v4 }: SandboxEvent): object {
  const event = version === "v3" ? v3 : v4;
  return { eventId, version, sealedResult, scenario, event, summary: summarize(v4) };
}

/** The steps of an inspection, with their bytes in hexadecimal. */
function inspectFor(sealedResult: unknown, keys: KeyRing): object {
  const { envelope, event, ...inspection } = inspectSealed(String(sealedResult), keys.all(), Date.now());
  const parts = envelope === undefined ? [] : (["header", "nonce", "ciphertext", "tag"] as const).map((name) => ({
    name,
    bytes: envelope[name].bytes.length,
    hex: Array.from(envelope[name].bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" "),
  }));
  return { ...inspection, isKnown: envelope?.isKnown, parts, version: event?.version, ageMs: event?.ageMs };
}
