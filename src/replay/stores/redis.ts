/**
 * A replay store in Redis, or a database with its protocol: `SET key token PX ttl NX`.
 *
 * @module
 */

import { ownProperties } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/**
 * A connected client of node-redis (`createClient`, `createClientPool`, `createCluster`; from version 4), ioredis
 * (`Redis`, `Cluster`) or Bun (`Bun.RedisClient`). Each is recognised by a method that only it has.
 */
export type RedisClientLike = NodeRedisLike | IoredisLike | BunRedisLike;

/** A client whose `set` takes its options as an object. */
export interface NodeRedisLike {
  /** Sets a key. */
  set(...parameters: never[]): unknown;
  /** Sends any command. */
  sendCommand(...parameters: never[]): unknown;
}

/** A client whose `set` takes its options as arguments. */
export interface IoredisLike {
  /** Sets a key. */
  set(...parameters: never[]): unknown;
  /** Sends any command. */
  call(...parameters: never[]): unknown;
}

/** A client whose `set` takes its options as arguments. */
export interface BunRedisLike {
  /** Sets a key. */
  set(...parameters: never[]): unknown;
  /** Sends any command. */
  send(...parameters: never[]): unknown;
}

/** Options of {@linkcode redisStore}. */
export interface RedisStoreOptions {
  /** The prefix of the keys; the id follows. `unseal:seen:` by default. */
  readonly prefix?: string | undefined;
}

/**
 * Creates a store that remembers ids in Redis, each under a key of its own with an expiry. It works on a cluster, too.
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
 * @param client A connected client.
 * @param options The prefix of the keys.
 * @throws {TypeError} When `client` is not a client of one of these libraries.
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
 *   return createReplayGuard({ store: redisStore(client) });
 * }
 * ```
 */
export function redisStore(client: RedisClientLike, options: RedisStoreOptions = {}): ReplayStore {
  const { prefix = "unseal:seen:" } = ownProperties(options);
  if (typeof prefix !== "string") throw new TypeError("prefix must be a string");
  const { set, get, evaluate } = commandsOf(client);

  return Object.freeze({
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      const answer = await set(prefix + id, token, ttlMs);
      if (answer === "OK") return true;
      if (answer !== null) throw new TypeError("Redis must answer OK or nil, got something else");
      // A client whose connection broke before the answer (ioredis) sends the command again, which finds its own mark.
      return await get(prefix + id) === token;
    },
    async release(id: string, token: string): Promise<void> {
      await evaluate(RELEASE, prefix + id, token);
    },
  });
}

/** Deletes a key that has this value. Redis runs a script atomically. */
const RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

interface Commands {
  set(key: string, value: string, ttlMs: number): Promise<unknown>;
  get(key: string): Promise<unknown>;
  evaluate(script: string, key: string, value: string): Promise<unknown>;
}

/** The clients' methods with the parameters that are used here. */
interface RedisMethods {
  set(key: string, value: string, options: { PX: number; NX: true }): Promise<unknown>;
  set(key: string, value: string, px: "PX", ttlMs: number, nx: "NX"): Promise<unknown>;
  get(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, keyCount: number, key: string, value: string): Promise<unknown>;
  send(command: string, parameters: string[]): Promise<unknown>;
}

function commandsOf(client: RedisClientLike): Commands {
  const methods: Partial<Record<"set" | "call" | "send" | "sendCommand", unknown>> = client ?? {};
  // The only cast between the clients' own types and ours.
  const redis = client as unknown as RedisMethods;
  if (typeof methods.set === "function") {
    const get: Commands["get"] = (key) => redis.get(key);
    const setWithWords: Commands["set"] = (key, value, ttlMs) => redis.set(key, value, "PX", ttlMs, "NX");
    // ioredis also has a sendCommand(), with other parameters.
    if (typeof methods.call === "function") {
      return { set: setWithWords, get, evaluate: (script, key, value) => redis.eval(script, 1, key, value) };
    }
    if (typeof methods.send === "function") {
      return {
        set: setWithWords,
        get,
        evaluate: (script, key, value) => redis.send("EVAL", [script, "1", key, value]),
      };
    }
    if (typeof methods.sendCommand === "function") {
      return {
        set: (key, value, ttlMs) => redis.set(key, value, { PX: ttlMs, NX: true }),
        get,
        evaluate: (script, key, value) => redis.eval(script, { keys: [key], arguments: [value] }),
      };
    }
  }
  throw new TypeError("client must be a client of node-redis, ioredis or Bun");
}
