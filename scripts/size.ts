/**
 * `npm run size`: the bytes that importing this package adds to a bundle. The tests and the benchmark measure with the
 * same functions.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";
import { ROOT } from "../tests/runtimes/project.ts";

/** Consumers' code, by the name of the function that it imports. */
const CONSUMERS = {
  createUnsealer: `export { createUnsealer } from "./mod.ts";`,
  inflateRaw: `export { inflateRaw } from "./src/inflate/mod.ts";`,
};

/** Maximum bytes of a consumer's bundle, minified and compressed with gzip. */
export const MAX_GZIP_BYTES: Readonly<Record<keyof typeof CONSUMERS, number>> = {
  createUnsealer: 6_500,
  inflateRaw: 3_000,
};

export interface Size {
  readonly subpath: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
  readonly brotliBytes: number;
  /** The project's files that contribute code. */
  readonly files: readonly string[];
}

const modules: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")).exports;

/** Measures a whole module that `deno.json` exports. */
export function measureModule(subpath: string): Promise<Size> {
  return measure(subpath, `export * from ${JSON.stringify(modules[subpath])};`);
}

/**
 * Measures esbuild's bundle of `code`, which may import the project's files from its folder.
 *
 * @param bundling Options of esbuild, and the folder that packages are resolved from. By default packages are not
 * bundled.
 */
export async function measure(
  subpath: string,
  code: string,
  { resolveDir = ROOT, ...bundling }: BuildOptions & { readonly resolveDir?: string } = { packages: "external" },
): Promise<Size> {
  const { outputFiles: [bundle], metafile } = await build({
    ...bundling,
    stdin: { contents: code, resolveDir, sourcefile: "entry.ts", loader: "ts" },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    logLevel: "silent",
  });
  if (bundle === undefined) throw new Error("esbuild made no output");
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return {
    subpath,
    minifiedBytes: bundle.contents.length,
    gzipBytes: gzipSync(bundle.contents, { level: 9 }).length,
    brotliBytes: brotliCompressSync(bundle.contents).length,
    files: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file),
  };
}

/** Measures a consumer that imports one function. */
export function measureConsumer(name: keyof typeof CONSUMERS): Promise<Size> {
  return measure(name, CONSUMERS[name]);
}

async function main(): Promise<void> {
  const names = Object.keys(CONSUMERS) as (keyof typeof CONSUMERS)[]; // the keys of a constant
  const consumers = await Promise.all(names.map(async (name) => ({ name, ...await measureConsumer(name) })));
  const all = await Promise.all(Object.keys(modules).map(measureModule));
  console.log("Bytes of an imported function and of whole modules, by esbuild --minify, gzip -9 and brotli");
  console.table(Object.fromEntries([
    ...consumers.map((size) => [size.name, { ...columns(size), "gzip, at most": MAX_GZIP_BYTES[size.name] }]),
    ...all.map((size) => [size.subpath, columns(size)]),
  ]));
  if (consumers.some(({ name, gzipBytes }) => gzipBytes > MAX_GZIP_BYTES[name])) process.exitCode = 1;
}

function columns({ minifiedBytes, gzipBytes, brotliBytes }: Size): Record<string, number> {
  return { minified: minifiedBytes, gzip: gzipBytes, brotli: brotliBytes };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
