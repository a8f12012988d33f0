/**
 * Remembering ids in Cloudflare's Durable Objects.
 *
 * @module
 */

import { ownProperties } from "../../options.ts";
import type { ReplayStore } from "../guard.ts";

/** What is used of a `DurableObjectNamespace`. */
export interface DurableObjectNamespaceLike {
  idFromName(name: string): unknown;
  get(id: never): { fetch(...parameters: never[]): Promise<unknown> };
}

/** What is used of a `DurableObjectState`; it may have either kind of storage. */
export interface DurableObjectStateLike {
  readonly storage: DurableObjectStorageLike;
}

/** What is used of a `DurableObjectStorage`. */
export interface DurableObjectStorageLike {
  get(key: string): Promise<unknown>;
  put(key: string, value: number): Promise<void>;
  delete(keys: string[]): Promise<number>;
  list(options: { limit: number; startAfter?: string }): Promise<Map<string, unknown>>;
  getAlarm(): Promise<number | null>;
  setAlarm(time: number): Promise<void>;
}

/** How to spread ids over objects. */
export interface DurableObjectStoreOptions {
  /**
   * How many objects share the ids: a whole number from 1 to 65,536. 16 by default; one takes some hundred events a second.
   * After a change, events that are still fresh pass once more.
   */
  readonly shards?: number;
}

/** How long expired marks may lie. */
const PURGE_INTERVAL_MS = 60_000;

/** What the storage deletes at once at most. */
const PAGE_SIZE = 128;

/**
 * Remembers ids in Durable Objects of the class {@linkcode ReplayObject}, each of which is the only one in the world to
 * hold its share of the ids.
 *
 * @param namespace The binding of the class.
 * @param options How to spread ids.
 * @throws {TypeError | RangeError} When a parameter is not what it should be.
 *
 * @example In a Worker whose configuration binds the class as `REPLAY`
 * ```ts
 * import { createReplayGuard, type DurableObjectNamespaceLike, durableObjectStore } from "@unseal/sealed-results/replay";
 *
 * export { ReplayObject } from "@unseal/sealed-results/replay";
 *
 * const worker = {
 *   async fetch(request: Request, env: { REPLAY: DurableObjectNamespaceLike }): Promise<Response> {
 *     const guard = createReplayGuard({ store: durableObjectStore(env.REPLAY) });
 *     const { id } = await guard.check(await request.json()); // an event, when it has been unsealed
 *     return Response.json({ id });
 *   },
 * };
 * export default worker;
 * ```
 */
export function durableObjectStore(
  namespace: DurableObjectNamespaceLike,
  options: DurableObjectStoreOptions = {},
): ReplayStore {
  const { shards = 16 } = ownProperties(options);
  if (typeof namespace?.idFromName !== "function") throw new TypeError("namespace must be a DurableObjectNamespace");
  if (!(Number.isInteger(shards) && shards >= 1 && shards <= 65_536)) {
    throw new RangeError("shards must be a whole number from 1 to 65536");
  }
  // The one place where the runtime's own types meet ours.
  const objects = namespace as unknown as {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(url: string, init: { method: "POST" }): Promise<Response> };
  };

  return Object.freeze({
    async add(id: string, ttlMs: number): Promise<boolean> {
      const object = objects.get(objects.idFromName(`seen-${hash(id) % shards}`));
      const parameters = new URLSearchParams({ id, ttlMs: String(ttlMs) });
      const response = await object.fetch(`https://replay-object.invalid/?${parameters}`, { method: "POST" });
      const answer = await response.text();
      if (response.ok && (answer === "true" || answer === "false")) return answer === "true";
      throw new TypeError("ReplayObject expected to answer true or false, got something else");
    },
  });
}

/**
 * The Durable Object behind {@linkcode durableObjectStore}: export it from the Worker's main module, bind it, and name it in
 * a migration (`new_sqlite_classes`). It purges itself.
 *
 * While an object waits for its storage it is given nothing else to do, and what it answers is held back until what it
 * wrote is on disk: so looking and marking are one step, and no mark that was answered for is lost.
 *
 * @see https://developers.cloudflare.com/durable-objects/reference/in-memory-state/
 */
export class ReplayObject {
  readonly #storage: DurableObjectStorageLike;

  constructor(state: DurableObjectStateLike) {
    this.#storage = state.storage;
  }

  /** Marks the id of the request's URL; answers `true` if it was new, `false` if not. */
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const id = searchParams.get("id");
    const ttlMs = Number(searchParams.get("ttlMs"));
    if (!id || !(ttlMs >= 1)) return new Response("id and ttlMs expected", { status: 400 });
    const now = Date.now();
    const expiresAt = await this.#storage.get(id);
    if (typeof expiresAt === "number" && expiresAt > now) return new Response("false");
    // Nothing is awaited between looking and marking.
    const [, alarm] = await Promise.all([this.#storage.put(id, now + ttlMs), this.#storage.getAlarm()]);
    if (alarm === null) await this.#storage.setAlarm(now + PURGE_INTERVAL_MS);
    return new Response("true");
  }

  /** Removes the marks that have expired, and comes back while there are others. */
  async alarm(): Promise<void> {
    const now = Date.now();
    let areLeft = false;
    let startAfter: string | undefined;
    do {
      const page = await this.#storage.list({ limit: PAGE_SIZE, ...(startAfter === undefined ? {} : { startAfter }) });
      const expired = [...page].filter(([, expiresAt]) => !(typeof expiresAt === "number" && expiresAt > now));
      areLeft ||= expired.length < page.size;
      startAfter = page.size < PAGE_SIZE ? undefined : [...page.keys()].at(-1);
      if (expired.length > 0) await this.#storage.delete(expired.map(([id]) => id));
    } while (startAfter !== undefined);
    if (areLeft) await this.#storage.setAlarm(now + PURGE_INTERVAL_MS);
  }
}

/** FNV-1a of 32 bits: the same on every machine, and even enough. */
function hash(id: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
