import assert from "node:assert/strict";
import { test } from "node:test";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { startChromium } from "./support/chromium.ts";
import { EXAMPLES, SECRET, servingExample } from "./support/examples.ts";
import { toBase64 } from "../support/bytes.ts";
import { EVENT, KEY, OPEN_RESPONSES } from "./support/open-responses.ts";
import { ask, askedLast, PLATFORM_HEADERS } from "./support/raw-request.ts";
import { serveSandbox } from "./support/sandbox.ts";
import { startUpstream } from "./support/serving.ts";

const upstream = startUpstream();

/** Runs in the page: loads the agents v4 and v3 through the proxy, as pages do, and calls them. */
async function getThroughAgents(key: string): Promise<string[]> {
  const v4 = await import(`/metrics/web/v4/${key}?ci=jsl/4.1.5`);
  const { event_id } = await v4.start({ endpoints: "/metrics/?region=us" }).get();
  await new Promise((resolve, reject) => {
    const src = `/metrics/agent?apiKey=${key}&version=3&loaderVersion=3.12.15`;
    document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject }));
  });
  const { load } =
    (self as unknown as { __fpjs_p_l_b: { load(options: object): Promise<{ get(): Promise<{ requestId: string }> }> } })
      .__fpjs_p_l_b;
  const agent = await load({ endpoint: "/metrics/result?region=us" });
  return [event_id, (await agent.get()).requestId];
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

test("Through each example, agents v3 and v4 in Chromium post to the sandbox, and the application gets the events", async (t) => {
  if (skipIfAbsent(t, absenceOf(program("chromium")))) return;
  const browser = await startChromium();
  const served = await serveSandbox();
  try {
    for (const name of EXAMPLES) {
      await servingExample(t, name, served.url, async (example) => {
        const sandbox = served.use({ key: toBase64(KEY), proxySecret: SECRET });
        const context = await browser.newContext({ extraHTTPHeaders: PLATFORM_HEADERS });
        const page = await context.newPage();
        const html = '<!doctype html><meta charset="utf-8"><title>Page</title>';
        await page.route("**/page", (route) => route.fulfill({ contentType: "text/html", body: html }));
        await page.goto(`${example.url}/page`);
        const ids = await page.evaluate(getThroughAgents, sandbox.publicKey);
        assert.deepEqual(await example.events(2), ids);
        const [v4, v3] = sandbox.events();
        assert.deepEqual([v4?.version, v3?.version], ["v4", "v3"]);
        // The cookie of the first response came with the second request.
        assert.equal(v3?.v4.identification?.visitor_id, v4?.v4.identification?.visitor_id);
        const isFromHeader = name === "cloudflare-worker" || name === "vercel-edge";
        assert.equal(v4?.v4.ip_address, isFromHeader ? "192.0.2.1" : "127.0.0.1");
        await context.close();
      });
    }
  } finally {
    await browser.close();
    await served.stop();
  }
});
