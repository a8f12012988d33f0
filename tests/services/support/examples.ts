/**
 * Starts the proxies of `examples/` as their READMEs describe, with an upstream on this machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FingerprintEvent, summarize } from "../../../src/event/mod.ts";
import { compileForFastly, fastlyAbsence } from "../../runtimes/fastly.ts";
import { absenceOf, program } from "../../runtimes/programs.ts";
import { ROOT } from "../../runtimes/project.ts";
import { skipIfAbsent } from "../../support/absence.ts";
import { toBase64 } from "../../support/bytes.ts";
import { startEngine, until } from "./engine.ts";
import { KEY } from "./open-responses.ts";
import type { FastlySettings } from "./fastly-server.ts";
import { startQueue } from "./queue.ts";
import { bundleOf, startServer } from "./servers.ts";

export interface RunningExample {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Its output so far. */
  printed(): string;
  /** Waits for `count` events, and returns the ids of all events since the last call. */
  events(count: number): Promise<string[]>;
  stop(): Promise<void>;
}

export const SECRET = "a-proxy-secret";

/** The examples that are one program for one runtime, with the command that starts each. */
const PROGRAMS = {
  "deno-proxy": {
    runtime: "deno",
    source: "main.ts",
    events: /^event (\S+)$/gm,
    command: (main: string, port: number) => [
      "serve",
      "--no-config",
      "--allow-net",
      "--allow-env",
      "--host=127.0.0.1",
      `--port=${port}`,
      main,
    ],
  },
  "bun-proxy": { runtime: "bun", source: "server.ts", events: /^event (\S+)$/gm, command: (main: string) => [main] },
  "node-proxy": { runtime: "node", source: "server.ts", events: /^event (\S+)$/gm, command: (main: string) => [main] },
  "vercel-edge": {
    runtime: "node",
    source: "middleware.ts",
    events: /^event (\S+)$/gm,
    command: (main: string) => [join(ROOT, "tests/services/support/vercel-host.ts"), main],
  },
  "fastly-compute": {
    runtime: "node",
    source: "main.ts",
    // fastly-server.ts prints each line of a log endpoint with the endpoint's name.
    // An event of v3 has its id in requestId.
    events: /^fingerprint-events .*"(?:event_id|requestId)":"([^"]+)"/gm,
    command: (main: string) => [join(ROOT, "tests/services/support/fastly-server.ts"), main],
  },
} as const;

export type ExampleName = keyof typeof PROGRAMS | "cloudflare-worker";

export const EXAMPLES = [...Object.keys(PROGRAMS), "cloudflare-worker"] as ExampleName[];

/** Runs a test while an example is served. */
export async function servingExample(
  t: { skip(reason: string): void },
  name: ExampleName,
  upstream: string,
  run: (example: RunningExample) => Promise<void>,
): Promise<void> {
  const runtime = name === "cloudflare-worker" ? "workerd" : PROGRAMS[name].runtime;
  if (skipIfAbsent(t, name === "fastly-compute" ? fastlyAbsence() : absenceOf(program(runtime)))) return;
  const example = name === "cloudflare-worker" ? await startWorker(upstream) : await startProgram(name, upstream);
  try {
    await run(example);
  } finally {
    await example.stop();
  }
}

async function startProgram(name: keyof typeof PROGRAMS, upstream: string): Promise<RunningExample> {
  const { runtime, source, events, command } = PROGRAMS[name];
  const { folder, url, close } = await startEngine(async ({ folder, port, url }) => {
    const main = join(folder, "main.mjs");
    const path = `examples/${name}/${source}`;
    if (name === "fastly-compute") await compileExample(path, main);
    else writeFileSync(main, await bundleExample(path, name === "vercel-edge", runtime === "node"));
    return {
      // The Node that runs the tests can run TypeScript. Other releases may not.
      command: runtime === "node" ? process.execPath : program(runtime).path ?? runtime,
      args: command(main, port),
      env: {
        PORT: `${port}`,
        FINGERPRINT_PROXY_SECRET: SECRET,
        FINGERPRINT_KEYS: [new Uint8Array(32).fill(5), KEY].map(toBase64).join(),
        FINGERPRINT_UPSTREAM: upstream,
        FASTLY_SETTINGS: JSON.stringify(fastlySettings(upstream)),
      },
      isServing: async () => (await fetch(`${url}/metrics/status`, { signal: AbortSignal.timeout(5_000) })).ok,
    };
  });
  const printed = (): string => readFileSync(join(folder, "log"), "utf8");
  let taken = 0;
  return {
    url,
    printed,
    stop: close,
    events: async (count) => {
      const ids = (): string[] => [...printed().matchAll(events)].map(([, id = ""]) => id).slice(taken);
      await until("the events have arrived", () => ids().length >= count);
      const arrived = ids();
      taken += arrived.length;
      return arrived;
    },
  };
}

