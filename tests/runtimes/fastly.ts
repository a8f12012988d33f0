/**
 * Fastly Compute: the engine is an npm package, as WebAssembly, and runs in `node:wasi`.
 *
 * The compiler runs the bundle's top-level code and takes a snapshot; the suite itself runs in a request, as an
 * application does. The engine is an interpreter, and has no `subtle.decrypt`, `AbortController`, `Intl` or
 * WebAssembly.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Absence } from "../support/absence.ts";
import { runBundled } from "./bundle.ts";
import { listNodes } from "./programs.ts";
import { ROOT, sibling, testFiles } from "./project.ts";
import type { Launcher } from "./record.ts";
import { run } from "./run.ts";

const PACKAGE = join(ROOT, "tests/runtimes/node_modules/@fastly/js-compute");

/** Node 20 and 22 sometimes crash when they collect an instance that has ended. */
const node = listNodes().find(({ name }) => name === "node24")?.path;

const INSTALL = "npm ci --prefix tests/runtimes";

/** Describes what is missing; `undefined` when the engine can be used. */
export function fastlyAbsence(): Absence | undefined {
  if (node !== undefined && existsSync(PACKAGE)) return undefined;
  return { reason: `Fastly's engine is not installed: ${INSTALL}`, isRequired: true };
}

/** Runs one test file per request, because the memory does not suffice for more. Ends after the last test. */
const START = `addEventListener("fetch", (event) => {
  const file = files[Number(new URL(event.request.url).searchParams.get("file"))];
  event.respondWith(
    runTests([file], (record) => console.log("@unseal " + JSON.stringify(record))).then(() => new Response("")),
  );
});`;

export const fastlyLauncher: Launcher = {
  name: "fastly",
  async launch() {
    if (node === undefined || !existsSync(PACKAGE)) return { missing: INSTALL };
    const { version }: { version: string } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
    const bundle = { start: START, format: "iife", conditions: ["fastly"] } as const;
    const records = await runBundled(bundle, async (folder) => {
      const program = await compileForFastly(join(folder, "tests.js"), join(folder, "tests.wasm"));
      const urls = testFiles("portable").map((_, place) => `https://www.example.com/?file=${place}`);
      return await run(node, ["--no-warnings", sibling("fastly-host"), program, ...urls], { cwd: ROOT });
    });
    return { version, records };
  },
};

/** Compiles a script to a program; returns the program's file. */
export async function compileForFastly(script: string, program: string): Promise<string> {
  const compiler = join(PACKAGE, "dist/cli/js-compute-runtime-cli.js");
  const { trouble } = await run(process.execPath, [compiler, script, program], { cwd: ROOT });
  if (trouble !== undefined) throw new Error(trouble);
  return program;
}
