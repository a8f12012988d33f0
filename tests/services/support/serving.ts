/**
 * Running a test against a server on one of the runtimes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { absenceOf } from "../../runtimes/programs.ts";
import { skipIfAbsent } from "../../support/absence.ts";
import { programOf, type RunningServer, type Runtime, type ServerOptions, startServer } from "./servers.ts";

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
