/**
 * Running a test against a server on one of the runtimes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { absenceOf } from "../../runtimes/programs.ts";
import { skipIfAbsent } from "../../support/absence.ts";
import { until } from "../../support/web.ts";
import {
  programOf,
  type RunningServer,
  type Runtime,
  type ServerOptions,
  startScript,
  startServer,
} from "./servers.ts";

/** Runs a test while an application is served. */
export async function serving(
  t: { skip(reason: string): void },
  runtime: Runtime,
  app: string,
  options: ServerOptions,
  run: (server: RunningServer) => Promise<void>,
): Promise<void> {
  if (skipIfAbsent(t, absenceOf(programOf(runtime)))) return;
  const server = await startServer(runtime, app, options);
  try {
    await run(server);
    assert.ok(!server.printed().includes("UNHANDLED"), server.printed());
  } finally {
    await server.stop();
  }
}

/** A server, or one that is started before the tests. */
interface Upstream {
  readonly url: string;
}

/** Starts `upstream.ts` before the tests of a file, and stops it after them. */
export function startUpstream(): Upstream {
  let server: RunningServer;
  before(async () => void (server = await startScript("tests/services/support/upstream.ts")));
  after(() => server.stop());
  return {
    get url() {
      return server.url;
    },
  };
}

/** Waits until the upstream holds back `count` responses. */
export async function untilHeld(upstream: Upstream, count: number): Promise<void> {
  await until(async () => Number(await (await fetch(`${upstream.url}/held`)).text()) >= count);
}

/** Lets the upstream continue with the responses that it holds back, after the proxy has noticed that clients reset. */
export async function release(upstream: Upstream): Promise<void> {
  await delay(200);
  await fetch(`${upstream.url}/release`);
}

/** `test()` for tests of an application on a runtime. The application has the upstream's URL in `env`. */
export function testOn(
  runtime: Runtime,
  app: string,
  upstream?: Upstream,
): (title: string, run: (server: RunningServer) => Promise<void>) => void {
  return (title, run) => {
    const env = (): Record<string, string> => upstream === undefined ? {} : { UPSTREAM: upstream.url };
    void test(`On ${runtime} ${title}`, (t) => serving(t, runtime, app, { env: env() }, run));
  };
}
