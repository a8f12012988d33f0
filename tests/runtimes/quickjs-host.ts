/**
 * Runs a bundle in QuickJS: `node quickjs-host.js BUNDLE`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { getQuickJS } from "quickjs-emscripten";

const [, , bundle = ""] = process.argv;
const engine = await getQuickJS();
const runtime = engine.newRuntime();
const context = runtime.newContext();
runtime.setMaxStackSize(512 * 1024);

// The bundle's only access to the host: a function that prints its records.
const onRecord = context.newFunction("onRecord", (json) => void console.log(`@unseal ${context.getString(json)}`));
context.setProp(context.global, "onRecord", onRecord);

context.unwrapResult(context.evalCode(readFileSync(bundle, "utf8"), "tests.js"));
const jobs = runtime.executePendingJobs();
if (jobs.error !== undefined) throw new Error(JSON.stringify(context.dump(jobs.error)));

if (context.dump(context.getProp(context.global, "ended")) !== true) {
  throw new Error("The next test waits for a promise that nothing will settle");
}
