/** The sandbox through its own requests, as agents, proxies and backends make them. */

import assert from "node:assert/strict";
import { createEventsClient } from "../../src/events-api/mod.ts";
import { type FingerprintEvent, summarize } from "../../src/event/mod.ts";
import { createSandbox, type Sandbox, type SandboxFault, type Scenario } from "../../src/testing/mod.ts";
import { createWebhookVerifier } from "../../src/webhook/mod.ts";
import { hasWebCrypto } from "../support/seal.ts";
import { serverRequests, testWith } from "../support/web.ts";
import { createUnsealer } from "../../mod.ts";

const test = testWith(hasWebCrypto ? serverRequests : { skip: "this runtime has no SubtleCrypto" });

const ORIGIN = "https://fp.test";

interface Ask {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

/** Posts as the agent does. */
function post(sandbox: Sandbox, { path = `/?ci=js/4.1.5&q=${sandbox.publicKey}`, headers = {}, body }: Ask = {}) {
  const sent = JSON.stringify(body ?? { v: 4, url: "https://shop.test/login", userAgent: "test" });
  return sandbox.handle(new Request(`${ORIGIN}${path}`, { method: "POST", headers, body: sent }));
}

const proxyHeaders = (sandbox: Sandbox): Record<string, string> => ({
  "fpjs-proxy-secret": sandbox.proxySecret,
  "fpjs-proxy-client-ip": "198.51.100.7",
});

async function openAnswer(sandbox: Sandbox, ask: Ask = {}): Promise<Record<string, unknown>> {
  return await (await post(sandbox, { ...ask, headers: { ...proxyHeaders(sandbox), ...ask.headers } })).json();
}

function client(sandbox: Sandbox, version: "v3" | "v4", secretKey = sandbox.secretKey) {
  return createEventsClient({
    secretKey,
    version,
    baseUrl: ORIGIN,
    fetch: (url, init) => sandbox.handle(new Request(url, init as RequestInit)),
  });
}

test("createSandbox() answers a proxy with a sealed v4 event that the Events API has too", async () => {
  const sandbox = createSandbox({ scenario: { vpn: true, country: "FR" } });
  const answer = await openAnswer(sandbox);
  const event = await createUnsealer({ keys: sandbox.key, version: "v4" }).unseal(answer["sealed_result"] as string);
  assert.equal(event.event_id, answer["event_id"]);
  assert.equal(event.ip_address, "198.51.100.7");
  assert.equal(event.url, "https://shop.test/login");
  assert.equal(event.vpn, true);
  assert.equal(event.ip_info?.v4?.geolocation?.country_code, "FR");
  assert.deepEqual(await client(sandbox, "v4").getEvent(event.event_id), event);
  const v3 = await client(sandbox, "v3").getEvent(event.event_id);
  const same = ["id", "timestamp", "visitorId", "ip", "url", "vpn", "bot", "suspectScore", "confidence"] as const;
  const [summary, summaryV3] = [summarize(event), summarize(v3 as FingerprintEvent)];
  for (const name of same) assert.equal(summaryV3[name], summary[name], name);
});

test("createSandbox() answers an agent v3 through a proxy in v3's form", async () => {
  const sandbox = createSandbox();
  const body = { v: 3, url: "https://shop.test/", userAgent: "test", linkedId: "order-7", tag: { step: 1 } };
  const path = `/some/path?ci=js/3.12.15&q=${sandbox.publicKey}`;
  const answer = await openAnswer(sandbox, { path, body });
  assert.equal(answer["v"], "2");
  const event = await createUnsealer({ keys: sandbox.key, version: "v3" }).unseal(answer["sealedResult"] as string);
  const { data } = event.products.identification ?? {};
  assert.deepEqual([data?.requestId, data?.linkedId, data?.tag], [answer["requestId"], "order-7", { step: 1 }]);
});

test("createSandbox() closes its answer to a page, and opens it for a proxy with its secret alone", async () => {
  const sandbox = createSandbox();
  const closed = await (await post(sandbox)).text();
  assert.doesNotMatch(closed, /sealed_result/);
  assert.match(atob(closed), /"sealed_result":"[^"]+"/);
  const headers = { ...proxyHeaders(sandbox), "fpjs-proxy-secret": "guessed" };
  const refused = await post(sandbox, { headers });
  assert.equal(refused.status, 403);
  assert.equal((await refused.json()).error.code, "invalid_proxy_integration_secret");
  const incomplete = await post(sandbox, { headers: { "fpjs-proxy-secret": sandbox.proxySecret } });
  assert.equal((await incomplete.json()).error.code, "invalid_proxy_integration_headers");
  assert.equal(sandbox.events().length, 1);
});

test("createSandbox() recognises a browser by its cookie or its token", async () => {
  const sandbox = createSandbox();
  const first = await post(sandbox);
  const cookie = first.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^_iidt=[A-Za-z0-9]{20}; Path=\/; Max-Age=31536000; HttpOnly; Secure; SameSite=None$/);
  const token = /_iidt=(\w+)/.exec(cookie)?.[1];
  const body = { v: 4, url: "https://shop.test/", userAgent: "test", visitorToken: token };
  await post(sandbox, { body });
  await post(sandbox);
  const [one, two, other] = sandbox.events().map(({ v4 }) => v4.identification);
  assert.equal(two?.visitor_id, one?.visitor_id);
  assert.deepEqual([one?.visitor_found, two?.visitor_found, other?.visitor_found], [false, true, false]);
  assert.notEqual(other?.visitor_id, one?.visitor_id);
});

