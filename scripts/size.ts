/**
 * `npm run size`: what each module costs a bundle, with everything it imports.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";
import { ROOT } from "../tests/runtimes/project.ts";

/**
 * Most bytes that a module may have, minified and compressed with gzip: what it had when this was last tightened.
 *
 * The design aimed at 5 KB and 2.3 KB. The decoder is over it by the precision of its reasons, the exact limit, wiping,
 * and the tables' faster building; the core by the fallbacks for runtimes without Web APIs and by `inflate: "platform"`.
 */
export const MAX_GZIP_BYTES: Readonly<Record<string, number>> = {
  ".": 7900,
  "./inflate": 2780,
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

/** Measures all of a module that `deno.json` exports. */
export function measureModule(subpath: string): Promise<Size> {
  return measure(subpath, `export * from ${JSON.stringify(modules[subpath])};`);
}

/**
 * Measures what esbuild makes of `code`, which may import the project's files from its folder.
 *
 * @param bundling Options of esbuild, and the folder that packages are resolved from. By default packages are not bundled.
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

async function main(): Promise<void> {
  const sizes = await Promise.all(Object.keys(modules).map(measureModule));
  const rows = sizes.map(({ subpath, minifiedBytes, gzipBytes, brotliBytes }) => ({
    module: subpath,
    minified: minifiedBytes,
    gzip: gzipBytes,
    brotli: brotliBytes,
    ...(subpath in MAX_GZIP_BYTES && { "gzip, at most": MAX_GZIP_BYTES[subpath] }),
  }));
  console.log("Bytes of each module with all it imports, by esbuild --minify, gzip -9 and brotli");
  console.table(Object.fromEntries(rows.map(({ module, ...columns }) => [module, columns])));
  if (sizes.some(({ subpath, gzipBytes }) => gzipBytes > (MAX_GZIP_BYTES[subpath] ?? Infinity))) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
