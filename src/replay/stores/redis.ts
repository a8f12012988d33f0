/**
 * Remembering ids in Redis, or what speaks its protocol: `SET key token PX ttl NX`.
 *
 * @module
 */

import { ownProperties } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/**
 * A connected client of node-redis (`createClient`, `createClientPool`, `createCluster`; from version 4), ioredis
 * (`Redis`, `Cluster`) or Bun (`Bun.RedisClient`). They are recognised by the methods that only they have.
 */
export type RedisClientLike = NodeRedisLike | IoredisLike | BunRedisLike;

/** A client whose `set` takes its options as an object. */
export interface NodeRedisLike {
  /** Sets a key. */
  set(...parameters: never[]): unknown;
  /** Sends any command. */
  sendCommand(...parameters: never[]): unknown;
}

/** A client whose `set` takes the words of the command. */
export interface IoredisLike {
  /** Sets a key. */
  set(...parameters: never[]): unknown;
  /** Sends any command. */
  call(...parameters: never[]): unknown;
}

/** A client whose `set` takes the words of the command. */
export interface BunRedisLike {
  /** Sets a key. */
  set(...parameters: never[]): unknown;
  /** Sends any command. */
  send(...parameters: never[]): unknown;
}

/** Where in Redis ids are remembered. */
export interface RedisStoreOptions {
  /** What the keys begin with, `unseal:seen:` by default; the id follows. */
  readonly prefix?: string;
}

/**
 * Remembers ids in Redis, each under a key of its own that Redis expires itself; so it works on a cluster as well.
 *
 * - The client must be connected. Give it an `error` listener: without one, Node ends the process.
 * - Redis forgets at a restart what it has not written to disk: `appendonly yes`. Replication is asynchronous: a replica
 *   that takes over may lack the last ids. An event that was marked there can pass once more while it is fresh.
 * - The eviction policy must be `maxmemory-policy noeviction`: any other may evict an id that has not expired.
 * - `release` runs a script with `EVAL`, which the client's user must be allowed to.
 * - Clients hold commands back while they are disconnected, and send them again. The guard refuses such an event in time,
 *   but its id may be marked later. `disableOfflineQueue` (node-redis) and `enableOfflineQueue: false` (ioredis, Bun) let
 *   it fail at once instead.
 *
 * @param client A connected client.
 * @param options Where ids are remembered.
 * @throws {TypeError} When `client` is none of those clients.
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
    async add(id: string, ttlMs: number, token?: string): Promise<boolean> {
      const answer = await set(prefix + id, token ?? "1", ttlMs);
      if (answer === "OK") return true;
      if (answer !== null) throw new TypeError("Redis must answer OK or nil, got something else");
      // A client whose connection broke before the answer (ioredis) sends the command again, which finds its own mark.
      return token !== undefined && await get(prefix + id) === token;
    },
    async release(id: string, token: string): Promise<void> {
      await evaluate(RELEASE, prefix + id, token);
    },
  });
}

/** Deletes a key that has this value. Redis runs a script in one step. */
const RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

interface Commands {
  set(key: string, value: string, ttlMs: number): Promise<unknown>;
  get(key: string): Promise<unknown>;
  evaluate(script: string, key: string, value: string): Promise<unknown>;
}

/** The clients' methods, as they are used here. */
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
  // The one place where the clients' own types meet ours.
  const redis = client as unknown as RedisMethods;
  if (typeof methods.set === "function") {
    const get: Commands["get"] = (key) => redis.get(key);
    const setWithWords: Commands["set"] = (key, value, ttlMs) => redis.set(key, value, "PX", ttlMs, "NX");
    // ioredis has a sendCommand too, of another kind.
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
