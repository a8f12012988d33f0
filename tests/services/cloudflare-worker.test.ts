import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request as requestOf } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { ROOT } from "../runtimes/project.ts";
import { toBase64 } from "../support/bytes.ts";
import { EVENT, KEY, OPEN_RESPONSES } from "./support/open-responses.ts";
import { type RunningServer, startScript } from "./support/servers.ts";
import { serving } from "./support/serving.ts";

const FOLDER = "examples/cloudflare-worker";

interface Wrangler {
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags?: readonly string[];
  readonly vars: Readonly<Record<string, string>>;
  readonly queues: { readonly producers: readonly { readonly binding: string }[] };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What the upstream was asked last. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

interface Stage {
  readonly worker: RunningServer;
  /** Asks the Worker, with headers that `fetch` would not let through. */
  ask(path: string, init: { method: string; headers?: Record<string, string>; body?: string }): Promise<Answer>;
  /** What the upstream was asked last. */
  asked(): Promise<Asked>;
  /** What the queue has been sent since it was last asked, once there is something. */
  queued(): Promise<unknown[]>;
}

function readWrangler(): Wrangler {
  const text = readFileSync(join(ROOT, FOLDER, "wrangler.jsonc"), "utf8");
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, "")) as Wrangler;
}

/** Runs the example exactly as it is in workerd, with an upstream and a queue on this machine. */
async function onStage(t: TestContext, run: (stage: Stage) => Promise<void>): Promise<void> {
  const { main, compatibility_date: compatibilityDate, compatibility_flags, vars, queues } = readWrangler();
  assert.equal(compatibility_flags, undefined);
  assert.deepEqual(queues.producers.map(({ binding }) => binding), ["QUEUE"]);
  const upstream = await startScript("tests/services/support/upstream.ts");
  const messages: unknown[] = [];
  // A queue binding is an HTTP service to workerd: this is the other side of it.
  const queue = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      assert.equal(request.headers["x-msg-fmt"] ?? "json", "json");
      messages.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => void queue.listen(0, "127.0.0.1", resolve));
  const { port } = queue.address() as AddressInfo;
  const options = {
    compatibilityDate,
    env: {
      ...vars,
      FINGERPRINT_URL: upstream.url,
      FINGERPRINT_PROXY_SECRET: "a proxy secret",
      FINGERPRINT_KEY: toBase64(new Uint8Array(32).fill(5)),
      FINGERPRINT_OTHER_KEY: toBase64(KEY),
    },
    workerdBindings: ['(name = "QUEUE", queue = "queue")'],
    workerdServices: [`(name = "queue", external = (address = "127.0.0.1:${port}", http = ()))`],
  };
  try {
    await serving(t, "workerd", `${FOLDER}/${main}`, options, async (worker) => {
      await run({
        worker,
        ask: (path, init) => ask(worker.url + path, init),
        asked: async () => await (await fetch(`${upstream.url}/last`)).json() as Asked,
        queued: async () => {
          for (let attempt = 0; attempt < 200 && messages.length === 0; attempt++) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          return messages.splice(0);
        },
      });
    });
  } finally {
    queue.closeAllConnections();
    queue.close();
    await upstream.stop();
  }
}

function ask(url: string, init: { method: string; headers?: Record<string, string>; body?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = requestOf(url, { method: init.method, headers: init.headers ?? {}, agent: false }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(init.body);
  });
}

test("The Worker returns the open response as it is, and hands its event to the queue", async (t) => {
  await onStage(t, async ({ ask, queued }) => {
    for (const body of ["open", "open-v4"]) {
      const answer = await ask(`/metrics/?body=${body}&how=chunked`, { method: "POST", body: "what the agent sends" });
      assert.equal(answer.status, 200);
      assert.equal(answer.text, OPEN_RESPONSES[body]);
      assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
      assert.equal(answer.headers["set-cookie"]?.length, 2);
      assert.deepEqual(await queued(), [EVENT]);
    }
  });
});

test("The Worker asks Fingerprint as it expects a proxy to, whatever the client claims", async (t) => {
  await onStage(t, async ({ worker, ask, asked }) => {
    const headers = {
      "host": "www.example.com",
      "cookie": "session=private; _iidt=abc/def+0==; theme=dark",
      "cf-connecting-ip": "192.0.2.1",
      "fpjs-proxy-client-ip": "203.0.113.9",
      "fpjs-proxy-extra": "1",
      "accept-encoding": "gzip, deflate, br, zstd",
      "content-type": "text/plain",
      "user-agent": "A browser",
    };
    await ask("/metrics/some/path?a=1&a=2", { method: "POST", headers, body: "what the agent sends" });
    const posted = await asked();
    assert.equal(posted.method, "POST");
    assert.equal(posted.url, "/some/path?a=1&a=2&ii=custom-proxy-integration%2F1.0%2Fingress");
    assert.equal(posted.body, "what the agent sends");
    assert.equal(posted.headers["fpjs-proxy-secret"], "a proxy secret");
    assert.equal(posted.headers["fpjs-proxy-client-ip"], "192.0.2.1");
    assert.equal(posted.headers["fpjs-proxy-forwarded-host"], "www.example.com");
    assert.equal(posted.headers["fpjs-proxy-extra"], undefined);
    assert.equal(posted.headers["cookie"], "_iidt=abc/def+0==");
    assert.equal(posted.headers["accept-encoding"], "gzip, br");
    assert.equal(posted.headers["content-type"], "text/plain");
    assert.equal(posted.headers["user-agent"], "A browser");
    assert.notEqual(posted.headers["host"], "www.example.com");

    await ask("/metrics", { method: "POST", headers: {}, body: "" });
    assert.equal((await asked()).url, "/?ii=custom-proxy-integration%2F1.0%2Fingress");

    const fetched = await ask("/metrics/web/v4/key?b=1", { method: "GET", headers });
    assert.equal(fetched.status, 200);
    const got = await asked();
    assert.equal(got.method, "GET");
    assert.equal(got.url, "/web/v4/key?b=1");
    assert.equal(got.headers["cookie"], undefined);
    assert.deepEqual(Object.keys(got.headers).filter((name) => name.startsWith("fpjs-")), []);
    assert.ok(!worker.printed().includes("a proxy secret"));
  });
});

test("The Worker returns what has no event, and logs no more than a code", async (t) => {
  await onStage(t, async ({ worker, ask, queued }) => {
    for (const body of ["null", "none", "foreign", "not-json", "empty"]) {
      const answer = await ask(`/metrics/?body=${body}`, { method: "POST", body: "what the agent sends" });
      assert.equal(answer.status, 200);
      assert.equal(answer.text, OPEN_RESPONSES[body]);
    }
    const failed = await ask("/metrics/?status=403&body=none", { method: "POST", body: "what the agent sends" });
    assert.equal(failed.status, 403);
    await ask("/metrics/?body=open", { method: "POST", body: "what the agent sends" });
    assert.deepEqual(await queued(), [EVENT]);
    const logged = worker.printed().match(/ERR_\w+/g);
    assert.deepEqual(logged?.sort(), ["ERR_NO_KEY_FITS", "ERR_RESPONSE_JSON", "ERR_RESPONSE_JSON"]);
  });
});
