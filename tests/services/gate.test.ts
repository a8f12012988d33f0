/** The gate of `examples/gate` on Node, Deno and workerd, in front of an origin. */

import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { sampleEventV4, seal } from "../../src/testing/mod.ts";
import { absenceOf, program } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { listenLocally, type LocalServer } from "../support/local-server.ts";
import { startEngine } from "./support/engine.ts";
import { ask } from "./support/raw-request.ts";
import { bundleOf, startServer } from "./support/servers.ts";

const KEY = Buffer.from(new Uint8Array(32).fill(7)).toString("base64");

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The requests that the origin has received. */
const seen: Seen[] = [];
const originServer = createServer(async (message, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const { method, url, headers } = message;
  seen.push({ method, url, headers, body: Buffer.concat(chunks) });
  if (url === "/gone") {
    message.socket.destroy();
    return;
  }
  response.writeHead(url === "/fails" ? 500 : 201, { "content-type": "text/x-own", "x-own": "1" });
  response.end(url === "/fails" ? "the origin's own words" : "made");
});
let origin: LocalServer;
before(async () => void (origin = await listenLocally(originServer)));
after(() => origin.stop());

const GATES = ["node", "deno", "workerd"] as const;

/** Starts a gate as its README says. */
async function startGate(name: typeof GATES[number]): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const env = { FINGERPRINT_KEY: KEY, ORIGIN: origin.url };
  if (name === "workerd") {
    return await startServer("workerd", "examples/gate/worker.ts", {
      env,
      workerdBindings: ['(name = "REPLAY", durableObjectNamespace = "ReplayObject")'],
      workerdFields: [
        'durableObjectNamespaces = [(className = "ReplayObject", uniqueKey = "gate", enableSql = true)]',
        "durableObjectStorage = (inMemory = void)",
      ],
    });
  }
  const source = JSON.stringify(join(ROOT, "examples/gate", name === "node" ? "server.ts" : "main.ts"));
  const contents = name === "node" ? `import ${source};` : `export { default } from ${source};`;
  const { url, close } = await startEngine(async ({ folder, port, url }) => {
    const main = join(folder, "main.mjs");
    writeFileSync(main, await bundleOf(contents, { platform: "node" }));
    return {
      command: name === "node" ? process.execPath : program("deno").path ?? "deno",
      args: name === "node"
        ? [main]
        : ["serve", "--no-config", "--allow-net", "--allow-env", "--host=127.0.0.1", `--port=${port}`, main],
      env: { ...env, PORT: `${port}` },
      isServing: async () => (await fetch(`${url}/ready`)).status === 201,
    };
  });
  return { url, stop: close };
}

const fresh = (overrides: Parameters<typeof sampleEventV4>[0] = {}): Promise<string> =>
  seal(sampleEventV4({ ip_address: "127.0.0.1", bot: "not_detected", ...overrides }), KEY);

for (const name of GATES) {
  test(`examples/gate on ${name} forwards people's requests byte for byte, and bots' not at all`, async (t) => {
    if (skipIfAbsent(t, absenceOf(program(name)))) return;
    const { url, stop } = await startGate(name);
    try {
      await attack(url);
    } finally {
      await stop();
    }
  });
}

async function attack(url: string): Promise<void> {
  seen.length = 0;
  const send = async (path: string, method: string, body: string | Uint8Array, headers = {}) => {
    // A Worker's platform sets this header on every request.
    const init = { method, body, headers: { "cf-connecting-ip": "127.0.0.1", ...headers } };
    const { bytes, ...answer } = await ask(url, path, init);
    return { ...answer, text: bytes.toString() };
  };
  const json = { "content-type": "application/json" };
  const bodyOf = async (overrides?: Parameters<typeof fresh>[0]): Promise<string> =>
    `{ "order":  7, "note": "\\u00e4",\n"fingerprint": {"sealedResult":"${await fresh(overrides)}"} }\n`;

  const page = await send("/page?a=1&a=2", "GET", "", { "x-visitor-id": "spoofed" });
  assert.deepEqual([page.status, page.text], [201, "made"]);
  assert.equal(seen.pop()?.headers["x-visitor-id"], undefined);

  const body = await bodyOf();
  const spoofed = { "x-visitor-id": "spoofed", "X_Visitor_Id": "spoofed", connection: "keep-alive, x-visitor-id" };
  const made = await send("/orders//7?q=%2F", "POST", body, { ...json, cookie: "session=1", ...spoofed });
  assert.deepEqual([made.status, made.text, made.headers["x-own"]], [201, "made", "1"]);
  const got = seen.pop();
  assert.equal(got?.body.toString(), body);
  assert.deepEqual([got?.method, got?.url, got?.headers["cookie"]], ["POST", "/orders//7?q=%2F", "session=1"]);
  assert.deepEqual([got?.headers["x-visitor-id"], got?.headers["x_visitor_id"]], [
    sampleEventV4().identification?.visitor_id,
    undefined,
  ]);
  assert.equal(got?.headers["content-type"], "application/json");

  const bytes = Uint8Array.from({ length: 3000 }, (_, index) => index % 256);
  const put = await send("/photo", "PUT", bytes, {
    "content-type": "image/png",
    "x-sealed-result": await fresh(),
  });
  assert.equal(put.status, 201);
  assert.deepEqual(seen.pop()?.body, Buffer.from(bytes));

  const replayed = await send("/orders", "POST", body, json);
  assert.deepEqual([replayed.status, JSON.parse(replayed.text).code], [409, "ERR_REPLAY_SEEN"]);
  const refused: [string, string, number][] = [
    ["POST", await bodyOf({ bot: "bad" }), 403],
    ["POST", await bodyOf({ bot: "good" }), 403],
    ["POST", await bodyOf({ ip_address: "203.0.113.9" }), 403],
    ["POST", await bodyOf({ incremental_identification_status: "partially_completed" }), 403],
    [
      "POST",
      `{"fingerprint":{"sealedResult":"${await seal(sampleEventV4(), Buffer.alloc(32, 8).toString("base64"))}"}}`,
      403,
    ],
    ["POST", "{}", 400],
    ["POST", "{", 400],
    ["POST", `{"fingerprint":"x"}`, 400],
    ["PUT", await bodyOf(), 405],
    ["DELETE", "", 405],
    ["PATCH", await bodyOf(), 405],
  ];
  for (const [method, content, status] of refused) {
    const answer = await send("/orders", method, content, json);
    assert.equal(answer.status, status, `${method} ${content.slice(0, 40)}: ${answer.text}`);
  }
  assert.deepEqual(seen, [], "none of them has reached the origin");

  const failed = await send("/fails", "POST", await bodyOf(), json);
  assert.deepEqual([failed.status, failed.text], [500, "the origin's own words"]);
  assert.equal((await send("/gone", "POST", await bodyOf(), json)).status, 502);
  seen.length = 0;
  const concurrent = await bodyOf();
  const answers = await Promise.all(Array.from({ length: 20 }, () => send("/orders", "POST", concurrent, json)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(seen.length, 1);
}
