/**
 * Runs a bundle in edge-runtime: `node edge-runtime-host.js BUNDLE`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { EdgeRuntime } from "edge-runtime";

const [, , bundle = ""] = process.argv;
const runtime = new EdgeRuntime();
runtime.evaluate(readFileSync(bundle, "utf8"));
await runtime.evaluate<Promise<void>>("globalThis.ended");
process.exit(); // edge-runtime has no unref(): a retry of the sandbox in five minutes would be waited for
