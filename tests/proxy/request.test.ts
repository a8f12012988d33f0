/** What the proxy sends to Fingerprint. */

import assert from "node:assert/strict";
import { fromHeader, type ProxyError, type ProxyErrorCode } from "../../src/proxy/mod.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { portable as test, streamOf, until } from "../support/web.ts";
import { codes, OPEN, post, request, SECRET, stage } from "./stage.ts";

test.servers("createFingerprintProxy() sends the headers of a proxy to Fingerprint, and overwrites those of the client", async () => {
  const { proxy, asked } = stage();
  const headers = {
    "cookie": "session=private; x_iidt=1; _iidt=abc/def+0==; theme=dark",
    "authorization": "Basic private",
    "proxy-authorization": "Basic private",
    "cf-access-jwt-assertion": "private",
    "x-amzn-oidc-data": "private",
    "x-vercel-sc-headers": "private",
    "x-vercel-protection-bypass": "private",
    "x-vercel-proxy-signature": "private",
    "x-vercel-oidc-token": "private",
    "x-own-credential": "private",
    "connection": "x-hop, x_line",
    "x-hop": "1",
    "x-line": "1",
    "proxy-connection": "keep-alive",
    "te": "trailers",
    "fpjs-proxy-client-ip": "203.0.113.9",
    "fpjs-proxy-secret": "forged",
    "fpjs-proxy-extra": "1",
    // Many servers read these as the names above.
    "fpjs_proxy_secret": "forged",
    "fpjs-proxy_client-ip": "203.0.113.9",
    "x_hop": "1",
    "cookie_": "kept",
    "content_length": "1",
    "transfer_encoding": "chunked",
    "proxy_authorization": "Basic private",
    "x_api_key": "private",
    "accept_encoding": "zstd",
    "X_Vercel_Protection_Bypass": "private",
    "accept-encoding": "zstd",
    "content-type": "text/plain",
    "user-agent": "A browser",
  };
  await proxy(post("/metrics/?a=%20+%2B&b=&&c", { headers, body: "what the agent sends" }));
  const [posted] = asked.splice(0);
  assert.equal(posted?.url, "https://api.fpjs.io/?a=%20+%2B&b=&&c&ii=custom-proxy-integration%2F1.0%2Fingress");
  assert.equal(posted.method, "POST");
  assert.deepEqual(posted.body, utf8("what the agent sends"));
  assert.equal(posted.init.redirect, "manual");
  assert.deepEqual(Object.fromEntries(posted.headers), {
    "accept-encoding": "fastly" in globalThis ? "identity" : "gzip, br",
    "content-type": "text/plain",
    "cookie": "_iidt=abc/def+0==",
    "cookie_": "kept",
    "fpjs-proxy-client-ip": "192.0.2.1",
    "fpjs-proxy-forwarded-host": "www.site.test",
    "fpjs-proxy-secret": SECRET,
    "user-agent": "A browser",
    "x-own-credential": "private",
  });

  await proxy(post("/metrics"));
  assert.equal(asked.pop()?.url, "https://api.fpjs.io/?ii=custom-proxy-integration%2F1.0%2Fingress");

  for (const method of ["GET", "OPTIONS", "HEAD", "PUT", "DELETE"]) {
    await proxy(request("/metrics/a?b=1", { method, headers }));
    const got = asked.pop();
    assert.deepEqual([got?.method, got?.url], [method, "https://api.fpjs.io/a?b=1"]);
    const names = [...got?.headers.keys() ?? []].sort();
    assert.deepEqual(names, ["accept-encoding", "content-type", "cookie_", "user-agent", "x-own-credential"], method);
  }
});

test.servers("createFingerprintProxy() removes the headers of omitHeaders, and names its integration", async () => {
  const { proxy, asked } = stage({ omitHeaders: ["X_Own", "x-team-"], integrationName: "site/2.1" });
  await proxy(post("/metrics", { headers: { "x-own": "1", "x_own": "1", "x-owner": "1", "x_team_a": "1" } }));
  assert.deepEqual([...asked[0]?.headers.keys() ?? []].filter((name) => name.startsWith("x")), ["x-owner"]);
  assert.ok(asked[0]?.url.endsWith("?ii=site%2F2.1%2Fingress"));
});