/** Compiles an example for Fastly. */
export async function compileExample(source: string, program: string): Promise<void> {
  await compileSource(`import ${JSON.stringify(join(ROOT, source))};`, program);
}

/** Compiles a program for Fastly. */
export async function compileSource(contents: string, program: string): Promise<void> {
  const script = `${program}.js`;
  const external = ["fastly:*"];
  writeFileSync(script, await bundleOf(contents, { platform: "neutral", conditions: ["fastly"], external }));
  await compileForFastly(script, program);
}

/** The service as the example's README configures it, with the upstream in place of Fingerprint. */
function fastlySettings(upstream: string): FastlySettings {
  const keys = [new Uint8Array(32).fill(5), KEY].map(toBase64).join();
  return {
    backends: { "api.fpjs.io": upstream, "eu.api.fpjs.io": upstream, "ap.api.fpjs.io": upstream },
    secretStores: { fingerprint: { "proxy-secret": SECRET, keys } },
    configStores: {},
  };
}

/** Bundles an example as a deployment does, with the sources in place of the package. */
async function bundleExample(source: string, isMiddleware: boolean, isNode: boolean): Promise<string> {
  const path = JSON.stringify(join(ROOT, source));
  if (!isMiddleware) {
    return await bundleOf(`export * from ${path}; import * as example from ${path}; export default example.default;`, {
      platform: isNode ? "node" : "neutral",
    });
  }
  const contents = `import middleware from ${path};
    addEventListener("fetch", (event) => event.respondWith(middleware(event.request, event)));`;
  return await bundleOf(contents, { platform: "neutral", format: "iife" });
}

interface Wrangler {
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags?: readonly string[];
  readonly vars: Readonly<Record<string, string>>;
  readonly queues: { readonly producers: readonly { readonly binding: string }[] };
}

/** Starts the Worker with the settings of its `wrangler.jsonc`, and a queue on this machine. */
async function startWorker(upstream: string): Promise<RunningExample> {
  const folder = "examples/cloudflare-worker";
  const settings = readFileSync(join(ROOT, folder, "wrangler.jsonc"), "utf8");
  const { main, vars, queues, ...wrangler } = JSON.parse(settings.replace(/^\s*\/\/.*$/gm, "")) as Wrangler;
  assert.equal(wrangler.compatibility_flags, undefined);
  assert.deepEqual(queues.producers.map(({ binding }) => binding), ["QUEUE"]);
  const queue = await startQueue();
  const server = await startServer("workerd", `${folder}/${main}`, {
    compatibilityDate: wrangler.compatibility_date,
    env: {
      ...vars,
      FINGERPRINT_PROXY_SECRET: SECRET,
      FINGERPRINT_KEY: toBase64(new Uint8Array(32).fill(5)),
      FINGERPRINT_OTHER_KEY: toBase64(KEY),
      FINGERPRINT_UPSTREAM: upstream,
    },
    workerdBindings: ['(name = "QUEUE", queue = "queue")'],
    workerdServices: [`(name = "queue", external = (address = "127.0.0.1:${queue.port}", http = ()))`],
  }).catch(async (error) => {
    await queue.stop();
    throw error;
  });
  return {
    url: server.url,
    printed: server.printed,
    stop: async () => {
      await server.stop();
      await queue.stop();
    },
    events: async (count) => {
      await until("the events have arrived", () => queue.messages.length >= count);
      return queue.messages.splice(0).map((message) => summarize(message as FingerprintEvent).id ?? "");
    },
  };
}
