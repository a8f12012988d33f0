/** The Redis store on Redis and on a cluster of three, through each client that it supports. */

import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { Redis as Upstash } from "@upstash/redis";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster } from "redis";
import { type RedisSendCommand, redisStore, type ReplayStore } from "../../src/replay/mod.ts";
import { type Absence, needs } from "../support/absence.ts";
import { listenLocally, type LocalServer } from "../support/local-server.ts";
import { mark } from "../support/mark.ts";
import { type ReplayEngineProcess, testReplayStoreProcess } from "../services/support/replay-contract.ts";
import { redisAbsence, startRedis, startRedisCluster } from "../services/support/redis.ts";
import { startRestBridge } from "../services/support/redis-rest.ts";

/** The parts of Bun that are used here. */
interface BunRedis {
  RedisClient: new (url: string, options: { enableOfflineQueue: boolean }) => {
    send(command: string, parameters: string[]): Promise<unknown>;
    connect(): Promise<void>;
    close(): void;
  };
}

const bun = (globalThis as { Bun?: BunRedis }).Bun;
const bunAbsence: Absence | undefined = bun === undefined
  ? { reason: "this runtime is not Bun", isRequired: false }
  : redisAbsence;

/** Connects a client, and creates its store. */
type OpenStore = (ports: readonly number[]) => Promise<{ store: ReplayStore; close: () => unknown }>;

const url = (port: number | undefined) => `redis://127.0.0.1:${port}`;
const ignore = () => {};

const openNodeRedis: OpenStore = async ([port]) => {
  const client = createClient({ url: url(port), disableOfflineQueue: true });
  client.on("error", ignore);
  await client.connect();
  return { store: redisStore((...command) => client.sendCommand(command)), close: () => client.destroy() };
};

const openNodeRedisPool: OpenStore = async ([port]) => {
  const pool = createClientPool({ url: url(port), disableOfflineQueue: true }, { acquireTimeout: 60_000 });
  pool.on("error", ignore);
  await pool.connect();
  return { store: redisStore((...command) => pool.sendCommand(command)), close: () => pool.destroy() };
};

/** With the client's defaults: it queues commands while it is disconnected. */
const openNodeRedisAsIs: OpenStore = async ([port]) => {
  const client = createClient({ url: url(port) });
  client.on("error", ignore);
  await client.connect();
  return { store: redisStore((...command) => client.sendCommand(command)), close: () => client.destroy() };
};

const openNodeRedisCluster: OpenStore = async (ports) => {
  const cluster = createCluster({ rootNodes: ports.map((port) => ({ url: url(port) })) });
  cluster.on("error", ignore);
  await cluster.connect();
  const store = redisStore((...command) => cluster.sendCommand(command[command[0] === "EVAL" ? 3 : 1], false, command));
  return { store, close: () => cluster.destroy() };
};

const openIoredis: OpenStore = async ([port]) => {
  const client = new Redis({ host: "127.0.0.1", port: port!, lazyConnect: true, enableOfflineQueue: false }); // one port
  client.on("error", ignore);
  await client.connect();
  return { store: redisStore((...command) => client.call(...command)), close: () => client.disconnect() };
};

const openIoredisAsIs: OpenStore = ([port]) => {
  const client = new Redis(url(port));
  client.on("error", ignore);
  return Promise.resolve({
    store: redisStore((...command) => client.call(...command)),
    close: () => client.disconnect(),
  });
};

const openIoredisCluster: OpenStore = (ports) => {
  const cluster = new Cluster(ports.map((port) => ({ host: "127.0.0.1", port })));
  cluster.on("error", ignore);
  return Promise.resolve({
    store: redisStore((...command) => cluster.call(...command)),
    close: () => cluster.disconnect(),
  });
};

const openBun: OpenStore = async ([port]) => {
  const client = new bun!.RedisClient(url(port), { enableOfflineQueue: false }); // skipped elsewhere
  await client.connect();
  return { store: redisStore((name, ...words) => client.send(name, words)), close: () => client.close() };
};

/** Upstash's client, on a bridge from its REST protocol to this Redis. */
const openUpstash: OpenStore = async ([port]) => {
  const bridge = await startRestBridge(port!); // one port
  const client = new Upstash({ url: bridge.url, token: "test", enableTelemetry: false });
  return { store: redisStore((...command) => client.exec(command)), close: bridge.close };
};

/** The native client is imported only where it is used, because its binaries are not for every platform. */
const openGlide = (kind: "GlideClient" | "GlideClusterClient"): OpenStore => async (ports) => {
  const { Logger, [kind]: Client } = await import("@valkey/valkey-glide");
  Logger.init("off");
  const addresses = ports.map((port) => ({ host: "127.0.0.1", port }));
  // By default a command may take 250 ms, which is too little on a busy machine.
  const client = await Client.createClient({ addresses, requestTimeout: 30_000 });
  return { store: redisStore((...command) => client.customCommand(command)), close: () => client.close() };
};

const single = (...open: readonly OpenStore[]) => async (): Promise<ReplayEngineProcess> => {
  const { port, process, close } = await startRedis();
  return await openAll({ ports: [port], process, close }, open);
};

const cluster = (...open: readonly OpenStore[]) => async (): Promise<ReplayEngineProcess> =>
  await openAll(await startRedisCluster(), open);

