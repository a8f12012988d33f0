/**
 * The application's Redis client.
 *
 * @module
 */

import { createClient } from "redis";

/** The commands that the application, the replay guard's store and the flow use. */
export interface Redis {
  set(key: string, value: string, options: { readonly PX: number; readonly NX?: true }): Promise<string | null>;
  get(key: string): Promise<string | null>;
  pTTL(key: string): Promise<number>;
  sendCommand(command: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Connects. While the connection is down, commands fail at once, because a check for replay must not wait for it. */
export async function connectRedis(port: number): Promise<Redis> {
  const client = createClient({ socket: { host: "127.0.0.1", port }, disableOfflineQueue: true });
  client.on("error", (error) => console.error("Redis:", error));
  return await client.connect();
}
