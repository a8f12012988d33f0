/**
 * Builds the published files: `dist/` for `import`, `dist/cjs/` for `require`, declarations for both, source maps, and
 * a folder for each subpath. `node scripts/build.mjs --clean` removes them.
 *
 * Each entry of `exports` becomes one file, and code that several entries share becomes chunks: a class is the same object
 * in every entry, as on JSR, and resolving a module for each source file would slow down Node's start
 * (`npm run bench` measures cold starts). esbuild splits ES modules only, so the CommonJS files are converted from them.
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** Subpath to source: `./inflate` to `./src/inflate/mod.ts`. */
const entries = Object.entries(JSON.parse(readFileSync("deno.json", "utf8")).exports);
const folders = entries.filter(([subpath]) => subpath !== ".").map(([subpath]) => subpath.slice("./".length));

for (const folder of ["dist", ...folders]) rmSync(folder, { recursive: true, force: true });
if (!process.argv.includes("--clean")) {
  for (const outDir of ["dist", "dist/cjs"]) {
    execFileSync("tsc", ["-p", "tsconfig.json", "--emitDeclarationOnly", "--outDir", outDir], {
      stdio: "inherit",
      shell: true,
    });
  }
  await buildScripts("esm", "es2022", "dist");
  // webpack 4 and other tools of its time load CommonJS and parse ES2019.
  await buildScripts("cjs", "es2019", "dist/cjs");
  writeManifest("dist/cjs", { type: "commonjs", sideEffects: false });
  for (const [subpath, source] of entries) if (subpath !== ".") writeSubpathFolder(subpath, source);
}

async function buildScripts(format, target, outdir) {
  await build({
    entryPoints: entries.map(([, source]) => source),
    outbase: ".",
    outdir,
    bundle: true,
    format,
    target,
    platform: "neutral",
    external: ["node:*"],
    charset: "utf8",
  });
}

/** For resolvers that do not read `exports`: `require("@unseal/sealed-results/inflate")` finds a folder `inflate`. */
function writeSubpathFolder(subpath, source) {
  const folder = subpath.slice("./".length);
  const path = source.slice("./".length, -".ts".length);
  mkdirSync(folder, { recursive: true });
  writeManifest(folder, {
    main: `../dist/cjs/${path}.js`,
    module: `../dist/${path}.js`,
    types: `../dist/cjs/${path}.d.ts`,
    sideEffects: false,
  });
}

function writeManifest(folder, manifest) {
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}
