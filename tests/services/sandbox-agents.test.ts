/** What the vendor's packages return from the sandbox's agents: results, caches and errors. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test, type TestContext } from "node:test";
import type { Browser } from "playwright-core";
import { nodeListener } from "../../src/node-http/mod.ts";
import type { Sandbox, SandboxOptions } from "../../src/testing/mod.ts";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { listenLocally, type LocalServer } from "../support/local-server.ts";
import { startChromium } from "./support/chromium.ts";
import {
  bundlePage,
  type OpenOptions,
  openTab,
  type Outcome,
  type ServedSandbox,
  serveSandbox,
  type Tab,
  vendorAbsence,
} from "./support/sandbox.ts";

const absence = absenceOf(program("chromium")) ?? vendorAbsence;
const PAGE = `<!doctype html><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,">
<body><script type="module" src="/page.js"></script>`;

let browser: Browser;
let served: ServedSandbox;
let site: LocalServer;
const tabs: { v3?: Tab; v4?: Tab } = {};

/** The page's own site: it answers a login with what was posted. The query's `csp` is the page's policy. */
const siteListener = nodeListener(async (request) => {
  const policy = new URL(request.url).searchParams.get("csp") ?? "";
  const headers = { "content-type": "text/html", "content-security-policy": policy };
  if (request.method !== "POST") return new Response(PAGE, { headers });
  return Response.json({ posted: await request.json() });
});

before(async () => {
  if (absence !== undefined) return;
  browser = await startChromium();
  served = await serveSandbox();
  site = await listenLocally(createServer(siteListener));
  tabs.v4 = await openTab(browser, await bundlePage("@fingerprint/agent 4.1"));
  tabs.v3 = await openTab(browser, await bundlePage("@fingerprintjs/fingerprintjs-pro 3.12"));
});

after(async () => {
  await browser?.close();
  await served?.stop();
  await site?.stop();
});

interface Case {
  readonly sandbox: Sandbox;
  open(version: "v3" | "v4", settings?: object, options?: Partial<OpenOptions>): Promise<Outcome>;
}

/** Runs a test on a sandbox, on another origin than the page. */
function withPages(name: string, options: SandboxOptions, run: (pages: Case, t: TestContext) => Promise<void>): void {
  test(name, async (t) => {
    if (skipIfAbsent(t, absence)) return;
    const sandbox = served.use(options);
    const scriptUrlPattern = `${served.url}/web/v<version>/<apiKey>/loader_v<loaderVersion>.js`;
    const common = { apiKey: sandbox.publicKey, endpoint: `${served.url}/`, scriptUrlPattern };
    await run({
      sandbox,
      async open(version, settings = {}, options = {}) {
        const { outcome } = await tabs[version]!.open(site.url, { ...options, settings: { ...common, ...settings } });
        return outcome;
      },
    }, t);
  });
}

