/**
 * Makes a sealed result good for one use.
 *
 * Sealing proves who wrote an event; it does not stop anyone from sending it again. {@linkcode createReplayGuard} refuses
 * events that are stale, from the future, seen before, flagged as replayed, or different from what the request claims. The
 * ids that were seen are in a store: in memory, Redis, Deno KV, Durable Objects or an SQL database.
 *
 * @module
 */

export { createReplayGuard, type ReplayGuard, type ReplayGuardOptions } from "./guard.ts";
export type { ReplayStore } from "./store.ts";
export type { EventClaims } from "./claims.ts";
export { type ClaimName, ReplayError, type ReplayErrorCode } from "./errors.ts";
export { memoryStore, type MemoryStoreOptions } from "./stores/memory.ts";
export {
  type BunRedisLike,
  type IoredisLike,
  type NodeRedisLike,
  type RedisClientLike,
  redisStore,
  type RedisStoreOptions,
} from "./stores/redis.ts";
export {
  type DenoKvAtomic,
  type DenoKvEntry,
  type DenoKvKeyPart,
  type DenoKvLike,
  denoKvStore,
  type DenoKvStoreOptions,
} from "./stores/deno-kv.ts";
export {
  type DurableObjectNamespaceLike,
  type DurableObjectStateLike,
  type DurableObjectStorageLike,
  durableObjectStore,
  type DurableObjectStoreOptions,
  ReplayObject,
} from "./stores/durable-object.ts";
export {
  type SqlDialect,
  type SqlOptions,
  type SqlRun,
  type SqlStatements,
  sqlStatements,
  sqlStore,
} from "./stores/sql.ts";
