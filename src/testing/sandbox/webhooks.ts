/**
 * Delivers webhooks, signed, and again after a failure.
 *
 * @module
 */

import { encodeUtf8 } from "../text.ts";
import { webhookV3 } from "./event.ts";
import type { CheckedSandboxOptions, CheckedWebhook } from "./options.ts";
import type { SandboxEvent } from "./types.ts";

/** A webhook of one event, and its deliveries. */
export interface SandboxDelivery {
  /** The id of the event. */
  readonly eventId: string;
  /** Where it is delivered. */
  readonly url: string;
  /** How often it was sent. */
  readonly attempts: number;
  /** The status of the last answer; `undefined` if there was none within 3 seconds. */
  readonly status: number | undefined;
}

interface Delivery {
  readonly event: SandboxEvent;
  readonly webhook: CheckedWebhook;
  attempts: number;
  status: number | undefined;
}

/** Sends webhooks. */
export interface WebhookSender {
  /** Delivers an event to all webhooks. The promise settles after the first attempts, and never rejects. */
  send(event: SandboxEvent): Promise<void>;
  /** Delivers everything again that has failed. */
  redeliver(): Promise<void>;
  deliveries(): SandboxDelivery[];
  /** Settles when no attempt is under way. */
  settled(): Promise<void>;
}

/** How long the service waits for an answer. */
const TIMEOUT_MS = 3000;
/** How often the timer delivers again. */
const MAX_ATTEMPTS = 3;

export function createWebhookSender(options: CheckedSandboxOptions): WebhookSender {
  const deliveries: Delivery[] = [];
  const underWay = new Set<Promise<void>>();

  async function attempt(delivery: Delivery): Promise<void> {
    const { webhook, event } = delivery;
    const body = JSON.stringify(webhook.version === "v3" ? webhookV3(event.v3) : event.v4);
    const signature = `v1=${await hmac(webhook.secret, body)}`;
    delivery.attempts++;
    delivery.status = undefined;
    delivery.status = await post(webhook.url, body, signature);
    if (isDelivered(delivery) || delivery.attempts >= MAX_ATTEMPTS) return;
    const timer: unknown = setTimeout(() => void start(delivery), options.webhookRetryMs);
    // On Node, Deno and Bun the timer does not keep the process alive.
    (timer as { unref?: () => void }).unref?.();
  }

  async function post(url: string, body: string, signature: string): Promise<number | undefined> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
    try {
      const headers = { "content-type": "application/json", "fpjs-event-signature": signature };
      const response = await options.fetch(url, { method: "POST", headers, body, signal: controller.signal });
      await response.body?.cancel();
      return response.status;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs an attempt. It may have been delivered since its timer was set. */
  function start(delivery: Delivery): Promise<void> {
    const attempted = isDelivered(delivery) ? Promise.resolve() : attempt(delivery);
    const settled = attempted.finally(() => underWay.delete(settled));
    underWay.add(settled);
    return settled;
  }

  return {
    async send(event) {
      const added = options.webhooks.map((webhook): Delivery => ({ event, webhook, attempts: 0, status: undefined }));
      deliveries.push(...added);
      deliveries.splice(0, Math.max(0, deliveries.length - options.maxEvents));
      await Promise.all(added.map(start));
    },
    async redeliver() {
      await Promise.all(underWay);
      await Promise.all(deliveries.filter((delivery) => !isDelivered(delivery)).map(start));
    },
    deliveries: () =>
      deliveries.map(({ event, webhook, attempts, status }) => ({
        eventId: event.eventId,
        url: webhook.url,
        attempts,
        status,
      })),
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function isDelivered({ status }: Delivery): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** HMAC-SHA-256, in lower-case hexadecimal digits. */
export async function hmac(secret: string, body: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encodeUtf8(secret), algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, encodeUtf8(body)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
