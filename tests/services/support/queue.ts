/**
 * The service behind a queue binding of workerd, which sends messages to it over HTTP.
 *
 * @module
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Queue {
  /** Its host and port. */
  readonly address: string;
  /** The messages that were sent, as JSON. */
  readonly messages: unknown[];
  stop(): void;
}

export async function startQueue(): Promise<Queue> {
  const messages: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      messages.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    address: `127.0.0.1:${port}`,
    messages,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
