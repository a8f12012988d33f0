/** The Events API client inside a server of each runtime, workerd's included, against a real service. */

import assert from "node:assert/strict";
import { RUNTIMES } from "./support/servers.ts";
import { testOn } from "./support/serving.ts";
import { eventOf, SCENARIOS, SECRET_KEY, startEventsService } from "./support/events-api-service.ts";

const APP = "tests/services/support/events-api-app.ts";

for (const runtime of RUNTIMES) {
  testOn(runtime, APP)("getEvent() has the same outcome for every answer", async (server) => {
    const service = await startEventsService();
    try {
      const call = async (body: object): Promise<Record<string, unknown>> => {
        const response = await fetch(server.url, { method: "POST", body: JSON.stringify(body) });
        const { printed = "", ...result } = await response.json() as Record<string, unknown>;
        assert.ok(!String(printed).includes(SECRET_KEY) && !String(printed).includes(service.url), String(printed));
        return result;
      };
      const options = { secretKey: SECRET_KEY, baseUrl: service.url, retryForMs: 0 };

      for (const { id, version, outcome, isEndless } of SCENARIOS) {
        const ask = (timeoutMs: number) => call({ options: { ...options, version, timeoutMs }, id });
        const result = await (id.startsWith("slow-") ? service.overrun(id, ask) : ask(60_000));
        const expected = outcome === "event" ? { event: eventOf(id, version) } : { error: outcome };
        assert.deepEqual(result, expected, `${version} ${id}`);
        if (isEndless) await service.hungUp(id);
      }
      assert.ok(!service.paths.includes("/elsewhere"), "a redirect was followed");

      assert.deepEqual(await call({ options, id: "200", unbound: true }), { event: eventOf("200", "v4") });
      assert.deepEqual(await call({ options, id: "slow-headers", abortAfterMs: 50 }), {
        error: { code: "ERR_EVENTS_API_ABORTED" },
      });
      assert.deepEqual(await call({ options: { ...options, baseUrl: "http://127.0.0.1:9" }, id: "200" }), {
        error: { code: "ERR_EVENTS_API_NETWORK" },
      });
    } finally {
      await service.stop();
    }
  });
}
