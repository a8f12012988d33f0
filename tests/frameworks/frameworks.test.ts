/** Builds every program of `docs/frameworks.md`, starts it with the packed package, and calls it over HTTP. */

import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { installPacked } from "../package/packed.ts";
import { program } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import { freePorts, until } from "../services/support/engine.ts";
import { type Absence, skipIfAbsent } from "../support/absence.ts";
import { generateKey, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { filesOnPage, layOutPrograms, PAGE } from "./project.ts";
import { type FrameworkProgram, FRAMEWORKS, type Runtimes } from "./programs.ts";

const absence = absenceIn("tests/frameworks");

const key = generateKey();
let folder = "";
before(async () => {
  if (absence === undefined) folder = layOutPrograms((await installPacked()).tarball);
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

test(`${PAGE} has the files of every program, and no others`, () => {
  const folders = new Set([...filesOnPage().keys()].map((path) => path.includes("/") ? path.split("/")[0]! : path));
  const programs = FRAMEWORKS.filter(({ variantOf }) => variantOf === undefined).map(({ name }) => name);
  assert.deepEqual([...folders].sort(), ["sealed.ts", ...programs].sort());
});

test(`the programs of ${PAGE} compile in strict TypeScript`, async (t) => {
  if (skipIfAbsent(t, absence)) return;
  const compilerOptions = {
    target: "ES2022",
    module: "ESNext",
    moduleResolution: "bundler",
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ["node"],
  };
  // Nest compiles its program itself. The others need the globals of Deno, of Bun, and of Nitro's generated types.
  const elsewhere = ["nest", "deno", "bun", "nitro"];
  const include = FRAMEWORKS
    .filter(({ name, variantOf }) => variantOf === undefined && !elsewhere.includes(name))
    .map(({ name }) => `${name}/**/*.ts`);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include, exclude: ["*/node_modules"] }),
  );
  const ended = await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "."], { cwd: folder });
  assert.equal(ended.trouble, undefined, ended.output);
});

test("the Worker and its Durable Object compile with the types that wrangler generates", async (t) => {
  if (skipIfAbsent(t, absence)) return;
  const cwd = join(folder, "workers");
  writeFileSync(join(cwd, ".dev.vars"), `FINGERPRINT_KEY=${key}\n`);
  const env = { WRANGLER_SEND_METRICS: "false" };
  const generated = await run(process.execPath, ["../node_modules/wrangler/bin/wrangler.js", "types"], { cwd, env });
  assert.equal(generated.trouble, undefined, generated.output);
  const own = /^interface Env \{[^]*?^\}\n/m;
  const worker = filesOnPage().get("workers/worker.ts")!; // the folder has it from the page
  assert.match(worker, own);
  writeFileSync(join(cwd, "generated-env.ts"), worker.replace(own, "").replace(/^import type .*Like.*\n/m, ""));
  const compilerOptions = {
    target: "ES2024",
    lib: ["ES2024"],
    module: "ESNext",
    moduleResolution: "bundler",
    strict: true,
    noEmit: true,
    types: ["./worker-configuration.d.ts"],
  };
  // The generated declarations are also checked: they require that a bound class is a Durable Object.
  const files = ["worker.ts", "generated-env.ts"];
  writeFileSync(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const ended = await run(process.execPath, ["../node_modules/typescript/bin/tsc", "-p", "."], { cwd });
  assert.equal(ended.trouble, undefined, ended.output);
});

for (const framework of FRAMEWORKS) {
  test(`${framework.name} answers as ${PAGE} says`, async (t) => {
    const ownAbsence = framework.variantOf === undefined ? undefined : absenceIn(`tests/frameworks/${framework.name}`);
    if (skipIfAbsent(t, absence ?? ownAbsence)) return;
    const { deno, bun } = { deno: program("deno").path, bun: program("bun").path };
    assert.ok(deno !== undefined && bun !== undefined, "npm ci installs Deno and Bun");
    const runtimes = { node: process.execPath, deno, bun };
    await build(framework, runtimes);
    await whileServed(framework, runtimes, (url) => ask(framework, url));
  });
}

/** Describes packages that are not installed; `undefined` when they are. */
function absenceIn(folder: string): Absence | undefined {
  if (existsSync(join(ROOT, folder, "node_modules"))) return undefined;
  return { reason: `frameworks are not installed: npm ci --prefix ${folder}`, isRequired: true };
}

/** Builds a program without a key in its environment. */
async function build({ name, build }: FrameworkProgram, runtimes: Runtimes): Promise<void> {
  if (build === undefined) return;
  const [command, ...args] = build(runtimes);
  const ended = await run(command, args, { cwd: join(folder, name), env: { NEXT_TELEMETRY_DISABLED: "1" } });
  assert.equal(ended.trouble, undefined);
}

async function whileServed(
  { name, start, keyFile }: FrameworkProgram,
  runtimes: Runtimes,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const [port] = await freePorts(1);
  const cwd = join(folder, name);
  const url = `http://127.0.0.1:${port}`;
  if (keyFile !== undefined) writeFileSync(join(cwd, keyFile), `FINGERPRINT_KEY=${key}\n`);
  const [command, ...args] = start(runtimes, `${port}`);
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => stop = resolve);
  const env = { PORT: `${port}`, FINGERPRINT_KEY: key, WRANGLER_SEND_METRICS: "false" };
  let trouble: string | undefined;
  let hasEnded = false;
  const ended = run(command, args, { cwd, env, until: stopped }).then((end) => {
    hasEnded = true;
    trouble = end.trouble ?? end.output;
  });
  try {
    await until(`${name} serves`, async () => {
      if (hasEnded) throw new Error(`${name} has ended: ${trouble}`);
      return await fetch(url).then(async (response) => (await response.arrayBuffer(), true), () => false);
    }, 120_000);
    await use(url);
  } finally {
    stop();
    await ended;
  }
}

