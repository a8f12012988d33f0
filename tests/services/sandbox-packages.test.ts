/** The vendor's packages in Chromium, through the proxy on each runtime, to the sandbox and back to the application. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { startChromium } from "./support/chromium.ts";
import {
  bundlePage,
  openTab,
  type Outcome,
  type ServedSandbox,
  serveSandbox,
  VENDOR_PACKAGES,
  vendorAbsence,
  type VendorPackage,
} from "./support/sandbox.ts";
import { RUNTIMES } from "./support/servers.ts";
import { serving } from "./support/serving.ts";

const absence = absenceOf(program("chromium")) ?? vendorAbsence;
const packages = Object.keys(VENDOR_PACKAGES) as VendorPackage[]; // the keys of a constant
const pages = new Map<VendorPackage, string>();
let browser: Browser;
let served: ServedSandbox;

before(async () => {
  if (absence !== undefined) return;
  browser = await startChromium();
  served = await serveSandbox();
  for (const name of packages) pages.set(name, await bundlePage(name));
});

after(async () => {
  await browser?.close();
  await served?.stop();
});

for (const runtime of RUNTIMES) {
  test(`createSandbox() serves each of the vendor's packages through createFingerprintProxy() on ${runtime}`, async (t) => {
    if (skipIfAbsent(t, absence)) return;
    const webhook = { url: "" };
    const first = served.use({});
    const env = {
      SANDBOX: served.url,
      KEY: first.key,
      SECRET_KEY: first.secretKey,
      PROXY_SECRET: first.proxySecret,
      WEBHOOK_SECRET: first.webhookSecret,
      ...(runtime === "workerd" && { ADDRESS: "127.0.0.1" }),
    };
    await serving(t, runtime, "tests/services/sandbox/app.ts", { env }, async ({ url }) => {
      webhook.url = `${url}/webhook`;
      const sandbox = served.use({ key: first.key, webhooks: [webhook] });
      const ids: (string | undefined)[] = [];
      for (const name of packages) {
        const isV3 = VENDOR_PACKAGES[name].includes("v3");
        const tab = await openTab(browser, pages.get(name) ?? "");
        const open = async (query: string, settings: object = {}): Promise<Outcome> => {
          const scriptUrlPattern =
            `${url}/metrics/agent?apiKey=<apiKey>&version=<version>&loaderVersion=<loaderVersion>`;
          const endpoint = isV3 ? `${url}/metrics/result?region=us` : `${url}/metrics/?region=us`;
          const common = { apiKey: sandbox.publicKey, endpoint, scriptUrlPattern };
          const page = await tab.open(url, { query, settings: { ...common, ...settings } });
          assert.ok(page.console.some((text) => text.includes("It fingerprints nobody")), page.console.join("\n"));
          ids.push(page.outcome.eventId);
          return page.outcome;
        };
        const human = await open("", { again: true });
        const { status, source, again, error } = human;
        const replayed = { status: 409, code: "ERR_REPLAY_SEEN" };
        assert.deepEqual({ status, source, again, error }, {
          status: 200,
          source: "sealed",
          again: replayed,
          error: undefined,
        }, name);
        const bot = await open("sandbox=bot:bad,vpn");
        assert.deepEqual([bot.status, bot.code], [403, "BOT"], name);
        sandbox.next({ sealed: false });
        const unsealed = await open("");
        assert.deepEqual([unsealed.status, unsealed["source"]], [200, "events-api"], name);
        await tab.close();
      }
      await sandbox.settled();
      const seen = await (await fetch(`${url}/seen`)).json() as Readonly<Record<string, unknown[]>>;
      assert.deepEqual(seen["webhooks"], ids);
      // Every third event was not sealed, so no proxy could open it.
      assert.deepEqual(seen["proxied"], ids.filter((_, index) => index % 3 !== 2));
      assert.deepEqual(seen["errors"], packages.map(() => "ERR_REPLAY_SEEN"));
      const versions = sandbox.events().map(({ version, v4 }) => [version, v4.ip_address, v4.url?.split("/?")[0]]);
      const expected = packages.flatMap((name) =>
        Array<string>(3).fill(VENDOR_PACKAGES[name].includes("v3") ? "v3" : "v4")
      );
      assert.deepEqual(versions, expected.map((version) => [version, "127.0.0.1", url]));
    });
  });
}
