/**
 * The Worker for the tests of Durable Objects. `POST /add?id=…&ttlMs=…&token=…` adds an id with their store. `POST /sql`
 * adds it with the SQL store on the SQLite of one object, which is also the engine of D1. Without `ttlMs`, both release
 * the id.
 *
 * @module
 */

import {
  durableObjectStore,
  ReplayObject as PublishedReplayObject,
  type ReplayStore,
  sqlStatements,
  sqlStore,
} from "../../../src/replay/mod.ts";

interface Environment {
  readonly REPLAY: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(url: string): Promise<Response> };
  };
}

interface State {
  readonly storage: ConstructorParameters<typeof PublishedReplayObject>[0]["storage"] & {
    readonly sql: { exec(sql: string, ...parameters: unknown[]): { toArray(): unknown[] } };
  };
}

/** The published class, with routes that report how many ids it holds and that set its alarm. */
export class ReplayObject extends PublishedReplayObject {
  readonly #storage: State["storage"];

  #rings = 0;

  constructor(state: State) {
    super(state);
    this.#storage = state.storage;
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/sql") {
      const { sql } = this.#storage;
      sql.exec(sqlStatements({ dialect: "sqlite" }).createTable);
      const store = sqlStore((text, parameters) => sql.exec(text, ...parameters).toArray(), { dialect: "sqlite" });
      return await use(store, searchParams);
    }
    if (pathname === "/held") {
      const held = await this.#storage.list({ limit: 1000 });
      const alarm = await this.#storage.getAlarm();
      const alarmInMs = alarm === null ? 0 : alarm - Date.now();
      return Response.json({ held: held.size, hasAlarm: alarm !== null, alarmInMs, rings: this.#rings });
    }
    if (pathname === "/ring") {
      await this.#storage.setAlarm(Date.now() + 50);
      return new Response();
    }
    return await super.fetch(request);
  }

  override async alarm(): Promise<void> {
    this.#rings++;
    await super.alarm();
  }
}

export default {
  async fetch(request: Request, { REPLAY }: Environment): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/add") return await REPLAY.get(REPLAY.idFromName("seen-0")).fetch(request.url);
    const shards = Number(searchParams.get("shards"));
    const store = durableObjectStore(REPLAY, { shards });
    return await use(store, searchParams);
  },
};

async function use(store: ReplayStore, parameters: URLSearchParams): Promise<Response> {
  const id = parameters.get("id") ?? "";
  const token = parameters.get("token") ?? "";
  if (parameters.has("ttlMs")) return Response.json(await store.add(id, Number(parameters.get("ttlMs")), token));
  await store.release?.(id, token);
  return Response.json(null);
}
