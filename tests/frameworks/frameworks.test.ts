/** Builds every program of `docs/frameworks.md`, starts it with the packed package, and calls it over HTTP. */

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { installPacked } from "../package/packed.ts";
import { program } from "../runtimes/programs.ts";
import { run } from "../runtimes/run.ts";
import { freePorts, until } from "../services/support/engine.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { listenLocally, type LocalServer } from "../support/local-server.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { generateKey } from "../../src/testing/mod.ts";
import { attack, attackFormAction } from "./attack.ts";
import { filesOnPage, layOutPrograms, PAGE } from "./project.ts";
import { COMPILED_ONLY, type FrameworkProgram, FRAMEWORKS, type Runtimes } from "./programs.ts";

const absence = absenceOfPackages("tests/frameworks");

const key = generateKey();
let folder = "";
before(async () => {
  if (absence === undefined) folder = layOutPrograms((await installPacked()).tarball);
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** The events that the stand-in for the Events API has, by id. */
const stored = new Map<string, unknown>();
const apiServer = createServer((request, response) => {
  const event = stored.get(request.url?.split("/").at(-1) ?? "");
  response.writeHead(event === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(event ?? { error: { code: "event_not_found", message: "" } }));
});
let api: LocalServer;
before(async () => void (api = await listenLocally(apiServer)));
after(() => api.stop());

/** The environment of a program in production, and the stand-in for the Events API. */
function environment(): Record<string, string> {
  return { FINGERPRINT_KEY: key, FINGERPRINT_SECRET_KEY: "secret", FINGERPRINT_API_URL: api.url };
}

test(`${PAGE} has the files of every program, and no others`, () => {
  const folders = new Set([...filesOnPage().keys()].map((path) => path.includes("/") ? path.split("/")[0]! : path));
  const programs = FRAMEWORKS.filter(({ variantOf }) => variantOf === undefined).map(({ name }) => name);
  assert.deepEqual([...folders].sort(), ["sealed.ts", ...programs, ...COMPILED_ONLY].sort());
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
  const elsewhere = ["nest", "deno", "bun", "nitro", "nitro3", "tanstack"];
  const include = FRAMEWORKS
    .filter(({ name, variantOf }) => variantOf === undefined && !elsewhere.includes(name))
    .map(({ name }) => `${name}/**/*.ts`).concat(COMPILED_ONLY.map((name) => `${name}/*.ts`));
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
  writeFileSync(join(cwd, ".dev.vars"), "FINGERPRINT_KEY=\nFINGERPRINT_SECRET_KEY=\nFINGERPRINT_API_URL=\n");
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
    const ownAbsence = framework.hasOwnPackages ? absenceOfPackages(`tests/frameworks/${framework.name}`) : undefined;
    if (skipIfAbsent(t, absence ?? ownAbsence)) return;
    const { deno, bun } = { deno: program("deno").path, bun: program("bun").path };
    assert.ok(deno !== undefined && bun !== undefined, "npm ci installs Deno and Bun");
    const runtimes = { node: process.execPath, deno, bun };
    await build(framework, runtimes);
    await whileServed(framework, runtimes, async (url) => {
      await attack(framework, url, key, stored);
      if (framework.hasFormAction) await attackFormAction(url, key);
    });
  });
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
  const own = environment();
  if (keyFile !== undefined) {
    writeFileSync(join(cwd, keyFile), Object.entries(own).map(([name, value]) => `${name}=${value}\n`).join(""));
  }
  const [command, ...args] = start(runtimes, `${port}`);
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => stop = resolve);
  const env = { ...own, PORT: `${port}`, HOST: "127.0.0.1", WRANGLER_SEND_METRICS: "false" };
  let printed: string | undefined;
  const ended = run(command, args, { cwd, env, until: stopped }).then((end) => {
    printed = end.trouble ?? end.output;
  });
  try {
    await until(`${name} serves`, async () => {
      if (printed !== undefined) throw new Error(`${name} has ended`);
      return await fetch(url).then(async (response) => (await response.arrayBuffer(), true), () => false);
    }, 120_000);
    await use(url);
  } catch (error) {
    stop();
    await ended;
    throw new Error(`${error instanceof Error ? error.stack : error}\n${name} printed: ${printed}`);
  }
  stop();
  await ended;
}
