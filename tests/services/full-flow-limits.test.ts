/** The limits of `examples/full-flow`: bounded memory, keys that expire, and webhooks marked after the work. */

import assert from "node:assert/strict";
import { request } from "node:http";
import { test, type TestContext } from "node:test";
import type { Application, Visit } from "../../examples/full-flow/application.ts";
import type { Fingerprint } from "../../examples/full-flow/fingerprint.ts";
import { connectRedis, type Redis } from "../../examples/full-flow/redis.ts";
import { KEEP_MS, WORK_MS } from "../../examples/full-flow/visits.ts";
import { createSandbox, sampleEventV3, seal } from "../../src/testing/mod.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { mac, v1 } from "../support/webhooks.ts";
import { bundleProgram } from "./support/bundled.ts";
import { redisAbsence, startRedis } from "./support/redis.ts";
import { startApplication } from "./support/servers.ts";

const { createApplication }: typeof import("../../examples/full-flow/application.ts") = await import(
  await bundleProgram("examples/full-flow/application.ts")
);
const { serveFingerprint }: typeof import("../../examples/full-flow/fingerprint.ts") = await import(
  await bundleProgram("examples/full-flow/fingerprint.ts")
);

interface Running {
  readonly application: Application;
  readonly fingerprint: Fingerprint;
  readonly redis: Redis & {
    keys(pattern: string): Promise<string[]>;
    del(key: string): Promise<number>;
    configSet(parameter: string, value: string): Promise<unknown>;
  };
  readonly visits: Visit[];
  readonly errors: string[];
  /** While true, the application's work rejects. */
  failing: boolean;
  readonly key: string;
}

async function withApplication(t: TestContext, run: (running: Running) => Promise<void>): Promise<void> {
  if (skipIfAbsent(t, redisAbsence)) return;
  const sandbox = createSandbox({ webhookSecret: "w" });
  const server = await startRedis();
  const redis = await connectRedis(server.port) as Running["redis"]; // node-redis has every command
  const fingerprint = await serveFingerprint(sandbox);
  const running: Running = {
    application: createApplication({
      publicKey: sandbox.publicKey,
      secretKey: sandbox.secretKey,
      proxySecret: sandbox.proxySecret,
      webhookSecret: sandbox.webhookSecret,
      fingerprintUrl: fingerprint.url,
      keys: [sandbox.key],
      redis,
      onVisit: async (visit) => {
        await undefined;
        if (running.failing) throw new Error("The application's database is down");
        running.visits.push(visit);
      },
      onError: (code) => void running.errors.push(code),
    }),
    fingerprint,
    redis,
    visits: [],
    errors: [],
    failing: false,
    key: sandbox.key,
  };
  try {
    await run(running);
  } finally {
    await redis.close();
    await fingerprint.close();
    await server.close();
  }
}

const ORIGIN = "https://shop.example";
/** What the agent asks through the application's proxy. */
const AGENT_PATH = "/fp/?ci=js/4.1.5&q=sandbox-public-key";
const AGENT_BODY = JSON.stringify({ v: 4, url: `${ORIGIN}/` });

function post(path: string, body: string, headers: Record<string, string> = {}): Request {
  return new Request(`${ORIGIN}${path}`, { method: "POST", body, headers: { origin: ORIGIN, ...headers } });
}

async function postWebhook({ application }: Running, event: object): Promise<{ status: number; body: unknown }> {
  const body = JSON.stringify(event);
  const signature = v1(await mac(body, "w"));
  const response = await application.fetch(post("/webhook", body, { "fpjs-event-signature": signature }), undefined);
  return { status: response.status, body: await response.json() };
}

test("examples/full-flow marks a webhook as done only after the work, and then once", async (t) => {
  await withApplication(t, async (running) => {
    const { redis, visits, errors } = running;
    const event = { event_id: "1.webhook", timestamp: Date.now() };
    running.failing = true;
    assert.deepEqual(await postWebhook(running, event), { status: 503, body: { code: "WEBHOOK_FAILED" } });
    assert.equal(await redis.get("visit:1.webhook"), "working");
    const lease = await redis.pTTL("visit:1.webhook");
    assert.ok(lease > 0 && lease <= WORK_MS, `${lease}`);
    assert.deepEqual(await postWebhook(running, event), { status: 503, body: { code: "WEBHOOK_BUSY" } });

    await redis.del("visit:1.webhook"); // as its expiry does after WORK_MS, before Fingerprint delivers the webhook again
    running.failing = false;
    const done = { id: "1.webhook", way: "webhook", outcome: "done" };
    assert.deepEqual(await postWebhook(running, event), { status: 200, body: done });
    assert.equal(await redis.get("visit:1.webhook"), "done");
    assert.deepEqual(await postWebhook(running, event), { status: 200, body: { ...done, outcome: "repeated" } });
    assert.deepEqual(visits, [{ id: "1.webhook", way: "webhook" }]);
    assert.deepEqual(errors, ["WEBHOOK_FAILED", "WEBHOOK_BUSY"]);
  });
});