testReplayStoreProcess("redisStore(node-redis)", single(openNodeRedis, openNodeRedis, openNodeRedisPool), redisAbsence);
testReplayStoreProcess("redisStore(node-redis as is)", single(openNodeRedisAsIs, openNodeRedisAsIs), redisAbsence);
testReplayStoreProcess("redisStore(ioredis)", single(openIoredis, openIoredis), redisAbsence);
testReplayStoreProcess("redisStore(ioredis as is)", single(openIoredisAsIs, openIoredisAsIs), redisAbsence);
testReplayStoreProcess("redisStore(node-redis and ioredis)", single(openNodeRedis, openIoredis), redisAbsence);
testReplayStoreProcess("redisStore(Bun)", single(openBun, openBun, openIoredis), bunAbsence);
testReplayStoreProcess(
  "redisStore(node-redis cluster)",
  cluster(openNodeRedisCluster, openNodeRedisCluster),
  redisAbsence,
);
testReplayStoreProcess("redisStore(ioredis cluster)", cluster(openIoredisCluster, openIoredisCluster), redisAbsence);

testReplayStoreProcess("redisStore(Upstash)", single(openUpstash, openUpstash), redisAbsence);
testReplayStoreProcess(
  "redisStore(valkey-glide)",
  single(openGlide("GlideClient"), openGlide("GlideClient")),
  redisAbsence,
);
testReplayStoreProcess(
  "redisStore(valkey-glide cluster)",
  cluster(openGlide("GlideClusterClient"), openGlide("GlideClusterClient")),
  redisAbsence,
);

testReplayStoreProcess("redisStore(Redis in memory)", async () => {
  const { port, process, close } = await startRedis(["--appendonly", "no"]);
  return { ...await openAll({ ports: [port], process, close }, [openIoredis, openIoredis]), isInMemory: true };
}, redisAbsence);

test("redisStore() stores one key for an id, with an expiry", needs(redisAbsence), async () => {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  try {
    client.on("error", ignore);
    await client.connect();
    const send: RedisSendCommand = (...command) => client.sendCommand(command);
    await mark(redisStore(send), "1708102555327.NLOjmg", 5_000);
    await mark(redisStore(send, { prefix: "app:" }), "1708102555327.NLOjmg", 5_000);
    assert.deepEqual((await client.keys("*")).sort(), ["app:1708102555327.NLOjmg", "unseal:seen:1708102555327.NLOjmg"]);
    const ttlMs = await client.pTTL("app:1708102555327.NLOjmg");
    assert.ok(ttlMs > 0 && ttlMs <= 5_000);
  } finally {
    client.destroy();
    await server.close();
  }
});

test("redisStore() marks the id when the connection breaks before Redis answers", needs(redisAbsence), async () => {
  const server = await startRedis();
  const opens = { openNodeRedisAsIs, openIoredisAsIs, ...(bun && { openBun }) };
  try {
    for (const [name, open] of Object.entries(opens)) {
      const proxy = await startBreakingProxy(server.port);
      const { store, close } = await open([proxy.port]);
      try {
        const answer = await mark(store, name).catch(() => "rejected");
        assert.ok(proxy.hasBroken(), name);
        // ioredis sends the command again. With the other clients the outcome is unknown, so add() rejects.
        assert.equal(answer, open === openIoredisAsIs ? true : "rejected", name);
      } finally {
        await close();
        void proxy.stop();
      }
      const { store: other, close: closeOther } = await openIoredis([server.port]);
      assert.equal(await mark(other, name), false, name);
      await closeOther();
    }
  } finally {
    await server.close();
  }
});

test("redisStore() rejects anything but a function, and unknown options", () => {
  for (const client of [undefined, null, {}, { set() {}, sendCommand() {} }, "redis://127.0.0.1"]) {
    assert.throws(() => redisStore(client as never), { name: "TypeError", message: /^sendCommand must be a function/ });
  }
  assert.throws(() => redisStore(() => null, { keyPrefix: "a" } as never), {
    message: /^Unknown option keyPrefix/,
  });
  assert.throws(() => redisStore(() => null, { prefix: 5 } as never), { message: "prefix must be a string" });
});

test("redisStore() rejects when Redis answers something else than it may", async () => {
  for (const answer of [undefined, 0, 1, true, "", "ok", "QUEUED", [], {}, new Uint8Array([79, 75])]) {
    await assert.rejects(async () => await redisStore(() => answer).add("a", 1, "t"), TypeError, `${answer}`);
  }
});

/** Forwards everything to Redis, but resets the connection instead of returning the answer to the first `SET`. */
async function startBreakingProxy(
  port: number,
): Promise<LocalServer & { hasBroken: () => boolean }> {
  let isSet = false;
  let hasBroken = false;
  const server = createServer((client) => {
    const redis = connect(port, "127.0.0.1");
    client.on("error", ignore).on("close", () => redis.destroy());
    redis.on("error", ignore).on("close", () => client.destroy());
    client.on("data", (data) => {
      isSet ||= /\r\nSET\r\n/i.test(data.toString("latin1"));
      redis.write(data);
    });
    redis.on("data", (data) => {
      if (!isSet || hasBroken) {
        client.write(data);
      } else {
        hasBroken = true;
        client.resetAndDestroy();
      }
    });
  });
  return { ...await listenLocally(server), hasBroken: () => hasBroken };
}

/** Opens the stores. If one fails, closes the others and the engine. */
async function openAll(
  engine: { ports: readonly number[]; process: ReplayEngineProcess["process"]; close(): Promise<void> },
  open: readonly OpenStore[],
): Promise<ReplayEngineProcess> {
  const opened: Awaited<ReturnType<OpenStore>>[] = [];
  const close = async () => {
    for (const each of opened) await each.close();
    await engine.close();
  };
  try {
    for (const each of open) opened.push(await each(engine.ports));
    return { stores: opened.map(({ store }) => store), process: engine.process, close };
  } catch (error) {
    await close();
    throw error;
  }
}
