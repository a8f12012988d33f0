/**
 * The application's client of Redis.
 *
 * @module
 */

import { createClient } from "redis";
import type { NodeRedisLike } from "../../src/replay/mod.ts";

/** What is used of it: by the application, by the replay guard's store and by the flow. */
export interface Redis extends NodeRedisLike {
  hSetNX(key: string, field: string, value: string): Promise<number>;
  pTTL(key: string): Promise<number>;
  close(): Promise<void>;
}

/** Connects. While there is no connection, commands fail at once: a check for replay must not wait for one. */
export async function connectRedis(port: number): Promise<Redis> {
  const client = createClient({ socket: { host: "127.0.0.1", port }, disableOfflineQueue: true });
  client.on("error", (error) => console.error("Redis:", error));
  return await client.connect();
}
