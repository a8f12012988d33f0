/**
 * Serves a bundle in edge-runtime: `PORT=8080 node vercel-host.ts BUNDLE`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { EdgeRuntime, runServer } from "edge-runtime";

const [, , bundle = ""] = process.argv;
const runtime = new EdgeRuntime({
  // On Vercel, `process` has only the environment variables.
  extend: (context) => Object.assign(context, { process: { env: { ...process.env } } }),
});
runtime.evaluate(readFileSync(bundle, "utf8"));
await runServer({ runtime, host: "127.0.0.1", port: Number(process.env["PORT"]) });
