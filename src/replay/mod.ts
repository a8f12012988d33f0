/**
 * Limits each sealed result to one use.
 *
 * A seal proves that Fingerprint wrote an event. It does not prevent anyone from sending the event again. {@linkcode
 * createReplayGuard} refuses events that are stale, from the future, used before, flagged as replayed, or different
 * from the claims of the request. A store remembers the used ids: in memory, Redis, an SQL database,
 * DynamoDB, Deno KV or Durable Objects.
 *
 * @module
 */

export { createReplayGuard, type ReplayableEvent, type ReplayGuard } from "./guard.ts";
export type { ReplayGuardOptions } from "./marker.ts";
export type { ReplayStore } from "./store.ts";
export type { EventClaims } from "./claims.ts";
export { fromHeader, type FromHeaderOptions } from "../http/from-header.ts";
export { type ClaimName, ReplayError, type ReplayErrorCode } from "./errors.ts";
export { memoryStore, type MemoryStoreOptions } from "./stores/memory.ts";
export { type RedisSendCommand, redisStore, type RedisStoreOptions } from "./stores/redis.ts";
export {
  type DenoKvAtomic,
  type DenoKvEntry,
  type DenoKvKeyPart,
  type DenoKvLike,
  denoKvStore,
  type DenoKvStoreOptions,
} from "./stores/deno-kv.ts";
export {
  type DynamoCondition,
  type DynamoDelete,
  type DynamoLike,
  type DynamoPut,
  dynamoStore,
  type DynamoStoreOptions,
  type DynamoValue,
} from "./stores/dynamo.ts";
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
export type { ErrorDetails } from "../details.ts";
