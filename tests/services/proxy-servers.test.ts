import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { EVENT, OPEN_RESPONSES } from "./support/open-responses.ts";
import { ask, type Asked, askedLast, openRequest } from "./support/raw-request.ts";
import { seenBy } from "./support/seen.ts";
import { type RunningServer, RUNTIMES } from "./support/servers.ts";
import { release, startUpstream, testOn, untilHeld } from "./support/serving.ts";

const upstream = startUpstream();

const asked = (): Promise<Asked> => askedLast(upstream);

/** Sends `start`, the headers of every request, and `end`, which has more headers and the body. Returns the response. */
function send(proxy: RunningServer, start: string, end: string): Promise<string> {
  const head = `${start}\r\nHost: www.site.test\r\nCF-Connecting-IP: 192.0.2.1\r\nConnection: close\r\n${end}`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1", () => socket.write(head));
    let answer = "";
    socket.setEncoding("latin1").on("data", (text: string) => answer += text);
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

for (const runtime of [...RUNTIMES, "node26"] as const) {
  const test = testOn(runtime, "tests/services/support/fingerprint-proxy-app.ts", upstream);
  test("the proxy forwards a post as Fingerprint expects it, and opens the event", async (proxy) => {
    for (const path of ["/metrics", "/metrics/result"]) {
      const answer = await ask(proxy.url, `${path}?body=open-v4&a=%20+%2B;&&b`, {
        headers: {
          "host": "www.site.test",
          "cookie": "session=private; _iidt=abc; theme=dark",
          "authorization": "Basic private",
          "fpjs-proxy-client-ip": "203.0.113.9",
          "x-forwarded-for": "203.0.113.9",
          "user-agent": "A browser",
          "content-type": "text/plain",
        },
        body: "what the agent sends",
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.bytes.toString(), OPEN_RESPONSES["open-v4"]);
      assert.equal(answer.headers["set-cookie"]?.length, 2);
      assert.equal(answer.headers["x-upstream"], "as it is");
      const { method, url, headers, bodyBytes } = await asked();
      assert.equal(method, "POST");
      assert.equal(url, "/?body=open-v4&a=%20+%2B;&&b&ii=custom-proxy-integration%2F1.0%2Fingress");
      assert.equal(bodyBytes, 20);
      assert.equal(headers["content-length"], "20");
      assert.equal(headers["cookie"], "_iidt=abc");
      assert.equal(headers["authorization"], undefined);
      assert.equal(headers["fpjs-proxy-secret"], "a-proxy-secret");
      assert.equal(headers["fpjs-proxy-client-ip"], runtime === "workerd" ? "192.0.2.1" : "127.0.0.1");
      assert.equal(headers["fpjs-proxy-forwarded-host"], "www.site.test");
      assert.equal(headers["user-agent"], "A browser");
      assert.equal(headers["host"], new URL(upstream.url).host);
      assert.deepEqual(await seenBy(proxy, 1), { events: [EVENT], errors: [] });
    }
  });

  test("the proxy loads agents, and answers its status page and unknown paths itself", async (proxy) => {
    const headers = { cookie: "_iidt=abc", "fpjs-proxy-secret": "forged" };
    assert.equal(
      (await ask(proxy.url, "/metrics/agent?apiKey=k1&loaderVersion=3.8.1", { method: "GET", headers })).status,
      200,
    );
    const got = await asked();
    assert.equal(got.url, "/web/v3/k1/loader_v3.8.1.js?apiKey=k1&loaderVersion=3.8.1");
    assert.deepEqual(Object.keys(got.headers).filter((name) => /^fpjs-|^cookie$/.test(name)), []);
    assert.equal((await ask(proxy.url, "/metrics/web/v4/k1", { method: "OPTIONS" })).status, 200);
    assert.equal((await asked()).method, "OPTIONS");
    const status = await ask(proxy.url, "/metrics/status", { method: "GET" });
    assert.match(status.bytes.toString(), /The configuration is complete/);
    assert.equal((await ask(proxy.url, "/metrics/status")).status, 405);
    for (const path of ["/metricsevil", "/metrics.evil.test/", "/metrics/../x", "/metrics/%2e%2e/x", "//metrics/"]) {
      assert.equal((await ask(proxy.url, path)).status, 404, path);
    }
    for (
      const path of ["/metrics//evil.test/", "/metrics/@evil.test/", "/metrics/%2fevil.test", "/metrics/%5cevil.test"]
    ) {
      assert.equal((await ask(proxy.url, path)).status, 200, path);
      const { url } = await asked();
      const rest = path.slice("/metrics".length);
      assert.ok(url.startsWith(runtime === "bun" ? rest.replace("//", "/") : rest), url); // Bun.serve joins slashes.
    }
    await seenBy(proxy, 4);
    const unreachable = await ask(proxy.url, "/metrics/?region=eu", { headers: { origin: "https://www.site.test" } });
    assert.equal(unreachable.status, 500);
    assert.equal(unreachable.headers["access-control-allow-origin"], "https://www.site.test");
    assert.equal(JSON.parse(unreachable.bytes.toString()).error.code, "IntegrationFailed");
    assert.deepEqual(await seenBy(proxy, 1), { events: [], errors: ["ERR_PROXY_UPSTREAM"] });
  });

  test("the proxy streams bodies byte for byte, and refuses those over its limit", async (proxy) => {
    const chunk = Buffer.from(Uint8Array.from({ length: 64 * 1024 }, (_, index) => (index * 2654435761) >>> 11));
    const chunks = Array<Buffer>(95).fill(chunk); // just under 6 MiB
    const whole = Buffer.concat(chunks);
    const sha256 = createHash("sha256").update(whole).digest("hex");
    for (const body of [whole, chunks]) {
      for (const headers of [{}, { "content-encoding": "gzip" }]) {
        const answer = await ask(proxy.url, "/metrics/?body=none", { body, headers });
        assert.equal(answer.status, 200);
        const { bodyBytes, bodySha256, headers: sent } = await asked();
        assert.equal(bodyBytes, whole.length);
        assert.equal(bodySha256, sha256);
        assert.equal(sent["content-encoding"], headers["content-encoding"]);
      }
    }
    assert.deepEqual(await seenBy(proxy, 0), { events: [], errors: [] });
    const tooLarge = Array<Buffer>(100).fill(chunk);
    for (const body of [Buffer.concat(tooLarge), tooLarge]) {
      // A server may reset the connection if the client continues to send.
      const answer = await ask(proxy.url, "/metrics/?body=none", { body }).catch((error: { code?: string }) =>
        error.code
      );
      if (typeof answer === "object") assert.equal(answer.status, 413);
      else assert.match(answer ?? "", /^(ECONNRESET|EPIPE)$/);
      assert.deepEqual(await seenBy(proxy, 1), { events: [], errors: ["ERR_PROXY_TOO_LARGE"] });
    }
  });

  test("the proxy forwards requests that few clients send", async (proxy) => {
    // GET and HEAD with a body, which fetch cannot send. For an empty one, workerd's Request has a body, too.
    for (const body of ["Content-Length: 0\r\n\r\n", "Content-Length: 4\r\n\r\nbody"]) {
      for (const method of ["GET", "HEAD"]) {
        assert.match(await send(proxy, `${method} /metrics/few?${method} HTTP/1.1`, body), /^HTTP\/1.1 200/);
        const { url, bodyBytes } = await asked();
        assert.deepEqual([url, bodyBytes], [`/few?${method}`, 0]);
      }
    }
    for (const cookies of [["_iidt=abc", "session=private"], ["session=private", "_iidt=abc"]]) {
      const headers = cookies.map((cookie) => `Cookie: ${cookie}\r\n`).join("");
      await send(proxy, "POST /metrics/?body=none HTTP/1.1", `${headers}Content-Length: 1\r\n\r\nx`);
      assert.equal((await asked()).headers["cookie"], "_iidt=abc");
    }
    assert.deepEqual(await seenBy(proxy, 0), { events: [], errors: [] });
  });

  test("the proxy passes on no false length, and no answer that is not final", async (proxy) => {
    const both = await ask(proxy.url, "/metrics/?how=both-lengths");
    if (both.status === 200) assert.equal(both.bytes.toString(), OPEN_RESPONSES["open"]);
    else assert.equal(both.status, 500); // Node's fetch refuses it.
    await seenBy(proxy, 1);
    assert.equal((await ask(proxy.url, "/metrics/?how=switching")).status, 500);
    assert.deepEqual(await seenBy(proxy, 1), { events: [], errors: ["ERR_PROXY_UPSTREAM"] });
    assert.match(await send(proxy, "TRACE /metrics/ HTTP/1.1", "\r\n"), /^HTTP\/1.1 501 /);
    // A body over the limit, with a length within it.
    const chunk = `${(7_000_000).toString(16)}\r\n${"x".repeat(7_000_000)}\r\n0\r\n\r\n`;
    const headers = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n";
    const answer = await send(proxy, "POST /metrics/?body=none HTTP/1.1", headers + chunk)
      .catch((error: { code?: string }) => error.code);
    assert.match(answer ?? "", /^(HTTP\/1.1 (400|413) |ECONNRESET|EPIPE|$)/);
  });

  test("the proxy passes redirects to the client and follows none", async (proxy) => {
    const location = `${upstream.url}/followed`;
    for (const status of [301, 302, 303, 307, 308]) {
      for (const method of ["POST", "GET"]) {
        const path = `/metrics/?status=${status}&location=${location}`;
        const answer = await ask(proxy.url, path, { method });
        assert.deepEqual([answer.status, answer.headers.location], [status, location]);
        assert.ok((await asked()).url.startsWith("/?"));
      }
    }
  });

  test("a client that resets at any stage does not hide its event from the proxy", async (proxy) => {
    const head = "Host: localhost\r\nCF-Connecting-IP: 192.0.2.1\r\nContent-Length: 4\r\n\r\n";
    const stages: [how: string, waitsForByte: boolean][] = [["late", false], ["held", true], ["held-pieces", true]];
    for (const [how, waitsForByte] of stages) {
      const count = 8;
      const text = `POST /metrics/?how=${how} HTTP/1.1\r\n${head}body`;
      const requests = Array.from({ length: count }, () => openRequest(proxy.url, text));
      if (waitsForByte) await Promise.all(requests.map(({ received }) => received));
      await untilHeld(upstream, count);
      for (const { socket } of requests) socket.resetAndDestroy();
      await release(upstream);
      assert.deepEqual(await seenBy(proxy, count), { events: Array(count).fill(EVENT), errors: [] }, how);
    }
    assert.deepEqual(await seenBy(proxy, 0), { events: [], errors: [] });
  });
}