test("examples/full-flow refuses a webhook that is older than the ids it keeps", async (t) => {
  await withApplication(t, async (running) => {
    const event = { event_id: "1.old", timestamp: Date.now() - KEEP_MS - 1000 };
    assert.deepEqual(await postWebhook(running, event), { status: 400, body: { code: "WEBHOOK_TOO_OLD" } });
    assert.deepEqual(running.visits, []);
  });
});

test("examples/full-flow writes no key to Redis that does not expire", async (t) => {
  await withApplication(t, async (running) => {
    const { application, redis, fingerprint, key, visits } = running;
    await postWebhook(running, { event_id: "1.webhook", timestamp: Date.now() });
    const data = { requestId: "1.sealed", timestamp: Date.now(), ip: "192.0.2.1", url: `${ORIGIN}/` };
    const event = sampleEventV3({ products: { identification: { data } } });
    const sealed = await application.fetch(post("/sealed", await seal(event, key)), "192.0.2.1");
    assert.equal(sealed.status, 200, await sealed.text());
    const proxied = await application.fetch(post(AGENT_PATH, AGENT_BODY), "192.0.2.1");
    assert.equal(await proxied.text(), fingerprint.lastAnswer());
    await application.settled();
    assert.deepEqual(visits.map(({ way }) => way), ["webhook", "sealed", "proxy"]);

    const keys = await redis.keys("*");
    assert.equal(keys.length, 4, keys.join()); // three visits, and one id of the replay guard
    for (const name of keys) {
      const ttl = await redis.pTTL(name);
      assert.ok(ttl > 0 && ttl <= KEEP_MS, `${name} expires in ${ttl} ms`);
    }
  });
});

test("examples/full-flow answers 503 while Redis with noeviction is full", async (t) => {
  await withApplication(t, async (running) => {
    await running.redis.configSet("maxmemory-policy", "noeviction");
    await running.redis.configSet("maxmemory", "1");
    const event = { event_id: "1.webhook", timestamp: Date.now() };
    assert.deepEqual(await postWebhook(running, event), { status: 503, body: { code: "WEBHOOK_FAILED" } });
    const data = { timestamp: Date.now(), ip: "192.0.2.1", url: ORIGIN };
    const sealed = await seal(sampleEventV3({ products: { identification: { data } } }), running.key);
    const response = await running.application.fetch(post("/sealed", sealed), "192.0.2.1");
    assert.equal(response.status, 503);
    assert.deepEqual(running.errors, ["WEBHOOK_FAILED", "ERR_REPLAY_STORE"]);
    assert.deepEqual(running.visits, []);
  });
});

test("examples/full-flow refuses a post of 600 MB to its proxy with less than 100 MB of memory, and continues to work", async (t) => {
  if (process.versions["deno"] !== undefined || process.versions["bun"] !== undefined) {
    return t.skip("the application uses Node's http server, and the test runs on Node");
  }
  if (process.platform !== "linux") return t.skip("this system has no /proc");
  if (skipIfAbsent(t, redisAbsence)) return;
  const redis = await startRedis();
  try {
    const server = await startApplication("node", "tests/services/support/full-flow-server.ts", `${redis.port}`);
    try {
      const before = server.peakBytes();
      assert.equal(await postBytes(`${server.url}${AGENT_PATH}`, 600_000_000), 413);
      const grown = server.peakBytes() - before;
      assert.ok(grown < 100_000_000, `${grown} bytes`);
      const small = await fetch(`${server.url}${AGENT_PATH}`, { method: "POST", body: AGENT_BODY });
      assert.equal(small.status, 200);
      await small.text();
    } finally {
      await server.stop();
    }
  } finally {
    await redis.close();
  }
});

/** Posts `length` bytes, as fast as the server reads them, and returns the status of the response. */
function postBytes(url: string, length: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST", headers: { "content-length": length } });
    sending.once("response", (response) => {
      resolve(response.statusCode);
      response.resume();
      sending.destroy();
    });
    sending.on("error", reject);
    const chunk = Buffer.alloc(1024 * 1024, 120);
    let sent = 0;
    const send = (): void => {
      while (!sending.destroyed && sent < length) {
        const part = chunk.subarray(0, Math.min(chunk.length, length - sent));
        sent += part.length;
        if (!sending.write(part)) return void sending.once("drain", send);
      }
      sending.end();
    };
    send();
  });
}
