/**
 * Fingerprint's side of the flow: the sandbox of `./testing` behind a server of its own.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { nodeListener } from "@unseal/sealed-results/node-http";
import type { Sandbox } from "@unseal/sealed-results/testing";
import { listen } from "./listen.ts";

export interface Fingerprint {
  readonly url: string;
  /** The last answer to an agent, byte for byte. */
  lastAnswer(): string;
  /** How many requests the Events API has received. */
  asked(): number;
  /** Sends the webhook of an event, signed with the sandbox's secret or another. */
  sendWebhook(url: string, id: string, secret?: string): Promise<Response>;
  close(): Promise<void>;
}

/** Serves the sandbox. */
export async function serveFingerprint(sandbox: Sandbox): Promise<Fingerprint> {
  let answer = "";
  let asked = 0;
  const { url, close } = await listen(createServer(nodeListener(async (request, context) => {
    const response = await sandbox.handle(request, context);
    if (request.method === "POST") answer = await response.clone().text();
    if (new URL(request.url).pathname.startsWith("/v4/events/")) asked++;
    return response;
  })));
  return {
    url,
    close,
    lastAnswer: () => answer,
    asked: () => asked,
    async sendWebhook(url, id, secret = sandbox.webhookSecret) {
      const body = JSON.stringify(sandbox.events().find(({ eventId }) => eventId === id)?.v4);
      const signature = `v1=${createHmac("sha256", secret).update(body).digest("hex")}`;
      const headers = { "content-type": "application/json", "FPJS-Event-Signature": signature };
      return await fetch(url, { method: "POST", headers, body });
    },
  };
}