test.requests("createFingerprintProxy() reads the client's address before its first await", async () => {
  const socket: { address: string | undefined } = { address: "192.0.2.7" };
  const { proxy, asked } = stage({ proxySecret: () => Promise.resolve(SECRET), clientAddress: () => socket.address });
  const answered = proxy(post("/metrics/"));
  socket.address = undefined; // The client has disconnected.
  await answered;
  assert.equal(asked[0]?.headers.get("fpjs-proxy-client-ip"), "192.0.2.7");
});

test.requests("createFingerprintProxy() sends no request without a secret or an address", async () => {
  const fail = (): never => {
    throw new Error("the store is down");
  };
  const secrets = [fail, () => "", () => undefined, () => "two\r\nlines"];
  const addresses: unknown[] = [null, "", "192.0.2.1, 192.0.2.2", "abc", "999.1.1.1", "12345::1", "192.0.2.1\r\na: b"];
  const cases: [object, ProxyErrorCode][] = [
    ...secrets.map((proxySecret): [object, ProxyErrorCode] => [{ proxySecret }, "ERR_PROXY_SECRET"]),
    ...[fail, ...[...addresses, "[192.0.2.1]", 1].map((address) => () => address)]
      .map((clientAddress): [object, ProxyErrorCode] => [{ clientAddress }, "ERR_PROXY_ADDRESS"]),
  ];
  for (const [given, code] of cases) {
    const { proxy, asked, errors } = stage(given);
    const response = await proxy(post("/metrics/"));
    assert.equal(response.status, 500);
    assert.deepEqual(asked, []);
    assert.deepEqual(codes(errors), [code]);
    assert.equal((errors[0] as ProxyError).status, 500);
    assert.equal((await proxy(request("/metrics/a"))).status, 200); // A GET needs neither.
  }
});

