/**
 * A replay store in Cloudflare's Durable Objects.
 *
 * @module
 */

import { checkedOptions } from "../../checked-options.ts";
import { read } from "../../event/fields.ts";
import type { ReplayStore } from "../store.ts";

/** The methods of a `DurableObjectNamespace` that are used here. */
export interface DurableObjectNamespaceLike {
  /** The id of the object with this name. */
  idFromName(name: string): unknown;
  /** The object with this id. */
  get(id: never): { fetch(...parameters: never[]): Promise<unknown> };
}

/** The part of a `DurableObjectState` that is used here. Its storage may be of either kind. */
export interface DurableObjectStateLike {
  /** The object's storage. */
  readonly storage: DurableObjectStorageLike;
}

/** The methods of a `DurableObjectStorage` that are used here. */
export interface DurableObjectStorageLike {
  /** Reads a key. */
  get(key: string): Promise<unknown>;
  /** Writes a key. */
  put(key: string, value: unknown): Promise<void>;
  /** Deletes keys. */
  delete(keys: string[]): Promise<number>;
  /** Lists keys in their order. */
  list(options: { limit: number; startAfter?: string }): Promise<Map<string, unknown>>;
  /** When the alarm is due, in Unix milliseconds. */
  getAlarm(): Promise<number | null>;
  /** Sets the alarm, in Unix milliseconds. */
  setAlarm(time: number): Promise<void>;
}

/** Options of {@linkcode durableObjectStore}. */
export interface DurableObjectStoreOptions {
  /**
   * How many objects share the ids: a whole number from 1 to 65,536. 16 by default; one object handles some hundred
   * events a second. After a change, events that are still fresh pass once more.
   */
  readonly shards?: number | undefined;
}

/** How long expired marks may stay in the storage. */
const PURGE_INTERVAL_MS = 60_000;

/** Most keys that the storage deletes in one call. */
const PAGE_SIZE = 128;

/**
 * Creates a store that remembers ids in Durable Objects of the class {@linkcode ReplayObject}. Each object is the only
 * one in the world that holds its share of the ids.
 *
 * @param namespace The binding of the class.
 * @param options The number of objects.
 * @throws {TypeError | RangeError} When a parameter is invalid.
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
 *     const { id } = await guard.check(await request.json()); // an event that was unsealed before
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
  const { shards = 16 } = checkedOptions(options, { shards: 1 });
  if (typeof namespace?.idFromName !== "function") throw new TypeError("namespace must be a DurableObjectNamespace");
  if (!(Number.isInteger(shards) && shards >= 1 && shards <= 65_536)) {
    throw new RangeError("shards must be a whole number from 1 to 65536");
  }
  // The only cast between the runtime's own types and ours.
  const objects = namespace as unknown as {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(url: string, init: { method: "POST" | "DELETE" }): Promise<Response> };
  };

  /** Sends a request to the object that holds an id, and returns its answer. */
  async function ask(method: "POST" | "DELETE", id: string, parameters: Record<string, string>): Promise<string> {
    const object = objects.get(objects.idFromName(`seen-${hash(id) % shards}`));
    const query = new URLSearchParams({ id, ...parameters });
    const response = await object.fetch(`https://replay-object.invalid/?${query}`, { method });
    const answer = await response.text();
    if (response.ok && (answer === "true" || answer === "false")) return answer;
    throw new TypeError("ReplayObject must answer true or false, got something else");
  }

  return Object.freeze({
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      return await ask("POST", id, { ttlMs: String(ttlMs), token }) === "true";
    },
    async release(id: string, token: string): Promise<void> {
      await ask("DELETE", id, { token });
    },
  });
}

/**
 * The Durable Object of {@linkcode durableObjectStore}: export it from the Worker's main module, bind it, and name it
 * in a migration (`new_sqlite_classes`). It removes expired marks by an alarm.
 *
 * While an object waits for its storage, the runtime delivers no other request to it, and it holds back the object's
 * responses until its writes are on disk. Reading and marking are therefore one step, and no mark is lost after its
 * response.
 *
 * @see https://developers.cloudflare.com/durable-objects/reference/in-memory-state/
 */
export class ReplayObject {
  /** Exists in the type alone. The types that `wrangler types` generates recognise the class of a Durable Object by it. */
  declare readonly __DURABLE_OBJECT_BRAND: never;

  readonly #storage: DurableObjectStorageLike;

  /**
   * Called by the runtime.
   *
   * @param state What the runtime passes.
   */
  constructor(state: DurableObjectStateLike) {
    this.#storage = state.storage;
  }

  /** `POST` marks the URL's id and responds whether it was new. `DELETE` removes a mark that has the URL's token. */
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const id = searchParams.get("id");
    if (!id) return new Response("id expected", { status: 400 });
    const token = searchParams.get("token") ?? "";
    const found = await this.#storage.get(id);
    // Nothing is awaited between reading and writing.
    if (request.method === "DELETE") {
      const isOurs = read(found, "token") === token;
      if (isOurs) await this.#storage.delete([id]);
      return new Response(`${isOurs}`);
    }
    const ttlMs = Number(searchParams.get("ttlMs"));
    if (!(ttlMs >= 1)) return new Response("ttlMs expected", { status: 400 });
    const now = Date.now();
    if (isFresh(found, now)) return new Response("false");
    const mark = { expiresAt: now + ttlMs, token };
    const [, alarm] = await Promise.all([this.#storage.put(id, mark), this.#storage.getAlarm()]);
    if (alarm === null) await this.#storage.setAlarm(now + PURGE_INTERVAL_MS);
    return new Response("true");
  }

  /** Removes the expired marks, and sets the next alarm if others are left. */
  async alarm(): Promise<void> {
    const now = Date.now();
    let areLeft = false;
    let startAfter: string | undefined;
    do {
      const page = await this.#storage.list({ limit: PAGE_SIZE, ...(startAfter === undefined ? {} : { startAfter }) });
      const expired = [...page].filter(([, value]) => !isFresh(value, now));
      areLeft ||= expired.length < page.size;
      startAfter = page.size < PAGE_SIZE ? undefined : [...page.keys()].at(-1);
      if (expired.length > 0) await this.#storage.delete(expired.map(([id]) => id));
    } while (startAfter !== undefined);
    if (areLeft) await this.#storage.setAlarm(now + PURGE_INTERVAL_MS);
  }
}

function isFresh(mark: unknown, time: number): boolean {
  const expiresAt = read(mark, "expiresAt");
  return typeof expiresAt === "number" && expiresAt > time;
}

/** FNV-1a of 32 bits: the same on every machine, and evenly distributed. */
function hash(id: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
