/** The listener on real frameworks, on Node, Deno and Bun. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { absenceOf } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { toBase64 } from "../support/bytes.ts";
import { key, sealEvent } from "../support/seal.ts";
import { programOf, type RunningServer, type Runtime, startApplication } from "./support/servers.ts";

const FOLDER = "tests/services/node-http";
const FRAMEWORKS = ["express", "express4", "fastify", "koa"] as const;
const SERVERS: readonly Runtime[] = ["node", "node24", "deno", "bun"];

const SEALED = sealEvent({ event_id: "1.a", timestamp: 1708102555327 }, key(1)) as Uint8Array<ArrayBuffer>;
const SEALED_TEXT = toBase64(SEALED);
const JSON_TYPE = { "content-type": "application/json" };
const BYTES_TYPE = { "content-type": "application/octet-stream" };

const frameworksAbsence = absenceOfPackages(FOLDER);

for (const runtime of SERVERS) {
  for (const framework of FRAMEWORKS) {
    const testOn = (title: string, body: (server: RunningServer) => Promise<void>): void => {
      void test(`On ${runtime} and ${framework}, nodeListener() ${title}`, async (t) => {
        if (skipIfAbsent(t, frameworksAbsence ?? absenceOf(programOf(runtime)))) return;
        const server = await startApplication(runtime, `${FOLDER}/app.ts`, framework);
        try {
          await body(server);
          assert.ok(!server.printed().includes("UNHANDLED"), server.printed());
        } finally {
          await server.stop();
        }
      });
    };

    testOn("serves sealed results in each form, also behind a body parser", async ({ url }) => {
      const posts: [path: string, init: RequestInit][] = [
        ["/sealed", { body: SEALED_TEXT }],
        ["/sealed", { body: JSON.stringify({ sealedResult: SEALED_TEXT, eventId: "1.a" }), headers: JSON_TYPE }],
        ["/sealed", { body: SEALED, headers: BYTES_TYPE }],
        ["/parsed/sealed", { body: SEALED_TEXT }],
        ["/parsed/sealed", { body: JSON.stringify({ sealed_result: SEALED_TEXT }), headers: JSON_TYPE }],
        // koa-bodyparser does not read bytes.
        ["/parsed/sealed", { body: SEALED, headers: BYTES_TYPE }],
      ];
      for (const [path, init] of posts) {
        const response = await fetch(url + path, { method: "POST", ...init });
        const text = await response.text();
        assert.equal(response.status, 200, `${path} ${text}`);
        const { id, ip } = JSON.parse(text) as { id: string; ip: string };
        assert.equal(id, "1.a");
        assert.match(ip, /^(?:::ffff:)?127\.0\.0\.1$/);
        assert.equal(response.headers.get("cache-control"), "no-store");
        assert.equal(response.headers.get("access-control-allow-origin"), "https://shop.example");
      }
    });

    testOn("passes the body of a webhook unchanged when no parser runs first", async ({ url }) => {
      const body = '{ "event_id": "1.a",  "timestamp": 1708102555327 }';
      const signature = `v1=${createHmac("sha256", "secret").update(body).digest("hex")}`;
      const headers = { ...JSON_TYPE, "fpjs-event-signature": signature };
      const response = await fetch(`${url}/webhook`, { method: "POST", body, headers });
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { id: "1.a" });
    });

    testOn("keeps the handler's limits of size and time", async ({ url }) => {
      assert.equal((await fetch(`${url}/sealed`)).status, 405);
      for (const path of ["/sealed", "/parsed/sealed"]) {
        const large = await fetch(url + path, { method: "POST", body: "A".repeat(100_000) });
        assert.equal(large.status, 413, path);
        assert.equal((await large.json() as { code: string }).code, "ERR_REQUEST_TOO_LARGE");
      }
      const head = "POST /sealed HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nAAAA";
      assert.match(await converse(url, head, /ERR_[A-Z_]+/), /^HTTP\/1.1 408 [^]*ERR_REQUEST_TIMEOUT/);
    });

    testOn("streams bodies, passes the whole path, and leaves errors to the framework", async ({ url }) => {
      const body = new Uint8Array(3_000_000).fill(7);
      const response = await fetch(`${url}/echo`, { method: "POST", body, headers: BYTES_TYPE });
      assert.equal(response.headers.get("x-path"), "/echo");
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
      const parsed = await fetch(`${url}/parsed/echo`, { method: "POST", body: '{ "a": [1] }', headers: JSON_TYPE });
      assert.equal(parsed.headers.get("x-path"), "/parsed/echo");
      assert.deepEqual(await parsed.json(), { a: [1] });
      const failed = await fetch(`${url}/fails`);
      assert.equal(failed.status, 500);
      await failed.text();
      assert.equal((await fetch(`${url}/sealed`, { method: "POST", body: SEALED_TEXT })).status, 200);
    });

    testOn("survives clients that reset while they post and while they read", async ({ url }) => {
      const head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n";
      await Promise.all(Array.from({ length: 20 }, async (_, index) => {
        const length = index % 2 === 0 ? 10 : 10_000_000;
        await converse(url, `${head}Content-Length: ${length}\r\n\r\n${"A".repeat(9)}`, /^/, 5 * index);
      }));
      assert.equal((await fetch(`${url}/sealed`, { method: "POST", body: SEALED_TEXT })).status, 200);
    });
  }
}

test("The types of Express, Fastify and Koa accept the listener", async (t) => {
  if (skipIfAbsent(t, frameworksAbsence)) return;
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { output, trouble } = await run(process.execPath, [tsc, "-p", FOLDER, "--pretty", "false"], { cwd: ROOT });
  assert.equal(trouble, undefined, output);
});

/** Sends text unchanged. Resets the connection when the answer matches, or after `resetAfterMs`; returns the answer. */
function converse(url: string, text: string, whole: RegExp, resetAfterMs?: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (resetAfterMs === undefined && whole.test(answer)) socket.destroy();
    });
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => resolve(answer));
    socket.write(text);
    if (resetAfterMs !== undefined) setTimeout(() => socket.resetAndDestroy(), resetAfterMs);
  });
}
