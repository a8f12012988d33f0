/**
 * Running a test against a server on one of the runtimes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { commandOf, type RunningServer, type Runtime, type ServerOptions, startServer } from "./servers.ts";

/** Skips a test that needs what is not installed; on CI that is a failure instead. */
export function skipWithout(t: { skip(reason: string): void }, what: string): void {
  assert.notEqual(process.env["CI"], "true", `${what} is not installed`);
  t.skip(`${what} is not installed`);
}

/** Runs a test while an application is served. */
export async function serving(
  t: { skip(reason: string): void },
  runtime: Runtime,
  app: string,
  options: ServerOptions,
  run: (server: RunningServer) => Promise<void>,
): Promise<void> {
  if (commandOf(runtime) === undefined) return skipWithout(t, runtime);
  const server = await startServer(runtime, app, options);
  try {
    await run(server);
    assert.ok(!server.printed().includes("UNHANDLED"), server.printed());
  } finally {
    await server.stop();
  }
}
