/**
 * Remembering ids in Redis, or what speaks its protocol: `SET key 1 PX ttl NX`.
 *
 * @module
 */

import { ownProperties } from "../../options.ts";
import type { ReplayStore } from "../guard.ts";

/**
 * A connected client of node-redis (`createClient`, `createClientPool`, `createCluster`; from version 4), ioredis
 * (`Redis`, `Cluster`) or Bun (`Bun.RedisClient`). They are told apart by what only they have.
 */
export type RedisClientLike = NodeRedisLike | IoredisLike | BunRedisLike;

/** A client whose `set` takes its options as an object. */
export interface NodeRedisLike {
  set(...parameters: never[]): unknown;
  sendCommand(...parameters: never[]): unknown;
}

/** A client whose `set` takes the words of the command. */
export interface IoredisLike {
  set(...parameters: never[]): unknown;
  call(...parameters: never[]): unknown;
}

/** A client whose `set` takes the words of the command. */
export interface BunRedisLike {
  set(...parameters: never[]): unknown;
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
 * - The client must be connected. Give it an `error` listener: Node ends a process for the want of one.
 * - Redis forgets at a restart what it has not written to disk: `appendonly yes`. Replication is asynchronous: a replica
 *   that takes over may lack the last ids. An event that was marked there can pass once more while it is fresh.
 * - The eviction policy must be `maxmemory-policy noeviction`: any other may evict an id that has not expired.
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
  const set = setterOf(client);

  return Object.freeze({
    async add(id: string, ttlMs: number): Promise<boolean> {
      const answer = await set(prefix + id, ttlMs);
      if (answer === "OK") return true;
      if (answer === null) return false;
      throw new TypeError("Redis expected to answer OK or nil, got something else");
    },
  });
}

/** The clients' `set`, as it is used here. */
interface RedisSet {
  set(key: string, value: string, options: { PX: number; NX: true }): Promise<unknown>;
  set(key: string, value: string, px: "PX", ttlMs: number, nx: "NX"): Promise<unknown>;
}

function setterOf(client: RedisClientLike): (key: string, ttlMs: number) => Promise<unknown> {
  const methods: Partial<Record<"set" | "call" | "send" | "sendCommand", unknown>> = client ?? {};
  // The one place where the clients' own types meet ours.
  const redis = client as unknown as RedisSet;
  if (typeof methods.set === "function") {
    // ioredis has a sendCommand too, of its own kind.
    if (typeof methods.call === "function" || typeof methods.send === "function") {
      return (key, ttlMs) => redis.set(key, "1", "PX", ttlMs, "NX");
    }
    if (typeof methods.sendCommand === "function") {
      return (key, ttlMs) => redis.set(key, "1", { PX: ttlMs, NX: true });
    }
  }
  throw new TypeError("client must be a client of node-redis, ioredis or Bun");
}
