/**
 * The application: it receives sealed results from its page, and the same events by webhook and through its own proxy.
 *
 * It is one function from `Request` to `Response`, for any server or framework. Between requests, only pending
 * deliveries are in memory.
 *
 * @module
 */

import { createUnsealer, type FingerprintEvent, type KeyInput, type KeyUsage } from "@unseal/sealed-results";
import { summarize } from "@unseal/sealed-results/event";
import { createEventsClient } from "@unseal/sealed-results/events-api";
import { createSealedResultHandler } from "@unseal/sealed-results/handler";
import { createFingerprintProxy } from "@unseal/sealed-results/proxy";
import { createWebhookVerifier, WebhookError } from "@unseal/sealed-results/webhook";
import { createReplayGuard, redisStore } from "@unseal/sealed-results/replay";
import { pageOf } from "./page.ts";
import type { Redis } from "./redis.ts";
import { handleOnce, KEEP_MS, type Outcome } from "./visits.ts";

/** The application's configuration. */
export interface Settings {
  readonly fingerprintUrl: string;
  /** The public API key, for the page. */
  readonly publicKey: string;
  /** The encryption keys; two during a rotation. */
  readonly keys: readonly KeyInput[];
  readonly secretKey: string;
  readonly proxySecret: string;
  readonly webhookSecret: string;
  readonly redis: Redis;
  /** The application's own work for a new event. An event whose work fails is not marked as handled. */
  readonly onVisit: (visit: Visit) => void | Promise<void>;
  /** Logs the code of a request that was refused or failed. */
  readonly onError: (code: string) => void;
}

/** One event, and how it reached the application. */
export interface Visit {
  readonly id: string;
  readonly way: "sealed" | "events-api" | "webhook" | "proxy";
  /** The id of the key that opened it, if it was sealed. */
  readonly keyId?: string | undefined;
}

export interface Application {
  fetch(request: Request, address: string | undefined): Promise<Response>;
  /** How many events each key has opened. An old key that no longer opens events can be removed. */
  usage(): readonly KeyUsage[];
  /** Waits for the pending deliveries of events. */
  settled(): Promise<void>;
}

/** Most bytes of an agent's request to the proxy. Real ones have a few tens of KiB. */
const MAX_AGENT_BYTES = 512 * 1024;

export function createApplication(settings: Settings): Application {
  const { fingerprintUrl, publicKey, keys, secretKey, proxySecret, webhookSecret, redis, onVisit, onError } = settings;
  const unsealer = createUnsealer({ keys });
  const verify = createWebhookVerifier({ secrets: webhookSecret });
  /** Promises that never reject, each until it settles. */
  const deliveries = new Set<Promise<unknown>>();

  const handleSealedResult = createSealedResultHandler({
    unsealer,
    replay: createReplayGuard({ store: redisStore((...command) => redis.sendCommand(command)) }),
    claims: (request, address: string | undefined) => ({ ip: address, origin: request.headers.get("origin") }),
    fallback: createEventsClient({ secretKey, baseUrl: fingerprintUrl }),
    onEvent: async (event, { source, keyId }) => {
      const visit = { id: idOf(event), way: source, keyId };
      return Response.json({ ...visit, outcome: await handle(visit) });
    },
    onError: ({ code }) => onError(code),
  });

  async function handleWebhook(request: Request): Promise<Response> {
    const refuse = (status: number, code: string): Response => {
      onError(code);
      return Response.json({ code }, { status });
    };
    try {
      const { id, timestamp } = summarize(await verify(request));
      if (Date.now() - timestamp > KEEP_MS) return refuse(400, "WEBHOOK_TOO_OLD");
      const outcome = await handle({ id, way: "webhook" });
      // After an error response, Fingerprint delivers the webhook again 5 minutes later.
      return outcome === "busy" ? refuse(503, "WEBHOOK_BUSY") : Response.json({ id, way: "webhook", outcome });
    } catch (error) {
      return error instanceof WebhookError ? refuse(error.status, error.code) : refuse(503, "WEBHOOK_FAILED");
    }
  }

  /** The agent loads and posts through the proxy. The event in a response reaches the application without the page. */
  const proxy = createFingerprintProxy({
    mountPath: "/fp",
    proxySecret,
    baseUrl: fingerprintUrl,
    unsealer,
    clientAddress: (_request, { address }: ProxyContext) => address,
    maxRequestBytes: MAX_AGENT_BYTES,
    onEvent: async (event, { keyId }) => void await handle({ id: idOf(event), way: "proxy", keyId }),
    onError: (error) => onError((error as { code?: string }).code ?? "Error"),
  });
  const waitUntil = (delivery: Promise<unknown>): void => {
    const settled = delivery.catch(() => {}).finally(() => deliveries.delete(settled));
    deliveries.add(settled);
  };

  /** Does the application's work, unless the event was already handled in any of its ways. */
  const handle = (visit: Visit): Promise<Outcome> => handleOnce(redis, visit.id, () => onVisit(visit));

  return {
    usage: unsealer.usage,
    settled: async () => void await Promise.all(deliveries),
    async fetch(request, address) {
      const { pathname } = new URL(request.url);
      switch (`${request.method} ${pathname}`) {
        case "GET /":
          return new Response(pageOf(fingerprintUrl, publicKey), {
            headers: { "content-type": "text/html; charset=utf-8" },
          });
        case "POST /sealed":
          return await handleSealedResult(request, address);
        case "POST /webhook":
          return await handleWebhook(request);
        default: // 404 outside of the proxy's path
          return await proxy(request, { address, waitUntil });
      }
    },
  };
}

/** What the proxy knows of a request. */
interface ProxyContext {
  readonly address: string | undefined;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

function idOf(event: FingerprintEvent): string {
  const { id } = summarize(event);
  if (id === undefined) throw new TypeError("Cannot handle an event without an id");
  return id;
}
