/**
 * A server that stands in for Fingerprint: it identifies visitors, seals the events, serves them in the Events API v4
 * and sends webhooks.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import type { FingerprintEventV4 } from "@unseal/sealed-results/event";
import { sampleEventV3, sampleEventV4, seal } from "@unseal/sealed-results/testing";
import { listen } from "./listen.ts";

/** The customer's settings in the dashboard. */
export interface Dashboard {
  /** The key that is active now; with `null`, results are not sealed. */
  encryptionKey: string | null;
  readonly secretKey: string;
  readonly proxySecret: string;
  readonly webhookSecret: string;
}

export interface FingerprintStandIn {
  readonly url: string;
  /** The last answer to an agent, byte for byte. */
  lastAnswer(): string;
  /** How many requests the Events API has received. */
  asked(): number;
  /** Sends the event of this id, signed with the webhook's secret or another. */
  sendWebhook(url: string, id: string, secret?: string): Promise<Response>;
  /** Creates an event that the application has not received, and returns its id. */
  addEvent(): string;
  close(): Promise<void>;
}

/** Starts the stand-in. Changes of the dashboard take effect at once. */
export async function startFingerprint(dashboard: Dashboard): Promise<FingerprintStandIn> {
  const events = new Map<string, FingerprintEventV4>();
  let answer = "";
  let asked = 0;

  /** `POST /`: the agent's request. A proxy that sends its secret gets the open response. */
  async function identify(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url } = JSON.parse(await text(request)) as { url: string };
    const isOpen = request.headers["fpjs-proxy-secret"] === dashboard.proxySecret;
    const ip = String(isOpen ? request.headers["fpjs-proxy-client-ip"] : request.socket.remoteAddress);
    const event = addEvent({ url, ip_address: ip });
    const { event_id: requestId, timestamp } = event;
    // The v3 agent's results hold v3 events; the Events API v4 serves the same events in the shape of v4.
    const sealedResult = dashboard.encryptionKey === null ? null : await seal(
      sampleEventV3({ products: { identification: { data: { requestId, timestamp, url, ip } } } }),
      dashboard.encryptionKey,
    );
    // Indented, so that the flow detects a proxy that parses and serialises it again.
    const content = JSON.stringify({ v: "2", requestId, sealedResult, products: {} }, null, 3);
    answer = isOpen ? content : btoa(content);
    response.writeHead(200, { "content-type": "text/plain", "access-control-allow-origin": "*" }).end(answer);
  }

  /** `GET /v4/events/{id}` */
  function serveEvent(request: IncomingMessage, response: ServerResponse): void {
    asked++;
    const refuse = (status: number, code: string): void =>
      void response.writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify({ error: { code, message: code } }));
    const event = events.get(decodeURIComponent(request.url!.slice("/v4/events/".length))); // a request always has a URL
    if (request.headers.authorization !== `Bearer ${dashboard.secretKey}`) refuse(403, "secret_api_key_not_found");
    else if (event === undefined) refuse(404, "event_not_found");
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(event));
  }

  function addEvent(fields: Partial<FingerprintEventV4> = {}): FingerprintEventV4 {
    const event = sampleEventV4(fields);
    events.set(event.event_id, event);
    return event;
  }

  const { url, close } = await listen(createServer((request, response) => {
    if (request.method === "POST" && request.url === "/") void identify(request, response);
    else if (request.method === "GET" && request.url?.startsWith("/v4/events/")) serveEvent(request, response);
    else response.writeHead(404).end();
  }));
  return {
    url,
    close,
    lastAnswer: () => answer,
    asked: () => asked,
    addEvent: () => addEvent().event_id,
    async sendWebhook(url, id, secret = dashboard.webhookSecret) {
      const body = JSON.stringify(events.get(id));
      const signature = `v1=${createHmac("sha256", secret).update(body).digest("hex")}`;
      const headers = { "content-type": "application/json", "FPJS-Event-Signature": signature };
      return await fetch(url, { method: "POST", headers, body });
    },
  };
}
