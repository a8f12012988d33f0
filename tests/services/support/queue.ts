/**
 * The service behind a queue binding of workerd, which sends messages to it over HTTP.
 *
 * @module
 */

import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { listenLocally } from "../../support/local-server.ts";

export interface Queue {
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** The messages that were sent, as JSON. */
  readonly messages: unknown[];
  stop(): Promise<void>;
}

export async function startQueue(): Promise<Queue> {
  const messages: unknown[] = [];
  const server = createServer(async (request, response) => {
    messages.push(await json(request));
    response.setHeader("content-type", "application/json").end("{}");
  });
  return { ...await listenLocally(server), messages };
}
