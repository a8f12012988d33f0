#!/usr/bin/env node
/**
 * The command `unseal`: opens, inspects and seals a sealed result, or opens an archive of them.
 *
 * ```sh
 * npx @unseal/sealed-results --help
 * deno run --allow-env=UNSEAL_KEYS --allow-read jsr:@unseal/sealed-results/cli open sealed.txt
 * ```
 *
 * This module runs the command when it is the program's entry, and opens chunks when it is the entry of one of its
 * worker threads. Importing it has no effect.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread, workerData } from "node:worker_threads";
import { isBatchWorkerData, serve } from "./batch/worker.ts";
import { runThreadsWith } from "./batch/run.ts";
import { runCommand } from "./main.ts";

export { runCommand };

/** How long the process may wait for what no longer matters. */
const LEFTOVER_MS = 100;

/**
 * This module's address. A bundle of another program that imports this module has an address of its own, and would run
 * that program in each worker thread; a CommonJS bundle has no such address. A batch then has no threads.
 */
const { main, url } = import.meta as { readonly main?: boolean; readonly url?: string };
const ownUrl = /\/cli\/mod\.[jt]s$/.test(url ?? "") ? url : undefined;

/** Whether this module is the program's entry. `import.meta.main` is missing in Node before 24.2. */
function isEntry(): boolean {
  if (ownUrl === undefined) return false;
  if (main !== undefined) return main;
  try {
    return realpathSync(process.argv[1] ?? "") === fileURLToPath(ownUrl);
  } catch {
    return false;
  }
}

if (ownUrl !== undefined) runThreadsWith(new URL(ownUrl));
if (!isMainThread && isBatchWorkerData(workerData)) serve(workerData);
else if (isMainThread && isEntry()) void runCommand(process.argv.slice(2)).then(end);

/**
 * Ends the process with an exit code. All output is written.
 *
 * In Node, `process.exit()` can wait forever: it joins V8's threads while one of them, which compiles, waits for the
 * main thread to collect garbage (nodejs/node#54918). Therefore the process ends by itself, unless an interrupted batch
 * still waits for its input.
 */
function end(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), LEFTOVER_MS).unref();
}