async function ask({ hasVisitorRoute, visitorBody, isBehindTls }: FrameworkProgram, url: string): Promise<void> {
  const post = async (path: string, type: string, body: string | Uint8Array<ArrayBuffer>) => {
    const headers = { "content-type": type, origin: isBehindTls ? url.replace("http:", "https:") : url };
    const response = await fetch(url + path, { method: "POST", headers, body });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  };
  const json = (fields: Record<string, unknown>) => post("/sealed", "application/json", JSON.stringify(fields));

  const event = sampleEventV4({ bot: "bad" });
  const sealedResult = await seal(event, key);
  assert.deepEqual(await json({ eventId: event.event_id, sealedResult }), { status: 200, body: { isBot: true } });
  const again = await json({ eventId: event.event_id, sealedResult });
  assert.deepEqual([again.status, again.body.code], [409, "ERR_REPLAY_SEEN"]);
  const other = await json({ eventId: "other", sealedResult: await seal(sampleEventV4(), key) });
  assert.deepEqual([other.status, other.body.code], [403, "ERR_REPLAY_MISMATCH"]);

  assert.deepEqual(await post("/sealed", "text/plain", await seal(sampleEventV4(), key)), {
    status: 200,
    body: { isBot: false },
  });
  const status = await getWithBody(`${url}/sealed`);
  assert.ok(status === 404 || status === 405, `GET with a body leads to ${status}`);
  const bytes = Uint8Array.from(Buffer.from(await seal(sampleEventV4(), key), "base64"));
  assert.deepEqual(await post("/sealed", "application/octet-stream", bytes), { status: 200, body: { isBot: false } });
  const refused = await post("/sealed", "text/plain", "bm90IHNlYWxlZA==");
  assert.deepEqual([refused.status, refused.body.code], [400, "ERR_SEALED_TOO_SHORT"]);

  if (hasVisitorRoute === false) return;
  const visit = (sealed: string) =>
    visitorBody === "json"
      ? post("/visitor", "application/json", JSON.stringify({ sealedResult: sealed }))
      : post("/visitor", "text/plain", sealed);
  assert.equal((await visit("bm90IHNlYWxlZA==")).status, 500); // and the server continues
  assert.deepEqual((await visit(await seal(sampleEventV4(), key))).body, { isV4: true });
}

/** Sends a GET with a body, which `fetch` refuses to send, and returns the status of the response. */
function getWithBody(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "text/plain", "content-length": "4" };
    const sent = request(url, { method: "GET", headers, agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode)).on("error", reject);
    });
    sent.on("error", reject).end("AAAA");
  });
}
