/**
 * Makes what npm publishes, in `dist/`: declarations by TypeScript, JavaScript by esbuild.
 *
 * Each entry of `exports` becomes one self-contained file: resolving the core's two dozen modules takes Node longer than
 * everything else it does at start (`npm run bench` measures cold starts). No entry depends on sharing a class or
 * state with another, so that each may have its own copy of what they have in common.
 */

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const sources = Object.values(JSON.parse(readFileSync("deno.json", "utf8")).exports);

rmSync("dist", { recursive: true, force: true });
execFileSync("tsc", ["-p", "tsconfig.json", "--emitDeclarationOnly"], { stdio: "inherit", shell: true });
await build({
  entryPoints: sources,
  outbase: ".",
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  external: ["node:*"],
  charset: "utf8",
});
