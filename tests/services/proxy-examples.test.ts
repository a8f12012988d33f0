import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { startChromium } from "./support/chromium.ts";
import { EXAMPLES, SECRET, servingExample } from "./support/examples.ts";
import { EVENT, OPEN_RESPONSES } from "./support/open-responses.ts";
import { ask, askedLast, PLATFORM_HEADERS } from "./support/raw-request.ts";
import { type RunningServer, startScript } from "./support/servers.ts";

let upstream: RunningServer;
before(async () => {
  upstream = await startScript("tests/services/support/upstream.ts");
});
after(async () => await upstream.stop());

/** Runs in the page: loads an agent as a page does, and calls it. */
async function getThroughAgent([script, query]: readonly [string, string]): Promise<{ status: number; text: string }> {
  await new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: script, onload: resolve, onerror: reject });
    document.head.append(element);
  });
  const { agent } = self as unknown as { agent: { get(query: string): Promise<{ status: number; text: string }> } };
  return await agent.get(query);
}

for (const name of EXAMPLES) {
  test(`examples/${name} forwards posts, and passes their events to the application`, async (t) => {
    await servingExample(t, name, upstream.url, async (example) => {
      for (const body of ["open", "open-v4"]) {
        const answer = await ask(example.url, `/metrics/?body=${body}&how=chunked`, {
          headers: { host: "www.site.test", cookie: "session=private; _iidt=abc", authorization: "Basic private" },
          body: "what the agent sends",
        });
        assert.equal(answer.status, 200);
        assert.equal(answer.bytes.toString(), OPEN_RESPONSES[body]);
        const { url, headers, body: sent } = await askedLast(upstream);
        assert.equal(url, `/?body=${body}&how=chunked&ii=custom-proxy-integration%2F1.0%2Fingress`);
        assert.equal(sent, "what the agent sends");
        assert.equal(headers["fpjs-proxy-secret"], SECRET);
        const isFromHeader = name === "cloudflare-worker" || name === "vercel-edge";
        assert.equal(headers["fpjs-proxy-client-ip"], isFromHeader ? "192.0.2.1" : "127.0.0.1");
        assert.equal(headers["cookie"], "_iidt=abc");
        assert.equal(headers["authorization"], undefined);
        assert.deepEqual(await example.events(1), [EVENT.event_id]);
      }
      const status = await ask(example.url, "/metrics/status", { method: "GET" });
      assert.match(status.bytes.toString(), /The configuration is complete[^]*opened/);
    });
  });

  test(`examples/${name} returns responses without an event, and logs the reason`, async (t) => {
    await servingExample(t, name, upstream.url, async (example) => {
      for (const body of ["null", "none", "foreign", "not-json", "empty"]) {
        const answer = await ask(example.url, `/metrics/?body=${body}`);
        assert.equal(answer.status, 200);
        assert.equal(answer.bytes.toString(), OPEN_RESPONSES[body]);
      }
      assert.equal((await ask(example.url, "/metrics/?status=403&body=none")).status, 403);
      await ask(example.url, "/metrics/?body=open");
      assert.deepEqual(await example.events(1), [EVENT.event_id]);
      const codes = [...example.printed().matchAll(/\bERR_(?:RESPONSE|NO)_[A-Z_]+/g)].map(([code]) => code);
      assert.deepEqual([...new Set(codes)].sort(), ["ERR_NO_KEY_FITS", "ERR_RESPONSE_JSON"]); // Bun prints each twice.
      assert.ok(!example.printed().includes(SECRET));
    });
  });
}

test("Through each example, agents v3 and v4 in Chromium post, and the page reads the open response", async (t) => {
  if (skipIfAbsent(t, absenceOf(program("chromium")))) return;
  const browser = await startChromium();
  try {
    for (const name of EXAMPLES) {
      await servingExample(t, name, upstream.url, async (example) => {
        const context = await browser.newContext({ extraHTTPHeaders: PLATFORM_HEADERS });
        const page = await context.newPage();
        await page.goto(`${example.url}/metrics/page`);
        const agents = [
          ["/metrics/web/v4/key", "/?body=open-v4&region=us"],
          ["/metrics/agent?apiKey=key&version=3&loaderVersion=3.8.1", "/result?body=open-v4&region=us"],
        ] as const;
        for (const agent of agents) {
          const { status, text } = await page.evaluate(getThroughAgent, agent);
          assert.equal(status, 200, text);
          assert.equal(text, OPEN_RESPONSES["open-v4"]);
          assert.deepEqual(await example.events(1), [EVENT.event_id]);
        }
        const { headers, body } = await askedLast(upstream);
        assert.match(body, /HeadlessChrome|Chrome/);
        assert.equal(headers["cookie"], "_iidt=abc"); // set by the first response
        assert.equal(headers["fpjs-proxy-forwarded-host"], "127.0.0.1");
        await context.close();
      });
    }
  } finally {
    await browser.close();
  }
});