test("createSandbox() answers each fault on demand in both versions' forms, and makes no event", async () => {
  const sandbox = createSandbox();
  const faults: readonly (readonly [SandboxFault, number, string])[] = [
    ["too_many_requests", 429, "TooManyRequests"],
    ["subscription_not_active", 403, "SubscriptionNotActive"],
    ["hostname_restricted", 403, "HostnameRestricted"],
    ["failed", 500, "Failed"],
  ];
  for (const [error, status, v3] of faults) {
    sandbox.next({ error }, { error });
    const answer = await post(sandbox);
    assert.equal(answer.status, status);
    assert.equal((await answer.json()).error.code, error);
    const body = { v: 3, url: "https://shop.test/", userAgent: "test" };
    assert.equal((await (await post(sandbox, { body })).json()).error.code, v3);
  }
  sandbox.next({ error: "unreachable" });
  const html = await post(sandbox);
  assert.deepEqual([html.status, html.headers.get("content-type")], [503, "text/html"]);
  assert.equal(sandbox.events().length, 0);
});

test("createSandbox() refuses other keys, other regions and what is not an agent's request", async () => {
  const sandbox = createSandbox({ region: "eu" });
  const codeOf = async (answer: Promise<Response>): Promise<unknown> => (await (await answer).json()).error.code;
  assert.equal(await codeOf(post(sandbox, { path: "/?ci=js/4.1.5" })), "public_api_key_required");
  assert.equal(await codeOf(post(sandbox, { path: "/?ci=js/4.1.5&q=other" })), "public_api_key_not_found");
  assert.equal(await codeOf(post(sandbox, {})), "wrong_region");
  assert.equal((await post(sandbox, { path: `/?q=${sandbox.publicKey}&region=eu` })).status, 200);
  for (const body of ["", "[]", "nonsense", "{", "x".repeat(300_000), "%%%%"]) {
    const answer = await sandbox.handle(new Request(`${ORIGIN}/?q=${sandbox.publicKey}`, { method: "POST", body }));
    assert.equal(answer.status, 400, body.slice(0, 20));
  }
  const misspelt = { v: 4, url: "https://shop.test/", scenario: "bott:bad" };
  const answer = await post(sandbox, { path: `/?q=${sandbox.publicKey}&region=eu`, body: misspelt });
  assert.match((await answer.json()).message, /did you mean bot/);
});

test("createSandbox() takes scenarios from next(), the page's URL and always(), in this order", async () => {
  const sandbox = createSandbox();
  const body = { v: 4, url: "https://shop.test/", userAgent: "test", scenario: "bot:good,vpn" };
  sandbox.always({ bot: "bad", tor: true });
  sandbox.next({ incognito: true });
  await post(sandbox, { body });
  await post(sandbox, { body });
  await post(sandbox);
  const seen = sandbox.events().map(({ v4 }) => summarize(v4)).map(({ bot, vpn, tor, incognito }) => ({
    bot,
    vpn,
    tor,
    incognito,
  }));
  assert.deepEqual(seen, [
    { bot: "not_detected", vpn: false, tor: false, incognito: true },
    { bot: "good", vpn: true, tor: false, incognito: false },
    { bot: "bad", vpn: false, tor: true, incognito: false },
  ]);
});

test("createSandbox() draws the same scenarios for the same seed", async () => {
  const draw = async (seed: number): Promise<string> => {
    const sandbox = createSandbox({ seed });
    for (let index = 0; index < 5; index++) await post(sandbox);
    return JSON.stringify(sandbox.events().map(({ scenario }) => scenario));
  };
  assert.equal(await draw(7), await draw(7));
  assert.notEqual(await draw(7), await draw(8));
});

