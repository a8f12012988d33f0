/**
 * A replay store in Redis, or a database with its protocol: `SET key token PX ttl NX`.
 *
 * @module
 */

import { checkedOptions } from "../../checked-options.ts";
import { checkFunction } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/**
 * Sends one command.
 *
 * @param command The words of the command, such as `SET`, a key and a value. The key is the second word, and in `EVAL`
 * the fourth.
 * @returns Redis's answer, or a promise of it: `"OK"` or `null` for `SET`, text for `GET`.
 * @throws When the command fails, or its outcome is unknown.
 */
export type RedisSendCommand = (...command: [name: string, ...words: string[]]) => unknown;

/** Options of {@linkcode redisStore}. */
export interface RedisStoreOptions {
  /** The prefix of the keys; the id follows. `unseal:seen:` by default. */
  readonly prefix?: string | undefined;
}

/** Deletes a key that has this value. Redis runs a script atomically. */
const RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

/**
 * Creates a store that remembers ids in Redis, Valkey or another database with these commands, each id under a key of
 * its own with an expiry. It works on a cluster, too.
 *
 * - The client must be connected. Give it an `error` listener: without one, Node ends the process.
 * - A restart of Redis loses ids that it has not written to disk: set `appendonly yes`. Replication is asynchronous: a
 *   replica that takes over may lack the last ids. The events of lost ids can pass once more while they are fresh.
 * - The eviction policy must be `maxmemory-policy noeviction`: any other may evict an id that has not expired.
 * - `release` runs a script with `EVAL`, for which the client's user needs permission.
 * - Clients queue commands while they are disconnected, and send them later. The guard refuses such an event in time,
 *   but its id may be marked later. With `disableOfflineQueue` (node-redis) or `enableOfflineQueue: false` (ioredis,
 *   Bun), such commands fail at once instead.
 *
 * | client | `sendCommand` |
 * | --- | --- |
 * | node-redis | `(...command) => client.sendCommand(command)` |
 * | node-redis, a cluster | `(...command) => cluster.sendCommand(command[command[0] === "EVAL" ? 3 : 1], false, command)` |
 * | ioredis, also a cluster | `(...command) => client.call(...command)` |
 * | Bun | `(name, ...words) => client.send(name, words)` |
 * | valkey-glide, also a cluster | `(...command) => client.customCommand(command)` |
 * | `@upstash/redis` | `(...command) => client.exec(command)` |
 *
 * @param sendCommand Sends a command with your client.
 * @param options The prefix of the keys.
 * @throws {TypeError} When a parameter is invalid.
 *
 * @example With node-redis
 * ```ts
 * import { createReplayGuard, redisStore, type ReplayGuard } from "@unseal/sealed-results/replay";
 * import { createClient } from "redis";
 *
 * async function openGuard(url: string): Promise<ReplayGuard> {
 *   const client = createClient({ url, disableOfflineQueue: true });
 *   client.on("error", (error) => console.error("Redis:", error.code));
 *   await client.connect();
 *   return createReplayGuard({ store: redisStore((...command) => client.sendCommand(command)) });
 * }
 * ```
 */
export function redisStore(sendCommand: RedisSendCommand, options: RedisStoreOptions = {}): ReplayStore {
  checkFunction("sendCommand", sendCommand);
  const { prefix = "unseal:seen:" } = checkedOptions(options, { prefix: 1 });
  if (typeof prefix !== "string") throw new TypeError("prefix must be a string");

  return Object.freeze({
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      const answer = await sendCommand("SET", prefix + id, token, "PX", `${ttlMs}`, "NX");
      if (answer === "OK") return true;
      if (answer !== null) throw new TypeError("Redis must answer OK or nil, got something else");
      // A client whose connection broke before the answer (ioredis) sends the command again, which finds its own mark.
      return await sendCommand("GET", prefix + id) === token;
    },
    async release(id: string, token: string): Promise<void> {
      await sendCommand("EVAL", RELEASE, "1", prefix + id, token);
    },
  });
}
