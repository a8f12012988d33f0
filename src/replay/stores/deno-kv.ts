/**
 * A replay store in Deno KV.
 *
 * @module
 */

import { checkedOptions } from "../../checked-options.ts";
import { read } from "../../event/fields.ts";
import { checkFunction, wrongType } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/** A part of a key of Deno KV. */
export type DenoKvKeyPart = string | number | bigint | boolean | Uint8Array;

/** The methods of a `Deno.Kv` that are used here. */
export interface DenoKvLike {
  /** Reads a key. */
  get(key: DenoKvKeyPart[]): Promise<DenoKvEntry>;
  /** Begins an atomic operation. */
  atomic(): DenoKvAtomic;
}

/** The entry of a key in a `Deno.Kv`; both properties are `null` for a missing entry. */
export interface DenoKvEntry {
  /** The value. */
  readonly value: unknown;
  /** The version of the value. */
  readonly versionstamp: string | null;
}

/** The methods of a `Deno.AtomicOperation` that are used here. */
export interface DenoKvAtomic {
  /** Requires that keys have these versions. */
  check(...checks: { key: DenoKvKeyPart[]; versionstamp: string | null }[]): DenoKvAtomic;
  /** Writes a key, for `expireIn` milliseconds. */
  set(key: DenoKvKeyPart[], value: unknown, options: { expireIn: number }): DenoKvAtomic;
  /** Deletes a key. */
  delete(key: DenoKvKeyPart[]): DenoKvAtomic;
  /** Performs the whole operation or nothing; `ok` says which. */
  commit(): Promise<{ readonly ok: boolean }>;
}

/** Options of {@linkcode denoKvStore}. */
export interface DenoKvStoreOptions {
  /** The prefix of the keys; the id follows. `["unseal", "seen"]` by default. */
  readonly prefix?: readonly DenoKvKeyPart[] | undefined;
  /** The time, in Unix milliseconds. `Date.now` by default. */
  readonly now?: (() => number) | undefined;
}

/** An attempt fails only because another machine has set the mark, or because an expired mark was removed. */
const MAX_ATTEMPTS = 8;

/**
 * Creates a store that remembers ids in Deno KV. It sets the mark of an id on the condition that the mark does not exist.
 *
 * Deno KV removes expired entries late, if ever, so each mark holds its time of expiry. That time is by this machine's
 * clock, which the guard's `clockSkewMs` allows for. A local database that is opened more than once fails under load
 * with `database is locked`, and the event is refused: open it once per process.
 *
 * @param kv An open `Deno.Kv`.
 * @param options The prefix of the keys, and the clock.
 * @throws {TypeError} When a parameter is invalid.
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
  const own = checkedOptions(options, { prefix: 1, now: 1 });
  const { prefix = ["unseal", "seen"] } = own;
  const now = checkFunction("now", own.now ?? Date.now);
  if (typeof kv?.atomic !== "function") throw new TypeError("kv must be a Deno.Kv");
  if (!Array.isArray(prefix)) throw wrongType("prefix", "an array", prefix);

  return Object.freeze({
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      const key = [...prefix, id];
      // Most ids are new, so the first attempt does not read first.
      let versionstamp: string | null = null;
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const { ok } = await kv.atomic().check({ key, versionstamp })
          .set(key, { expiresAt: now() + ttlMs, token }, { expireIn: ttlMs }).commit();
        if (ok) return true;
        const found = await kv.get(key);
        const expiresAt = read(found.value, "expiresAt");
        const isExpired = typeof expiresAt === "number" && expiresAt <= now();
        if (found.versionstamp !== null && !isExpired) return false;
        versionstamp = found.versionstamp;
      }
      throw new Error(`Cannot mark event in Deno KV: the entry changed during ${MAX_ATTEMPTS} attempts`);
    },
    async release(id: string, token: string): Promise<void> {
      const key = [...prefix, id];
      const { value, versionstamp } = await kv.get(key);
      if (versionstamp === null || read(value, "token") !== token) return;
      // If the entry has changed meanwhile, it is another mark, and stays.
      await kv.atomic().check({ key, versionstamp }).delete(key).commit();
    },
  });
}
