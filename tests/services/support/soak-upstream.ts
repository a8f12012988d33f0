/**
 * The upstream of the soak test. The query has the id of the event in the response, or the way in which the response
 * fails.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { toBase64 } from "../../support/bytes.ts";
import { key, sealEvent } from "../../support/seal.ts";

/** The ids of the events that were sent in full since the last request for `/sent`. */
let sent: string[] = [];

/** Makes each event as large as those of real visitors. */
const FILLING = toBase64(Uint8Array.from({ length: 2000 }, (_, index) => (index * 2654435761) >>> 13));

function openResponse(id: string, byte = 1): Buffer {
  const event = { event_id: id, timestamp: 1708102555327, tags: { filling: FILLING } };
  return Buffer.from(JSON.stringify({ event_id: id, sealed_result: toBase64(sealEvent(event, key(byte))) }));
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? "/", "http://upstream");
  const id = searchParams.get("id") ?? "";
  const how = searchParams.get("how");
  for await (const _ of request); // throws if the request broke off, so that it has no answer
  response.setHeader("content-type", "application/json");
  const body = openResponse(id, how === "foreign" ? 9 : 1);
  const half = body.length >> 1;
  switch (how) {
    case "not-json":
      return void response.end(body.subarray(1));
    case "foreign":
      return void response.end(body);
    case "cut":
      return void response.write(body.subarray(0, half), () => setTimeout(() => response.destroy(), 5));
    case "refused":
      return void request.socket.destroy();
    case "large":
      return void response.end(Buffer.alloc(512 * 1024, " "));
    case "late":
      await delay(50);
      break;
    case "halves":
      response.write(body.subarray(0, half));
      await delay(50);
      response.end(body.subarray(half), () => sent.push(id));
      return;
  }
  response.end(body, () => sent.push(id));
}

const server = createServer((request, response) => {
  if (request.url === "/sent") {
    response.end(JSON.stringify(sent));
    sent = [];
  } else {
    answer(request, response).catch(() => response.destroy()); // The request broke off.
  }
});
// If the upstream closed idle connections, the next request on such a connection would fail.
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => console.log(`listening ${(server.address() as AddressInfo).port}`));