test("createSandbox() rotates its key, leaves out the sealed result, and sets the clock", async () => {
  const sandbox = createSandbox({ now: () => 1_700_000_000_000 });
  assert.match(sandbox.key, /^unseal\/sandbox\/key\//);
  const old = sandbox.key;
  const before = await sandbox.visit();
  assert.notEqual(sandbox.rotateKey(), old);
  const after = await sandbox.visit({ clockSkewMs: -5000, replayed: true, partial: true });
  const unsealer = createUnsealer({ keys: [{ id: "new", key: sandbox.key }, { id: "old", key: old }], version: "v4" });
  assert.equal((await unsealer.open(before.sealedResult ?? "")).keyId, "old");
  const { keyId, event } = await unsealer.open(after.sealedResult ?? "");
  assert.deepEqual([keyId, event.timestamp, event.replayed], ["new", 1_699_999_995_000, true]);
  assert.equal(summarize(event).complete, false);
  const none = { sealed: false };
  assert.equal((await sandbox.visit(none)).sealedResult, null);
  sandbox.next(none, none);
  assert.equal((await openAnswer(sandbox))["sealed_result"], null);
  assert.equal("sealedResult" in await openAnswer(sandbox, { body: { v: 3, url: "https://shop.test/" } }), false);
});

test("createSandbox() overrides events of both versions at any depth", async () => {
  const { v3, v4 } = await createSandbox().visit({
    v3: { products: { velocity: { error: { code: "Failed", message: "failed" } } } },
    v4: { event_id: "1.mine", velocity: { events: { "5_minutes": 9, "1_hour": 9 } } },
  });
  assert.equal(v3.products.velocity?.error?.code, "Failed");
  assert.equal(v4.velocity?.events?.["5_minutes"], 9);
  assert.equal(v4.event_id, "1.mine");
});

test("createSandbox() answers the Events API's errors, updates and deletions as documented", async () => {
  const sandbox = createSandbox();
  const { eventId, v4 } = await sandbox.visit({ bot: "bad" });
  const visitorId = v4.identification?.visitor_id ?? "";
  const ask = async (method: string, path: string, body?: object, key: string | null = sandbox.secretKey) => {
    const auth: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}`, "auth-api-key": key };
    const init = { method, headers: auth, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await sandbox.handle(new Request(`${ORIGIN}${path}`, init));
    const text = await response.text();
    return [response.status, text === "" ? undefined : JSON.parse(text).error?.code ?? JSON.parse(text)];
  };
  assert.deepEqual(await ask("GET", `/v4/events/${eventId}`, undefined, null), [403, "secret_api_key_required"]);
  assert.deepEqual(await ask("GET", `/events/${eventId}`, undefined, null), [403, "TokenRequired"]);
  assert.deepEqual(await ask("GET", `/v4/events/${eventId}`, undefined, "other"), [403, "secret_api_key_not_found"]);
  assert.deepEqual(await ask("GET", "/v4/events/1.unknown"), [404, "event_not_found"]);
  assert.deepEqual(await ask("GET", "/events/1.unknown"), [404, "RequestNotFound"]);
  assert.equal((await ask("GET", `/v4/events/${eventId}?ruleset_id=rs_1`))[1].rule_action.type, "block");

  assert.deepEqual(await ask("PATCH", `/v4/events/${eventId}`, { linked_id: "a", suspect: true }), [200, undefined]);
  assert.deepEqual(await ask("PUT", `/events/${eventId}`, { tag: { b: 1 } }), [200, undefined]);
  for (const wrong of [{}, { linked_id: 1 }, { suspect: "yes" }, { event_id: "1.other" }]) {
    assert.deepEqual(await ask("PATCH", `/v4/events/${eventId}`, wrong), [400, "request_cannot_be_parsed"]);
  }
  const updated = (await ask("GET", `/v4/events/${eventId}`))[1];
  assert.deepEqual([updated.linked_id, updated.suspect], ["a", true]);
  assert.deepEqual((await ask("GET", `/events/${eventId}`))[1].products.identification.data.tag, { b: 1 });

  assert.equal((await ask("GET", `/v4/events?visitor_id=${visitorId}&bot=bad`))[1].total_hits, 1);
  assert.equal((await ask("GET", "/v4/events?bot=good"))[1].total_hits, 0);
  assert.deepEqual(await ask("DELETE", `/v4/events/${eventId}`), [405, undefined]);
  assert.deepEqual(await ask("DELETE", `/v4/visitors/${visitorId}`), [200, undefined]);
  assert.deepEqual(await ask("DELETE", `/v4/visitors/${visitorId}`), [404, "visitor_not_found"]);
  assert.deepEqual(await ask("GET", `/v4/events/${eventId}`), [404, "event_not_found"]);

  const inRegion = async (host: string): Promise<unknown> => {
    const european = createSandbox({ region: "eu" });
    const { eventId } = await european.visit();
    const headers = { authorization: `Bearer ${european.secretKey}` };
    const response = await european.handle(new Request(`https://${host}/v4/events/${eventId}`, { headers }));
    return (await response.json()).error?.code;
  };
  assert.deepEqual([await inRegion("eu.fp.test"), await inRegion("fp.test")], [undefined, "wrong_region"]);

  const { eventId: limited } = await sandbox.visit({ apiError: "too_many_requests" });
  await assert.rejects(client(sandbox, "v4").getEvent(limited), { serviceCode: "too_many_requests" });
  await assert.rejects(client(sandbox, "v3").getEvent(limited), { serviceCode: "TooManyRequests" });
});