test.servers("createFingerprintProxy() sends the address without brackets, port and zone, and says why a value is not an address", async () => {
  const sent: [given: string, expected: string][] = [
    ["192.0.2.1:51234", "192.0.2.1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
  ];
  for (const [address, expected] of sent) {
    const { proxy, asked } = stage({ clientAddress: () => address });
    assert.equal((await proxy(post("/metrics/"))).status, 200);
    assert.equal(asked[0]?.headers.get("fpjs-proxy-client-ip"), expected);
  }
  const { proxy, asked } = stage({ clientAddress: fromHeader("x-forwarded-for") });
  await proxy(post("/metrics/", { headers: { "x-forwarded-for": "203.0.113.9, [2001:db8::1]:443" } }));
  assert.equal(asked[0]?.headers.get("fpjs-proxy-client-ip"), "2001:db8::1");

  const refused: [given: string | null, RegExp][] = [
    [null, /: the client's address is missing$/],
    ["203.0.113.9, 192.0.2.1", /: the client's address is a list of addresses: fromHeader\(\) selects one$/],
    ["unknown", /: the client's address is not an IP address$/],
  ];
  for (const [address, message] of refused) {
    const { proxy, errors } = stage({ clientAddress: () => address });
    await proxy(post("/metrics/"));
    assert.match(String(errors[0]), message);
  }
});

test.requests("createFingerprintProxy() reports a body that other code has read as a mistake of the application", async () => {
  const { proxy, asked, errors } = stage();
  const read = post("/metrics/");
  await read.text();
  const locked = post("/metrics/");
  locked.body?.getReader();
  for (const asking of [read, locked]) assert.equal((await proxy(asking)).status, 500);
  assert.deepEqual(codes(errors), ["ERR_PROXY_BODY", "ERR_PROXY_BODY"]);
  assert.deepEqual(asked, []);
});

test.requests("createFingerprintProxy() asks the host of the query's region, or the one that baseUrl returns for it", async () => {
  const regions: string[] = [];
  const own = (region: string): string => {
    regions.push(region);
    return `https://${region}.site.test`;
  };
  const { asked, proxy } = stage({ baseUrl: own });
  for (const query of ["", "?region=eu", "?region=ap", "?region=evil.test"]) {
    assert.equal((await proxy(request(`/metrics/a${query}`))).status, 200);
  }
  assert.deepEqual(regions, ["us", "eu", "ap", "us"]);
  assert.deepEqual(
    asked.map(({ url }) => new URL(url).origin),
    regions.map((region) => `https://${region}.site.test`),
  );

  const wrong = stage({ baseUrl: () => "https://site.test/path" });
  assert.equal((await wrong.proxy(request("/metrics/a"))).status, 500);
  assert.deepEqual(codes(wrong.errors), ["ERR_PROXY_INTERNAL"]);
  const fixed = stage({ baseUrl: "https://fixed.test/" });
  await fixed.proxy(request("/metrics/a?region=eu"));
  assert.equal(fixed.asked[0]?.url, "https://fixed.test/a?region=eu");
});

test.servers("createFingerprintProxy() does not trust a content-length beside a transfer-encoding, in either direction", async () => {
  const both = { "content-length": "3", "transfer-encoding": "chunked" };
  const { proxy, asked, errors } = stage({ maxRequestBytes: 10 }, () => new Response(OPEN, { headers: both }));
  const response = await proxy(post("/metrics/", { headers: both, body: "1234567890" }));
  assert.equal(asked[0]?.headers.get("content-length"), null);
  assert.equal(response.headers.get("content-length"), null);
  assert.equal(await response.text(), OPEN);
  assert.equal((await proxy(post("/metrics/", { headers: both, body: "12345678901" }))).status, 413);
  assert.deepEqual(codes(errors), ["ERR_PROXY_TOO_LARGE"]);
});

test.requests("createFingerprintProxy() sends bodies unchanged", async () => {
  const { proxy, asked } = stage();
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index * 7);
  await proxy(post("/metrics/", { body: bytes, headers: { "content-encoding": "gzip" } }));
  assert.equal(asked[0]?.body.length, bytes.length); // The difference of long arrays takes minutes to print.
  assert.deepEqual(asked[0]?.body, bytes);
  assert.equal(asked[0]?.headers.get("content-encoding"), "gzip");
  await proxy(request("/metrics/", { method: "POST", body: streamOf([bytes, bytes]), duplex: "half" }));
  assert.equal(asked[1]?.body.length, 2 * bytes.length);
  assert.deepEqual(asked[1]?.body, concat(bytes, bytes));
  await proxy(request("/metrics/", { method: "POST" }));
  assert.equal(asked[2]?.body.length, 0);
});

test.servers("createFingerprintProxy() sends no other cookie when the runtime joins several headers by a comma", async () => {
  const { proxy, asked } = stage();
  const cookies: [string, string | null][] = [
    ["_iidt=abc/def+0==, session=private", "_iidt=abc/def+0=="],
    ["session=private, _iidt=abc", "_iidt=abc"],
    ["session=private,_iidt=abc,b=1; c=2", "_iidt=abc"],
    ["_iidt=abc session=private", "_iidt=abc"],
    ["a=1; _iidt=abc ; b=2", "_iidt=abc"],
    ["x_iidt=1, y=_iidt=2", null],
  ];
  for (const [cookie, expected] of cookies) {
    await proxy(post("/metrics/", { headers: { cookie } }));
    assert.equal(asked.pop()?.headers.get("cookie"), expected, cookie);
  }
});

test.requests("createFingerprintProxy() forwards no body that fetch cannot send, and accepts a method in lower case", async () => {
  const { proxy, asked, events } = stage();
  let isDropped = false;
  const body = new ReadableStream({ cancel: () => void (isDropped = true) });
  for (const method of ["GET", "HEAD", "get", "post"]) {
    // As workerd's and Deno's servers make them; a constructor does not.
    const given = { headers: { "content-length": "4", "content-type": "text/plain" } };
    const asking = method === "post" ? post("/metrics/", given) : request("/metrics/", given);
    // Chromium and WebKit do not let a page set it.
    const length = asking.headers.get("content-length");
    const properties = { method: { value: method }, ...(method !== "post" && { body: { value: body } }) };
    const response = await proxy(Object.defineProperties(asking, properties));
    assert.equal(response.status, 200);
    assert.equal(asked[0]?.headers.get("content-length") ?? null, method === "post" ? length : null);
    assert.equal(asked[0]?.headers.get("fpjs-proxy-secret"), method === "post" ? SECRET : null);
    assert.equal(asked.pop()?.body.length, method === "post" ? 1 : 0);
  }
  assert.ok(isDropped);
  await until(() => events.length === 1);
});
