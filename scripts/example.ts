/**
 * Runs an example on the sources: `npm run full-flow` is `node .build/scripts/example.js examples/full-flow/main.ts`.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { bundleProgram } from "../tests/services/support/bundled.ts";

await import(pathToFileURL(await bundleProgram(process.argv[2] ?? "")).href);
