/**
 * Bundles a task, its contestants and the payloads into one script, the same for every runtime.
 *
 * @module
 */

import { build } from "esbuild";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../tests/runtimes/project.ts";
import { type Contestant, ROLES } from "./contestant.ts";
import type { Payload } from "./payloads.ts";
import type { TaskSettings } from "./settings.ts";

export const BENCH: string = join(ROOT, "bench");

/** Node's modules that contestants import without the prefix, which workerd and Deno require. */
const NODE_MODULES = ["buffer", "crypto", "util", "zlib"];

/** @param start Whether to run the task immediately, or to export it as workerd requires. */
export function bundleTask(
  settings: TaskSettings,
  payloads: readonly Payload[],
  start: "run" | "export",
): Promise<string> {
  return bundle(
    `import { runTask } from "./worker.ts";
${start === "run" ? "await runTask();" : "export default { test: runTask };"}`,
    { settings, payloads },
  );
}

/** The contestants, for measurements from outside: cold starts and bundles. They need `npm ci --prefix bench`. */
export async function loadContestants(folder: string): Promise<readonly Contestant[]> {
  const file = join(folder, "contestants.mjs");
  writeFileSync(file, await bundle(`export { contestants } from "bench:contestants";`, {}));
  const { contestants }: { contestants: readonly Contestant[] } = await import(pathToFileURL(file).href);
  return contestants;
}

async function bundle(contents: string, data: object): Promise<string> {
  const { outputFiles: [output] } = await build({
    stdin: { contents, resolveDir: BENCH, loader: "ts" },
    bundle: true,
    write: false,
    platform: "neutral",
    target: "es2022",
    format: "esm",
    mainFields: ["module", "main"],
    conditions: ["import"],
    external: ["node:*"],
    alias: Object.fromEntries(NODE_MODULES.map((name) => [name, `node:${name}`])),
    plugins: [{
      name: "bench",
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^bench:/ }, ({ path }) => ({ path, namespace: "bench" }));
        onLoad({ filter: /^bench:data$/, namespace: "bench" }, () => ({
          contents: JSON.stringify(data),
          loader: "json",
        }));
        onLoad({ filter: /^bench:contestants$/, namespace: "bench" }, () => ({
          contents: contestantsModule(),
          resolveDir: BENCH,
          loader: "ts",
        }));
      },
    }],
    logLevel: "silent",
  });
  if (output === undefined) throw new Error("esbuild made no output");
  return output.text;
}

/** A module that exports the contestants of all files, in the order of their roles. */
function contestantsModule(): string {
  const files = readdirSync(join(BENCH, "contestants")).sort();
  return `${files.map((file, index) => `import { contestants as c${index} } from "./contestants/${file}";`).join("\n")}
const roles = ${JSON.stringify(ROLES)};
export const contestants = [${files.map((_, index) => `...c${index}`).join(", ")}]
  .sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));`;
}