test("createSandbox() delivers signed webhooks in both shapes, and again after a failure", async () => {
  const received: { url: string; request: Request }[] = [];
  let status = 500;
  const sandbox = createSandbox({
    webhooks: [{ url: "https://shop.test/v4" }, { url: "https://shop.test/v3", version: "v3", secret: "another" }],
    fetch: (url, init) => {
      received.push({ url, request: new Request(url, init) });
      return Promise.resolve(new Response(null, { status }));
    },
  });
  const { eventId } = await sandbox.visit({ bot: "bad" });
  await sandbox.settled();
  assert.deepEqual(sandbox.deliveries().map(({ attempts, status }) => [attempts, status]), [[1, 500], [1, 500]]);
  status = 204;
  await sandbox.redeliver();
  await sandbox.redeliver();
  assert.deepEqual(sandbox.deliveries().map(({ attempts, status }) => [attempts, status]), [[2, 204], [2, 204]]);
  assert.equal(received.length, 4);
  for (const { url, request } of received) {
    const secrets = url.endsWith("v3") ? "another" : sandbox.webhookSecret;
    const event = await createWebhookVerifier({ secrets })(request);
    const { id, bot } = summarize(event);
    assert.deepEqual([id, bot], [eventId, "bad"], url);
  }
});

test("createSandbox() keeps maxEvents events", async () => {
  const sandbox = createSandbox({ maxEvents: 2 });
  for (let index = 0; index < 5; index++) await sandbox.visit();
  assert.equal(sandbox.events().length, 2);
});

test("createSandbox() and next() refuse unknown and invalid options", () => {
  const invalid = [{ keys: "x" }, { key: "AAAA" }, { publicKey: "" }, { seed: 0.5 }, { maxEvents: 0 }, { region: "uk" }]
    .concat([{ webhooks: [{ url: "shop" }] }, { webhookRetryMs: -1 }, { scenario: { bott: "bad" } }] as never[]);
  for (const options of invalid) {
    assert.throws(() => createSandbox(options as object), /TypeError|RangeError/, JSON.stringify(options));
  }
  const scenarios = [{ bot: true }, { vpn: "yes" }, { country: "Germany" }, { error: "oops" }, { delayMs: -1 }];
  for (const scenario of scenarios) {
    assert.throws(() => createSandbox().next(scenario as Scenario), /TypeError|RangeError/, JSON.stringify(scenario));
  }
});

test("createSandbox() serves the agents under every path that pages and proxies use", async () => {
  const sandbox = createSandbox();
  const scripts: readonly (readonly [string, RegExp])[] = [
    ["/web/v4/a%22b", /^const API_KEY = "a\\"b";[^]*export \{ start \};/],
    ["/v4/key?ci=jsl/4.1.5", /export \{ start \};/],
    ["/v4/key/iife.min.js", /window\.Fingerprint = \{ start \};/],
    ["/web/v3/key/loader_v3.12.15.js", /window\.__fpjs_p_l_b = \{ load \};/],
    ["/v3/key", /export \{ load \};/],
    ["/v3/key/iife.min.js", /window\.FingerprintJS = \{ load \};/],
  ];
  for (const [path, expected] of scripts) {
    const response = await sandbox.handle(new Request(`${ORIGIN}${path}`));
    assert.equal(response.headers.get("content-type"), "text/javascript; charset=utf-8", path);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    const script = await response.text();
    assert.match(script, expected, path);
    assert.match(script, /It fingerprints nobody/);
  }
  const preflight = await sandbox.handle(
    new Request(`${ORIGIN}/`, { method: "OPTIONS", headers: { origin: "https://a.test" } }),
  );
  assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-origin")], [204, "https://a.test"]);
});
