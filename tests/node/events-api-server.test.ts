/** The Events API client against a real server, in the process of each runtime. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { inspect } from "node:util";
import { createEventsClient, EventsApiError, type EventsClientOptions } from "../../src/events-api/mod.ts";
import { listenLocally } from "../support/local-server.ts";
import {
  eventOf,
  type EventsService,
  SCENARIOS,
  SECRET_KEY,
  startEventsService,
} from "../services/support/events-api-service.ts";

async function withService(body: (service: EventsService) => Promise<void>): Promise<void> {
  const service = await startEventsService();
  try {
    await body(service);
  } finally {
    await service.stop();
  }
}

function clientFor(service: EventsService, options: Partial<EventsClientOptions> = {}) {
  return createEventsClient({ secretKey: SECRET_KEY, baseUrl: service.url, retryForMs: 0, ...options });
}

/** The event, or the properties of the error. */
async function outcomeOf(getting: Promise<unknown>): Promise<unknown> {
  try {
    return await getting;
  } catch (error) {
    assert.ok(error instanceof EventsApiError, inspect(error));
    for (const text of [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.stack ?? ""]) {
      assert.ok(!text.includes(SECRET_KEY) && !text.includes("http://127.0.0.1"), text);
    }
    const { name: _, ...properties } = error;
    return properties;
  }
}

for (const { id, version, outcome, isEndless = false } of SCENARIOS) {
  const title = outcome === "event" ? "fetches the event" : `rejects with ${outcome.code}`;
  test(`getEvent() ${title} when the ${version} service answers ${id}`, async () => {
    await withService(async (service) => {
      const ask = (timeoutMs: number) => outcomeOf(clientFor(service, { version, timeoutMs }).getEvent(id));
      const isSlow = id.startsWith("slow-");
      const got = await (isSlow ? service.overrun(id, ask) : ask(60_000));
      assert.deepEqual(got, outcome === "event" ? eventOf(id, version) : outcome);
      if (isEndless) await service.hungUp(id);
      // Deno repeats a request whose connection closes before the answer begins.
      const paths = isSlow || id === "hang-up" ? [...new Set(service.paths)] : service.paths;
      assert.deepEqual(paths, [`${version === "v4" ? "/v4" : ""}/events/${id}`]);
    });
  });
}

test("getEvent() ends a pending call when its signal fires, and closes the connection", async () => {
  await withService(async (service) => {
    for (const id of ["slow-headers", "slow-body"]) {
      const controller = new AbortController();
      const getting = outcomeOf(clientFor(service).getEvent(id, { signal: controller.signal }));
      await service.received(id);
      controller.abort();
      assert.deepEqual(await getting, { code: "ERR_EVENTS_API_ABORTED" });
      await service.hungUp(id);
    }
  });
});

/** Options that a runtime reads from the second argument of its fetch, with values that make a request fail. */
const POLLUTION: Readonly<Record<string, unknown>> = {
  body: "body",
  proxy: "http://127.0.0.1:1", // Bun
  client: {}, // Deno
};

for (const [name, value] of Object.entries(POLLUTION)) {
  test(`getEvent() does not depend on a polluted Object.prototype.${name}`, async () => {
    await withService(async (service) => {
      const getting = withPolluted(name, value, () => clientFor(service).getEvent("200"));
      assert.deepEqual(await getting, eventOf("200", "v4"));
    });
  });
}

/** Pollutes while `call` sends its request; the runtime's own server must not see it. */
function withPolluted<Result>(name: string, value: unknown, call: () => Result): Result {
  Object.defineProperty(Object.prototype, name, { value, writable: true, configurable: true });
  try {
    return call();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

test("getEvent() reports the code of each version for a wrong key", async () => {
  await withService(async (service) => {
    for (const [version, serviceCode] of [["v4", "secret_api_key_not_found"], ["v3", "TokenNotFound"]] as const) {
      const client = clientFor(service, { secretKey: "wrong", version });
      await assert.rejects(client.getEvent("200"), { code: "ERR_EVENTS_API_STATUS", serviceStatus: 403, serviceCode });
    }
  });
});

test("getEvent() requests ids that look like paths unchanged", async () => {
  await withService(async (service) => {
    const client = clientFor(service);
    for (const id of ["../visitors/x", "%2e%2e", "a/b?c#d", "é \r\n"]) {
      assert.equal((await client.getEvent(id)).event_id, id);
      assert.equal(service.paths.at(-1), `/v4/events/${encodeURIComponent(id)}`);
    }
  });
});

test("getEvent() serves many callers at once through one client", async () => {
  await withService(async (service) => {
    const client = clientFor(service);
    const ids = Array.from({ length: 64 }, (_, i) => `1708102555327.${i}`);
    const events = await Promise.all(ids.map((id) => client.getEvent(id)));
    assert.deepEqual(events.map(({ event_id }) => event_id), ids);
  });
});

test("getEvent() rejects with ERR_EVENTS_API_NETWORK when no server or no HTTP server listens", async () => {
  const mail = createServer((socket) => void socket.resume().end("220 mail.example ESMTP\r\n"));
  const { url, stop } = await listenLocally(mail);
  const client = createEventsClient({ secretKey: SECRET_KEY, baseUrl: url, retryForMs: 0 });
  assert.deepEqual(await outcomeOf(client.getEvent("200")), { code: "ERR_EVENTS_API_NETWORK" });
  await stop();
  assert.deepEqual(await outcomeOf(client.getEvent("200")), { code: "ERR_EVENTS_API_NETWORK" });
});

test("inspect() of a client does not show its key", () => {
  const client = createEventsClient({ secretKey: SECRET_KEY });
  assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes(SECRET_KEY));
});

test("getEvent() leaves no rejection behind when its signal cannot be listened to", async () => {
  const rejections: unknown[] = [];
  const record = (error: unknown) => void rejections.push(error);
  process.on("unhandledRejection", record);
  try {
    const addEventListener = () => assert.fail("broken");
    const signal = { aborted: false, addEventListener, removeEventListener() {} } as unknown as AbortSignal;
    const client = createEventsClient({ secretKey: SECRET_KEY, timeoutMs: 20, fetch: () => new Promise(() => {}) });
    await assert.rejects(client.getEvent("200", { signal }), { message: "broken" });
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(rejections, []);
  } finally {
    process.removeListener("unhandledRejection", record);
  }
});
