/**
 * Remembering ids in Deno KV.
 *
 * @module
 */

import { isRecord } from "../../core/event.ts";
import { checkFunction, ownProperties, wrongType } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/** A part of a key of Deno KV. */
export type DenoKvKeyPart = string | number | bigint | boolean | Uint8Array;

/** What is used of a `Deno.Kv`. */
export interface DenoKvLike {
  /** Reads a key. */
  get(key: DenoKvKeyPart[]): Promise<DenoKvEntry>;
  /** Begins an atomic operation. */
  atomic(): DenoKvAtomic;
}

/** What a `Deno.Kv` holds under a key; both are `null` where there is nothing. */
export interface DenoKvEntry {
  /** The value. */
  readonly value: unknown;
  /** The version of the value. */
  readonly versionstamp: string | null;
}

/** What is used of a `Deno.AtomicOperation`. */
export interface DenoKvAtomic {
  /** Requires that keys have these versions. */
  check(...checks: { key: DenoKvKeyPart[]; versionstamp: string | null }[]): DenoKvAtomic;
  /** Writes a key, for `expireIn` milliseconds. */
  set(key: DenoKvKeyPart[], value: unknown, options: { expireIn: number }): DenoKvAtomic;
  /** Deletes a key. */
  delete(key: DenoKvKeyPart[]): DenoKvAtomic;
  /** Does all of it, or nothing: `ok` says which. */
  commit(): Promise<{ readonly ok: boolean }>;
}

/** Where in Deno KV ids are remembered. */
export interface DenoKvStoreOptions {
  /** What the keys begin with, `["unseal", "seen"]` by default; the id follows. */
  readonly prefix?: readonly DenoKvKeyPart[];
  /** The time, in Unix milliseconds. `Date.now` by default. */
  readonly now?: () => number;
}

/** Each attempt that fails means that another machine's has succeeded, or that an expired mark was removed. */
const MAX_ATTEMPTS = 8;

/**
 * Remembers ids in Deno KV: a mark is set on the condition that there is none.
 *
 * Deno KV removes what has expired some time later, if ever, so each mark says when it expires: by this machine's clock,
 * which the guard's `clockSkewMs` allows for. A local database that is opened more than once answers under load that it is
 * locked, and then the event is refused: open it once in a process.
 *
 * @param kv An open `Deno.Kv`.
 * @param options Where ids are remembered.
 * @throws {TypeError} When a parameter is wrong.
 *
 * @example On Deno
 * ```ts
 * import { createReplayGuard, type DenoKvLike, denoKvStore, type ReplayGuard } from "@unseal/sealed-results/replay";
 *
 * // createGuard(await Deno.openKv())
 * function createGuard(kv: DenoKvLike): ReplayGuard {
 *   return createReplayGuard({ store: denoKvStore(kv) });
 * }
 * ```
 */
export function denoKvStore(kv: DenoKvLike, options: DenoKvStoreOptions = {}): ReplayStore {
  const own = ownProperties(options);
  const { prefix = ["unseal", "seen"] } = own;
  const now = checkFunction("now", own.now ?? Date.now);
  if (typeof kv?.atomic !== "function") throw new TypeError("kv must be a Deno.Kv");
  if (!Array.isArray(prefix)) throw wrongType("prefix", "an array", prefix);

  return Object.freeze({
    async add(id: string, ttlMs: number, token = ""): Promise<boolean> {
      const key = [...prefix, id];
      // Most ids are new, so the first attempt does not look.
      let versionstamp: string | null = null;
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const { ok } = await kv.atomic().check({ key, versionstamp })
          .set(key, { expiresAt: now() + ttlMs, token }, { expireIn: ttlMs }).commit();
        if (ok) return true;
        const found = await kv.get(key);
        if (found.versionstamp !== null && !isExpired(found.value, now())) return false;
        versionstamp = found.versionstamp;
      }
      throw new Error(`Deno KV kept changing for ${MAX_ATTEMPTS} attempts`);
    },
    async release(id: string, token: string): Promise<void> {
      const key = [...prefix, id];
      const { value, versionstamp } = await kv.get(key);
      if (versionstamp === null || markOf(value).token !== token) return;
      // If it has changed meanwhile, it is another mark.
      await kv.atomic().check({ key, versionstamp }).delete(key).commit();
    },
  });
}

function isExpired(value: unknown, time: number): boolean {
  const { expiresAt } = markOf(value);
  return typeof expiresAt === "number" && expiresAt <= time;
}

/** What is stored under a key; version 0.1.0 stored the number alone. */
function markOf(value: unknown): { readonly expiresAt?: unknown; readonly token?: unknown } {
  return isRecord(value) ? value : { expiresAt: value };
}
