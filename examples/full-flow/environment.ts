/**
 * Starts the flow's programs, all real except Fingerprint: Redis, the application on Node, and Chromium. It always
 * stops them.
 *
 * @module
 */

import { getRequestListener } from "@hono/node-server";
import { createServer, type IncomingMessage } from "node:http";
import { chromium, type Page } from "playwright-core";
import { createSandbox, generateKey, type Sandbox } from "@unseal/sealed-results/testing";
import { program } from "../../tests/runtimes/programs.ts";
import { startRedis } from "../../tests/services/support/redis.ts";
import { type Application, createApplication, type Visit } from "./application.ts";
import { type Fingerprint, serveFingerprint } from "./fingerprint.ts";
import { listen } from "./listen.ts";
import { connectRedis, type Redis } from "./redis.ts";

/** How long a whole request may take to arrive. Node's own limit is 5 minutes. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface Environment {
  readonly sandbox: Sandbox;
  readonly fingerprint: Fingerprint;
  readonly application: Application & { readonly url: string };
  /** Everything that the application has handled, in order. */
  readonly visits: readonly Visit[];
  /** The codes of everything that the application has refused, in order. */
  readonly errors: readonly string[];
  readonly redis: Redis;
  readonly page: Page;
  readonly keys: { readonly old: string; readonly new: string };
  /** The ports that the programs listen on. */
  readonly ports: readonly number[];
}

/** Starts everything and runs `flow`. When the promise settles, everything is stopped and removed. */
export async function withEnvironment(flow: (environment: Environment) => Promise<void>): Promise<void> {
  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;

  /** Waits for a program to start. It is stopped at the end even if it is still starting. */
  async function started<Value>(starting: Promise<Value>, stop: (value: Value) => Promise<unknown>): Promise<Value> {
    stops.push(() => starting.then(stop, () => {}));
    const value = await starting;
    if (stopping !== undefined) throw new Error("Stopped while starting");
    return value;
  }

  /** Stops in reverse order. A failure to stop one does not affect the others. */
  async function stopAll(): Promise<void> {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) {
      await next().catch((error: unknown) => {
        process.exitCode = 1;
        console.error(error);
      });
    }
  }

  /** A signal and a failing flow may both call this: they wait for the same promise. */
  const stop = (): Promise<void> => stopping ??= stopAll();
  const stopOnSignal = (): void => void stop().then(() => process.exit(1));
  process.once("SIGINT", stopOnSignal).once("SIGTERM", stopOnSignal);
  try {
    await flow(await start(started));
  } finally {
    await stop();
    process.off("SIGINT", stopOnSignal).off("SIGTERM", stopOnSignal);
  }
}

type Started = <Value>(starting: Promise<Value>, stop: (value: Value) => Promise<unknown>) => Promise<Value>;

async function start(started: Started): Promise<Environment> {
  const browserProgram = program("chromium");
  for (const { name, path, install } of [program("redis"), browserProgram]) {
    if (path === undefined) throw new Error(`${name} is not installed: ${install}`);
  }

  const { port: redisPort } = await started(startRedis(), (server) => server.close());
  const redis = await started(connectRedis(redisPort), (client) => client.close());

  const keys = { old: generateKey(), new: generateKey() };
  const sandbox = createSandbox({ key: keys.new });
  const fingerprint = await started(serveFingerprint(sandbox), (server) => server.close());

  const visits: Visit[] = [];
  const errors: string[] = [];
  const application = createApplication({
    publicKey: sandbox.publicKey,
    secretKey: sandbox.secretKey,
    proxySecret: sandbox.proxySecret,
    webhookSecret: sandbox.webhookSecret,
    onVisit: (visit) => void visits.push(visit),
    onError: (code) => errors.push(code),
    fingerprintUrl: fingerprint.url,
    keys: [{ id: "new", key: keys.new }, { id: "old", key: keys.old }],
    redis,
  });
  const listener = getRequestListener((request, { incoming }) =>
    application.fetch(request, (incoming as IncomingMessage).socket.remoteAddress) // it is served over HTTP/1.1
  );
  const { url } = await started(
    listen(createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, listener)),
    (server) => server.close(),
  );

  const launching = chromium.launch({
    executablePath: browserProgram.path!,
    handleSIGINT: false,
    handleSIGTERM: false,
  });
  const page = await (await started(launching, (browser) => browser.close())).newPage();
  await page.goto(url);

  const ports = [redisPort, Number(new URL(fingerprint.url).port), Number(new URL(url).port)];
  return { sandbox, fingerprint, application: { ...application, url }, visits, errors, redis, page, keys, ports };
}
