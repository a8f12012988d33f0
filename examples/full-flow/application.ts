/**
 * The application: it takes sealed results from its page, and the same events by webhook and through its own proxy.
 *
 * It is one function from `Request` to `Response`, as any server or framework has it.
 *
 * @module
 */

import { createUnsealer, type KeyInput, type KeyUsage, summarizeEvent } from "../../mod.ts";
import { createEventsClient } from "../../src/events-api/mod.ts";
import { createSealedResultHandler } from "../../src/handler/mod.ts";
import { forwardOpenClientResponse } from "../../src/open-client-response/mod.ts";
import { createWebhookVerifier, summarizeWebhook, WebhookError } from "../../src/webhook/mod.ts";
import { createReplayGuard, redisStore } from "../../src/replay/mod.ts";
import { pageOf } from "./page.ts";
import type { Redis } from "./redis.ts";

/** What the application gets from its environment. */
export interface Settings {
  readonly fingerprintUrl: string;
  /** The encryption keys; two of them while they are rotated. */
  readonly keys: readonly KeyInput[];
  readonly secretKey: string;
  readonly proxySecret: string;
  readonly webhookSecret: string;
  readonly redis: Redis;
}

/** One event that the application acted upon, or would have, had it not been there before. */
export interface Visit {
  readonly id: string;
  readonly way: "sealed" | "events-api" | "webhook" | "proxy";
  /** The key that opened it, if it was sealed. */
  readonly keyId?: string | undefined;
  /** Whether no event of this id came before, by whatever way. */
  readonly isNew: boolean;
}

export interface Application {
  fetch(request: Request, address: string | undefined): Promise<Response>;
  /** Everything it was told, in order. */
  readonly visits: readonly Visit[];
  /** The codes of everything it refused or could not do, in order. */
  readonly errors: readonly string[];
  /** What each key has opened: an old one that is quiet can go. */
  usage(): readonly KeyUsage[];
  /** Waits until events that were delivered beside a response are dealt with. */
  settled(): Promise<void>;
}

export function createApplication(settings: Settings): Application {
  const { fingerprintUrl, keys, secretKey, proxySecret, webhookSecret, redis } = settings;
  const unsealer = createUnsealer({ keys });
  const verify = createWebhookVerifier({ secrets: webhookSecret });
  const deliveries = new Set<Promise<unknown>>();
  const visits: Visit[] = [];
  const errors: string[] = [];

  const takeSealedResult = createSealedResultHandler({
    unsealer,
    replay: createReplayGuard({ store: redisStore(redis) }),
    claims: (request, address: string | undefined) => ({ ip: address, origin: request.headers.get("origin") }),
    fallback: createEventsClient({ secretKey, baseUrl: fingerprintUrl }),
    onEvent: async (event, { source, keyId }) => Response.json(await record(summarizeEvent(event).id, source, keyId)),
    onError: ({ code }) => errors.push(code),
  });

  async function takeWebhook(request: Request): Promise<Response> {
    try {
      return Response.json(await record(summarizeWebhook(await verify(request)).id, "webhook"));
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      errors.push(error.code);
      return Response.json({ code: error.code }, { status: 400 });
    }
  }

  /** Forwards what the agent sends; no page needs to bring the event in the answer. A whole proxy: ../cloudflare-worker */
  async function forward(request: Request, address: string | undefined): Promise<Response> {
    const upstream = await fetch(`${fingerprintUrl}/`, {
      method: "POST",
      headers: { "FPJS-Proxy-Secret": proxySecret, "FPJS-Proxy-Client-IP": address ?? "" },
      body: await request.arrayBuffer(),
    });
    return forwardOpenClientResponse(upstream, {
      unsealer,
      waitUntil: (delivery) => deliveries.add(delivery),
      onEvent: (event, { keyId }) => record(summarizeEvent(event).id, "proxy", keyId),
      onError: (error) => errors.push((error as { code?: string }).code ?? "Error"),
    });
  }

  /** The application's own work. The id decides in Redis, which all of its machines share, whether there is any to do. */
  async function record(id: string | undefined, way: Visit["way"], keyId?: string): Promise<Visit> {
    if (id === undefined) throw new TypeError("Event has no id");
    const visit: Visit = { id, way, keyId, isNew: await redis.hSetNX("visits", id, way) === 1 };
    visits.push(visit);
    return visit;
  }

  return {
    visits,
    errors,
    usage: unsealer.usage,
    settled: async () => void await Promise.all(deliveries),
    async fetch(request, address) {
      const { pathname } = new URL(request.url);
      switch (`${request.method} ${pathname}`) {
        case "GET /":
          return new Response(pageOf(fingerprintUrl), { headers: { "content-type": "text/html; charset=utf-8" } });
        case "POST /sealed":
          return await takeSealedResult(request, address);
        case "POST /webhook":
          return await takeWebhook(request);
        case "POST /fp/":
          return await forward(request, address);
        default:
          return new Response(null, { status: 404 });
      }
    },
  };
}
