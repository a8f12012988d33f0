/**
 * Makes one script of a task, its contestants and the payloads: the same for every runtime.
 *
 * @module
 */

import { build } from "esbuild";
import { join } from "node:path";
import { ROOT } from "../tests/runtimes/project.ts";
import { KEY, type Payload } from "./payloads.ts";
import type { TaskSettings } from "./settings.ts";

export const BENCH: string = join(ROOT, "bench");

/** Node's modules that contestants import without the prefix, which workerd and Deno want. */
const NODE_MODULES = ["buffer", "crypto", "util", "zlib"];

/**
 * @param start What to do with `runTask`: run it at once, or export it as workerd wants.
 */
export async function bundleTask(
  settings: TaskSettings,
  payloads: readonly Payload[],
  start: "run" | "export",
): Promise<string> {
  const { outputFiles: [output] } = await build({
    stdin: {
      contents: `import { runTask } from "./worker.ts";
${start === "run" ? "await runTask();" : "export default { test: runTask };"}`,
      resolveDir: BENCH,
      loader: "ts",
    },
    bundle: true,
    write: false,
    platform: "neutral",
    target: "es2022",
    format: "esm",
    mainFields: ["module", "main"],
    conditions: ["import"],
    external: ["node:*"],
    alias: Object.fromEntries(
      NODE_MODULES.map((name) => [name, `node:${name}`]),
    ),
    plugins: [{
      name: "bench-data",
      setup({ onResolve, onLoad }) {
        onResolve(
          { filter: /^bench:data$/ },
          ({ path }) => ({ path, namespace: "bench" }),
        );
        onLoad({ filter: /.*/, namespace: "bench" }, () => ({
          contents: JSON.stringify({ settings, payloads, key: KEY }),
          loader: "json",
        }));
      },
    }],
    logLevel: "silent",
  });
  if (output === undefined) throw new Error("esbuild made no output");
  return output.text;
}