withPages(
  "@fingerprint/agent gets sealed_result in every form, the visitor and the score",
  {},
  async ({ sandbox, open }) => {
    const { eventId, visitorId, suspectScore, forms, collected, isNull, error } = await open(
      "v4",
      { get: { linkedId: "order-7", tag: { step: 1 } }, start: { urlHashing: { query: true } } },
      { query: "sandbox=bot:bad,suspectScore:9" },
    );
    assert.equal(error, undefined);
    const event = sandbox.events().at(-1);
    const sealed = event?.sealedResult ?? "";
    const bytes = Buffer.from(sealed, "base64").length;
    assert.deepEqual(forms, { byteArray: bytes, blob: bytes, text: sealed.length, json: sealed.length + 2 });
    const { event_id, identification, linked_id, tags, url, bot } = event!.v4;
    assert.deepEqual(
      [eventId, visitorId, suspectScore, collected, isNull],
      [event_id, identification?.visitor_id, 9, true, false],
    );
    assert.deepEqual([linked_id, tags, bot], ["order-7", { step: 1 }, "bad"]);
    assert.match(url ?? "", /^http:\/\/127\.0\.0\.1:\d+\/\?[\w-]{43}#/);
  },
);

withPages("@fingerprint/agent gets null without a sealed result, and no visitor with zeroTrust", {
  scenario: { sealed: false },
  zeroTrust: true,
}, async ({ open }) => {
  const { isNull, visitorId, suspectScore, posted } = await open("v4");
  assert.deepEqual([isNull, visitorId, suspectScore], [true, undefined, undefined]);
  assert.deepEqual(Object.keys(posted as object), ["eventId"]);
});

withPages("@fingerprint/agent caches as its options say", {}, async ({ sandbox, open }) => {
  const cache = { storage: "sessionStorage", duration: 60 };
  const first = await open("v4", { times: 2, start: { cache } });
  assert.deepEqual(first["cacheHits"], [false, true]);
  const second = await open("v4", { start: { cache } });
  assert.deepEqual([second["cacheHits"], second.eventId], [[true], first.eventId]);
  assert.ok(second["forms"]);
  const other = await open("v4", { start: { cache: { ...cache, cachePrefix: "other" } }, get: { linkedId: "x" } });
  assert.deepEqual(other["cacheHits"], [false]);
  assert.equal(sandbox.events().length, 2);
  assert.equal(
    (await open("v4", { start: { cache: { storage: "disk", duration: 60 } } })).error?.code,
    "cache_misconfigured",
  );
});

const CODES = [
  ["too_many_requests", "Too many requests, rate limit exceeded"],
  ["subscription_not_active", "Subscription not active"],
  ["wrong_region", "Wrong region"],
  ["hostname_restricted", "Hostname restricted"],
  ["request_cannot_be_parsed", "Request cannot be parsed"],
  ["failed", "Request failed"],
] as const;

withPages("the vendor's packages throw the service's errors as their own", {}, async ({ sandbox, open }) => {
  for (const [code, message] of CODES) {
    sandbox.next({ error: code }, { error: code });
    const v4 = (await open("v4")).error;
    assert.deepEqual([v4?.name, v4?.code], ["FingerprintError", code]);
    assert.match(v4?.id ?? "", /^\d{13}\.\w{6}$/);
    const v3 = (await open("v3")).error;
    assert.equal(v3?.message, message);
    assert.match(v3?.id ?? "", /^\d{13}\.\w{6}$/);
  }
  assert.equal((await open("v4", { apiKey: "other" })).error?.code, "public_api_key_not_found");
  assert.equal((await open("v3", { apiKey: "other" })).error?.message, "API key not found");
});

withPages("the vendor's packages throw their own errors for what is no answer", {}, async ({ sandbox, open }) => {
  sandbox.next({ error: "unreachable" }, { error: "unreachable" });
  assert.equal((await open("v4")).error?.code, "bad_response_format");
  assert.equal((await open("v3")).error?.message, "Response cannot be parsed");
  sandbox.next({ delayMs: 5000 }, { delayMs: 5000 });
  assert.equal((await open("v4", { get: { timeout: 100 } })).error?.code, "client_timeout");
  assert.equal((await open("v3", { get: { timeout: 100 } })).error?.message, "Client timeout");
  assert.equal((await open("v3", { endpoint: "http://127.0.0.1:1/" })).error?.message, "Network connection error");
  const falling = await open("v3", { endpoint: ["http://127.0.0.1:1/", `${served.url}/`] });
  assert.equal(falling.error, undefined);
});

withPages("the vendor's packages notice a policy that blocks the script or the request", {}, async ({ open }) => {
  const policy = (csp: string) => ({ query: `csp=${encodeURIComponent(csp)}` });
  const blocksScript = policy(`script-src 'self'`);
  assert.equal((await open("v4", {}, blocksScript)).error?.code, "csp_block");
  assert.equal((await open("v3", {}, blocksScript)).error?.message, "Blocked by CSP");
  const blocksRequest = policy(`script-src 'self' ${served.url}; connect-src 'self'`);
  assert.equal((await open("v4", {}, blocksRequest)).error?.code, "csp_block");
  assert.equal((await open("v3", {}, blocksRequest)).error?.message, "Blocked by CSP");
  const allows = policy(`script-src 'self' ${served.url}; connect-src 'self' ${served.url}`);
  assert.equal((await open("v4", {}, allows)).error, undefined);
  assert.equal((await open("v3", {}, allows)).error, undefined);
});

withPages(
  "@fingerprintjs/fingerprintjs-pro gets the extended result, and recognises the browser",
  {},
  async ({ sandbox, open }) => {
    const first = await open("v3", { get: { extendedResult: true, tag: "checkout" } });
    assert.equal(first.error, undefined);
    const { data } = sandbox.events().at(-1)?.v3.products.identification ?? {};
    assert.deepEqual(first["extended"], {
      browserName: data?.browserDetails.browserName,
      ip: "127.0.0.1",
      firstSeenAt: data?.firstSeenAt,
    });
    assert.deepEqual(data?.tag, { tag: "checkout" });
    const second = await open("v3");
    assert.deepEqual([second["visitorId"], second["visitorFound"], second["score"]], [first["visitorId"], true, 0.98]);
    assert.deepEqual(second["extended"], {});
  },
);
