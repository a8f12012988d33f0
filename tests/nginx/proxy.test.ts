import assert from "node:assert/strict";
import { request as requestOf } from "node:http";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { toBase64 } from "../support/bytes.ts";
import { key, sealEvent } from "../support/seal.ts";
import { until } from "../services/support/engine.ts";
import { type NginxOptions, type RunningNginx, startNginx } from "./nginx.ts";
import { EVENT, KEY, OPEN_RESPONSES } from "../services/support/open-responses.ts";
import { ask, askedLast } from "../services/support/raw-request.ts";
import { release, startUpstream, untilHeld } from "../services/support/serving.ts";

const upstream = startUpstream();

async function withNginx(
  t: TestContext,
  run: (nginx: RunningNginx) => Promise<void>,
  options: Partial<NginxOptions> = {},
): Promise<void> {
  if (skipIfAbsent(t, absenceOf(program("nginx")))) return;
  const nginx = await startNginx({ upstream: upstream.url, ...options });
  try {
    await run(nginx);
  } finally {
    await nginx.stop();
  }
}

test("examples/nginx forwards posts byte for byte, with the headers of a proxy, and logs their events", async (t) => {
  await withNginx(t, async (nginx) => {
    const answer = await ask(nginx.url, "/metrics/a%20b/c?x=%20+&body=open&how=chunked", {
      headers: {
        host: "www.site.test",
        cookie: "session=private; _iidt=abc; theme=dark",
        authorization: "Basic private",
      },
      body: "what the agent sends",
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.bytes.toString(), OPEN_RESPONSES["open"]);
    assert.equal(answer.headers["set-cookie"]?.length, 2);
    const { url, headers, body } = await askedLast(upstream);
    assert.equal(url, "/a%20b/c?x=%20+&body=open&how=chunked&ii=custom-proxy-integration%2F1.0%2Fingress");
    assert.equal(body, "what the agent sends");
    assert.equal(headers["fpjs-proxy-secret"], "the-proxy-secret-of-the-dashboard");
    assert.equal(headers["fpjs-proxy-client-ip"], "127.0.0.1");
    assert.equal(headers["fpjs-proxy-forwarded-host"], "www.site.test");
    assert.equal(headers["cookie"], "_iidt=abc");
    assert.equal(headers["authorization"], undefined);
    assert.equal(headers["accept-encoding"], undefined);
    await until("the event is logged", () => nginx.events().length > 0);
    assert.deepEqual(nginx.events().map((line) => JSON.parse(line)), [EVENT]);
  });
});

test("examples/nginx sends no cookie and no proxy headers with a GET, even if the client sends them", async (t) => {
  await withNginx(t, async (nginx) => {
    const claims = { "fpjs-proxy-secret": "mine", "fpjs-proxy-client-ip": "192.0.2.9", "cookie": "_iidt=abc" };
    await ask(nginx.url, "/metrics/web/v4/key2?b=1", { method: "GET", headers: claims });
    const { url, headers } = await askedLast(upstream);
    assert.equal(url, "/web/v4/key2?b=1");
    assert.deepEqual(Object.keys(headers).filter((name) => /^(fpjs-|cookie)/.test(name)), []);
  });
});

test("examples/nginx matches whole segments, and sends no request to another host", async (t) => {
  await withNginx(t, async (nginx) => {
    await ask(nginx.url, "/metrics/before");
    for (const path of ["/metrics.evil.test/", "/metricsevil", "/metrics@evil.test/", "/other"]) {
      assert.equal((await ask(nginx.url, path)).status, 404, path);
    }
    for (
      const path of [
        "/metrics/@evil.test/",
        "/metrics//evil.test/",
        "/metrics/..%2f..%2fevil.test",
        "/metrics/%2e%2e/x",
      ]
    ) {
      await ask(nginx.url, path);
      const { url } = await askedLast(upstream);
      assert.ok(url.startsWith("/"), url);
    }
  });
});

test("examples/nginx logs a code instead of an event for responses without one", async (t) => {
  await withNginx(t, async (nginx) => {
    for (const body of ["null", "none", "foreign", "not-json", "empty"]) {
      const answer = await ask(nginx.url, `/metrics/?body=${body}&how=chunked`);
      assert.equal(answer.bytes.toString(), OPEN_RESPONSES[body], body);
    }
    assert.equal((await ask(nginx.url, "/metrics/?status=403&body=open")).status, 403);
    await ask(nginx.url, "/metrics/?body=open");
    await until("the event is logged", () => nginx.events().length > 0);
    assert.deepEqual(nginx.events().map((line) => JSON.parse(line)), [EVENT]);
    const codes = [...nginx.errors().matchAll(/fingerprint: (\w+)/g)].map(([, code]) => code);
    assert.deepEqual(codes, ["ERR_NO_KEY_FITS", "ERR_RESPONSE", "ERR_RESPONSE"]);
    assert.ok(!nginx.errors().includes(toBase64(KEY)));
  });
});

test("examples/nginx serves many clients at once, each with its own event", async (t) => {
  await withNginx(t, async (nginx) => {
    const bodies = ["open", "open-v4", "none", "foreign"];
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < 400) {
        const body = bodies[next++ % bodies.length]!; // the index is in range
        const how = next % 3 === 0 ? "chunked" : "whole";
        const answer = await ask(nginx.url, `/metrics/?body=${body}&how=${how}`);
        assert.equal(answer.bytes.toString(), OPEN_RESPONSES[body]);
      }
    };
    await Promise.all(Array.from({ length: 32 }, client));
    await until("every event is logged", () => nginx.events().length >= 200);
    await delay(100);
    assert.equal(nginx.events().length, 200);
    for (const line of nginx.events()) assert.deepEqual(JSON.parse(line), EVENT);
  });
});

test("examples/nginx logs no event of a client that resets its connection: nginx calls no filter for it", async (t) => {
  await withNginx(t, async (nginx) => {
    for (const how of ["late", "held"]) {
      const request = requestOf(`${nginx.url}/metrics/?how=${how}`, { method: "POST", agent: false });
      request.on("error", () => {}); // the request is reset below
      request.end("x");
      await untilHeld(upstream, 1);
      request.socket?.resetAndDestroy();
      await release(upstream);
    }
    await ask(nginx.url, "/metrics/?body=open");
    await until("the event is logged", () => nginx.events().length > 0);
    assert.equal(nginx.events().length, 1);
  });
});

test("In nginx, a result sealed with 32 zero bytes is refused, with @noble/ciphers and with njs's own WebCrypto", async (t) => {
  const [honest, forged] = [KEY, new Uint8Array(32)].map((rawKey) => toBase64(sealEvent(EVENT, rawKey)));
  const other = toBase64(sealEvent(EVENT, key(9)));
  const configure = (text: string): string =>
    text.replace("location /metrics/ {", "location /open { js_content module.open; }\n        location /metrics/ {")
      .replace("js_body_filter module.openEvent buffer_type=buffer;", "");
  await withNginx(t, async (nginx) => {
    for (let use = 0; use < 3; use++) {
      const answer = await ask(nginx.url, "/open", { body: [honest, forged, other, forged, honest].join("\n") });
      assert.deepEqual(
        answer.bytes.toString().split("\n"),
        ["opened", "ERR_NO_KEY_FITS", "ERR_NO_KEY_FITS", "ERR_NO_KEY_FITS", "opened"],
      );
    }
  }, { module: "tests/nginx/webcrypto.ts", configure });
});
