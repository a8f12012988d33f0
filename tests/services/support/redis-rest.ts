/**
 * A bridge from Upstash's REST protocol to Redis: `POST /` with a command as a JSON array.
 *
 * @module
 */

import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createClient } from "redis";
import { listenLocally } from "../../support/local-server.ts";

/** Starts the bridge, which answers an error while its connection to Redis is down. */
export async function startRestBridge(port: number): Promise<{ url: string; close(): void }> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
  client.on("error", () => {});
  await client.connect();
  const server = createServer(async (request, response) => {
    let answer: unknown;
    try {
      const result = await client.sendCommand(JSON.parse(await text(request)) as string[]);
      // Unless the client declines it, text is in base64.
      const isEncoded = request.headers["upstash-encoding"] === "base64" && typeof result === "string" &&
        result !== "OK";
      answer = { result: isEncoded ? Buffer.from(result).toString("base64") : result };
    } catch (error) {
      response.statusCode = 400;
      answer = { error: (error as Error).message }; // the client's own
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
  const { url, stop } = await listenLocally(server);
  return {
    url,
    close() {
      client.destroy();
      void stop();
    },
  };
}
